"""Companies, users, departments, roles and the scopes that limit them."""
