"""The API for cycles: which there are, what they ask, and their results."""
