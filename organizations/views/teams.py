"""The pages of teams: add, rename, move, remove."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organizations import teams
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import TeamForm
from organizations.models import Team


def _redirect_to_people(request: TenantRequest, team: UUID | None = None) -> HttpResponse:
    query = {"team": str(team)} if team else None
    return redirect(reverse("organizations:people", args=[request.access.slug], query=query))


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: TenantRequest) -> HttpResponse:
    form = TeamForm(
        post_data(request),
        tree=teams.load_tree(),
        initial={"parent": request.GET.get("parent", "")},
    )

    def verb() -> Team:
        data = form.cleaned_data
        return teams.add_team(data["name"], parent=data["parent"], by=request.access.membership_id)

    if submit_form(form, verb):
        messages.success(request, _("Added: %(name)s") % {"name": form.cleaned_data["name"]})
        return _redirect_to_people(request)
    return render_form(request, "organizations/team_add.html", form)


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_team(request: TenantRequest, team: UUID) -> HttpResponse:
    """Rename or move a team. The organization itself has its name in the settings."""
    row = get_object_or_404(Team, pk=team)
    if row.parent_id is None:
        raise Http404
    tree = teams.load_tree()
    initial = {"name": row.name, "parent": row.parent_id}
    form = TeamForm(post_data(request), tree=tree, team=row, initial=initial)

    def verb() -> Team:
        data = form.cleaned_data
        return teams.change_team(
            row, name=data["name"], parent=data["parent"], by=request.access.membership_id
        )

    if submit_form(form, verb):
        messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
        return _redirect_to_people(request, team)
    return render_form(request, "organizations/team.html", form, team=tree.node(team))


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: TenantRequest, team: UUID) -> HttpResponse:
    """Ask for confirmation, then remove the team, or show what still needs it."""
    row = get_object_or_404(Team, pk=team)
    form = forms.Form(post_data(request))
    if submit_form(form, lambda: teams.remove_team(row, by=request.access.membership_id)):
        messages.success(request, _("Removed: %(name)s") % {"name": row.name})
        return _redirect_to_people(request)
    return render_form(request, "organizations/team_remove.html", form, team=row)
