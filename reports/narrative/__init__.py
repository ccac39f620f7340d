"""From published numbers to a report: what was found, in sentences. No database, no clock."""

from reports.narrative.writing import Due, Occasion, TeamsSeen, write

__all__ = ["Due", "Occasion", "TeamsSeen", "write"]
