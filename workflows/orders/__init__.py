"""Orders in force: what is open of them, what is promised for them, the documents that deliver them."""
