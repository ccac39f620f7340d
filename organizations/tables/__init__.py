"""The tables that people bring as files, read the same way for every import, and those that they download."""
