"""Documents over the REST API: written, moved and read by the same modules as the pages."""
