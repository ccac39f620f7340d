"""The results pages. A view fetches what may be shown, lets a pure function say what it means, and draws it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.results import queries
from assessments.results.explanation import explain
from assessments.results.queries import ClosedCycle, ClosedCycleSummary, ResultNode
from assessments.results.visible_teams import Position
from organizations.access import Ability, Access, TenantRequest, requires
from reports.presenters import answer_quality as how_good
from reports.presenters import capabilities as all_of_them
from reports.presenters import capability as one_of_them
from reports.presenters import explanation as chain
from reports.presenters import home as first_page
from reports.presenters import teams as heat_map
from reports.presenters import trend as way
from reports.presenters.evidence import OrganizationResults
from reports.views.drawing import PageContent, render_empty_page, render_page, selected_choice
from reports.views.shared import (
    COLLABORATION_RUBRIC,
    capability_urls,
    closing_date,
    current_language,
    no_position_note,
    reader_position,
    too_few_note,
    visible_nodes,
)

MAX_RING_CYCLES = 8  # cycles on the first page
MAX_HISTORY_CYCLES = 12  # cycles on the page of one capability


@requires(Ability.ENTER)
@require_safe
def home(request: TenantRequest) -> HttpResponse:
    """Where we are; for those who may not see it, the page that is theirs."""
    access = request.access
    if not access.may(Ability.SEE_RESULTS):
        return redirect(_elsewhere(access))
    closed = queries.closed_cycles()
    main = _main(closed)
    wanted = _cycles(main, MAX_RING_CYCLES)
    if not wanted:
        return render_empty_page(request, "home", access.name)
    together = queries.with_results([one for one in closed if one.rubric == COLLABORATION_RUBRIC])
    partner = together[0].id if together else None

    def page() -> PageContent:
        seen = _evidence(wanted, partner)
        return first_page.home_page(
            seen,
            address=capability_urls(access, seen.now.rubric.slug),
            partner=capability_urls(access, COLLABORATION_RUBRIC),
        )

    return render_page(request, "home", access.name, page, wanted, partner, note=too_few_note(main))


def _elsewhere(access: Access) -> str:
    name = "assessments:cycles" if access.may(Ability.RUN_CYCLES) else "assessments:mine"
    return reverse(name, args=[access.slug])


def _main(closed: tuple[ClosedCycleSummary, ...]) -> list[ClosedCycleSummary]:
    """Of the rubric that these pages are about, the newest first."""
    rubric = queries.main_rubric(closed)
    return [one for one in closed if one.rubric == rubric]


def _cycles(main: list[ClosedCycleSummary], most: int) -> list[UUID]:
    """The last cycles that may show anything."""
    return [one.id for one in queries.with_results(main)][:most]


def _evidence(wanted: list[UUID], partner: UUID | None) -> OrganizationResults:
    """3 statements."""
    found = queries.by_ids(wanted if partner is None else [*wanted, partner])
    cycles = tuple(found[cycle] for cycle in wanted)
    return OrganizationResults(
        cycles=cycles,
        partner=found.get(partner) if partner else None,
        cells=queries.cells(*found.values()),
        besides=queries.root_summaries(*cycles[:2]),
        closed_on=closing_date(cycles[0]),
        language=current_language(),
    )


@requires(Ability.ENTER)
@require_safe
def teams(request: TenantRequest) -> HttpResponse:
    """Every team that the reader may see, at least the own one, on every value; `team` and `value`
    in the address open one cell."""
    main = _main(queries.closed_cycles())
    wanted = _cycles(main, 1)
    if not wanted:
        return render_empty_page(request, "teams", _("Teams"))
    access, newest = request.access, wanted[0]
    place = reader_position(access, newest)
    team = selected_choice(
        request, "team", lambda: _teams_of(access, newest, place), newest, place=place
    )
    value = selected_choice(request, "value", lambda: _values_of(newest), newest, place=place)
    if not (team and value):
        team = value = ""

    def page() -> PageContent:
        return _heat(access, newest, place, team, value)

    note = no_position_note(access, place) or too_few_note(main)
    return render_page(
        request, "teams", _("Teams"), page, wanted, team, value, place=place, note=note
    )


def _teams_of(access: Access, cycle: UUID, place: Position | None) -> list[str]:
    """Whose cells the reader may open. At most 3 statements."""
    return [str(node.id) for node in visible_nodes(access, queries.tree(_closed(cycle)), place)]


def _values_of(cycle: UUID) -> list[str]:
    """1 statement."""
    return [value.slug for value in _closed(cycle).rubric.dimensions]


def _closed(cycle: UUID) -> ClosedCycle:
    return queries.by_ids([cycle])[cycle]


def _heat(
    access: Access, newest: UUID, place: Position | None, team: str, value: str
) -> heat_map.TeamsPage:
    """3 statements."""
    cycle = _closed(newest)
    nodes = visible_nodes(access, queries.tree(cycle), place)
    opened = _opened(cycle, nodes, team, value)
    seen = heat_map.TeamResults(
        cycle=cycle,
        nodes=nodes,
        cells=queries.team_matrix(
            cycle, [node.id for node in nodes], opened.node.id if opened else None
        ),
        opened=opened,
        closed_on=closing_date(cycle),
        language=current_language(),
    )
    return heat_map.teams_page(
        seen, place=_place, address=capability_urls(access, cycle.rubric.slug)
    )


def _place(node: ResultNode, value: str) -> str:
    return "?" + urlencode({"team": node.id, "value": value})


def _opened(
    cycle: ClosedCycle, nodes: tuple[ResultNode, ...], team: str, value: str
) -> heat_map.SelectedCell | None:
    """The cell that the address asks for, where the reader may see it."""
    node = next((each for each in nodes if str(each.id) == team), None)
    if node is None or value not in {one.slug for one in cycle.rubric.dimensions}:
        return None
    return heat_map.SelectedCell(node, value)


@requires(Ability.SEE_RESULTS)
@require_safe
def capabilities(request: TenantRequest) -> HttpResponse:
    """What to do first; `open` in the address opens one row."""
    main = _main(queries.closed_cycles())
    wanted = _cycles(main, 1)
    if not wanted:
        return render_empty_page(request, "capabilities", _("Capabilities"))
    opened = selected_choice(request, "open", lambda: _capabilities_of(wanted[0]), wanted)

    def page() -> PageContent:
        cycle = _closed(wanted[0])
        return all_of_them.capabilities_page(
            OrganizationResults(
                (cycle,), None, queries.cells(cycle), {}, closing_date(cycle), current_language()
            ),
            address=capability_urls(request.access, cycle.rubric.slug),
            toggle=lambda slug: f"?{urlencode({'open': slug})}#open" if slug else "?",
            opened=opened,
        )

    return render_page(
        request, "capabilities", _("Capabilities"), page, wanted, opened, note=too_few_note(main)
    )


def _capabilities_of(cycle: UUID) -> list[str]:
    """1 statement."""
    return [one.slug for one in _closed(cycle).rubric.capabilities]


@requires(Ability.SEE_RESULTS)
@require_safe
def quality(request: TenantRequest) -> HttpResponse:
    """How good the questions and answers are."""
    title, main = _("How good the questions and answers are"), _main(queries.closed_cycles())
    wanted = _cycles(main, 1)
    if not wanted:
        return render_empty_page(request, "capabilities_quality", title)

    def page() -> PageContent:
        cycle = _closed(wanted[0])
        return how_good.quality_page(
            OrganizationResults(
                (cycle,), None, queries.cells(cycle), {}, closing_date(cycle), current_language()
            ),
            queries.quality_report(cycle),
            address=capability_urls(request.access, cycle.rubric.slug),
        )

    return render_page(
        request, "capabilities_quality", title, page, wanted, note=too_few_note(main)
    )


@requires(Ability.SEE_RESULTS)
@require_safe
def trend(request: TenantRequest) -> HttpResponse:
    """The way through the cycles; `value` in the address chooses one."""
    main = _main(queries.closed_cycles())
    wanted = _cycles(main, MAX_HISTORY_CYCLES)
    if not wanted:
        return render_empty_page(request, "trend", _("Trend"))
    value = selected_choice(request, "value", lambda: _values_of(wanted[0]), wanted)

    def page() -> PageContent:
        found = queries.by_ids(wanted)
        cycles = tuple(found[cycle] for cycle in wanted)
        cells = queries.cells(*cycles, kind="performance")
        return way.trend_page(
            OrganizationResults(
                cycles, None, cells, {}, closing_date(cycles[0]), current_language()
            ),
            chosen=value,
            address=lambda slug: f"?{urlencode({'value': slug})}" if slug else "?",
        )

    return render_page(request, "trend", _("Trend"), page, wanted, value, note=too_few_note(main))


@requires(Ability.SEE_RESULTS)
@require_safe
def capability(request: TenantRequest, rubric: str, slug: str) -> HttpResponse:
    """Everything about one capability, in the rubric it belongs to."""
    history = queries.history(rubric, most=MAX_HISTORY_CYCLES)
    cycles = queries.with_results(history)
    item = cycles[0].rubric.capability(slug) if cycles else None
    if item is None:
        raise Http404

    def page() -> PageContent:
        tree = queries.tree(cycles[0])
        nodes = visible_nodes(request.access, tree, None)
        shown = {node.id for node in nodes}
        return one_of_them.capability_page(
            one_of_them.CapabilityResults(
                item=item,
                cycles=cycles,
                cells=queries.capability_history(cycles, slug, shown),
                nodes=nodes,
                closed_on=closing_date(cycles[0]),
                language=current_language(),
                said=queries.published_comments(cycles[0], tree, slug, shown),
                heard=not shown.isdisjoint(tree.comment_blocks.values()),
            )
        )

    asked = [cycle.id for cycle in cycles]
    return render_page(
        request,
        "capability",
        item.name.in_(current_language()),
        page,
        asked,
        slug,
        note=too_few_note(history),
    )


@requires(Ability.ENTER)
@require_safe
def explanation(request: TenantRequest, result: UUID) -> HttpResponse:
    """How one number came about, for whoever may see it."""
    cycle = queries.find_by_result(result)
    if cycle is None:
        raise Http404
    place = reader_position(request.access, cycle.id)

    def page() -> PageContent:
        tree = queries.tree(cycle)
        seen = [node.id for node in visible_nodes(request.access, tree, place)]
        told = explain(cycle, result, tree=tree, nodes=seen)
        if told is None:
            raise Http404
        return chain.explanation_page(
            told, cycle, closed_on=closing_date(cycle), language=current_language()
        )

    title = _("How this number came about")
    return render_page(request, "explanation", title, page, result, place=place)
