"""The trend page: overall level and each value through the cycles, with the change in words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.charts import Svg, TrendPoint, sparkline, trend_chart
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import (
    CapabilityUrl,
    change_sentences,
    detail_of,
    leading_change,
    since_year,
    unlinked_note,
    unrated_share,
)

OVERALL = ""


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The overall level or one value: its history as a sparkline, and the verdict on its change."""

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
    responses: str
    unrated: str  # not seen, not applicable
    need: str
    broken: bool  # used another edition of the rubric than the cycle before it
    result: UUID | None


@dataclass(frozen=True, slots=True)
class TrendPage:
    eyebrow: str
    heading: str
    chosen: str
    picture: Svg
    cycles: tuple[TrendCycle, ...]  # the newest first
    response_note: str  # answered and unrated shares of the last two cycles
    comparison_note: str  # a note on how to read the comparison
    broken: bool
    trend_rows: tuple[TrendRow, ...]
    colophon: str

    @property
    def has_intervals(self) -> bool:
        """Return whether the chart shows one, for its legend."""
        return any(row.interval for row in self.cycles)


def trend_page(results: OrganizationResults, *, chosen: str, address: CapabilityUrl) -> TrendPage:
    """Return the page for `chosen`, the slug of a value or empty for the overall level. `address`
    turns such a slug into the address of its page."""
    names = {OVERALL: _("Overall")}
    names |= {
        dimension.slug: dimension.name.in_(results.language)
        for dimension in results.now.rubric.dimensions
    }
    subject = chosen if chosen in names else OVERALL
    past = tuple(_trend_cycle(results, index, subject) for index in range(len(results.cycles)))
    return TrendPage(
        eyebrow=f"{results.cycles[-1].name} – {results.now.name}"
        if results.before
        else results.now.name,
        heading=_heading(results, names),
        chosen=names[subject],
        picture=level_over_time(results, subject, names[subject]),
        cycles=past,
        response_note=_response_note(results, subject),
        comparison_note=unlinked_note([cycle_cell(results, subject, results.now)]),
        broken=any(row.broken for row in past),
        trend_rows=tuple(
            _trend_row(results, slug, name, subject, address) for slug, name in names.items()
        ),
        colophon=headlines.colophon(results.now, results.closed_on),
    )


def cycle_cell(results: OrganizationResults, slug: str, cycle: ClosedCycle) -> Cell | None:
    return results.value(slug, cycle) if slug else results.overall(cycle)


def _heading(results: OrganizationResults, names: dict[str, str]) -> str:
    cells = [(names[slug], cycle_cell(results, slug, results.now)) for slug in names if slug]
    sentences = change_sentences(cells, since_year(results.now, results.year_before))
    compared = any(detail_of(cell).change for _name, cell in cells)
    return headlines.trend(sentences, compared=compared, first=results.before is None)


def level_over_time(results: OrganizationResults, slug: str, name: str) -> Svg:
    """Draw the level of a value, or the overall one, through the cycles."""
    points = []
    for cycle in reversed(results.cycles):
        cell = cycle_cell(results, slug, cycle)
        points.append(
            TrendPoint(
                cycle.name,
                cycle.closed_at.timestamp(),
                cycle.rubric.version,
                cell.score if cell else None,
                cell.low if cell else None,
                cell.high if cell else None,
                cell.need if cell else None,
                formatting.score(cell),
            )
        )
    title = _("Level over time: %(name)s") % {"name": name}
    return trend_chart(points, title=title, need=_("needed level"))


def _trend_cycle(results: OrganizationResults, index: int, slug: str) -> TrendCycle:
    cycle = results.cycles[index]
    before = results.cycles[index + 1] if index + 1 < len(results.cycles) else None
    cell = cycle_cell(results, slug, cycle)
    return TrendCycle(
        cycle=cycle.name,
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        responses=formatting.cell_responses(cell),
        unrated=unrated_share(cell),
        need=formatting.need_level(cell),
        broken=before is not None and before.rubric.version != cycle.rubric.version,
        result=results.cells.result(cell),
    )


def _response_note(results: OrganizationResults, slug: str) -> str:
    """Return answered and unrated shares of the last two cycles: a difference can look like a change."""
    if results.before is None:
        return ""
    current, previous = (
        cycle_cell(results, slug, results.now),
        cycle_cell(results, slug, results.before),
    )
    answered = [
        formatting.response_share(cell.n, cell.invited) if cell else ""
        for cell in (current, previous)
    ]
    unrated = [unrated_share(cell) for cell in (current, previous)]
    comparison = caveats.response_comparison(
        [formatting.percent(float(share)) if share else "" for share in answered], unrated
    )
    moved = caveats.moved_response(current, previous)
    return f"{comparison}. {moved}" if comparison and moved else comparison


def _trend_row(
    results: OrganizationResults, slug: str, name: str, subject: str, address: CapabilityUrl
) -> TrendRow:
    cell = cycle_cell(results, slug, results.now)
    leading = leading_change(cell, since_year(results.now, results.year_before))
    side = leading.side if leading else "none"
    past_cells = [cycle_cell(results, slug, cycle) for cycle in reversed(results.cycles)]
    return TrendRow(
        name=name,
        address=address(slug),
        chosen=slug == subject,
        picture=sparkline(
            [past_cell.score if past_cell else None for past_cell in past_cells], side
        ),
        side=side,
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        based_on=formatting.based_on(cell),
        verdict=leading.sentence if leading else "",
        result=results.cells.result(cell),
    )
