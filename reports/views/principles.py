"""Views of the organization's three principles: their wording, and the practised levels beside them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments import rubric_editions
from assessments.results import queries
from assessments.results.visible_teams import Position
from assessments.rubrics import COLLABORATION_RUBRIC
from organizations import principles as organization_principles
from organizations.access import Ability, Access, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.languages import current_language
from organizations.models import Principle
from organizations.text import in_language
from reports.forms import PrincipleForm
from reports.presenters.practices import PracticeResults, Practices, practices
from reports.presenters.principles import principles_page
from reports.views.cycle_selection import PARAMETER, CycleSelection, select_cycle
from reports.views.page_cache import ShownCycles, cached_for, selected_choice
from reports.views.shared import (
    capability_urls,
    closing_date,
    no_position_note,
    reader_positions,
    visible_nodes,
)


@requires(Ability.ENTER)
@require_safe
def principles(request: TenantRequest) -> HttpResponse:
    """Show the wording to everyone, with the practiced levels that the reader may see. The query parameter
    `highlight` marks one team."""
    access, selection = request.access, select_cycle(request, COLLABORATION_RUBRIC)
    cycles = selection.cycles[:1]
    rubric = rubric_editions.current_rubric(COLLABORATION_RUBRIC)
    assert rubric is not None  # built in
    collaboration = [row.id for row in selection.closed if row.rubric == COLLABORATION_RUBRIC]
    positions = reader_positions(access, collaboration)
    offered = collaboration if positions is None else list(positions)
    position = positions.get(cycles[0].id) if positions and cycles else None
    context = {
        "page": principles_page(
            organization_principles.list_principles(),
            rubric.dimensions,
            _practices(request, selection, position) if cycles else None,
            today=timezone.localdate(),
            language=current_language(),
        ),
        "note": cycles and (no_position_note(access, position) or selection.too_few_note),
        "rubrics": selection.options(offered) if cycles else (),
        "cycle": selection.parameters.get(PARAMETER, ""),
        "decides": access.may(Ability.DECIDE),
        "plans": access.may(Ability.RUN_CYCLES),
    }
    return render(request, "reports/principles.html", context)


def _practices(
    request: TenantRequest, selection: CycleSelection, position: Position | None
) -> Practices:
    """Return the practices of the chosen cycle, cached. At most 6 statements."""
    access, cycles = request.access, selection.cycles[:1]
    highlighted = selected_choice(
        request,
        "highlight",
        lambda: [str(node.id) for node in _load(access, cycles, position).teams],
        cycles,
        position=position,
    )
    address = capability_urls(access, COLLABORATION_RUBRIC, selection.query)
    return cached_for(
        access,
        position,
        cycles,
        lambda: practices(
            _load(access, cycles, position), highlighted=highlighted, address=address
        ),
        "practices",
        highlighted,
        selection.query,
    )


def _load(access: Access, cycles: ShownCycles, position: Position | None) -> PracticeResults:
    """Return what the reader may see of the first of the cycles. 3 statements."""
    cycle = queries.by_ids([cycles[0].id])[cycles[0].id]
    nodes = visible_nodes(access, queries.tree(cycle), position)
    cells = queries.cells(
        cycle,
        nodes=[node.id for node in nodes],
        subject_types=["capability", "value"],
        kind="performance",
    )
    return PracticeResults(cycle, nodes, cells, closing_date(cycle), current_language())


@requires(Ability.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_principle(request: TenantRequest, number: int) -> HttpResponse:
    """Edit one of the three principles."""
    principle = get_object_or_404(Principle, number=number)
    form = PrincipleForm(
        post_data(request),
        people=organization_principles.owner_candidates(principle),
        initial=PrincipleForm.initial_of(principle),
    )

    def verb() -> None:
        organization_principles.change_principle(
            number,
            form.wanted,
            version=form.cleaned_data["version"],
            today=timezone.localdate(),
            by=request.access.membership_id,
        )

    if submit_form(form, verb):
        messages.success(request, _("Saved."))
        return redirect("reports:principles", request.access.slug)
    current = (
        principle if form.is_bound and str(principle.version) != form["version"].value() else None
    )
    wording = in_language(current.wording, current_language()) if current else ""
    return render_form(request, "reports/principle.html", form, number=number, now=wording)
