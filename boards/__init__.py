"""One workspace per department, search and the home pages."""
