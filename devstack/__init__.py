"""Servers for development, demo and tests."""
