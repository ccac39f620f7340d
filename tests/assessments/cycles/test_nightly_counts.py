"""Numbers of an open cycle are last night's: nobody can count before and after somebody was seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from assessments.cycles import lifecycle, nightly_counts
from assessments.models import Cycle, NightlyCount, Notice, Participation
from assessments.survey import answers, respondents
from assessments.survey.answers import SentAnswer
from assessments.survey.devices import ANONYMOUS_VISITOR
from organizations import jobs
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, fill, opened
from tests.conftest import Cast, House

FIRST = "needs-insight"
TOMORROW = NOON + timedelta(days=1)
Shown = dict[str, tuple[int | None, int | None]]


def finish(house: House, cycle: Cycle, *names: str) -> None:
    members = [house.members[name].pk for name in names]
    with working_for(house.id):
        Participation.objects.filter(cycle=cycle, membership__in=members).update(finished=True)


def shown(house: House, cycle: Cycle) -> Shown:
    with working_for(house.id):
        seen = nightly_counts.progress(Cycle.objects.get(pk=cycle.pk))
        return {node.name: (node.answered, node.invited) for node in seen.nodes}


def night(house: House, cycle: Cycle, moment: datetime = TOMORROW) -> Shown:
    with working_for(house.id):
        row, organization = Cycle.objects.get(pk=cycle.pk), Organization.objects.get(pk=house.id)
        nightly_counts.count(row, organization, moment=moment)
    return shown(house, cycle)


def test_on_the_first_day_nothing_is_counted(cast: Cast) -> None:
    cycle = opened(cast.acme)
    finish(cast.acme, cycle, "Max")
    assert set(shown(cast.acme, cycle).values()) == {(None, None)}
    with working_for(cast.acme.id):
        assert nightly_counts.progress(Cycle.objects.get()).counted_on is None
        due = NightlyCount.objects.get(cycle=cycle).due_at
    assert due == datetime(2027, 3, 2, 3, tzinfo=UTC)


def test_teams_and_the_whole_are_counted_alike_and_hidden_as_results_are(cast: Cast) -> None:
    fill(cast.acme, "Brand", 5)
    fill(cast.acme, "Growth", 1)
    cycle = opened(cast.acme)
    finish(cast.acme, cycle, "Max", "Brand 0", "Ana", "Cho")
    first = {"Acme": (3, 11), "Growth": (None, None), "Brand": (2, 6)}
    assert night(cast.acme, cycle) == first
    finish(cast.acme, cycle, "Brand 1")
    assert shown(cast.acme, cycle) == first
    assert night(cast.acme, cycle, TOMORROW + timedelta(days=1))["Brand"] == (3, 6)


def test_a_count_never_falls_while_a_cycle_is_open(cast: Cast) -> None:
    cycle = opened(cast.acme)
    finish(cast.acme, cycle, "Max", "Ana")
    before = night(cast.acme, cycle)
    with working_for(cast.acme.id):
        Participation.objects.filter(membership=cast.acme.members["Max"].pk).delete()
    assert night(cast.acme, cycle, TOMORROW + timedelta(days=1)) == before


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("UTC", datetime(2027, 3, 1, 2, 59, tzinfo=UTC), datetime(2027, 3, 1, 3, tzinfo=UTC)),
        ("UTC", datetime(2027, 3, 1, 3, tzinfo=UTC), datetime(2027, 3, 2, 3, tzinfo=UTC)),
        ("Asia/Seoul", datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 1, 18, tzinfo=UTC)),
        ("Asia/Seoul", datetime(2027, 3, 1, 19, tzinfo=UTC), datetime(2027, 3, 2, 18, tzinfo=UTC)),
        # Three o'clock does not exist on this day in Athens; the count comes an hour later by the sun.
        (
            "Europe/Athens",
            datetime(2027, 3, 27, 12, tzinfo=UTC),
            datetime(2027, 3, 28, 1, tzinfo=UTC),
        ),
    ],
)
def test_the_night_is_that_of_the_organization(zone: str, now: datetime, due: datetime) -> None:
    assert nightly_counts.next_night(Organization(time_zone=zone), now) == due


def test_the_day_of_the_count_is_that_of_the_organization(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Organization.objects.update(time_zone="Asia/Seoul")
    cycle = opened(cast.acme, NOON)
    night(cast.acme, cycle, datetime(2027, 3, 1, 18, tzinfo=UTC))
    with working_for(cast.acme.id):
        assert nightly_counts.progress(Cycle.objects.get()).counted_on == date(2027, 3, 2)


def test_leads_are_asked_and_not_counted(cast: Cast) -> None:
    cycle = opened(cast.acme)
    finish(cast.acme, cycle, "Cho")
    assert {answered for answered, _all in night(cast.acme, cycle).values()} <= {0, None}
    with working_for(cast.acme.id):
        assert nightly_counts.progress(Cycle.objects.get()).leads == 1


def test_the_last_count_stays_while_the_answers_are_scored(cast: Cast) -> None:
    cycle = opened(cast.acme)
    before = night(cast.acme, cycle)
    with working_for(cast.acme.id):
        lifecycle.start_closing(cycle, by=None, moment=TOMORROW)
    finish(cast.acme, cycle, "Max", "Ana")
    assert night(cast.acme, cycle, TOMORROW + timedelta(days=2)) == before


@pytest.mark.django_db(transaction=True)
def test_a_worker_counts_and_comes_back_the_next_night(cast: Cast) -> None:
    now = datetime.now(UTC)
    cycle = opened(cast.acme, now - timedelta(days=1))
    finish(cast.acme, cycle, "Max")
    with working_for(cast.acme.id):
        row = NightlyCount.objects.get(cycle=cycle)
    assert (cast.acme.id, "assessments.nightlycount") in jobs.due_kinds()
    jobs.perform(NightlyCount, cast.acme.id, row.pk, nightly_counts.run)
    with working_for(cast.acme.id):
        assert Cycle.objects.get().counted is not None
        assert now < NightlyCount.objects.get().due_at <= now + timedelta(hours=25)  # type: ignore[operator]
        Cycle.objects.update(stage=Cycle.Stage.CLOSED)
        NightlyCount.objects.update(due_at=now)
    jobs.perform(NightlyCount, cast.acme.id, row.pk, nightly_counts.run)
    with working_for(cast.acme.id):
        assert NightlyCount.objects.get().due_at is None


# --- Saved and not sent ---------------------------------------------------------------------------


def unsent_mails(house: House, cycle: Cycle, moment: datetime) -> set[str]:
    with working_for(house.id):
        row, organization = Cycle.objects.get(pk=cycle.pk), Organization.objects.get(pk=house.id)
        nightly_counts.remind_unsent(row, organization, moment=moment)
        mails = Notice.objects.filter(cycle=cycle, mail="unsent")
        return set(mails.values_list("membership__name", flat=True))


def test_those_who_saved_and_did_not_send_are_reminded_once_before_the_close(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        seats = {
            name: respondents.find_respondent(
                cycle.pk, cast.acme.members[name].pk, ANONYMOUS_VISITOR
            )
            for name in ("Max", "Ana")
        }
        for seat in seats.values():
            answers.save(seat, [SentAnswer("performance", FIRST, 4)], moment=NOON)
        answers.submit(seats["Ana"], moment=NOON)
    close = NOON + timedelta(days=14)
    assert unsent_mails(cast.acme, cycle, close - timedelta(hours=49)) == set()
    assert unsent_mails(cast.acme, cycle, close - timedelta(hours=45)) == {"Max"}
    with working_for(cast.acme.id):
        assert unsent_mails(cast.acme, cycle, close - timedelta(hours=21)) == {"Max"}
        assert Notice.objects.filter(mail="unsent").count() == 1
