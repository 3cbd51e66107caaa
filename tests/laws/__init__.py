"""The laws of the book, tested by trying to break them."""
