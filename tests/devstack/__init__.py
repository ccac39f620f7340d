"""The one command, on real servers."""
