"""Cases and rules in the REST API."""
