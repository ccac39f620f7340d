"""The first page: where we are against what is needed, what really changed, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import ClosedCycle
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import Axis, Ring, Svg, rings, sparkline
from reports.presenters import headlines
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.key_figures import KeyFigure, key_figures
from reports.presenters.role_clarity import RoleClarity, role_clarity
from reports.presenters.shared import (
    CapabilityRow,
    CapabilityUrl,
    CellChange,
    capability_row,
    cell_change,
    cell_priority,
    short_names,
    unlinked_note,
)

MAX_SHORTFALLS = 3
MAX_CHANGES = 3
MAX_LEAD_VALUES = 2  # in the line under the heading
SPARKLINE_CYCLES = 4  # cycles in the way of one capability
MIN_AXES = 3


@dataclass(frozen=True, slots=True)
class EarlierScore:
    """A level of an earlier cycle."""

    score: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value in the table behind the rings."""

    name: str
    score: str
    honest: str
    need: str
    gap: str
    based_on: str
    before: tuple[EarlierScore, ...]
    result: UUID | None


@dataclass(frozen=True, slots=True)
class ChangedCapability:
    """One capability that really changed, with the way it came."""

    name: str
    address: str
    picture: Svg
    side: str
    before: str
    now: str
    words: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class HomePage:
    eyebrow: str
    heading: str
    lead: str
    rings: Svg | None
    cycles: tuple[str, ...]  # names, the newest first
    lines: tuple[ValueRow, ...]
    numbers: tuple[KeyFigure, ...]
    gaps: tuple[CapabilityRow, ...]
    asked: int
    changes: tuple[ChangedCapability, ...]
    changes_note: str
    clarity: tuple[RoleClarity, ...]
    colophon: str


