"""Template tags of stock."""
