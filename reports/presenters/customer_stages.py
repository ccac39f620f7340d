"""Value to the customer by stage: each kind of value before, at and after the first purchase.

A cell is the weighted mean of the printed levels of its capabilities, and stands only where at least
two thirds of their weight does, like every composite. It tells nothing that the list does not.
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
    honest: str  # how many of its capabilities it rests on
    step: str  # how strong the colour is
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


def stage_table(seen: OrganizationResults, address: CapabilityUrl) -> StageTable | None:
    """None where the rubric tells no stages."""
    rubric, language = seen.now.rubric, seen.language
    columns = rubric.lifecycle_stages
    slugs = {stage.slug for stage in columns}
    values = [
        one
        for one in rubric.dimensions
        if any(each.lifecycle_stage in slugs for each in one.capabilities)
    ]
    if not values:
        return None
    cells = {
        (value, stage): composite_cell(seen, _inside(value, stage))
        for value in values
        for stage in columns
    }
    return StageTable(
        finding=_finding(cells, language),
        columns=tuple(
            (stage.name.in_(language), stage.meaning.in_(language) if stage.meaning else "")
            for stage in columns
        ),
        lines=tuple(
            StageRow(
                value.name.in_(language),
                tuple(
                    _cell(cells[value, stage], _inside(value, stage), seen, address)
                    for stage in columns
                ),
            )
            for value in values
        ),
    )


def _inside(value: Dimension, stage: NamedItem) -> list[Capability]:
    return [one for one in value.capabilities if one.lifecycle_stage == stage.slug]


def _cell(
    cell: Cell, items: Sequence[Capability], seen: OrganizationResults, address: CapabilityUrl
) -> StageCell:
    return StageCell(
        score=formatting.score(cell),
        gap=formatting.gap(cell),
        honest=formatting.based_on(cell),
        step=colour_step(cell),
        hidden=formatting.is_hidden(cell),
        inside=tuple(
            StageCapability(
                one.name.in_(seen.language),
                address(one.slug),
                formatting.score(seen.item(one.slug, seen.now)),
            )
            for one in items
        ),
    )


def _finding(cells: dict[tuple[Dimension, NamedItem], Cell], language: str) -> str:
    """The cell furthest below its need."""
    below = [
        (place, cell) for place, cell in cells.items() if formatting.need_side(cell) == "below"
    ]
    if not below:
        return ""
    (value, stage), cell = min(below, key=lambda one: one[1].gap or 0)
    return _("Furthest below the need: %(value)s, %(stage)s (%(gap)s).") % {
        "value": value.label.in_(language),
        "stage": stage.name.in_(language),
        "gap": formatting.gap(cell),
    }


# --- From printed numbers ------------------------------------------------------------------------


def composite_cell(seen: OrganizationResults, items: Sequence[Capability]) -> Cell:
    """Level and need of these capabilities together, or why they are not shown: the rule of every
    composite (method 3). What was never asked is not missing, and a weight of 0 has no effect."""
    cells = [(one.weight, cell) for one in items if (cell := seen.item(one.slug, seen.now))]
    asked = [(weight, cell) for weight, cell in cells if cell.suppressed != "not_asked"]
    shown = [(weight, cell) for weight, cell in asked if cell.score is not None]
    used = [(weight, cell) for weight, cell in shown if weight > 0]
    weight, whole = (sum(part for part, _cell in some) for some in (used, asked))
    bounds = {cell.bound for _weight, cell in used} - {""}
    field = Cell(str(seen.now.root), "value", "", "performance", asked_capabilities=len(asked))
    if not asked:
        return replace(field, suppressed="not_asked")
    if not shown:
        return replace(field, suppressed="below_threshold")
    if not used or weight < MIN_WEIGHT_SHARE * whole or len(bounds) > 1:
        return replace(field, suppressed="not_enough_weight")
    score = _tenth(sum(part * (cell.score or 0) for part, cell in used) / weight)
    bound: Bound = next(iter(bounds), "")
    need, gap, gap_bound = _against(used, weight, score, bound)
    return replace(
        field,
        score=score,
        bound=bound,
        need=need,
        gap=gap,
        gap_bound=gap_bound,
        based_on=len(used),
    )


def _against(
    used: Sequence[tuple[float, Cell]], weight: float, score: float, bound: Bound
) -> tuple[float | None, float | None, Bound]:
    """Need, gap and its bound; nothing where a need is missing, no gap where bounds pull both ways."""
    if any(cell.need is None for _weight, cell in used):
        return None, None, ""
    need = _tenth(sum(part * (cell.need or 0) for part, cell in used) / weight)
    pulls = {
        formatting.OPPOSITE_BOUND[cell.detail.get("need_bound", "")] for _weight, cell in used
    } | {bound}
    pulls -= {""}
    if len(pulls) > 1:
        return need, None, ""
    return need, round(score - need, 1), next(iter(pulls), "")


def _tenth(value: float) -> float:
    return floor(10 * value + 0.5 + 1e-9) / 10
