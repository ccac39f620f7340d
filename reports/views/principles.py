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
from assessments.results.queries import ClosedCycle
from assessments.results.visible_teams import Position
from assessments.rubrics import COLLABORATION_RUBRIC
from organizations import principles as organization_principles
from organizations.access import Ability, Access, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.languages import current_language
from organizations.models import Principle
from organizations.text import in_language
from reports.forms import PrincipleForm
from reports.presenters.principles import PracticeResults, principles_page
from reports.views.shared import (
    capability_urls,
    closing_date,
    no_position_note,
    reader_position,
    too_few_note,
    visible_nodes,
)


@requires(Ability.ENTER)
@require_safe
def principles(request: TenantRequest) -> HttpResponse:
    """Show the wording to everyone, with the practised levels that the reader may see."""
    history = queries.history(COLLABORATION_RUBRIC)
    latest = next(iter(queries.with_results(history)), None)
    rubric = latest.rubric if latest else rubric_editions.current_rubric(COLLABORATION_RUBRIC)
    assert rubric is not None  # built in
    position = reader_position(request.access, latest.id) if latest else None
    page = principles_page(
        organization_principles.list_principles(),
        rubric.dimensions,
        _practice_results(request.access, latest, position) if latest else None,
        today=timezone.localdate(),
        language=current_language(),
        address=capability_urls(request.access, COLLABORATION_RUBRIC),
    )
    context = {
        "page": page,
        "note": (latest and no_position_note(request.access, position)) or too_few_note(history),
        "decides": request.access.may(Ability.DECIDE),
        "has_cycle": latest is not None,
        "plans": request.access.may(Ability.RUN_CYCLES),
    }
    return render(request, "reports/principles.html", context)


def _practice_results(
    access: Access, cycle: ClosedCycle, position: Position | None
) -> PracticeResults:
    nodes = visible_nodes(access, queries.tree(cycle), position)
    cells = queries.cells(
        cycle,
        nodes=[node.id for node in nodes],
        subject_types=["capability"],
        kind="performance",
    )
    return PracticeResults(cycle, nodes, cells, closing_date(cycle))


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
