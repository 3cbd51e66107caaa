"""Items, places, lots, the book, balances, cost and periods."""
