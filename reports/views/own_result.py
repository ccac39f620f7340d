"""The view of the result of the team in which someone was asked: by the cookie of their personal link, or signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.results import queries
from assessments.results.queries import ClosedCycleSummary
from assessments.results.shared_results import ResultState
from assessments.results.team_history import for_respondents, team_history
from assessments.results.visible_teams import Position, find_asked_positions, nodes_visible_to
from assessments.survey import respondents
from assessments.views.personal_link import not_indexed, render_link_state
from organizations.access import Ability, TenantRequest, requires
from organizations.languages import current_language
from reports.presenters.evidence import TeamPageResults
from reports.presenters.own_result import OwnResultPage, own_result_page
from reports.views.page_cache import cached_content
from reports.views.shared import closing_date

MAX_RING_CYCLES = 8


@not_indexed
@requires(Ability.SEE_OWN_RESULT)
@require_safe
def own_result(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Show the result of the team in which the reader was asked, or why there is none. The same page for
    everyone who was asked there, whether they answered or not."""
    access, moment = request.access, timezone.now()
    participation = respondents.find_participation(cycle, access.membership_id)
    if participation.is_open_at(moment):
        return redirect("assessments:survey", access.slug, cycle)
    state = participation.shared.state_at(moment, by_link=access.via_personal_link)
    if state is not ResultState.OPEN:
        return render_link_state(request, participation, state)
    cycles = _earlier_and(cycle)
    positions = find_asked_positions([row.id for row in cycles], access.membership_id)
    position = positions[cycle]
    seen = tuple(
        row
        for row in cycles
        if row.id == cycle or (row.id in positions and positions[row.id].team == position.team)
    )
    rendered = cached_content(
        access,
        "own_result",
        lambda: _build_page(seen, position),
        seen,
        position=position,
    )
    context: dict[str, Any] = {
        "content": rendered.content,
        "colophon": rendered.colophon,
        "cycle": participation.cycle,
        "shared": participation.shared,
    }
    return render(request, "reports/own_result_frame.html", context)


def _earlier_and(cycle: UUID) -> tuple[ClosedCycleSummary, ...]:
    """Return the cycle, and those of its rubric before it that show results. 1 statement. Raises Http404 for one
    that has none of its own."""
    closed = queries.closed_cycles()
    place = next((place for place, row in enumerate(closed) if row.id == cycle), None)
    if place is None:
        raise Http404
    earlier = [row for row in closed[place + 1 :] if row.rubric == closed[place].rubric]
    return (closed[place], *(row for row in earlier if row.shows))[:MAX_RING_CYCLES]


def _build_page(cycles: tuple[ClosedCycleSummary, ...], position: Position) -> OwnResultPage:
    """Read the results of the own team, or of the nearest one above it that is shown. 3 statements."""
    by_id = queries.by_ids(row.id for row in cycles)
    now = by_id[cycles[0].id]
    tree = queries.tree(now)
    own = tree.by_id()[position.node]
    node = next(iter(nodes_visible_to(tree, Position(own.id, own.team_id, leads=False))), own)
    # Of earlier cycles the reader sees the team in which they were asked, not one above it.
    shown = tuple(by_id[row.id] for row in cycles) if node == own else (now,)
    results = TeamPageResults(
        cycles=shown,
        tree=tree,
        node=node,
        history=for_respondents(team_history(shown, node), capabilities=position.sees_capabilities),
        comments=(),
        closed_on=closing_date(now),
        language=current_language(),
        capabilities=position.sees_capabilities,
    )
    return own_result_page(results, own)
