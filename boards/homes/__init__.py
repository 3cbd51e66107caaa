"""The home pages: one per department over the same record."""
