"""Value to the customer by stage: each kind of value before, at and after the first purchase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.rubrics import Capability, Dimension
from assessments.rubrics.schema import NamedItem
from assessments.scoring.cell import Cell
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
    basis: str  # how many of its capabilities it is based on
    step: str  # step of the colour scale
    hidden: bool
    capabilities: tuple[StageCapability, ...]


@dataclass(frozen=True, slots=True)
class StageRow:
    name: str
    cells: tuple[StageCell, ...]


@dataclass(frozen=True, slots=True)
class StageTable:
    heading: str
    columns: tuple[tuple[str, str], ...]  # name and meaning
    rows: tuple[StageRow, ...]


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
        (value, stage): results.stage(value.slug, stage.slug)
        for value in values
        for stage in columns
    }
    return StageTable(
        heading=_largest_gap(cells, language),
        columns=tuple(
            (stage.name.in_(language), stage.meaning.in_(language) if stage.meaning else "")
            for stage in columns
        ),
        rows=tuple(
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
    cell: Cell | None,
    items: Sequence[Capability],
    results: OrganizationResults,
    address: CapabilityUrl,
) -> StageCell:
    return StageCell(
        score=formatting.score(cell),
        gap=formatting.gap(cell),
        basis=formatting.based_on(cell),
        step=colour_step(cell),
        hidden=formatting.is_hidden(cell),
        capabilities=tuple(
            StageCapability(
                item.name.in_(results.language),
                address(item.slug),
                formatting.score(results.item(item.slug, results.now)),
            )
            for item in items
        ),
    )


def _largest_gap(cells: dict[tuple[Dimension, NamedItem], Cell | None], language: str) -> str:
    """Return a sentence about the cell furthest below its need; empty where none is below."""
    below = [
        (cell.gap or 0.0, key, cell)
        for key, cell in cells.items()
        if cell is not None and formatting.need_side(cell) == "below"
    ]
    if not below:
        return ""
    _gap, (value, stage), cell = min(below, key=lambda entry: entry[0])
    return _("Largest gap: %(value)s, %(stage)s (%(gap)s).") % {
        "value": value.label.in_(language),
        "stage": stage.name.in_(language),
        "gap": formatting.gap(cell),
    }
