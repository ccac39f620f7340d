"""From published numbers to a report: what was found, in sentences. No database, no clock."""

from reports.narrative.writing import Closed, Due, Occasion, TeamsSeen, write

__all__ = ["Closed", "Due", "Occasion", "TeamsSeen", "write"]
