"""What to order again: demand forecast by its pattern, what is on the way, lead time and pack size."""
