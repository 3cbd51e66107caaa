"""Closing a month: what is checked, how monthly average and standard cost are settled, and what is kept of it."""
