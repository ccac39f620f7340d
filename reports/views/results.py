"""The results pages. A view fetches what may be shown, lets a pure function say what it means, and draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments import results
from assessments.results import ClosedCycle, Node
from organizations.access import Ability, Door, TenantRequest, requires
from reports.pages import capabilities as all_of_them
from reports.pages import capability as one_of_them
from reports.pages import home as first_page
from reports.pages import teams as heat_map
from reports.pages import trend as way
from reports.pages.evidence import Evidence
from reports.views.reading import COLLABORATION, addresses, day_of, language, sight

RINGS = 8  # cycles on the first page
PAST = 12  # cycles on the page of one capability


@dataclass(frozen=True, slots=True)
class Next:
    """The one next step before there are results."""

    address: str
    label: str


def _next(door: Door) -> Next | None:
    if not door.may(Ability.RUN_CYCLES):
        return None
    return Next(reverse("assessments:cycle_plan", args=[door.slug]), _("Plan the first cycle"))


def _draw(request: TenantRequest, template: str, page: Any) -> HttpResponse:
    context: dict[str, Any] = (
        {"page": page} if page is not None else {"page": None, "next": _next(request.door)}
    )
    context["decides"] = request.door.may(Ability.DECIDE)
    return render(request, template, context)


@requires(Ability.ENTER)
@require_safe
def home(request: TenantRequest) -> HttpResponse:
    """Where we are; for those who may not see it, the page that is theirs."""
    door = request.door
    if not door.may(Ability.SEE_RESULTS):
        return redirect(_elsewhere(door))
    found = results.latest_each()
    cycles = results.history(results.main_rubric(found), most=RINGS)
    page = None
    if cycles:
        seen = _evidence(cycles, found.get(COLLABORATION))
        page = first_page.home(
            seen,
            address=addresses(door, cycles[0].rubric.slug),
            partner=addresses(door, COLLABORATION),
        )
    return _draw(request, "reports/home.html", page)


def _elsewhere(door: Door) -> str:
    name = "assessments:cycles" if door.may(Ability.RUN_CYCLES) else "assessments:mine"
    return reverse(name, args=[door.slug])


def _evidence(cycles: tuple[ClosedCycle, ...], partner: ClosedCycle | None) -> Evidence:
    """2 statements."""
    wanted = cycles if partner is None or partner in cycles else (*cycles, partner)
    return Evidence(
        cycles=cycles,
        partner=partner,
        cells=results.cells(*wanted),
        besides=results.besides(*cycles[:2]),
        closed_on=day_of(cycles[0]),
        language=language(),
    )


def _latest() -> ClosedCycle | None:
    found = results.latest_each()
    return found.get(results.main_rubric(found))


@requires(Ability.ENTER)
@require_safe
def teams(request: TenantRequest) -> HttpResponse:
    """Every team that the reader may see, at least the own one, on every value; `team` and `value`
    in the address open one cell."""
    cycle = _latest()
    nodes = sight(request.door, results.tree(cycle)).nodes if cycle else ()
    if cycle is None or not nodes:
        return _draw(request, "reports/teams.html", None)
    opened = _opened(request, cycle, nodes)
    seen = heat_map.Evidence(
        cycle=cycle,
        nodes=nodes,
        cells=results.heat(cycle, [node.id for node in nodes], opened.node.id if opened else None),
        opened=opened,
        closed_on=day_of(cycle),
        language=language(),
    )
    address = addresses(request.door, cycle.rubric.slug)
    page = heat_map.teams(seen, place=_place, address=address)
    return _draw(request, "reports/teams.html", page)


def _place(node: Node, value: str) -> str:
    return "?" + urlencode({"team": node.id, "value": value})


def _opened(
    request: TenantRequest, cycle: ClosedCycle, nodes: tuple[Node, ...]
) -> heat_map.Opened | None:
    """The cell that the address asks for, where the reader may see it."""
    wanted, slug = request.GET.get("team", ""), request.GET.get("value", "")
    node = next((each for each in nodes if str(each.id) == wanted), None)
    if node is None or slug not in {one.slug for one in cycle.rubric.dimensions}:
        return None
    return heat_map.Opened(node, slug)


@requires(Ability.SEE_RESULTS)
@require_safe
def capabilities(request: TenantRequest) -> HttpResponse:
    """What to do first; `open` in the address opens one row."""
    cycle = _latest()
    if cycle is None:
        return _draw(request, "reports/capabilities.html", None)
    seen = Evidence((cycle,), None, results.cells(cycle), {}, day_of(cycle), language())
    page = all_of_them.capabilities(
        seen,
        address=addresses(request.door, cycle.rubric.slug),
        toggle=lambda slug: f"?{urlencode({'open': slug})}#open" if slug else "?",
        opened=request.GET.get("open", ""),
    )
    return _draw(request, "reports/capabilities.html", page)


@requires(Ability.SEE_RESULTS)
@require_safe
def trend(request: TenantRequest) -> HttpResponse:
    """The way through the cycles; `value` in the address chooses one."""
    found = results.latest_each()
    cycles = results.history(results.main_rubric(found), most=PAST)
    if not cycles:
        return _draw(request, "reports/trend.html", None)
    cells = results.cells(*cycles, subject_types=["overall", "value"], kind="performance")
    page = way.trend(
        Evidence(cycles, None, cells, {}, day_of(cycles[0]), language()),
        chosen=request.GET.get("value", ""),
        address=lambda slug: f"?{urlencode({'value': slug})}" if slug else "?",
    )
    return _draw(request, "reports/trend.html", page)


@requires(Ability.SEE_RESULTS)
@require_safe
def capability(request: TenantRequest, rubric: str, slug: str) -> HttpResponse:
    """Everything about one capability, in the rubric it belongs to."""
    cycles = results.history(rubric, most=PAST)
    item = cycles[0].rubric.capability(slug) if cycles else None
    if item is None:
        raise Http404
    nodes = sight(request.door, results.tree(cycles[0])).nodes
    page = one_of_them.capability(
        one_of_them.Evidence(
            item=item,
            cycles=cycles,
            cells=results.lineage(cycles, slug, [node.id for node in nodes]),
            nodes=nodes,
            closed_on=day_of(cycles[0]),
            language=language(),
        )
    )
    return _draw(request, "reports/capability.html", page)
