"""Who asks the API and what he may: tokens, sessions, scopes."""
