"""The reads of the book and of master data over the REST API: the same queries as the pages and commands."""
