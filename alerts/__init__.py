"""Rules, cases and their delivery."""
