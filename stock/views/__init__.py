"""Doors of stock: pages of master data and of the book."""
