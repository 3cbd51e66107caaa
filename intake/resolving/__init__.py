"""Says which of our records a text of a sheet means: the same code, the same name, an alias, or only something like it."""
