"""A report as it is stored: sections of the presenters' rows, every sentence, number and picture written
out in one language, so that page and PDF stay the same for years.

A document of an earlier version still opens (`earlier_versions`). Another name or meaning of a field that is
stored here, also in a row of a presenter, is another version; a new field with a default is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from reports.charts import Svg
from reports.documents.earlier_versions import in_current_version
from reports.presenters.capability import CapabilityDetail
from reports.presenters.home import ChangedCapability, ValueRow
from reports.presenters.key_figures import KeyFigure
from reports.presenters.role_clarity import RoleClarity
from reports.presenters.shared import CapabilityRow
from reports.presenters.teams import HeatmapRow

DOCUMENT_VERSION = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One capability as a claim with its numbers."""

    claim: str
    row: CapabilityRow
    detail: CapabilityDetail


@dataclass(frozen=True, slots=True)
class CycleNote:
    """A cycle by name, and when it closes or was closed."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportPart:
    """What a part of the report is about, and what it found first."""

    eyebrow: str
    lead: str
    rings: Svg | None
    rings_legend: str
    colophon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """What every section has. Its `kind` is the name of its HTML template and of its Typst file."""

    heading: str
    columns: tuple[str, ...] = ()  # the headings of a table
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricSection(_Section):
    """The beginning of a part on another rubric than the cover's; its heading is a finding."""

    rows: tuple[ReportPart, ...]
    kind: Literal["rubric"] = "rubric"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigureSection(_Section):
    rows: tuple[KeyFigure, ...]
    kind: Literal["key_figures"] = "key_figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSection(_Section):
    rows: tuple[ChangedCapability, ...]
    kind: Literal["changes"] = "changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSection(_Section):
    rows: tuple[Finding, ...]
    kind: Literal["findings"] = "findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSection(_Section):
    rows: tuple[HeatmapRow, ...]
    kind: Literal["teams"] = "teams"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritySection(_Section):
    rows: tuple[CapabilityRow, ...]
    kind: Literal["priorities"] = "priorities"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleClaritySection(_Section):
    rows: tuple[RoleClarity, ...]
    kind: Literal["role_clarity"] = "role_clarity"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSection(_Section):
    rows: tuple[ValueRow, ...]
    kind: Literal["values"] = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleSection(_Section):
    rows: tuple[CycleNote, ...]
    kind: Literal["cycles"] = "cycles"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingGuideSection(_Section):
    rows: tuple[str, ...]
    kind: Literal["reading_guide"] = "reading_guide"


Section = Annotated[
    RubricSection
    | KeyFigureSection
    | ChangeSection
    | FindingSection
    | TeamSection
    | PrioritySection
    | RoleClaritySection
    | ValueSection
    | CycleSection
    | ReadingGuideSection,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report in one language. `is_new` is False where nothing was closed since the last one."""

    language: str
    organization: str
    made_on: str
    eyebrow: str
    title: str  # the headline finding
    lead: str
    late: str
    is_new: bool
    rings: Svg | None = None
    rings_legend: str = ""
    sections: tuple[Section, ...]
    colophon: str = ""
    version: int = DOCUMENT_VERSION


@cache
def _adapter() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


def as_json(document: Document) -> dict[str, Any]:
    data: dict[str, Any] = _adapter().dump_python(document, mode="json")
    return data


def from_json(data: dict[str, Any]) -> Document:
    """Return a stored document, whatever version it was stored in."""
    return _adapter().validate_python(in_current_version(data))
