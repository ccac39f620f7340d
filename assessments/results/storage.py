"""Convert published cells to rows and back: one row a cell, what is queried in columns, the rest as JSON."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessments.models import Cycle, Result
from assessments.scoring.cell import Cell

# The fields without a column, which `Result.detail` holds beside the cell's own detail.
DETAIL_FIELDS = (
    "everyone",
    "held_by",
    "need_source",
    "gap",
    "gap_bound",
    "fits",
    "fit_low",
    "fit_high",
    "based_on",
    "asked_capabilities",
)
CELL_DEFAULTS = {field.name: field.default for field in fields(Cell)}
PLAIN_COLUMNS = (
    "subject_type",
    "subject",
    "kind",
    "suppressed",
    "bound",
    "n",
    "invited",
    "level",
    "state",
    "fit",
)
DECIMAL_COLUMNS = ("score", "low", "high", "need")
COLUMNS = ("node_id", *PLAIN_COLUMNS, *DECIMAL_COLUMNS, "detail")


def cell_from_row(row: dict[str, Any]) -> Cell:
    """Return the cell that was published as this row."""
    plain = {name: row[name] for name in PLAIN_COLUMNS}
    optional = {name: row[name] or None for name in ("suppressed", "state")}
    decimal = {name: None if row[name] is None else float(row[name]) for name in DECIMAL_COLUMNS}
    detail = row["detail"]
    extra = {name: detail[name] for name in DETAIL_FIELDS if name in detail}
    rest = {name: value for name, value in detail.items() if name not in DETAIL_FIELDS}
    return Cell(node=str(row["node_id"]), **{**plain, **optional, **decimal, **extra}, detail=rest)


def cell_to_row(cell: Cell, cycle: Cycle, node: UUID) -> Result:
    """Return the row of a published cell. Fields with their default are not stored."""
    extra = {
        name: value
        for name in DETAIL_FIELDS
        if (value := getattr(cell, name)) != CELL_DEFAULTS[name]
    }
    plain = {name: getattr(cell, name) for name in PLAIN_COLUMNS}
    optional = {name: getattr(cell, name) or "" for name in ("suppressed", "state")}
    decimal = {name: _tenths(getattr(cell, name)) for name in DECIMAL_COLUMNS}
    return Result(
        cycle=cycle,
        node_id=node,
        detail={**cell.detail, **extra},
        **{**plain, **optional, **decimal},
    )


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.1f}")
