"""The trend page: each value and what is needed of it through the surveys, what changed, and in which teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, OpenCycle, ResultNode
from assessments.rubrics import Dimension
from assessments.scoring.cell import Cell, Change
from reports import caveats, formatting
from reports.charts import Svg, TrendPoint, UpcomingSurvey, trend_chart, trend_scale
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults
from reports.presenters.home import clear_changes
from reports.presenters.shared import (
    CapabilityUrl,
    TeamUrl,
    change_sentences,
    detail_of,
    leading_change,
    short_names,
    since_year,
    unlinked_note,
    unrated_share,
)
from reports.presenters.trend_changes import (
    ChangedCapabilities,
    MovedTeams,
    changed_capabilities,
    moved_teams,
    opposite_values,
    sized_change,
)

FAR_BELOW = -1.0  # points: a gap that the headline names where it did not change


@dataclass(frozen=True, slots=True)
class ValueTrend:
    """One value through the surveys: its picture, its gap, and the verdict on its change."""

    name: str
    picture: Svg
    gap: str
    side: str  # of the gap
    verdict: str
    change_side: str
    remark: str  # what lies behind the verdict


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """Values under one heading, such as value to the customer; "" where the rubric has none."""

    name: str
    values: tuple[ValueTrend, ...]


@dataclass(frozen=True, slots=True)
class PastScore:
    score: str
    interval: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The overall level or one value in the table, the oldest survey first."""

    name: str
    past: tuple[PastScore, ...]
    need: str
    last: str  # the change since the last survey
    year: str


@dataclass(frozen=True, slots=True)
class TrendCycle:
    cycle: str
    responses: str
    unrated: str  # not seen, not applicable
    broken: bool  # used another edition of the rubric than the cycle before it


@dataclass(frozen=True, slots=True)
class TrendPage:
    eyebrow: str
    heading: str
    lead: str
    groups: tuple[ValueGroup, ...]
    has_intervals: bool  # whether a chart shows one, for its legend
    needs_known: bool
    cycles: tuple[TrendCycle, ...]  # the oldest first
    rows: tuple[TrendRow, ...]
    since_year: str  # "in a year"; "" where no such cycle is shown
    lists: tuple[ChangedCapabilities, ...]
    teams: MovedTeams | None
    notes: tuple[str, ...]  # on how to read the comparison
    broken: bool
    colophon: str


def trend_page(
    results: OrganizationResults,
    nodes: Sequence[ResultNode],
    *,
    address: CapabilityUrl,
    team_url: TeamUrl,
    upcoming: OpenCycle | None = None,
) -> TrendPage:
    """Return the page. `nodes` are the teams in the newest cycle, in tree order, the whole organization
    first, with their values among the cells of `results`; `upcoming` is the open survey."""
    past = _trend_cycles(results)
    year = since_year(results.now, results.year_before)
    cells = [results.value(value.slug, cycle) for value, cycle in _shown(results)]
    return TrendPage(
        eyebrow=_eyebrow(results),
        heading=_heading(results, year),
        lead=_lead(results, year),
        groups=_value_groups(results, year, opposite_values(results, nodes), upcoming),
        has_intervals=any(formatting.interval(cell) for cell in cells),
        needs_known=any(cell is not None and cell.need is not None for cell in cells),
        cycles=past,
        rows=_rows(results),
        since_year=year,
        lists=changed_capabilities(results, year, address),
        teams=moved_teams(results, nodes, team_url) if results.before else None,
        notes=_notes(results),
        broken=any(row.broken for row in past),
        colophon=headlines.colophon(results.now, results.closed_on),
    )


def _shown(results: OrganizationResults) -> list[tuple[Dimension, ClosedCycle]]:
    return [(value, cycle) for value in results.now.rubric.dimensions for cycle in results.cycles]


def _eyebrow(results: OrganizationResults) -> str:
    if results.before is None:
        return results.now.name
    return f"{results.cycles[-1].name} – {results.now.name}"


def _heading(results: OrganizationResults, year: str) -> str:
    """Return what changed most, and which values are far below the need and did not."""
    cells = [(value.name.in_(results.language), cell) for value, cell in results.value_cells()]
    compared = any(detail_of(cell).change for _name, cell in cells)
    heading = headlines.trend(
        change_sentences(cells, year), compared=compared, first=results.before is None
    )
    far = [
        (cell.gap, name)
        for name, cell in cells
        if cell and cell.gap is not None and cell.gap <= FAR_BELOW and not _moved(cell)
    ]
    still_far = headlines.still_far([name for _gap, name in sorted(far)]) if compared else ""
    return " ".join(text for text in (heading, still_far) if text)


def _moved(cell: Cell) -> bool:
    change = cell.detail.change
    return change is not None and change.is_clear


def _lead(results: OrganizationResults, year: str) -> str:
    """Return the overall level and its change."""
    cell = results.overall(results.now)
    leading = leading_change(cell, year)
    if cell is None or cell.score is None:
        return ""
    if leading is None or not leading.change.is_clear:
        level = _("Overall %(level)s") % {"level": formatting.score_with_interval(cell)}
        return f"{level}, {leading.sentence}." if leading and leading.sentence else f"{level}."
    values = {
        "before": formatting.points(leading.change.before),
        "level": formatting.score(cell),
        "change": sized_change(leading),
    }
    return _("Overall %(before)s → %(level)s, %(change)s.") % values


# --- The pictures ------------------------------------------------------------------------------


def level_over_time(results: OrganizationResults, name: str) -> Svg:
    """Draw the overall level through the cycles."""
    cells = [results.overall(cycle) for cycle in reversed(results.cycles)]
    return _picture(results, _points(results, cells), "overall", name)


