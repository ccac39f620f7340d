"""The way through the cycles: the whole and each value, with what became of it in words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle
from assessments.scoring.cell import Cell
from reports import caveats, wording
from reports.charts import Moment, Svg, spark
from reports.charts import trend as drawn
from reports.pages import findings
from reports.pages.evidence import Evidence
from reports.pages.parts import Address, change, conservative, unrated

WHOLE = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One row: the whole or a value, its way, and the verdict."""

    name: str
    address: str
    chosen: bool
    picture: Svg
    side: str
    score: str
    interval: str
    verdict: str
    based_on: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class Past:
    cycle: str
    score: str
    interval: str
    honest: str
    unrated: str  # not seen, not applicable: of its capabilities
    need: str
    broken: bool  # asked with another edition than the cycle before it
    result: UUID | None


@dataclass(frozen=True, slots=True)
class TrendPage:
    eyebrow: str
    heading: str
    chosen: str
    picture: Svg
    past: tuple[Past, ...]  # the newest first
    waves: str  # who answered and what got no rating, in the last two cycles
    careful: str  # how to read the comparison
    broken: bool
    ways: tuple[Way, ...]
    colophon: str


def trend(seen: Evidence, *, chosen: str, address: Address) -> TrendPage:
    """`chosen` is the slug of a value, or nothing for the whole; `address` leads to one of them."""
    names = {WHOLE: _("Everything together")}
    names |= {one.slug: one.name.in_(seen.language) for one in seen.now.rubric.dimensions}
    subject = chosen if chosen in names else WHOLE
    past = tuple(_past(seen, place, subject) for place in range(len(seen.cycles)))
    return TrendPage(
        eyebrow=f"{seen.cycles[-1].name} – {seen.now.name}" if seen.before else seen.now.name,
        heading=_heading(seen, names),
        chosen=names[subject],
        picture=_picture(seen, subject, names[subject]),
        past=past,
        waves=_waves(seen, subject),
        careful=conservative([cell_of(seen, subject, seen.now)]),
        broken=any(one.broken for one in past),
        ways=tuple(_way(seen, slug, name, subject, address) for slug, name in names.items()),
        colophon=findings.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=seen.now.rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def cell_of(seen: Evidence, slug: str, cycle: ClosedCycle) -> Cell | None:
    return seen.value(slug, cycle) if slug else seen.overall(cycle)


def _heading(seen: Evidence, names: dict[str, str]) -> str:
    moved = {slug: change(cell_of(seen, slug, seen.now)) for slug in names if slug}
    up = [names[slug] for slug, one in moved.items() if one and one.verdict == "up"]
    down = [names[slug] for slug, one in moved.items() if one and one.verdict == "down"]
    return findings.trend(up, down, compared=any(moved.values()), first=seen.before is None)


def _picture(seen: Evidence, slug: str, name: str) -> Svg:
    moments = []
    for cycle in reversed(seen.cycles):
        cell = cell_of(seen, slug, cycle)
        sure = (None, None) if cell is None or cell.bound else (cell.low, cell.high)
        moments.append(
            Moment(
                cycle.name,
                cycle.closed_at.timestamp(),
                cycle.rubric.version,
                cell.score if cell else None,
                *sure,
                cell.need if cell else None,
                wording.score(cell),
            )
        )
    title = _("Level through the cycles: %(name)s") % {"name": name}
    return drawn(moments, title=title, need=_("need"))


def _past(seen: Evidence, place: int, slug: str) -> Past:
    cycle = seen.cycles[place]
    before = seen.cycles[place + 1] if place + 1 < len(seen.cycles) else None
    cell = cell_of(seen, slug, cycle)
    return Past(
        cycle=cycle.name,
        score=wording.score(cell),
        interval=wording.interval(cell),
        honest=wording.counted(cell),
        unrated=_unrated(seen, slug, cycle),
        need=wording.need_level(cell),
        broken=before is not None and before.rubric.version != cycle.rubric.version,
        result=seen.cells.result(cell),
    )


def _unrated(seen: Evidence, slug: str, cycle: ClosedCycle) -> str:
    inside = [one for one in cycle.rubric.dimensions if not slug or one.slug == slug]
    return unrated(seen.item(each.slug, cycle) for one in inside for each in one.capabilities)


def _waves(seen: Evidence, slug: str) -> str:
    """Another answered share, or other opt-outs, can look like a change."""
    if seen.before is None:
        return ""
    now, then = cell_of(seen, slug, seen.now), cell_of(seen, slug, seen.before)
    answered = [wording.share(one.n, one.invited) if one else "" for one in (now, then)]
    opted = [_unrated(seen, slug, cycle) for cycle in (seen.now, seen.before)]
    return caveats.waves([wording.percent(float(one)) if one else "" for one in answered], opted)


def _way(seen: Evidence, slug: str, name: str, subject: str, address: Address) -> Way:
    cell = cell_of(seen, slug, seen.now)
    moved = change(cell)
    side = wording.side_of_change(moved.verdict) if moved else "none"
    past = [cell_of(seen, slug, cycle) for cycle in reversed(seen.cycles)]
    return Way(
        name=name,
        address=address(slug),
        chosen=slug == subject,
        picture=spark([one.score if one else None for one in past], side),
        side=side,
        score=wording.score(cell),
        interval=wording.interval(cell),
        based_on=wording.based_on(cell),
        verdict=wording.change(moved.verdict, moved.size, moved.seen, moved.bound) if moved else "",
        result=seen.cells.result(cell),
    )
