"""How a published cell is kept: one row each, what is asked for often in columns, the rest beside it."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessments.models import Cycle, Result
from assessments.scoring.cell import Cell

# What `Result.detail` carries beside the cell's own detail: the fields without a column.
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
    """A stored row as the cell that was published."""
    plain = {name: row[name] for name in PLAIN_COLUMNS}
    said = {name: row[name] or None for name in ("suppressed", "state")}
    decimal = {name: None if row[name] is None else float(row[name]) for name in DECIMAL_COLUMNS}
    detail = row["detail"]
    kept = {name: detail[name] for name in DETAIL_FIELDS if name in detail}
    rest = {name: value for name, value in detail.items() if name not in DETAIL_FIELDS}
    return Cell(node=str(row["node_id"]), **{**plain, **said, **decimal, **kept}, detail=rest)


def cell_to_row(cell: Cell, cycle: Cycle, node: UUID) -> Result:
    """A published cell as the row that keeps it. Empty fields take no room."""
    kept = {
        name: value
        for name in DETAIL_FIELDS
        if (value := getattr(cell, name)) != CELL_DEFAULTS[name]
    }
    plain = {name: getattr(cell, name) for name in PLAIN_COLUMNS}
    said = {name: getattr(cell, name) or "" for name in ("suppressed", "state")}
    decimal = {name: _tenths(getattr(cell, name)) for name in DECIMAL_COLUMNS}
    return Result(
        cycle=cycle, node_id=node, detail={**cell.detail, **kept}, **{**plain, **said, **decimal}
    )


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.1f}")
