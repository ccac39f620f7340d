"""The first page: levels against needs, real changes, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import ClosedCycle
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.charts import Axis, Ring, Svg, rings, sparkline
from reports.presenters import headlines
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.key_figures import KeyFigure, key_figures
from reports.presenters.role_clarity import RoleClarity, role_clarity
from reports.presenters.shared import (
    CapabilityRow,
    CapabilityUrl,
    LeadingChange,
    capability_row,
    change_sentences,
    detail_of,
    leading_change,
    short_names,
    since_year,
    unlinked_note,
)

MAX_SHORTFALLS = 3
MAX_CHANGES = 3
SPARKLINE_CYCLES = 4  # cycles in the sparkline of one capability
MIN_AXES = 3
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class EarlierScore:
    """The level of a value in an earlier cycle."""

    score: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value in the table behind the rings."""

    name: str
    score: str
    interval: str
    need: str
    gap: str
    based_on: str
    earlier: tuple[EarlierScore, ...]
    result: UUID | None


@dataclass(frozen=True, slots=True)
class ChangedCapability:
    """One capability that really changed, with its history as a sparkline."""

    name: str
    address: str
    picture: Svg
    side: str
    earlier_level: str
    level: str
    change: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class CapabilityLink:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class HomePage:
    eyebrow: str
    heading: str
    lead: str
    rings: Svg | None
    cycles: tuple[str, ...]  # names, the newest first
    values: tuple[ValueRow, ...]
    key_figures: tuple[KeyFigure, ...]
    gaps: tuple[CapabilityRow, ...]
    needs_known: bool  # whether any capability has a needed level
    capability_count: int
    changes: tuple[ChangedCapability, ...]
    more_changes: tuple[CapabilityLink, ...]  # those that changed less
    changes_note: str
    role_clarity: tuple[RoleClarity, ...]
    colophon: str

    @property
    def has_intervals(self) -> bool:
        """Return whether the chart of a gap shows one, for the legend."""
        return any(row.interval for row in self.gaps)


def home_page(
    results: OrganizationResults, *, address: CapabilityUrl, collaboration_address: CapabilityUrl
) -> HomePage:
    """Return the page. `address` leads to capabilities of the main rubric, `collaboration_address` to
    those of the collaboration rubric."""
    capability_cells = results.capability_cells()
    short, over = shortfalls(capability_cells), excesses(capability_cells)
    names = [[item.name.in_(results.language) for item, _cell in group] for group in (short, over)]
    changed = clear_changes(capability_cells, results)
    return HomePage(
        eyebrow=_eyebrow(results),
        heading=headlines.home(
            *names,
            level=formatting.score(results.overall(results.now)),
            known=any(_has_score(cell) for _item, cell in capability_cells),
            needs_known=results.needs_known,
        ),
        lead=_lead(results),
        rings=level_rings(results),
        cycles=tuple(cycle.name for cycle in results.cycles),
        values=tuple(_value_row(dimension, results) for dimension in results.now.rubric.dimensions),
        key_figures=key_figures(results),
        gaps=tuple(
            _capability_row(pair, results, address) for pair in [*short[:MAX_SHORTFALLS], *over[:1]]
        ),
        needs_known=results.needs_known,
        capability_count=len(capability_cells),
        changes=tuple(
            _changed_capability(item, leading, results, address)
            for item, leading in changed[:MAX_CHANGES]
        ),
        more_changes=_links([item for item, _leading in changed[MAX_CHANGES:]], results, address),
        changes_note=changes_note(
            [cell for _item, cell in capability_cells], len(changed), results
        ),
        role_clarity=role_clarity(results, address, collaboration_address),
        colophon=headlines.colophon(results.now, results.closed_on),
    )


def shortfalls(
    cells: Iterable[tuple[Subject, Cell | None]],
) -> list[tuple[Subject, Cell | None]]:
    """Return what is below its need, by priority; what has no priority comes last."""
    below = [pair for pair in cells if formatting.need_side(pair[1]) == "below"]
    return sorted(
        below,
        key=lambda pair: -(priority.value or 0) if (priority := detail_of(pair[1]).priority) else 1,
    )


def excesses(
    cells: Iterable[tuple[Subject, Cell | None]],
) -> list[tuple[Subject, Cell | None]]:
    """Return what is above its need, the widest gap first."""
    above = [pair for pair in cells if formatting.need_side(pair[1]) == "above"]
    return sorted(above, key=lambda pair: -((pair[1] and pair[1].gap) or 0))


def _has_score(cell: Cell | None) -> bool:
    return cell is not None and cell.score is not None


def clear_changes(
    cells: Iterable[tuple[Subject, Cell | None]], results: OrganizationResults
) -> list[tuple[Subject, LeadingChange]]:
    """Return what really changed, the largest change first. `cells`: subjects with their cells."""
    year = since_year(results.now, results.year_before)
    leading = [(subject, leading_change(cell, year)) for subject, cell in cells]
    clear = [(subject, each) for subject, each in leading if each and each.change.is_clear]
    return sorted(clear, key=lambda pair: -abs(pair[1].change.size))


def _capability_row(
    pair: CapabilityCell, results: OrganizationResults, address: CapabilityUrl
) -> CapabilityRow:
    item, cell = pair
    return capability_row(
        item,
        cell,
        results.now.rubric,
        language=results.language,
        address=address,
        result=results.cells.result(cell),
    )


