"""Template tags of workflows."""
