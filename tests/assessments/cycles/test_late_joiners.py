"""Who joins after the launch can be asked too; they make no small group visible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.cycles.closing import close
from assessments.cycles.late_joiners import find_late_joiners, invite_late_joiners
from assessments.models import Cycle, CycleTeam, Notice, Participation
from assessments.results import queries
from assessments.survey import answers, respondents
from assessments.survey.answers import SentAnswer
from assessments.survey.devices import SurveyVisitor, new_device
from organizations.jobs import perform
from organizations.models import AuditEvent, Membership, Team
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, fill, opened
from tests.assessments.cycles.test_lifecycle import TOMORROW
from tests.conftest import Cast, House


def invite(house: House, cycle: Cycle) -> int:
    with working_for(house.id):
        return invite_late_joiners(cycle, by=None, moment=TOMORROW)


def answer(house: House, cycle: Cycle, member: Membership) -> None:
    with working_for(house.id):
        seat = respondents.find_respondent(
            cycle.pk, member.pk, SurveyVisitor(new_device(), member.user_id)
        )
        given = [
            SentAnswer(kind, item.slug, 3)
            for kind in ("performance", "importance")
            for item in seat.rubric.capabilities
        ]
        answers.save(seat, given, moment=timezone.now())
        answers.submit(seat, moment=timezone.now())


def late(house: House, cycle: Cycle) -> set[str]:
    with working_for(house.id):
        return set(find_late_joiners(cycle).values_list("name", flat=True))


def test_whoever_joined_is_asked_in_their_team_and_gets_the_invitation(cast: Cast) -> None:
    cycle = opened(cast.acme)
    assert late(cast.acme, cycle) == set()
    cast.acme.add("Nina", team="Growth")
    cast.acme.add("Lou", team="Brand", leads=True)
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Sue").update(suspended_at=None)
        heads = dict(CycleTeam.objects.filter(cycle=cycle).values_list("name", "headcount"))
    assert late(cast.acme, cycle) == {"Nina", "Lou", "Sue"}
    assert invite(cast.acme, cycle) == 3
    assert late(cast.acme, cycle) == set()
    with working_for(cast.acme.id):
        parts = {
            part.membership.name: part
            for part in Participation.objects.filter(cycle=cycle, newcomer=True).select_related(
                "membership", "node"
            )
        }
        assert {name: (p.node.name, p.answers_as, p.email) for name, p in parts.items()} == {
            "Nina": ("Growth", "member", "nina@acme.example"),
            "Sue": ("Growth", "member", "sue@acme.example"),
            "Lou": ("Brand", "lead", "lou@acme.example"),
        }
        now = dict(CycleTeam.objects.filter(cycle=cycle).values_list("name", "headcount"))
        assert now == heads | {"Growth": heads["Growth"] + 2}
        mails = Notice.objects.filter(mail="opened", membership__name__in=parts)
        assert mails.count() == 3
        event = AuditEvent.objects.get(event="cycle.late_joiners_invited")
        assert event.detail == {"name": cycle.name, "people": 3}


def test_a_second_time_there_is_nobody_left(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with pytest.raises(ValidationError, match="invited already"):
        invite(cast.acme, cycle)


def test_nobody_joins_a_survey_that_is_over_or_a_team_that_it_does_not_know(cast: Cast) -> None:
    cycle = opened(cast.acme)
    cast.acme.add_team("Later")
    cast.acme.add("Nina", team="Later")
    assert late(cast.acme, cycle) == set()
    cast.acme.add("Nick", team="Growth")
    with working_for(cast.acme.id), pytest.raises(ValidationError, match="no longer accepts"):
        invite_late_joiners(cycle, by=None, moment=NOON + timedelta(days=15))


def test_nobody_is_asked_twice_at_a_time_about_the_same_rubric(cast: Cast) -> None:
    """Two results about the same people at one time could be subtracted from one another."""
    cycle = opened(cast.acme)
    cast.acme.add("Nina", team="Growth")
    with working_for(cast.acme.id):
        nina = cast.acme.members["Nina"]
        other = Cycle.objects.get(pk=cycle.pk)
        other.pk, other.name, other._state.adding = None, "Other", True
        other.save()
        node = CycleTeam.objects.create(
            cycle=other, team=Team.objects.get(name="Growth"), name="Growth", place=0, depth=0
        )
        Participation.objects.create(cycle=other, membership=nina, node=node, token_hash=b"x" * 32)
    assert late(cast.acme, cycle) == set()


@pytest.mark.parametrize(
    ("newcomers", "expected"),
    [(True, {"Acme", "Growth"}), (False, {"Acme", "Growth", "Brand"})],
)
def test_late_joiners_around_one_person_make_no_group_of_their_own(
    cast: Cast, newcomers: bool, expected: set[str]
) -> None:
    """Who joins late may have been invented. Were they not newcomers, their group would be shown."""
    fill(cast.acme, "", 5)
    fill(cast.acme, "Growth", 9)
    cycle = opened(cast.acme, timezone.now() - timedelta(days=3))
    for number in range(6):
        cast.acme.add(f"Late {number}", team="Brand")
    with working_for(cast.acme.id):
        assert invite_late_joiners(cycle, by=None, moment=timezone.now()) == 6
    for member in cast.acme.members.values():
        if member.name != "Sue":
            answer(cast.acme, cycle, member)
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(due_at=timezone.now())
        Participation.objects.filter(cycle=cycle, newcomer=True).update(newcomer=newcomers)
    perform(Cycle, cast.acme.id, cycle.pk, close)
    with working_for(cast.acme.id):
        found = queries.find(cycle.pk)
        assert found is not None
        shown = {node.name for node in queries.tree(found).nodes if node.n is not None}
    assert shown == expected


def test_the_pages_say_who_is_not_asked_and_ask_them(cast: Cast) -> None:
    cycle = opened(cast.acme, timezone.now())
    adam, where = cast.acme.browser("Adam"), f"/o/acme/cycles/{cycle.pk}/"
    assert "haven't been invited" not in adam.get("/o/acme/people/").content.decode()
    cast.acme.add("Nina", team="Growth")
    page = adam.get("/o/acme/people/").content.decode()
    assert "1 person joined after “Spring 2027” was launched" in page and f"{where}#late" in page
    assert "Nina" in adam.get(where).content.decode()
    after = adam.post(f"{where}invite-new/", follow=True).content.decode()
    assert "Invitations are being sent." in after and "Joined after launch" not in after
    assert "joined after" not in adam.get("/o/acme/people/").content.decode()


def test_a_reminder_is_seen_before_it_is_sent(cast: Cast) -> None:
    cycle = opened(cast.acme, timezone.now() - timedelta(days=2))
    with working_for(cast.acme.id):
        root = CycleTeam.objects.get(cycle=cycle, parent=None)
        counted = {"on": "2027-03-02", "answered": {str(root.pk): 2}}
        Cycle.objects.filter(pk=cycle.pk).update(counted=counted)
    adam, where = cast.acme.browser("Adam"), f"/o/acme/cycles/{cycle.pk}/remind/"
    page = adam.get(where).content.decode()
    assert "3 of 5" in page and "Reminder: Spring 2027 (Acme)" in page and "[personal link]" in page
    assert "isn&#x27;t your name.<br><br>Sent automatically." in page  # one empty line
    assert "/r/" not in page.replace("/static/", "") and not outbox.outbox
    with working_for(cast.acme.id):
        assert not Notice.objects.filter(mail="reminder").exists()
    assert "Reminders are being sent." in adam.post(where, follow=True).content.decode()
    with working_for(cast.acme.id):
        assert Notice.objects.filter(mail="reminder").exists()
    assert (
        adam.get(where).status_code == 302
    )  # no second one today: the page of the survey says why
