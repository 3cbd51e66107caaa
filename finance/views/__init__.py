"""Doors of finance for people."""
