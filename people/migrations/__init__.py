"""Schema changes of people, in order."""
