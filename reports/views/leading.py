"""The pages on which leaders say what the organization wants: its principles, and the levels it needs."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments import rubric_editions, targets
from assessments.results import queries
from assessments.results.queries import ClosedCycle
from assessments.results.visible_teams import Position
from organizations import principles as organization_principles
from organizations.access import Ability, Access, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.models import Principle, Team
from organizations.team_tree import TeamNode as TeamNode
from organizations.team_tree import TeamTree as TeamTree
from organizations.teams import load_tree as team_tree
from reports.forms import PrincipleForm, TargetsForm
from reports.presenters import principles as own_words
from reports.presenters import targets as needs
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

# --- The three principles ----------------------------------------------------------------------


@requires(Ability.ENTER)
@require_safe
def principles(request: TenantRequest) -> HttpResponse:
    """The organization's own words for everyone, beside the levels that the reader may see."""
    history = queries.history(COLLABORATION_RUBRIC)
    asked_last = next(iter(queries.with_results(history)), None)
    rubric = (
        asked_last.rubric if asked_last else rubric_editions.current_rubric(COLLABORATION_RUBRIC)
    )
    assert rubric is not None  # it comes with Naite
    place = reader_position(request.access, asked_last.id) if asked_last else None
    page = own_words.principles_page(
        organization_principles.list_principles(),
        rubric.dimensions,
        _practised(request.access, asked_last, place) if asked_last else None,
        today=timezone.localdate(),
        language=current_language(),
        address=capability_urls(request.access, COLLABORATION_RUBRIC),
    )
    context = {
        "page": page,
        "note": (asked_last and no_position_note(request.access, place)) or too_few_note(history),
        "decides": request.access.may(Ability.DECIDE),
        "asked": asked_last is not None,
        "plans": request.access.may(Ability.RUN_CYCLES),
    }
    return render(request, "reports/principles.html", context)


def _practised(
    access: Access, cycle: ClosedCycle, place: Position | None
) -> own_words.PracticeResults:
    nodes = visible_nodes(access, queries.tree(cycle), place)
    cells = queries.cells(
        cycle,
        nodes=[node.id for node in nodes],
        subject_types=["capability"],
        kind="performance",
    )
    return own_words.PracticeResults(cycle, nodes, cells, closing_date(cycle))


@requires(Ability.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_principle(request: TenantRequest, number: int) -> HttpResponse:
    """Say one of the three in other words."""
    row = get_object_or_404(Principle, number=number)
    form = PrincipleForm(
        post_data(request),
        people=organization_principles.owner_candidates(row),
        initial=PrincipleForm.initial_of(row),
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
    now = row if form.is_bound and str(row.version) != form["version"].value() else None
    wording = now.wording[current_language()] if now else ""
    return render_form(request, "reports/principle.html", form, number=number, now=wording)


# --- What level is needed ----------------------------------------------------------------------


@requires(Ability.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_targets(request: TenantRequest, rubric: str) -> HttpResponse:
    """`team` in the address chooses a team; without it the whole organization is meant."""
    wording = rubric_editions.current_rubric(rubric)
    if wording is None:
        raise Http404
    tree, spoken = team_tree(), current_language()
    team = _chosen(request, tree)
    found = targets.team_targets(rubric, tree, team.id)
    form = TargetsForm(post_data(request), rubric=wording, aims=found, language=spoken)
    changed: list[str] = []

    def verb() -> None:
        row = get_object_or_404(Team, pk=team.id)
        changed.extend(
            targets.set_targets(row, wording, form.levels, by=request.access.membership_id)
        )

    if submit_form(form, verb):
        _say_what_counts(request, len(changed))
        return redirect(f"{request.path}?{urlencode({'team': team.id})}")
    return render_form(
        request,
        "reports/targets.html",
        form,
        rubric=wording.name.in_(spoken),
        team=team,
        teams=tree.nodes,
        groups=needs.target_groups(wording, queries.team_cells(rubric, team.id), form, spoken),
    )


def _chosen(request: TenantRequest, tree: TeamTree) -> TeamNode:
    wanted = request.GET.get("team", "")
    found = (one for one in tree.nodes if wanted in ("", str(one.id)))
    team = next(found, None)
    if team is None:
        raise Http404
    return team


def _say_what_counts(request: TenantRequest, changed: int) -> None:
    told = ngettext(
        "%(count)s need changed. It counts from the next close on.",
        "%(count)s needs changed. They count from the next close on.",
        changed,
    )
    if changed:
        messages.success(request, told % {"count": changed})
    else:
        messages.info(request, _("Nothing was changed."))
