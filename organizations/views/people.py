"""The pages of people: list, add, change, invite, suspend, reinstate and remove."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations import invitations, people, people_list
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import NewPersonForm, PersonForm
from organizations.jobs import wake_worker
from organizations.models import Membership
from organizations.teams import load_tree

MAX_SEARCH_LENGTH = 120


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@requires(Ability.RUN_CYCLES)
@require_safe
def list_people(request: TenantRequest) -> HttpResponse:
    """Show the team tree and one page of people."""
    search = request.GET.get("q", "").strip()[:MAX_SEARCH_LENGTH]
    team_parameter = request.GET.get("team", "")
    team = uuid_or_none(team_parameter)
    if team_parameter and team is None:
        raise Http404
    people_page = people_list.fetch_people(
        team=team, search=search, page=request.GET.get("page", "")
    )
    if people_page is None:
        raise Http404
    context = {
        "found": people_page,
        "now": timezone.now(),
        "notices": people_list.notices(request.access.slug),
    }
    return render(request, "organizations/people.html", context)


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: TenantRequest) -> HttpResponse:
    by = request.access.membership_id
    initial = {"team": request.GET.get("team", ""), "language": request.access.language}
    form = NewPersonForm(
        post_data(request),
        tree=load_tree(),
        giver=people.find_actor(by),
        initial={"role": "member"} | initial,
    )

    def verb() -> None:
        person = people.add_person(form.profile(), by=by)
        if form.cleaned_data["invite"]:
            invitations.invite(person, by=by, moment=timezone.now())
            wake_worker()

    if submit_form(form, verb):
        messages.success(request, _("Added: %(name)s") % {"name": form.cleaned_data["name"]})
        return redirect("organizations:people", request.access.slug)
    return render_form(request, "organizations/person_add.html", form)


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_person(request: TenantRequest, member: UUID) -> HttpResponse:
    """Show a person, with what is known and what can be done; save changes."""
    person = get_object_or_404(Membership.objects.select_related("team"), pk=member)
    by = request.access.membership_id
    giver = people.find_actor(by)
    form = PersonForm(
        post_data(request),
        tree=load_tree(),
        giver=giver,
        person=person,
        initial=people.field_values(people.profile_of(person)) | {"team": person.team_id},
    )

    def verb() -> None:
        people.change_person(person, form.profile(), by=by)
        wake_worker()  # a changed e-mail makes a mail to the old one due

    if submit_form(form, verb):
        messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
        return redirect("organizations:people", request.access.slug)
    return render_form(
        request,
        "organizations/person.html",
        form,
        person=person,
        invitation=people_list.open_invitation(person, timezone.now()),
        is_me=person.pk == by,
        may_touch=not people.owner_refusal(giver, person),
        may_remove=not people.power_refusal(giver, person),
    )


def _run_verb(
    request: TenantRequest, member: UUID, verb: Callable[[Membership], str]
) -> HttpResponse:
    """Call the verb for a person and return to their page, with a sentence for success or refusal."""
    person = get_object_or_404(Membership, pk=member)
    try:
        messages.success(request, verb(person))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("organizations:person", request.access.slug, member)


@requires(Ability.RUN_CYCLES)
@require_POST
def invite(request: TenantRequest, member: UUID) -> HttpResponse:
    def verb(person: Membership) -> str:
        invitations.invite(person, by=request.access.membership_id, moment=timezone.now())
        wake_worker()
        return _("Email sent to: %(email)s") % {"email": person.email}

    return _run_verb(request, member, verb)


@requires(Ability.RUN_CYCLES)
@require_POST
def suspend(request: TenantRequest, member: UUID) -> HttpResponse:
    def verb(person: Membership) -> str:
        people.suspend(person, by=request.access.membership_id, moment=timezone.now())
        return _("Suspended: %(name)s") % {"name": person.name}

    return _run_verb(request, member, verb)


@requires(Ability.RUN_CYCLES)
@require_POST
def reinstate(request: TenantRequest, member: UUID) -> HttpResponse:
    def verb(person: Membership) -> str:
        people.reinstate(person, by=request.access.membership_id)
        return _("Reinstated: %(name)s") % {"name": person.name}

    return _run_verb(request, member, verb)


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: TenantRequest, member: UUID) -> HttpResponse:
    """Ask for confirmation, then remove the person."""
    person = get_object_or_404(Membership, pk=member)
    form = forms.Form(post_data(request))
    if submit_form(form, lambda: people.remove(person, by=request.access.membership_id)):
        messages.success(request, _("Removed: %(name)s") % {"name": person.name})
        return redirect("organizations:people", request.access.slug)
    return render_form(request, "organizations/person_remove.html", form, person=person)
