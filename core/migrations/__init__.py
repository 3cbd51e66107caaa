"""Schema changes of core, in order."""
