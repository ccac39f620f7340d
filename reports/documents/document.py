"""A report as it is stored: every sentence, number and picture written out in one language, so that page
and PDF stay the same for years.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter

from reports.charts import Svg

DOCUMENT_VERSION = 1  # of the stored form; later versions must still read this one
# SVG made by reports.charts, or empty. It is trusted because only `build_report` stores documents.
StoredSvg = Annotated[str, AfterValidator(Svg)]


@dataclass(frozen=True, slots=True)
class ReportFact:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """One of the numbers on the first page, with its change and what it is based on."""

    name: str
    figure: str
    unit: str
    change: str
    side: str
    honest: str


@dataclass(frozen=True, slots=True)
class ReportLadderStep:
    """One of the five levels of a capability, with a note such as "The need"."""

    level: int
    text: str
    note: str
    here: bool
    count: str


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """One capability as a claim with its numbers."""

    claim: str
    name: str
    value: str
    side: str
    picture: StoredSvg
    score: str
    honest: str
    need: str
    gap: str
    leader: str
    ladder: tuple[ReportLadderStep, ...]
    suggestion: str
    reasons: str


@dataclass(frozen=True, slots=True)
class ReportChange:
    name: str
    side: str
    picture: StoredSvg
    way: str  # 2.8 → 3.6
    words: str


@dataclass(frozen=True, slots=True)
class ReportRoleClarity:
    """One of the two role-clarity capabilities: team and leader in the rubric's own words."""

    name: str
    picture: StoredSvg
    verdict: str
    said: tuple[ReportFact, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ReportHeatmapCell:
    """The cell of one team and one value."""

    kind: str  # shown, hidden, empty
    text: str
    small: str
    step: str


@dataclass(frozen=True, slots=True)
class ReportTeamRow:
    name: str
    depth: int
    answered: str
    spots: tuple[ReportHeatmapCell, ...]
    reason: str  # why nothing of the team is shown


@dataclass(frozen=True, slots=True)
class ReportTeams:
    finding: str
    columns: tuple[str, ...]
    lines: tuple[ReportTeamRow, ...]


@dataclass(frozen=True, slots=True)
class ReportPriority:
    rank: int
    name: str
    value: str
    score: str
    need: str
    gap: str
    side: str
    suggestion: str
    firm: str


@dataclass(frozen=True, slots=True)
class ReportValueRow:
    """One value in the table behind the rings."""

    name: str
    score: str
    honest: str
    need: str
    gap: str
    before: str


@dataclass(frozen=True, slots=True)
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
    rings: StoredSvg
    rings_say: str
    cycles: tuple[str, ...]
    lines: tuple[ReportValueRow, ...]
    figures: tuple[ReportFigure, ...]
    changes: tuple[ReportChange, ...]
    changes_note: str
    findings: tuple[ReportFinding, ...]
    clarity: tuple[ReportRoleClarity, ...]
    teams: ReportTeams | None
    ranked: tuple[ReportPriority, ...]
    due: tuple[ReportFact, ...]
    due_note: str
    reading: tuple[str, ...]  # how to read the report, in sentences
    colophon: str
    words: dict[str, str]  # the headings
    others: tuple[ReportFact, ...] = ()  # cycles of other rubrics, which have pages of their own
    form: int = DOCUMENT_VERSION


@cache
def _adapter() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


def as_json(document: Document) -> dict[str, Any]:
    data: dict[str, Any] = _adapter().dump_python(document, mode="json")
    return data


def from_json(data: dict[str, Any]) -> Document:
    return _adapter().validate_python(data)
