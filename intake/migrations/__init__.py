"""Schema changes of intake, in order."""
