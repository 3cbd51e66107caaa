"""Schema changes of stock, in order."""
