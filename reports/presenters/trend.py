"""The way through the cycles: the whole and each value, with what became of it in words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.charts import Svg, TrendPoint, sparkline
from reports.charts import trend_chart as drawn
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import CapabilityUrl, cell_change, unlinked_note, unrated_share

OVERALL = ""


@dataclass(frozen=True, slots=True)
class TrendRow:
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
class TrendCycle:
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
    past: tuple[TrendCycle, ...]  # the newest first
    waves: str  # who answered and what got no rating, in the last two cycles
    careful: str  # how to read the comparison
    broken: bool
    trend_rows: tuple[TrendRow, ...]
    colophon: str


def trend_page(seen: OrganizationResults, *, chosen: str, address: CapabilityUrl) -> TrendPage:
    """`chosen` is the slug of a value, or nothing for the whole; `address` leads to one of them."""
    names = {OVERALL: _("Everything together")}
    names |= {one.slug: one.name.in_(seen.language) for one in seen.now.rubric.dimensions}
    subject = chosen if chosen in names else OVERALL
    past = tuple(_past(seen, place, subject) for place in range(len(seen.cycles)))
    return TrendPage(
        eyebrow=f"{seen.cycles[-1].name} – {seen.now.name}" if seen.before else seen.now.name,
        heading=_heading(seen, names),
        chosen=names[subject],
        picture=_picture(seen, subject, names[subject]),
        past=past,
        waves=_waves(seen, subject),
        careful=unlinked_note([cycle_cell(seen, subject, seen.now)]),
        broken=any(one.broken for one in past),
        trend_rows=tuple(_way(seen, slug, name, subject, address) for slug, name in names.items()),
        colophon=headlines.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=seen.now.rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def cycle_cell(seen: OrganizationResults, slug: str, cycle: ClosedCycle) -> Cell | None:
    return seen.value(slug, cycle) if slug else seen.overall(cycle)


def _heading(seen: OrganizationResults, names: dict[str, str]) -> str:
    moved = {slug: cell_change(cycle_cell(seen, slug, seen.now)) for slug in names if slug}
    up = [names[slug] for slug, one in moved.items() if one and one.verdict == "up"]
    down = [names[slug] for slug, one in moved.items() if one and one.verdict == "down"]
    return headlines.trend(up, down, compared=any(moved.values()), first=seen.before is None)


def _picture(seen: OrganizationResults, slug: str, name: str) -> Svg:
    moments = []
    for cycle in reversed(seen.cycles):
        cell = cycle_cell(seen, slug, cycle)
        sure = (None, None) if cell is None or cell.bound else (cell.low, cell.high)
        moments.append(
            TrendPoint(
                cycle.name,
                cycle.closed_at.timestamp(),
                cycle.rubric.version,
                cell.score if cell else None,
                *sure,
                cell.need if cell else None,
                formatting.score(cell),
            )
        )
    title = _("Level through the cycles: %(name)s") % {"name": name}
    return drawn(moments, title=title, need=_("need"))


def _past(seen: OrganizationResults, place: int, slug: str) -> TrendCycle:
    cycle = seen.cycles[place]
    before = seen.cycles[place + 1] if place + 1 < len(seen.cycles) else None
    cell = cycle_cell(seen, slug, cycle)
    return TrendCycle(
        cycle=cycle.name,
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        honest=formatting.cell_responses(cell),
        unrated=_unrated(seen, slug, cycle),
        need=formatting.need_level(cell),
        broken=before is not None and before.rubric.version != cycle.rubric.version,
        result=seen.cells.result(cell),
    )


def _unrated(seen: OrganizationResults, slug: str, cycle: ClosedCycle) -> str:
    inside = [one for one in cycle.rubric.dimensions if not slug or one.slug == slug]
    return unrated_share(seen.item(each.slug, cycle) for one in inside for each in one.capabilities)


def _waves(seen: OrganizationResults, slug: str) -> str:
    """Another answered share, or other opt-outs, can look like a change."""
    if seen.before is None:
        return ""
    now, then = cycle_cell(seen, slug, seen.now), cycle_cell(seen, slug, seen.before)
    answered = [formatting.response_share(one.n, one.invited) if one else "" for one in (now, then)]
    opted = [_unrated(seen, slug, cycle) for cycle in (seen.now, seen.before)]
    return caveats.response_comparison(
        [formatting.percent(float(one)) if one else "" for one in answered], opted
    )


def _way(
    seen: OrganizationResults, slug: str, name: str, subject: str, address: CapabilityUrl
) -> TrendRow:
    cell = cycle_cell(seen, slug, seen.now)
    moved = cell_change(cell)
    side = formatting.change_side(moved.verdict) if moved else "none"
    past = [cycle_cell(seen, slug, cycle) for cycle in reversed(seen.cycles)]
    return TrendRow(
        name=name,
        address=address(slug),
        chosen=slug == subject,
        picture=sparkline([one.score if one else None for one in past], side),
        side=side,
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        based_on=formatting.based_on(cell),
        verdict=formatting.change_sentence(moved.verdict, moved.size, moved.seen, moved.bound)
        if moved
        else "",
        result=seen.cells.result(cell),
    )
