"""Reports: documents written from published numbers, and their PDFs. Writing one needs no database and
no clock; only `build` does."""

from reports.documents.writer import (
    DueCycle,
    ReportMaterial,
    RubricMaterial,
    SilentCycle,
    write_document,
)

__all__ = ["DueCycle", "ReportMaterial", "RubricMaterial", "SilentCycle", "write_document"]
