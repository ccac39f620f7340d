"""Rubrics, cycles, answers and results: the survey, its scoring, and the explanation of its results."""
