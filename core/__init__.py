"""Errors, exact numbers, audit, outbox and rendering: nothing that knows of stock."""