def home_page(
    seen: OrganizationResults, *, address: CapabilityUrl, partner: CapabilityUrl
) -> HomePage:
    """`address` leads to a capability of the main rubric, `partner` to one of the other rubric."""
    asked = seen.asked()
    short, over = shortfalls(asked), excesses(asked)
    names = [[item.name.in_(seen.language) for item, _cell in one] for one in (short, over)]
    changed = sorted(
        ((item, cell) for item, cell in asked if _moved(cell) is not None),
        key=lambda one: -abs(_moved(one[1]) or 0),
    )
    return HomePage(
        eyebrow=_eyebrow(seen),
        heading=headlines.home(*names, known=any(_known(cell) for _item, cell in asked)),
        lead=_lead(seen),
        rings=_rings(seen),
        cycles=tuple(cycle.name for cycle in seen.cycles),
        lines=tuple(_line(one, seen) for one in seen.now.rubric.dimensions),
        numbers=key_figures(seen),
        gaps=tuple(_row(one, seen, address) for one in [*short[:MAX_SHORTFALLS], *over[:1]]),
        asked=len(asked),
        changes=tuple(_changed(item, seen, address) for item, _cell in changed[:MAX_CHANGES]),
        changes_note=_changes_note(asked, len(changed), seen),
        clarity=role_clarity(seen, address, partner),
        colophon=headlines.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=seen.now.rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def shortfalls(asked: list[CapabilityCell]) -> list[CapabilityCell]:
    """Below the need, what matters most first."""
    found = [one for one in asked if formatting.need_side(one[1]) == "below"]
    return sorted(
        found, key=lambda one: ranked.rank if (ranked := cell_priority(one[1])) else len(asked) + 1
    )


def excesses(asked: list[CapabilityCell]) -> list[CapabilityCell]:
    """Above the need, furthest first."""
    found = [one for one in asked if formatting.need_side(one[1]) == "above"]
    return sorted(found, key=lambda one: -((one[1] and one[1].gap) or 0))


def _known(cell: Cell | None) -> bool:
    return cell is not None and cell.score is not None


def _moved(cell: Cell | None) -> float | None:
    found = cell_change(cell)
    return (found.size or 0.0) if found and found.real else None


def _row(one: CapabilityCell, seen: OrganizationResults, address: CapabilityUrl) -> CapabilityRow:
    item, cell = one
    return capability_row(
        item,
        cell,
        seen.now.rubric,
        language=seen.language,
        address=address,
        result=seen.cells.result(cell),
    )


def _eyebrow(seen: OrganizationResults) -> str:
    count = len(seen.cycles)
    rings_so_far = ngettext("%(count)s ring so far", "%(count)s rings so far", count)
    return f"{seen.now.name} · {rings_so_far % {'count': count}}"


def _lead(seen: OrganizationResults) -> str:
    cells = [(one, seen.value(one.slug, seen.now)) for one in seen.now.rubric.dimensions]
    sized = [(cell.gap, one, cell) for one, cell in cells if cell and cell.gap is not None]
    told = [
        (
            gap,
            f"{one.label.in_(seen.language)} ({formatting.gap(cell)})",
            formatting.need_side(cell),
        )
        for gap, one, cell in sorted(sized, key=lambda each: each[0])
    ]
    up = [
        one.label.in_(seen.language)
        for one, cell in cells
        if (moved := cell_change(cell)) and moved.verdict == "up"
    ]
    return headlines.lead(
        [text for _gap, text, side in told if side == "below"][:MAX_LEAD_VALUES],
        [text for _gap, text, side in reversed(told) if side == "above"][:MAX_LEAD_VALUES],
        up,
    )


def _rings(seen: OrganizationResults) -> Svg | None:
    dimensions = seen.now.rubric.dimensions
    if len(dimensions) < MIN_AXES:
        return None
    names = short_names(dimensions, seen.language)
    now = [seen.value(one.slug, seen.now) for one in dimensions]
    return rings(
        [Ring(cycle.name, _levels(dimensions, seen, cycle)) for cycle in seen.cycles],
        [cell.need if cell else None for cell in now],
        [_axis(names[one.slug], cell) for one, cell in zip(dimensions, now, strict=True)],
        title=_("Growth rings: the level of each value, one ring for each closed cycle"),
    )


def _levels(
    dimensions: tuple[Dimension, ...], seen: OrganizationResults, cycle: ClosedCycle
) -> tuple[float | None, ...]:
    cells = (seen.value(one.slug, cycle) for one in dimensions)
    return tuple(cell.score if cell else None for cell in cells)


def _axis(name: str, cell: Cell | None) -> Axis:
    sure = (None, None) if cell is None or cell.bound else (cell.low, cell.high)
    return Axis(
        name,
        formatting.score(cell),
        formatting.need(cell) if _known(cell) else "",
        formatting.gap(cell),
        formatting.need_side(cell),
        *sure,
    )


def _line(one: Dimension, seen: OrganizationResults) -> ValueRow:
    cell = seen.value(one.slug, seen.now)
    earlier = [seen.value(one.slug, cycle) for cycle in seen.cycles[1:]]
    return ValueRow(
        name=one.name.in_(seen.language),
        score=formatting.score(cell),
        honest=formatting.interval(cell),
        need=formatting.need_level(cell),
        gap=formatting.gap(cell),
        based_on=formatting.based_on(cell),
        before=tuple(
            EarlierScore(formatting.score(one), seen.cells.result(one)) for one in earlier
        ),
        result=seen.cells.result(cell),
    )


def _changed(
    item: Capability, seen: OrganizationResults, address: CapabilityUrl
) -> ChangedCapability:
    cell = seen.item(item.slug, seen.now)
    moved = cell_change(cell)
    assert moved is not None
    side = formatting.change_side(moved.verdict)
    past = [seen.item(item.slug, cycle) for cycle in reversed(seen.cycles[:SPARKLINE_CYCLES])]
    sure = formatting.level_range(*moved.size_interval)
    words = formatting.change_size(moved.verdict, moved.size, moved.bound)
    told = f"{words} ({sure})" if sure else words
    return ChangedCapability(
        name=item.name.in_(seen.language),
        address=address(item.slug),
        picture=sparkline([one.score if one else None for one in past], side),
        side=side,
        before=_before(item, moved, seen),
        now=formatting.score(cell),
        words=formatting.join_parts(told, formatting.expected_by_chance(moved.chance)),
        result=seen.cells.result(cell),
    )


def _before(item: Capability, moved: CellChange, seen: OrganizationResults) -> str:
    """The level before, as the earlier cycle printed it; nothing where a bound might get lost."""
    earlier = seen.item(item.slug, seen.before) if seen.before else None
    if earlier is not None and earlier.score == moved.before:
        return formatting.score(earlier)
    bounded = moved.bound or moved.size is None
    return "" if bounded or moved.before is None else formatting.points(moved.before)


def _changes_note(asked: list[CapabilityCell], changed: int, seen: OrganizationResults) -> str:
    if seen.before is None:
        return _("This is the first ring. Changes can be seen from the next cycle on.")
    compared = [found for _item, cell in asked if (found := cell_change(cell))]
    still = len(compared) - changed
    if not compared:
        return _("Nothing can be compared with the last cycle.")
    said = ngettext(
        "%(count)s other shows no clear change.", "%(count)s others show no clear change.", still
    ) % {"count": still}
    seen_from = [found.seen for found in compared if found.seen is not None]
    if not seen_from:
        return said
    least = _("We could have seen %(size)s or more.") % {"size": formatting.points(max(seen_from))}
    careful = unlinked_note(cell for _item, cell in asked)
    return " ".join(one for one in (said, least, careful) if one)
