"""How an organization's own programs come in: with a key, for one thing at a time, and read-only.

Rooms say what can be read (`api.py` of each); everything that holds for all of it is here.
"""
