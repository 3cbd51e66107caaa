"""Accounts, journal, review, close and vouchers: the money side of the book."""
