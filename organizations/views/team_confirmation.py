"""The page on which owners and leaders confirm who belongs to which team."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from organizations import team_confirmation
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.models import Membership
from organizations.teams import load_tree

PAGE_SIZE = 50


class ConfirmationForm(forms.Form):
    """The people to confirm, each with the team that was shown beside the name."""

    people = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: object, rows: list[Membership]) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # the form's data
        people = self.fields["people"]
        assert isinstance(people, forms.MultipleChoiceField)
        people.choices = [(choice_of(row), row.name) for row in rows]


def choice_of(person: Membership) -> str:
    """Return the form value of a person: membership, team and leads as they were shown."""
    return f"{person.pk} {person.team_id} {int(person.leads)}"


def _parse_choice(choice: str) -> tuple[UUID, UUID, bool]:
    person, team, leads = choice.split()
    return UUID(person), UUID(team), leads == "1"


@requires(Ability.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: TenantRequest) -> HttpResponse:
    """Show everyone who is not confirmed yet, a page at a time; confirm those who are chosen."""
    people = team_confirmation.unconfirmed_people()
    page = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    form = ConfirmationForm(post_data(request), rows=list(page))
    confirmed: list[int] = []

    def verb() -> None:
        chosen = [_parse_choice(choice) for choice in form.cleaned_data["people"]]
        confirmed.append(team_confirmation.confirm(chosen, by=request.access.membership_id))

    if submit_form(form, verb):
        text = ngettext("%(count)s person confirmed.", "%(count)s people confirmed.", confirmed[0])
        messages.success(request, text % {"count": confirmed[0]})
        return redirect("organizations:team_confirmation", request.access.slug)
    paths = {node.id: node.path_text for node in load_tree()}
    rows = [(choice_of(row), row, paths[row.team_id]) for row in page]
    return render_form(request, "organizations/team_confirmation.html", form, page=page, rows=rows)
