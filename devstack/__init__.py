"""Brings PostgreSQL and Valkey along for a machine that has neither: development, demo and tests."""