def _eyebrow(results: OrganizationResults) -> str:
    count = len(results.cycles)
    rings_so_far = ngettext("%(count)s survey so far", "%(count)s surveys so far", count)
    return f"{results.now.name} · {rings_so_far % {'count': count}}"


def _lead(results: OrganizationResults) -> str:
    cells = [
        (dimension, results.value(dimension.slug, results.now))
        for dimension in results.now.rubric.dimensions
    ]
    with_gap = [
        (cell.gap, dimension, cell) for dimension, cell in cells if cell and cell.gap is not None
    ]
    gaps = [
        (
            gap,
            f"{dimension.label.in_(results.language)} ({formatting.gap(cell)})",
            formatting.need_side(cell),
        )
        for gap, dimension, cell in sorted(with_gap, key=lambda row: row[0])
    ]
    changes = change_sentences(
        [(dimension.label.in_(results.language), cell) for dimension, cell in cells],
        since_year(results.now, results.year_before),
    )
    return headlines.lead(
        [text for _gap, text, side in gaps if side == "below"],
        [text for _gap, text, side in reversed(gaps) if side == "above"],
        changes,
    )


def level_rings(
    results: OrganizationResults, organization: tuple[float | None, ...] | None = None
) -> Svg | None:
    """Draw the rings; of a team with the levels of the organization as a dotted one."""
    dimensions = results.now.rubric.dimensions
    if len(dimensions) < MIN_AXES:
        return None
    names = short_names(dimensions, results.language)
    current_cells = [results.value(dimension.slug, results.now) for dimension in dimensions]
    return rings(
        [Ring(cycle.name, _levels(dimensions, results, cycle)) for cycle in results.cycles],
        [cell.need if cell else None for cell in current_cells],
        [
            _ring_axis(names[dimension.slug], cell)
            for dimension, cell in zip(dimensions, current_cells, strict=True)
        ],
        title=_("Growth rings: the level of each value, one ring per survey"),
        ident=f"rings-{results.now.rubric.slug}",
        organization=organization,
    )


def _levels(
    dimensions: tuple[Dimension, ...], results: OrganizationResults, cycle: ClosedCycle
) -> tuple[float | None, ...]:
    cells = (results.value(dimension.slug, cycle) for dimension in dimensions)
    return tuple(cell.score if cell else None for cell in cells)


def _ring_axis(name: str, cell: Cell | None) -> Axis:
    return Axis(
        name,
        formatting.score(cell),
        formatting.need(cell) if _has_score(cell) else "",
        formatting.gap(cell),
        formatting.need_side(cell),
        cell.low if cell else None,
        cell.high if cell else None,
    )


def _value_row(dimension: Dimension, results: OrganizationResults) -> ValueRow:
    cell = results.value(dimension.slug, results.now)
    earlier = [results.value(dimension.slug, cycle) for cycle in results.cycles[1:]]
    return ValueRow(
        name=dimension.name.in_(results.language),
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        need=formatting.need_level(cell),
        gap=formatting.gap(cell),
        based_on=formatting.based_on(cell),
        earlier=tuple(
            EarlierScore(formatting.score(earlier_cell), results.cells.result(earlier_cell))
            for earlier_cell in earlier
        ),
        result=results.cells.result(cell),
    )


def _links(
    items: Iterable[Capability], results: OrganizationResults, address: CapabilityUrl
) -> tuple[CapabilityLink, ...]:
    return tuple(
        CapabilityLink(item.name.in_(results.language), address(item.slug)) for item in items
    )


def _changed_capability(
    item: Capability, leading: LeadingChange, results: OrganizationResults, address: CapabilityUrl
) -> ChangedCapability:
    past_cells = [results.item(item.slug, cycle) for cycle in results.cycles]
    return changed_row(
        item.name.in_(results.language),
        leading,
        past_cells,
        address=address(item.slug),
        result=results.cells.result(past_cells[0]),
    )


def changed_row(
    name: str,
    leading: LeadingChange,
    past_cells: Sequence[Cell | None],
    *,
    address: str = "",
    result: UUID | None = None,
) -> ChangedCapability:
    """Return the row of what really changed. `past_cells`: of each cycle, the newest first."""
    change = leading.change
    low, high = change.size_interval
    size_interval = "" if low is None or high is None else f"{low:.1f}–{high:.1f}"
    words = leading.sentence
    scores = [cell.score if cell else None for cell in past_cells[:SPARKLINE_CYCLES]]
    return ChangedCapability(
        name=name,
        address=address,
        picture=sparkline(scores[::-1], leading.side),
        side=leading.side,
        earlier_level=formatting.points(change.before),
        level=formatting.score(past_cells[0]),
        change=f"{words} ({size_interval})" if size_interval else words,
        result=result,
    )


def changes_note(
    cells: Sequence[Cell | None], changed_count: int, results: OrganizationResults
) -> str:
    """Return how many of these cells did not really change, and how to read those that did."""
    compared = [change for cell in cells if (change := detail_of(cell).change)]
    unchanged = len(compared) - changed_count
    if not compared and results.before is None:
        return _("This is your first survey. Trends start with the next one.")
    if not compared:
        return _("These results can't be compared with the last survey.")
    sentence = (
        ngettext(
            "No significant change in %(count)s other.",
            "No significant change in the other %(count)s.",
            unchanged,
        )
        % {"count": unchanged}
        if changed_count
        else _("No significant change since the last survey.")
    )
    linking_note = unlinked_note(cells)
    response_note = caveats.moved_response(
        results.overall(results.now), results.overall(results.before)
    )
    return " ".join(part for part in (sentence, response_note, linking_note) if part)
