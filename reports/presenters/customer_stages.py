"""Value to the customer by stage: each kind of value before, at and after the first purchase.

A cell is the weighted mean of the printed levels of its capabilities, shown only where at least two
thirds of their weight is shown, like every composite. It discloses nothing beyond the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

from django.utils.translation import gettext as _

from assessments.rubrics import Capability, Dimension
from assessments.rubrics.schema import NamedItem
from assessments.scoring.cell import MIN_WEIGHT_SHARE, Bound, Cell
from reports import formatting
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import CapabilityUrl
from reports.presenters.teams import colour_step


@dataclass(frozen=True, slots=True)
class StageCapability:
    name: str
    address: str
    score: str


@dataclass(frozen=True, slots=True)
class StageCell:
    score: str
    gap: str
    honest: str  # how many of its capabilities it is based on
    step: str  # step of the colour scale
    hidden: bool
    inside: tuple[StageCapability, ...]


@dataclass(frozen=True, slots=True)
class StageRow:
    name: str
    cells: tuple[StageCell, ...]


@dataclass(frozen=True, slots=True)
class StageTable:
    finding: str
    columns: tuple[tuple[str, str], ...]  # name and meaning
    lines: tuple[StageRow, ...]


def stage_table(results: OrganizationResults, address: CapabilityUrl) -> StageTable | None:
    """Return the table, or None where the rubric has no stages."""
    rubric, language = results.now.rubric, results.language
    columns = rubric.lifecycle_stages
    slugs = {stage.slug for stage in columns}
    values = [
        value
        for value in rubric.dimensions
        if any(item.lifecycle_stage in slugs for item in value.capabilities)
    ]
    if not values:
        return None
    cells = {
        (value, stage): composite_cell(results, _stage_capabilities(value, stage))
        for value in values
        for stage in columns
    }
    return StageTable(
        finding=_largest_gap(cells, language),
        columns=tuple(
            (stage.name.in_(language), stage.meaning.in_(language) if stage.meaning else "")
            for stage in columns
        ),
        lines=tuple(
            StageRow(
                value.name.in_(language),
                tuple(
                    _stage_cell(
                        cells[value, stage], _stage_capabilities(value, stage), results, address
                    )
                    for stage in columns
                ),
            )
            for value in values
        ),
    )


def _stage_capabilities(value: Dimension, stage: NamedItem) -> list[Capability]:
    return [item for item in value.capabilities if item.lifecycle_stage == stage.slug]


def _stage_cell(
    cell: Cell, items: Sequence[Capability], results: OrganizationResults, address: CapabilityUrl
) -> StageCell:
    return StageCell(
        score=formatting.score(cell),
        gap=formatting.gap(cell),
        honest=formatting.based_on(cell),
        step=colour_step(cell),
        hidden=formatting.is_hidden(cell),
        inside=tuple(
            StageCapability(
                item.name.in_(results.language),
                address(item.slug),
                formatting.score(results.item(item.slug, results.now)),
            )
            for item in items
        ),
    )


def _largest_gap(cells: dict[tuple[Dimension, NamedItem], Cell], language: str) -> str:
    """Return a sentence about the cell furthest below its need; empty where none is below."""
    below = [(key, cell) for key, cell in cells.items() if formatting.need_side(cell) == "below"]
    if not below:
        return ""
    (value, stage), cell = min(below, key=lambda entry: entry[1].gap or 0)
    return _("Furthest below the need: %(value)s, %(stage)s (%(gap)s).") % {
        "value": value.label.in_(language),
        "stage": stage.name.in_(language),
        "gap": formatting.gap(cell),
    }


# --- Composites of printed numbers ---------------------------------------------------------------


def composite_cell(results: OrganizationResults, items: Sequence[Capability]) -> Cell:
    """Return level and need of these capabilities together, or why they are not shown.

    The rule of every composite (method 3): a capability that was never asked does not count as
    missing, and a weight of 0 has no effect.
    """
    cells = [
        (item.weight, cell) for item in items if (cell := results.item(item.slug, results.now))
    ]
    asked = [(weight, cell) for weight, cell in cells if cell.suppressed != "not_asked"]
    shown = [(weight, cell) for weight, cell in asked if cell.score is not None]
    used = [(weight, cell) for weight, cell in shown if weight > 0]
    weight, asked_weight = (
        sum(item_weight for item_weight, _cell in subset) for subset in (used, asked)
    )
    bounds = {cell.bound for _weight, cell in used} - {""}
    blank = Cell(str(results.now.root), "value", "", "performance", asked_capabilities=len(asked))
    if not asked:
        return replace(blank, suppressed="not_asked")
    if not shown:
        return replace(blank, suppressed="below_threshold")
    if not used or weight < MIN_WEIGHT_SHARE * asked_weight or len(bounds) > 1:
        return replace(blank, suppressed="not_enough_weight")
    score = _round_to_tenth(
        sum(item_weight * (cell.score or 0) for item_weight, cell in used) / weight
    )
    bound: Bound = next(iter(bounds), "")
    need, gap, gap_bound = _need_and_gap(used, weight, score, bound)
    return replace(
        blank,
        score=score,
        bound=bound,
        need=need,
        gap=gap,
        gap_bound=gap_bound,
        based_on=len(used),
    )


def _need_and_gap(
    used: Sequence[tuple[float, Cell]], weight: float, score: float, bound: Bound
) -> tuple[float | None, float | None, Bound]:
    """Return need, gap and the bound of the gap. No need where one of the parts has none, no gap where
    the bounds of level and needs contradict each other."""
    if any(cell.need is None for _weight, cell in used):
        return None, None, ""
    need = _round_to_tenth(
        sum(item_weight * (cell.need or 0) for item_weight, cell in used) / weight
    )
    bounds = {formatting.OPPOSITE_BOUND[cell.need_bound] for _weight, cell in used} | {bound}
    bounds -= {""}
    if len(bounds) > 1:
        return need, None, ""
    return need, round(score - need, 1), next(iter(bounds), "")


def _round_to_tenth(value: float) -> float:
    return floor(10 * value + 0.5 + 1e-9) / 10
