"""Asks, remembers, scores and explains: rubrics, cycles, answers and results."""
