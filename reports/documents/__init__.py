"""From published numbers to a report: what was found, in sentences. No database, no clock."""

from reports.documents.writer import DueCycle, OtherCycle, ReportContext, TeamMatrix, write_document

__all__ = ["DueCycle", "OtherCycle", "ReportContext", "TeamMatrix", "write_document"]
