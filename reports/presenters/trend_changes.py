"""What changed on the trend page: capabilities since the last survey and over a year, and values of teams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.results.queries import ResultNode
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell, Change
from reports import formatting
from reports.charts import Svg, dumbbell
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults
from reports.presenters.home import ChangedCapability, changed_row
from reports.presenters.shared import (
    CapabilityUrl,
    LeadingChange,
    TeamUrl,
    detail_of,
    range_note,
)

MAX_CHANGES = 5  # capabilities in one list
MAX_TEAMS = 8  # rows of teams


@dataclass(frozen=True, slots=True)
class ChangedCapabilities:
    """The capabilities that changed clearly since one moment, the largest change first."""

    heading: str
    rows: tuple[ChangedCapability, ...]
    more: str  # how many are not listed
    note: str


@dataclass(frozen=True, slots=True)
class MovedTeam:
    """One value of one team that changed clearly."""

    team: str
    address: str
    subject: str  # the team above it and the value
    picture: Svg
    side: str
    before: str
    score: str
    interval: str
    need: str
    change: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class MovedTeams:
    rows: tuple[MovedTeam, ...]
    more: str
    note: str


@dataclass(frozen=True, slots=True)
class _Move:
    """A value of a team with its clear change."""

    node: ResultNode
    value: Dimension
    cell: Cell
    change: Change


def changed_capabilities(
    results: OrganizationResults, year: str, address: CapabilityUrl
) -> tuple[ChangedCapabilities, ...]:
    """Return the list since the last survey and, where there is such a cycle, the one over a year."""
    lists = []
    if results.before is not None:
        changes = [(item, detail_of(cell).change) for item, cell in results.capability_cells()]
        lists.append(_changed_list(changes, formatting.since_last(), results, address))
    if year:
        changes = [(item, detail_of(cell).year_change) for item, cell in results.capability_cells()]
        lists.append(_changed_list(changes, year, results, address))
    return tuple(lists)


def _changed_list(
    changes: Sequence[tuple[Capability, Change | None]],
    since: str,
    results: OrganizationResults,
    address: CapabilityUrl,
) -> ChangedCapabilities:
    compared = [change for _item, change in changes if change]
    clear = [(item, change) for item, change in changes if change and change.is_clear]
    clear.sort(key=lambda pair: -abs(pair[1].size))
    return ChangedCapabilities(
        heading=_list_heading([change for _item, change in clear], since),
        rows=tuple(_row(item, change, results, address) for item, change in clear[:MAX_CHANGES]),
        more=_more(len(clear) - MAX_CHANGES),
        note=_unchanged(len(compared) - len(clear), len(clear)) if compared else "",
    )


def _row(
    item: Capability, change: Change, results: OrganizationResults, address: CapabilityUrl
) -> ChangedCapability:
    past_cells = [results.item(item.slug, cycle) for cycle in results.cycles]
    row = changed_row(
        item.name.in_(results.language),
        LeadingChange(change, ""),
        past_cells,
        address=address(item.slug),
        result=results.cells.result(past_cells[0]),
    )
    return replace(row, change=sized_change(LeadingChange(change, ""), alone=True))


def sized_change(leading: LeadingChange, *, alone: bool = False) -> str:
    """Return the change in words, with the interval of its size where it is clear. `alone`: without since
    when, which a heading says."""
    change = leading.change
    words = formatting.change_size(change) if alone and change.is_clear else leading.sentence
    low, high = change.size_interval
    if not change.is_clear or low is None or high is None:
        return words
    return f"{words} ({low:.1f}–{high:.1f})"


def _list_heading(clear: Sequence[Change], since: str) -> str:
    """Return such as: Capabilities since the last survey: 1 up, 2 down."""
    counts = {side: sum(change.verdict == side for change in clear) for side in ("up", "down")}
    parts = []
    if counts["up"]:
        parts.append(_("%(count)s up") % {"count": counts["up"]})
    if counts["down"]:
        parts.append(_("%(count)s down") % {"count": counts["down"]})
    values = {"since": since, "counts": ", ".join(parts) or _("no significant change")}
    return _("Capabilities %(since)s: %(counts)s") % values


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext("%(count)s more changed", "%(count)s more changed", count) % {"count": count}


def _unchanged(unchanged: int, changed: int) -> str:
    if not changed:
        text = ngettext(
            "No significant change in the one capability.",
            "No significant change in any of %(count)s capabilities.",
            unchanged,
        )
    else:
        text = ngettext(
            "No significant change in %(count)s other.",
            "No significant change in the other %(count)s.",
            unchanged,
        )
    return text % {"count": unchanged} if unchanged else ""


# --- Teams -----------------------------------------------------------------------------------------


def moved_teams(
    results: OrganizationResults, nodes: Sequence[ResultNode], team_url: TeamUrl
) -> MovedTeams:
    """Return the values of teams that changed since the last survey: up first, the largest in front."""
    moved = sorted(
        _clear_moves(results, nodes),
        key=lambda move: (move.change.verdict == "down", -abs(move.change.size)),
    )
    return MovedTeams(
        rows=tuple(_moved_team(move, results, nodes, team_url) for move in moved[:MAX_TEAMS]),
        more=_more(len(moved) - MAX_TEAMS),
        note=_teams_note(results, nodes, moved=bool(moved)),
    )


def opposite_values(results: OrganizationResults, nodes: Sequence[ResultNode]) -> frozenset[str]:
    """Return slugs of the values that went up in one team and down in another."""
    verdicts: dict[str, set[str]] = {}
    for move in _clear_moves(results, nodes):
        verdicts.setdefault(move.value.slug, set()).add(move.change.verdict)
    return frozenset(slug for slug, sides in verdicts.items() if len(sides) > 1)


def _clear_moves(results: OrganizationResults, nodes: Sequence[ResultNode]) -> Iterator[_Move]:
    """Yield what changed by the verdict among all teams and values together: one by one, some would
    change by chance."""
    for node in nodes[1:]:
        for value in results.now.rubric.dimensions:
            cell = results.cells.get(node.id, "value", value.slug)
            change = detail_of(cell).change
            if cell is None or cell.score is None or change is None:
                continue
            judged = replace(change, verdict=change.map_verdict or change.verdict)
            if judged.is_clear:
                yield _Move(node, value, cell, judged)


def _moved_team(
    move: _Move, results: OrganizationResults, nodes: Sequence[ResultNode], team_url: TeamUrl
) -> MovedTeam:
    cell, change = move.cell, move.change
    above = next((node for node in nodes[1:] if node.id == move.node.parent), None)
    side = formatting.change_side(change.verdict)
    return MovedTeam(
        team=move.node.name,
        address=team_url(move.node),
        subject=formatting.join_parts(
            above.name if above else "", move.value.name.in_(results.language)
        ),
        picture=dumbbell(cell.score, cell.need, before=change.before, side=side, width=320),
        side=side,
        before=formatting.level_number(change.before, coarse=cell.coarse),
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        need=formatting.need(cell),
        change=formatting.change_size(change),
        result=results.cells.result(cell),
    )


def _teams_note(results: OrganizationResults, nodes: Sequence[ResultNode], *, moved: bool) -> str:
    """Return what did not change, which teams are hidden, and how small ones are shown."""
    hidden = [node.name for node in nodes if not node.shown]
    ids = {str(node.id) for node in nodes}
    notes = [
        _("No significant change in any other value of any team.")
        if moved
        else _("No significant change in any value of any team."),
        pgettext("teams", "Hidden for anonymity: %(names)s.")
        % {"names": headlines.join_names(hidden)}
        if hidden
        else "",
        range_note(cell for cell in results.cells if cell.node in ids),
    ]
    return " ".join(text for text in notes if text)
