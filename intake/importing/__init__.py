"""Imports: what a file's rows become, what is wrong with them, how they are written once and undone whole."""
