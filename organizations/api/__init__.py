"""The API for an organization's own programs: with a key, for one scope at a time, read-only.

What holds for all of it is here; each app's `api` says what can be read.
"""
