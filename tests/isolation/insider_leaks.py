"""Mistakes by which insiders would learn what someone did; the walk must find each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from assessments.cycles import emails
from assessments.cycles.emails import DeliveryStatus
from assessments.models import Cycle, Participation
from assessments.survey import respondents
from assessments.survey.progress import StoredAnswers
from assessments.survey.respondents import SurveyRespondent
from assessments.views import my_surveys
from organizations import audit, people
from organizations.models import AddressChange, Membership

Plant = Callable[[pytest.MonkeyPatch], None]


def own_page_says_sent(patch: pytest.MonkeyPatch) -> None:
    """*My surveys* says what became of them."""

    def rendered(request: Any, template: str, context: dict[str, Any]) -> HttpResponse:
        page = render(request, template, context)
        page.content += b"sent" if any(one.finished for one in context["open"]) else b""
        return page

    patch.setattr(my_surveys, "render", rendered)


def reminders_only_to_unfinished(patch: pytest.MonkeyPatch) -> None:
    """Also to an address which somebody else has lately changed."""

    def nobody(_cycle: Cycle) -> QuerySet[AddressChange]:
        return AddressChange.objects.none()

    patch.setattr(emails, "address_changes_by_others", nobody)


def link_shows_whether_sent(patch: pytest.MonkeyPatch) -> None:
    """Whoever comes by link is told that the answers were sent, on whatever device."""
    of_device = respondents.fetch_answers

    def given(seat: SurveyRespondent) -> StoredAnswers:
        asked = Participation.objects.filter(cycle=seat.cycle, membership=seat.membership)
        return replace(of_device(seat), sent=asked.filter(finished=True).exists())

    patch.setattr(respondents, "fetch_answers", given)


def bounces_only_of_unfinished(patch: pytest.MonkeyPatch) -> None:
    """The page of a cycle leaves out those who need no mail any more."""
    everyone = emails.delivery_status

    def post(cycle: Cycle) -> DeliveryStatus:
        done = Participation.objects.filter(cycle=cycle, finished=True).values("membership")
        unfinished = Membership.objects.exclude(pk__in=done)
        shown = everyone(cycle)
        left = tuple(one for one in shown.unreachable if one in unfinished)
        return replace(shown, unreachable=left)

    patch.setattr(emails, "delivery_status", post)


def removal_says_whether_answers_went(patch: pytest.MonkeyPatch) -> None:
    """A second line of the audit trail where answers went along."""
    remove = people.remove

    def telling(person: Membership, *, by: Any) -> None:
        had = Participation.objects.filter(membership=person, finished=True).exists()
        remove(person, by=by)
        if had:
            audit.record("person.removed", by=by, on=person, name="answers")

    patch.setattr(people, "remove", telling)


# Each with what has to be done before it shows.
LEAKS: dict[str, tuple[Plant, tuple[str, ...]]] = {
    "own page": (own_page_says_sent, ("take account",)),
    "reminder": (reminders_only_to_unfinished, ("take link", "remind")),
    "link": (link_shows_whether_sent, ("take link",)),
    "bounces": (bounces_only_of_unfinished, ()),
    "audit trail": (removal_says_whether_answers_went, ("remove",)),
}