def _points(results: OrganizationResults, cells: Sequence[Cell | None]) -> list[TrendPoint]:
    return [
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
        for cycle, cell in zip(reversed(results.cycles), cells, strict=True)
    ]


def _picture(
    results: OrganizationResults,
    points: Sequence[TrendPoint],
    slug: str,
    name: str,
    scale: tuple[int, int] | None = None,
    upcoming: OpenCycle | None = None,
) -> Svg:
    cell = results.value(slug, results.now) or results.overall(results.now)
    return trend_chart(
        points,
        title=_("Level over time: %(name)s") % {"name": name},
        need=formatting.need(cell),
        scale=scale or trend_scale(points),
        upcoming=UpcomingSurvey(upcoming.name, _("open"), upcoming.closes_at.timestamp())
        if upcoming
        else None,
        ident=f"trend-{slug}",
    )


def _value_groups(
    results: OrganizationResults, year: str, opposite: frozenset[str], upcoming: OpenCycle | None
) -> tuple[ValueGroup, ...]:
    """Return the values, all of them drawn on one scale."""
    rubric = results.now.rubric
    points = {
        value.slug: _points(
            results, [results.value(value.slug, cycle) for cycle in reversed(results.cycles)]
        )
        for value in rubric.dimensions
    }
    scale = trend_scale(point for each in points.values() for point in each)
    names = short_names(rubric.dimensions, results.language)
    remarks = _remarks(results, opposite)
    trends = {
        value.slug: ValueTrend(
            name=names[value.slug],
            picture=_picture(
                results, points[value.slug], value.slug, names[value.slug], scale, upcoming
            ),
            remark=remarks.get(value.slug, ""),
            **_verdicts(results.value(value.slug, results.now), year),
        )
        for value in rubric.dimensions
    }
    sides = {side.slug: side.name.in_(results.language) for side in rubric.sides}
    return tuple(
        ValueGroup(sides.get(side or "", ""), tuple(trends[value.slug] for value in members))
        for side, members in groupby(rubric.dimensions, key=lambda value: value.side)
    )


def _verdicts(cell: Cell | None, year: str) -> dict[str, str]:
    """Return gap and change of a value in words, each with its side."""
    leading = leading_change(cell, year)
    is_shown = cell is not None and cell.score is not None
    return {
        "gap": formatting.gap(cell) if is_shown else formatting.score(cell),
        "side": formatting.need_side(cell),
        "verdict": sized_change(leading) if leading else "",
        "change_side": leading.side if leading else "none",
    }


def _remarks(results: OrganizationResults, opposite: frozenset[str]) -> dict[str, str]:
    """Return by value what the verdict alone does not say: that teams went opposite ways, else the
    capability that changed most."""
    remarks = dict.fromkeys(opposite, _("Teams moved in opposite directions."))
    for item, leading in clear_changes(results.capability_cells(), results):
        slug = results.now.rubric.dimension_of(item.slug).slug
        values = {"name": item.name.in_(results.language), "change": leading.sentence}
        remarks.setdefault(slug, _("%(name)s: %(change)s.") % values)
    return remarks


# --- The table and the notes ---------------------------------------------------------------------


def _rows(results: OrganizationResults) -> tuple[TrendRow, ...]:
    overall = [results.overall(cycle) for cycle in reversed(results.cycles)]
    return (
        _row(_("Overall"), overall, results),
        *(
            _row(
                value.name.in_(results.language),
                [results.value(value.slug, cycle) for cycle in reversed(results.cycles)],
                results,
            )
            for value in results.now.rubric.dimensions
        ),
    )


def _row(name: str, cells: Sequence[Cell | None], results: OrganizationResults) -> TrendRow:
    detail = detail_of(cells[-1])
    return TrendRow(
        name=name,
        past=tuple(
            PastScore(formatting.score(cell), formatting.interval(cell), results.cells.result(cell))
            for cell in cells
        ),
        need=formatting.need_level(cells[-1]),
        last=_change_alone(detail.change),
        year=_change_alone(detail.year_change),
    )


def _change_alone(change: Change | None) -> str:
    """Return the change for a column whose head says since when."""
    if change is None:
        return "–"
    return formatting.change_size(change) if change.is_clear else formatting.change_sentence(change)


def _trend_cycles(results: OrganizationResults) -> tuple[TrendCycle, ...]:
    cycles = tuple(reversed(results.cycles))
    broken = {
        now.id for before, now in pairwise(cycles) if before.rubric.version != now.rubric.version
    }
    return tuple(
        TrendCycle(
            cycle=cycle.name,
            responses=_response_share(results.overall(cycle)),
            unrated=unrated_share(results.overall(cycle)),
            broken=cycle.id in broken,
        )
        for cycle in cycles
    )


def _response_share(cell: Cell | None) -> str:
    share = formatting.response_share(cell.n, cell.invited) if cell else ""
    return formatting.percent(float(share)) if share else ""


def _notes(results: OrganizationResults) -> tuple[str, ...]:
    """Return answered and unrated shares of the last two cycles: a difference can look like a change; and
    whether nobody could be recognised."""
    if results.before is None:
        return ()
    current, previous = results.overall(results.now), results.overall(results.before)
    both = (current, previous)
    comparison = caveats.response_comparison(
        [_response_share(cell) for cell in both], [unrated_share(cell) for cell in both]
    )
    moved = caveats.moved_response(current, previous)
    shares = f"{comparison}. {moved}" if comparison and moved else comparison
    return tuple(text for text in (shares, unlinked_note([current])) if text)
