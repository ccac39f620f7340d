"""The content of the results pages, computed from published numbers alone: no database, no request."""
