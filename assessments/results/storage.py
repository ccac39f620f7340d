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


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def to_json(published: Cell | LeaderAlignment | QualityReport) -> dict[str, Any]:
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


def cell_to_row(cell: Cell, scorecard: Scorecard, node: UUID) -> Result:
    """Return the row of a cell that this scorecard publishes."""
    columns = {name: getattr(cell, name) for name in PLAIN_COLUMNS}
    optional = {name: getattr(cell, name) or "" for name in ("suppressed", "state")}
    decimals = {name: _tenths(getattr(cell, name)) for name in DECIMAL_COLUMNS}
    rest = to_json(cell)
    for name in ("node", *PLAIN_COLUMNS, *DECIMAL_COLUMNS):
        rest.pop(name, None)
    values = {**columns, **optional, **decimals}
    return Result(scorecard=scorecard, node_id=node, detail=rest, **values)


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.1f}")
