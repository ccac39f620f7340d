"""Published cells as a close would leave them, invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from assessments.results.queries import CellKey, ClosedCycle, PublishedCells, ResultNode
from assessments.rubrics import MAIN_RUBRIC, Rubric, built_in
from assessments.scoring.cell import (
    NO_DETAIL,
    Cell,
    CellDetail,
    Change,
    Priority,
    PriorityGroup,
)
from reports.presenters.evidence import OrganizationResults

SPACE = UUID(int=1)
RUBRIC = built_in(MAIN_RUBRIC)
COLLABORATION = built_in("cmo-collaboration")
CLOSED = datetime(2026, 10, 30, tzinfo=UTC)


def cycle(name: str, rubric: Rubric = RUBRIC) -> ClosedCycle:
    ident = uuid5(SPACE, name + rubric.slug)
    return ClosedCycle(
        id=ident,
        name=name,
        rubric=rubric,
        edition=ident,
        closed_at=CLOSED,
        opened_at=CLOSED,
        threshold=5,
        comment_threshold=10,
        mode="confidential",
        segment="",
        imported=False,
        asked={},
        root=ident,
        scorecard=ident,
        shows=True,
        discarded=0,
        method="2",
    )


NOW, BEFORE = cycle("Autumn"), cycle("Spring")
TOGETHER = cycle("Autumn", COLLABORATION)


def cell(node: UUID, subject_type: Any, subject: str, score: float = 3.0, **fields: Any) -> Cell:
    known: dict[str, Any] = {
        "kind": "performance",
        "low": round(score - 0.2, 1),
        "high": round(score + 0.2, 1),
        "n": 20,
        "invited": 25,
        "level": min(5, max(1, int(score + 0.5))),
        "state": "reached",
        "need": 3.0,
        "need_source": "importance",
        "gap": round(score - fields.get("need", 3.0), 1),
    }
    return Cell(str(node), subject_type, subject, score=score, **(known | fields))


def keyed(cells: tuple[Cell, ...]) -> PublishedCells:
    found: dict[CellKey, Cell] = {
        (UUID(one.node), one.subject_type, one.subject, one.kind): one for one in cells
    }
    return PublishedCells(found)


def evidence(
    *cells: Cell, cycles: tuple[ClosedCycle, ...] = (NOW,), **fields: Any
) -> OrganizationResults:
    known: dict[str, Any] = {
        "collaboration": None,
        "alignments": {},
        "closed_on": "30 October 2026",
        "language": "en",
    }
    return OrganizationResults(cycles=cycles, cells=keyed(cells), **(known | fields))


def of(
    slug: str,
    score: float,
    node: UUID = NOW.root,
    rank: int | None = 1,
    group: PriorityGroup = "",
    **fields: Any,
) -> tuple[Cell, Cell]:
    """Level and importance of one capability, and its place in the list."""
    priority = Priority(
        value=50 - (rank or 0),
        suggestion="develop",
        is_clear=True,
        importance_line=3.0,
        rank=rank,
        group=group,
    )
    detail = replace(fields.pop("detail", NO_DETAIL), priority=priority)
    level = cell(node, "capability", slug, score, detail=detail, **fields)
    return level, replace(level, kind="importance", score=fields.get("need", 3.0), detail=NO_DETAIL)


def changed(verdict: Any, size: float, **fields: Any) -> CellDetail:
    known: dict[str, Any] = {
        "low": round(size - 0.2, 1),
        "high": round(size + 0.2, 1),
        "detectable": 0.3,
        "before": 2.5,
        "map_verdict": verdict,
    }
    return CellDetail(change=Change(verdict=verdict, size=size, **(known | fields)))


def node(name: str, place: int, *, parent: UUID | None = None, n: int | None = 20) -> ResultNode:
    ident = NOW.root if place == 0 else uuid5(SPACE, name)
    return ResultNode(
        ident, ident, parent, name, place, 0 if parent is None else 1, n, 25, n is not None
    )
