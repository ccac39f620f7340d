"""Views of the results pages. Each fetches what may be shown, has a pure presenter build the page, and
renders it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.results import queries, summaries
from assessments.results.comments import published_comments
from assessments.results.explanation import explain
from assessments.results.queries import ClosedCycle, ClosedCycleSummary, ResultNode
from assessments.results.trend import trend_cells
from assessments.results.visible_teams import Position
from assessments.rubrics import COLLABORATION_RUBRIC
from organizations.access import Ability, Access, TenantRequest, requires
from organizations.languages import current_language
from reports.presenters.answer_quality import quality_page
from reports.presenters.capabilities import capabilities_page
from reports.presenters.capability import CapabilityResults, capability_page
from reports.presenters.evidence import OrganizationResults
from reports.presenters.explanation import explanation_page
from reports.presenters.home import home_page
from reports.presenters.running import running
from reports.presenters.teams import SelectedCell, TeamResults, TeamsPage, teams_page
from reports.presenters.trend import TrendPage, trend_page
from reports.views.cycle_selection import CycleSelection, picked_cycles, select_cycle
from reports.views.page_cache import PageContent, render_empty_page, render_page, selected_choice
from reports.views.shared import (
    capability_urls,
    closing_date,
    no_position_note,
    reader_position,
    reader_positions,
    team_urls,
    too_few_note,
    visible_nodes,
)

MAX_RING_CYCLES = 8  # cycles on the first page
MAX_HISTORY_CYCLES = 12  # cycles on the page of one capability
MAX_PICKED_CYCLES = 60  # cycles of a rubric among which the address may name one


@requires(Ability.ENTER)
@require_safe
def home(request: TenantRequest) -> HttpResponse:
    """Show the first page of the results; redirect those who may not see results to their own page."""
    access = request.access
    if not access.may(Ability.SEE_RESULTS):
        return redirect(_fallback_address(access))
    selection = select_cycle(request)
    cycles = selection.cycles[:MAX_RING_CYCLES]
    if not cycles:
        return render_empty_page(request, "home", access.name, selection)
    collaboration_cycles = _collaboration_cycles(selection)

    def build_page() -> PageContent:
        results, query = _load_results(cycles, collaboration_cycles), selection.query
        return home_page(
            results,
            address=capability_urls(access, results.now.rubric.slug, query),
            collaboration_address=capability_urls(access, COLLABORATION_RUBRIC),
        )

    return render_page(
        request,
        "home",
        access.name,
        build_page,
        (*cycles, *collaboration_cycles),
        selection=selection,
        running=None if selection.query else running(access, selection.open, cycles[0].rubric),
    )


def _fallback_address(access: Access) -> str:
    name = "assessments:cycles" if access.may(Ability.RUN_CYCLES) else "assessments:mine"
    return reverse(name, args=[access.slug])


def _collaboration_cycles(selection: CycleSelection) -> tuple[ClosedCycleSummary, ...]:
    """Return the cycle about collaboration to show beside the selected one: the newest, beside an
    earlier cycle the newest of that time."""
    chosen = selection.cycles[0]
    if chosen.rubric == COLLABORATION_RUBRIC:
        return (chosen,)
    cycles = [row for row in selection.closed if row.rubric == COLLABORATION_RUBRIC]
    if selection.query:
        cycles = [row for row in cycles if row.closed_at <= chosen.closed_at]
    return queries.with_results(cycles)[:1]


def _load_results(
    main_cycles: Sequence[ClosedCycleSummary], collaboration_cycles: Sequence[ClosedCycleSummary]
) -> OrganizationResults:
    """Load the cycles with their organization-wide cells. 3 statements."""
    cycles_by_id = queries.by_ids(cycle.id for cycle in (*main_cycles, *collaboration_cycles))
    cycles = tuple(cycles_by_id[cycle.id] for cycle in main_cycles)
    return OrganizationResults(
        cycles=cycles,
        collaboration=next((cycles_by_id[cycle.id] for cycle in collaboration_cycles), None),
        cells=queries.cells(*cycles_by_id.values()),
        alignments=summaries.root_alignments(*cycles[:2]),
        closed_on=closing_date(cycles[0]),
        language=current_language(),
    )


@requires(Ability.ENTER)
@require_safe
def teams(request: TenantRequest) -> HttpResponse:
    """Show the heat map of the teams the reader may see, at least their own, by values. The query
    parameters `team` and `value` open one cell."""
    selection = select_cycle(request)
    cycles = selection.cycles[:1]
    if not cycles:
        return render_empty_page(request, "teams", _("Teams"), selection)
    access, cycle_id = request.access, cycles[0].id
    positions = reader_positions(access, [row.id for row in selection.closed])
    position = positions.get(cycle_id) if positions else None
    team = selected_choice(
        request,
        "team",
        lambda: _team_choices(access, cycle_id, position),
        cycles,
        position=position,
    )
    value = selected_choice(
        request, "value", lambda: _value_choices(cycle_id), cycles, position=position
    )
    if not (team and value and _opens_cells(position)):
        team = value = ""

    def build_page() -> PageContent:
        return _build_teams_page(access, selection, position, team, value)

    return render_page(
        request,
        "teams",
        _("Teams"),
        build_page,
        cycles,
        team,
        value,
        position=position,
        note=no_position_note(access, position),
        selection=selection,
        offered=positions,
    )


def _opens_cells(position: Position | None) -> bool:
    """Return whether a cell opens for the reader: it shows the capabilities of a value."""
    return position is None or position.sees_capabilities


def _team_choices(access: Access, cycle_id: UUID, position: Position | None) -> list[str]:
    """Return ids of the teams whose cells the reader may open. At most 3 statements."""
    return [
        str(node.id)
        for node in visible_nodes(access, queries.tree(_closed_cycle(cycle_id)), position)
    ]


def _value_choices(cycle_id: UUID) -> list[str]:
    """Return slugs of the values of a cycle. 1 statement."""
    return [value.slug for value in _closed_cycle(cycle_id).rubric.dimensions]


def _closed_cycle(cycle_id: UUID) -> ClosedCycle:
    return queries.by_ids([cycle_id])[cycle_id]


def _build_teams_page(
    access: Access, selection: CycleSelection, position: Position | None, team: str, value: str
) -> TeamsPage:
    """Build the heat map. 3 statements."""
    cycle = _closed_cycle(selection.cycles[0].id)
    nodes = visible_nodes(access, queries.tree(cycle), position)
    opened = _selected_cell(cycle, nodes, team, value)
    results = TeamResults(
        cycle=cycle,
        nodes=nodes,
        cells=queries.team_matrix(
            cycle, [node.id for node in nodes], opened.node.id if opened else None
        ),
        opened=opened,
        closed_on=closing_date(cycle),
        language=current_language(),
    )

    def cell_url(node: ResultNode, value: str) -> str:
        if not _opens_cells(position):
            return ""
        return f"?{urlencode({**selection.parameters, 'team': node.id, 'value': value})}"

    address = capability_urls(access, cycle.rubric.slug, selection.query)
    opens_teams = access.may(Ability.SEE_RESULTS) or (position is not None and position.leads)
    team_url = team_urls(access, nodes if opens_teams else (), selection.query)
    return teams_page(results, cell_url=cell_url, address=address, team_url=team_url)


def _selected_cell(
    cycle: ClosedCycle, nodes: tuple[ResultNode, ...], team: str, value: str
) -> SelectedCell | None:
    """Return the cell that the address asks for, or None where the reader may not see it."""
    node = next((candidate for candidate in nodes if str(candidate.id) == team), None)
    if node is None or value not in {dimension.slug for dimension in cycle.rubric.dimensions}:
        return None
    return SelectedCell(node, value)


@requires(Ability.SEE_RESULTS)
@require_safe
def capabilities(request: TenantRequest) -> HttpResponse:
    """Show the capabilities by priority; the query parameter `open` opens one row."""
    selection = select_cycle(request)
    cycles = selection.cycles[:1]
    if not cycles:
        return render_empty_page(request, "capabilities", _("Capabilities"), selection)
    opened = selected_choice(request, "open", lambda: _capability_choices(cycles[0].id), cycles)

    def build_page() -> PageContent:
        cycle = _closed_cycle(cycles[0].id)
        return capabilities_page(
            OrganizationResults(
                (cycle,), None, queries.cells(cycle), {}, closing_date(cycle), current_language()
            ),
            address=capability_urls(request.access, cycle.rubric.slug, selection.query),
            toggle=lambda slug: _chosen_url(selection, "open", slug) + ("#open" if slug else ""),
            opened=opened,
        )

    return render_page(
        request,
        "capabilities",
        _("Capabilities"),
        build_page,
        cycles,
        opened,
        selection=selection,
    )


def _chosen_url(selection: CycleSelection, name: str, choice: str) -> str:
    """Return the address of the same page with this choice; "" is none."""
    return f"?{urlencode({**selection.parameters, **({name: choice} if choice else {})})}"


def _capability_choices(cycle_id: UUID) -> list[str]:
    """Return slugs of the capabilities of a cycle. 1 statement."""
    return [item.slug for item in _closed_cycle(cycle_id).rubric.capabilities]


@requires(Ability.SEE_RESULTS)
@require_safe
def quality(request: TenantRequest) -> HttpResponse:
    """Show the quality of questions and answers."""
    title, selection = _("Data quality"), select_cycle(request)
    cycles = selection.cycles[:1]
    if not cycles:
        return render_empty_page(request, "capabilities_quality", title, selection)

    def build_page() -> PageContent:
        cycle = _closed_cycle(cycles[0].id)
        return quality_page(
            OrganizationResults(
                (cycle,), None, queries.cells(cycle), {}, closing_date(cycle), current_language()
            ),
            summaries.quality_report(cycle),
            address=capability_urls(request.access, cycle.rubric.slug, selection.query),
        )

    return render_page(
        request, "capabilities_quality", title, build_page, cycles, selection=selection
    )


@requires(Ability.SEE_RESULTS)
@require_safe
def trend(request: TenantRequest) -> HttpResponse:
    """Show the values through the cycles, and what changed in capabilities and teams."""
    selection = select_cycle(request)
    cycles, upcoming = selection.cycles[:MAX_HISTORY_CYCLES], selection.upcoming
    if not cycles:
        return render_empty_page(request, "trend", _("Trend"), selection)
    choices = (upcoming.name, upcoming.closes_at.isoformat()) if upcoming else ()
    return render_page(
        request,
        "trend",
        _("Trend"),
        lambda: _build_trend_page(request.access, selection, cycles),
        cycles,
        *choices,
        selection=selection,
    )


def _build_trend_page(
    access: Access, selection: CycleSelection, cycles: Sequence[ClosedCycleSummary]
) -> TrendPage:
    """Build the page. 3 statements."""
    cycles_by_id = queries.by_ids(cycle.id for cycle in cycles)
    past = tuple(cycles_by_id[cycle.id] for cycle in cycles)
    nodes = visible_nodes(access, queries.tree(past[0]), None)
    cells = trend_cells(past, [node.id for node in nodes])
    return trend_page(
        OrganizationResults(past, None, cells, {}, closing_date(past[0]), current_language()),
        nodes,
        address=capability_urls(access, past[0].rubric.slug, selection.query),
        team_url=team_urls(access, nodes, selection.query),
        upcoming=selection.upcoming,
    )


@requires(Ability.SEE_RESULTS)
@require_safe
def capability(request: TenantRequest, rubric: str, slug: str) -> HttpResponse:
    """Show one capability of a rubric, up to the cycle that the address names."""
    history = queries.history(rubric, most=MAX_PICKED_CYCLES)
    picked = picked_cycles(request, history)
    cycles = (picked or queries.with_results(history))[:MAX_HISTORY_CYCLES]
    item = cycles[0].rubric.capability(slug) if cycles else None
    if item is None:
        raise Http404

    def build_page() -> PageContent:
        tree = queries.tree(cycles[0])
        nodes = visible_nodes(request.access, tree, None)
        node_ids = {node.id for node in nodes}
        return capability_page(
            CapabilityResults(
                item=item,
                cycles=cycles,
                cells=queries.capability_history(cycles, slug, node_ids),
                nodes=nodes,
                closed_on=closing_date(cycles[0]),
                language=current_language(),
                comments=published_comments(cycles[0], tree, slug, node_ids),
                has_large_group=not node_ids.isdisjoint(tree.comment_blocks.values()),
            )
        )

    return render_page(
        request,
        "capability",
        item.name.in_(current_language()),
        build_page,
        cycles,
        slug,
        note="" if picked else too_few_note(history),
    )


@requires(Ability.ENTER)
@require_safe
def explanation(request: TenantRequest, result: UUID) -> HttpResponse:
    """Explain one published number to a reader who may see it."""
    cycle = queries.find_by_result(result)
    if cycle is None:
        raise Http404
    position = reader_position(request.access, cycle.id)

    def build_page() -> PageContent:
        tree = queries.tree(cycle)
        node_ids = [node.id for node in visible_nodes(request.access, tree, position)]
        result_explanation = explain(
            cycle, result, tree=tree, nodes=node_ids, capabilities=_opens_cells(position)
        )
        if result_explanation is None:
            raise Http404
        return explanation_page(
            result_explanation,
            cycle,
            closed_on=closing_date(cycle),
            language=current_language(),
            year_before=queries.find(cycle.year_before) if cycle.year_before else None,
        )

    title = _("How this score is calculated")
    return render_page(
        request, "explanation", title, build_page, [cycle], str(result), position=position
    )
