"""Pages of documents, processes and what waits for whom."""
