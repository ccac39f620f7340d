"""The first page: where we are against what is needed, what really changed, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import ClosedCycle
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from reports import wording
from reports.charts import Axis, Ring, Svg, rings, spark
from reports.pages import findings
from reports.pages.clarity import Clarity, role_clarity
from reports.pages.evidence import Asked, Evidence
from reports.pages.numbers import Number, four_numbers
from reports.pages.parts import (
    Address,
    Change,
    Row,
    change,
    conservative,
    priority,
    row,
    short_names,
)

SHORTFALLS = 3
CHANGES = 3
VALUES = 2  # in the line under the heading
SPARK = 4  # cycles in the way of one capability
LEAST_AXES = 3


@dataclass(frozen=True, slots=True)
class Earlier:
    """A level of an earlier cycle."""

    score: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class Line:
    """One value in the table behind the rings."""

    name: str
    score: str
    honest: str
    need: str
    gap: str
    based_on: str
    before: tuple[Earlier, ...]
    result: UUID | None


@dataclass(frozen=True, slots=True)
class Changed:
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
    lines: tuple[Line, ...]
    numbers: tuple[Number, ...]
    gaps: tuple[Row, ...]
    asked: int
    changes: tuple[Changed, ...]
    changes_note: str
    clarity: tuple[Clarity, ...]
    colophon: str


def home(seen: Evidence, *, address: Address, partner: Address) -> HomePage:
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
        heading=findings.home(*names, known=any(_known(cell) for _item, cell in asked)),
        lead=_lead(seen),
        rings=_rings(seen),
        cycles=tuple(cycle.name for cycle in seen.cycles),
        lines=tuple(_line(one, seen) for one in seen.now.rubric.dimensions),
        numbers=four_numbers(seen),
        gaps=tuple(_row(one, seen, address) for one in [*short[:SHORTFALLS], *over[:1]]),
        asked=len(asked),
        changes=tuple(_changed(item, seen, address) for item, _cell in changed[:CHANGES]),
        changes_note=_changes_note(asked, len(changed), seen),
        clarity=role_clarity(seen, address, partner),
        colophon=findings.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=seen.now.rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def shortfalls(asked: list[Asked]) -> list[Asked]:
    """Below the need, what matters most first."""
    found = [one for one in asked if wording.side(one[1]) == "below"]
    return sorted(
        found, key=lambda one: ranked.rank if (ranked := priority(one[1])) else len(asked) + 1
    )


def excesses(asked: list[Asked]) -> list[Asked]:
    """Above the need, furthest first."""
    found = [one for one in asked if wording.side(one[1]) == "above"]
    return sorted(found, key=lambda one: -((one[1] and one[1].gap) or 0))


def _known(cell: Cell | None) -> bool:
    return cell is not None and cell.score is not None


def _moved(cell: Cell | None) -> float | None:
    found = change(cell)
    return (found.size or 0.0) if found and found.real else None


def _row(one: Asked, seen: Evidence, address: Address) -> Row:
    item, cell = one
    return row(
        item,
        cell,
        seen.now.rubric,
        language=seen.language,
        address=address,
        result=seen.cells.result(cell),
    )


def _eyebrow(seen: Evidence) -> str:
    count = len(seen.cycles)
    rings_so_far = ngettext("%(count)s ring so far", "%(count)s rings so far", count)
    return f"{seen.now.name} · {rings_so_far % {'count': count}}"


def _lead(seen: Evidence) -> str:
    cells = [(one, seen.value(one.slug, seen.now)) for one in seen.now.rubric.dimensions]
    sized = [(cell.gap, one, cell) for one, cell in cells if cell and cell.gap is not None]
    told = [
        (gap, f"{one.label.in_(seen.language)} ({wording.gap(cell)})", wording.side(cell))
        for gap, one, cell in sorted(sized, key=lambda each: each[0])
    ]
    up = [
        one.label.in_(seen.language)
        for one, cell in cells
        if (moved := change(cell)) and moved.verdict == "up"
    ]
    return findings.lead(
        [text for _gap, text, side in told if side == "below"][:VALUES],
        [text for _gap, text, side in reversed(told) if side == "above"][:VALUES],
        up,
    )


def _rings(seen: Evidence) -> Svg | None:
    dimensions = seen.now.rubric.dimensions
    if len(dimensions) < LEAST_AXES:
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
    dimensions: tuple[Dimension, ...], seen: Evidence, cycle: ClosedCycle
) -> tuple[float | None, ...]:
    cells = (seen.value(one.slug, cycle) for one in dimensions)
    return tuple(cell.score if cell else None for cell in cells)


def _axis(name: str, cell: Cell | None) -> Axis:
    sure = (None, None) if cell is None or cell.bound else (cell.low, cell.high)
    return Axis(
        name,
        wording.score(cell),
        wording.need(cell) if _known(cell) else "",
        wording.gap(cell),
        wording.side(cell),
        *sure,
    )


def _line(one: Dimension, seen: Evidence) -> Line:
    cell = seen.value(one.slug, seen.now)
    earlier = [seen.value(one.slug, cycle) for cycle in seen.cycles[1:]]
    return Line(
        name=one.name.in_(seen.language),
        score=wording.score(cell),
        honest=wording.interval(cell),
        need=wording.need_level(cell),
        gap=wording.gap(cell),
        based_on=wording.based_on(cell),
        before=tuple(Earlier(wording.score(one), seen.cells.result(one)) for one in earlier),
        result=seen.cells.result(cell),
    )


def _changed(item: Capability, seen: Evidence, address: Address) -> Changed:
    cell = seen.item(item.slug, seen.now)
    moved = change(cell)
    assert moved is not None
    side = wording.side_of_change(moved.verdict)
    past = [seen.item(item.slug, cycle) for cycle in reversed(seen.cycles[:SPARK])]
    sure = wording.span(*moved.size_between)
    words = wording.moved(moved.verdict, moved.size, moved.bound)
    told = f"{words} ({sure})" if sure else words
    return Changed(
        name=item.name.in_(seen.language),
        address=address(item.slug),
        picture=spark([one.score if one else None for one in past], side),
        side=side,
        before=_before(item, moved, seen),
        now=wording.score(cell),
        words=wording.line(told, wording.by_chance(moved.chance)),
        result=seen.cells.result(cell),
    )


def _before(item: Capability, moved: Change, seen: Evidence) -> str:
    """The level before, as the earlier cycle printed it; nothing where a bound might get lost."""
    earlier = seen.item(item.slug, seen.before) if seen.before else None
    if earlier is not None and earlier.score == moved.before:
        return wording.score(earlier)
    bounded = moved.bound or moved.size is None
    return "" if bounded or moved.before is None else wording.points(moved.before)


def _changes_note(asked: list[Asked], changed: int, seen: Evidence) -> str:
    if seen.before is None:
        return _("This is the first ring. Changes can be seen from the next cycle on.")
    compared = [found for _item, cell in asked if (found := change(cell))]
    still = len(compared) - changed
    if not compared:
        return _("Nothing can be compared with the last cycle.")
    said = ngettext(
        "%(count)s other shows no clear change.", "%(count)s others show no clear change.", still
    ) % {"count": still}
    seen_from = [found.seen for found in compared if found.seen is not None]
    if not seen_from:
        return said
    least = _("We could have seen %(size)s or more.") % {"size": wording.points(max(seen_from))}
    careful = conservative(cell for _item, cell in asked)
    return " ".join(one for one in (said, least, careful) if one)
