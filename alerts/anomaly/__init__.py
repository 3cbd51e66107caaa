"""What is unusual about a line while it is typed: robust, explained, learned from what was posted."""
