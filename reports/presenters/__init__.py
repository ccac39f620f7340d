"""What stands on the results pages, worked out from published numbers alone: no database, no request."""
