"""Documents, their processes, approvals and posting."""
