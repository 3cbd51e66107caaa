"""One search over everything that has a page: items, lots, documents, partners, places, pages and actions."""
