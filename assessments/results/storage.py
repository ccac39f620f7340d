"""Convert what is published of a closed cycle to rows and back: one row a cell, what is queried in
columns, the rest as JSON; on the scorecard what is published of a node or of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from assessments.models import Result, Scorecard
from assessments.scoring.cell import Cell
from assessments.scoring.summary import LeaderAlignment, QualityReport
from organizations.tenancy.scope import uuid7

PLAIN_COLUMNS = (
    "subject_type",
    "subject",
    "kind",
    "suppressed",
    "n",
    "invited",
    "level",
    "state",
    "fit",
)
DECIMAL_COLUMNS = ("score", "low", "high", "need")
COLUMNS = ("node_id", *PLAIN_COLUMNS, *DECIMAL_COLUMNS, "detail")
IN_COLUMNS = {"node", *PLAIN_COLUMNS, *DECIMAL_COLUMNS}  # the rest of a cell is JSON


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def to_json(published: LeaderAlignment | QualityReport) -> dict[str, Any]:
    """Return what is published as JSON. Fields with their default are left out."""
    form: Any = type(published)
    data: dict[str, Any] = _adapter(form).dump_python(published, mode="json", exclude_defaults=True)
    return data


def alignment_from_json(data: Mapping[str, Any]) -> LeaderAlignment:
    alignment: LeaderAlignment = _adapter(LeaderAlignment).validate_python(data)
    return alignment


def quality_from_json(data: Mapping[str, Any]) -> QualityReport:
    report: QualityReport = _adapter(QualityReport).validate_python(data)
    return report


def cell_from_row(row: Mapping[str, Any]) -> Cell:
    """Return the cell that was published as this row."""
    columns = {name: row[name] for name in (*PLAIN_COLUMNS, *DECIMAL_COLUMNS)}
    optional = {name: row[name] or None for name in ("suppressed", "state")}
    cell: Cell = _adapter(Cell).validate_python(
        {**row["detail"], **columns, **optional, "node": str(row["node_id"])}
    )
    return cell


def cell_to_columns(cell: Cell, scorecard: Scorecard, node: UUID) -> dict[str, Any]:
    """Return the columns of the row of a cell that this scorecard publishes, as JSON."""
    detail = _adapter(Cell).dump_python(
        cell, mode="json", exclude=IN_COLUMNS, exclude_defaults=True
    )
    return {
        "id": uuid7(),
        "scorecard_id": scorecard.pk,
        "node_id": node,
        "subject_type": cell.subject_type,
        "subject": cell.subject,
        "kind": cell.kind,
        "suppressed": cell.suppressed or "",
        "score": cell.score,
        "low": cell.low,
        "high": cell.high,
        "n": cell.n,
        "invited": cell.invited,
        "level": cell.level,
        "state": cell.state or "",
        "need": cell.need,
        "fit": cell.fit,
        "detail": detail,
    }


def cell_to_row(cell: Cell, scorecard: Scorecard, node: UUID) -> Result:
    """Return the row of a cell that this scorecard publishes."""
    columns = cell_to_columns(cell, scorecard, node)
    return Result(**columns | {name: _tenths(columns[name]) for name in DECIMAL_COLUMNS})


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.1f}")
