"""Words about documents for templates."""
