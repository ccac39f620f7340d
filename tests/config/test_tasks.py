"""What is due wakes workers with few messages, and they work on it in turns until nothing is."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from celery.beat import Scheduler
from django.conf import settings as configured
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from assessments.models import Cycle
from config import tasks
from config.celery import app
from organizations import jobs
from organizations.models import Installation, Invitation, Membership, Team
from organizations.pseudonyms import secret_fingerprint
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import confirmed, opened, planned
from tests.conftest import Cast, House
from tests.reports.views.test_reports import finished

PAST = datetime(2026, 1, 1, tzinfo=UTC)
QUEUES = (configured.WORK_QUEUE, configured.SWEEP_QUEUE)
Messages = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def messages() -> Iterator[Messages]:
    """What waits in a queue; empty at the beginning."""
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.delete(*QUEUES)
        yield lambda queue: [json.loads(raw)["headers"] for raw in client.lrange(queue, 0, -1)]
        client.delete(*QUEUES)


def invite_many(house: House, number: int, due_at: datetime = PAST) -> None:
    with working_for(house.id):
        team = Team.objects.get(parent=None)
        for place in range(number):
            email = f"{place}@{house.slug}.example"
            person = Membership.objects.create(name=f"P {place}", email=email, team=team)
            Invitation.objects.create(
                membership=person, token_hash=email.encode(), expires_at=PAST, due_at=due_at
            )


def test_a_sweep_wakes_one_process_however_much_is_due(cast: Cast, messages: Messages) -> None:
    for house in (cast.acme, cast.rival):
        invite_many(house, 30)
    tasks.sweep()
    (hint,) = messages(configured.WORK_QUEUE)
    assert hint["task"] == "work"
    expires = datetime.fromisoformat(hint["expires"])
    assert timezone.now() < expires <= timezone.now() + timedelta(seconds=60)
    assert messages(configured.SWEEP_QUEUE) == []


def test_a_sweep_that_finds_nothing_wakes_nobody_and_says_that_it_went_through(
    cast: Cast, messages: Messages
) -> None:
    Installation.objects.get_or_create(id=1, defaults={"link_secret": secret_fingerprint()})
    invite_many(cast.acme, 1, due_at=timezone.now() + timedelta(hours=1))
    tasks.sweep()
    assert messages(configured.WORK_QUEUE) == []
    seconds = jobs.seconds_since_sweep()
    assert seconds is not None
    assert seconds < 60


def away(house: House) -> Callable[..., Any]:
    """One server of several is away, which has this organization: what is asked of all fails, too."""

    def run(execute: Callable[..., Any], statement: str, *arguments: Any) -> Any:
        if "due_kinds()" in statement or str(house.id) in statement:
            raise OperationalError("connection to the remote node failed")
        return execute(statement, *arguments)

    return run


def test_an_organization_out_of_reach_keeps_no_other_waiting(
    cast: Cast, mailoutbox: list[EmailMessage], messages: Messages
) -> None:
    Installation.objects.get_or_create(id=1, defaults={"link_secret": secret_fingerprint()})
    for house in (cast.acme, cast.rival):
        invite_many(house, 3)
    with connection.execute_wrapper(away(cast.rival)):
        tasks.sweep()
        assert [hint["task"] for hint in messages(configured.WORK_QUEUE)] == ["work"]
        assert jobs.seconds_since_sweep() is not None
        tasks.work()
    assert [letter.to[0].split("@")[1] for letter in mailoutbox] == ["acme.example"] * 3
    tasks.work()
    assert len(mailoutbox) == 6


def test_beat_asks_through_the_sweeps_own_queue_and_for_a_minute(messages: Messages) -> None:
    scheduler = Scheduler(app, lazy=True)
    scheduler.setup_schedule()
    scheduler.apply_async(scheduler.schedule["sweep"], advance=False)
    (hint,) = messages(configured.SWEEP_QUEUE)
    assert (hint["task"], bool(hint["expires"])) == ("sweep", True)
    assert messages(configured.WORK_QUEUE) == []


def test_a_worker_goes_on_until_nothing_is_due(
    cast: Cast, mailoutbox: list[EmailMessage], messages: Messages
) -> None:
    invite_many(cast.acme, 57)
    tasks.work()
    assert len({letter.to[0] for letter in mailoutbox}) == len(mailoutbox) == 57
    assert jobs.due_kinds() == []
    assert len(messages(configured.WORK_QUEUE)) == 1  # for the next process
    tasks.work()
    assert len(messages(configured.WORK_QUEUE)) == 1  # there was nothing left for one


def test_a_small_organization_waits_for_one_turn_of_a_large_one(
    cast: Cast, mailoutbox: list[EmailMessage], messages: Messages
) -> None:
    invite_many(cast.acme, 40)
    invite_many(cast.rival, 3, PAST + timedelta(days=1))
    tasks.work("of", "an older", "release")
    houses = [letter.to[0].split("@")[1] for letter in mailoutbox]
    assert len(houses) == 43
    assert houses[: tasks.MAX_JOBS_PER_TURN + 3].count("rival.example") == 3


def test_a_worker_whose_turn_is_long_enough_leaves_the_rest_to_the_next_message(
    cast: Cast,
    mailoutbox: list[EmailMessage],
    messages: Messages,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = itertools.chain([0, 1], itertools.repeat(tasks.MAX_TURN_SECONDS + 1))
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    invite_many(cast.acme, 2)
    tasks.work()
    assert len(mailoutbox) == 1
    assert len(messages(configured.WORK_QUEUE)) == 1


# --- Who makes rows due, wakes the sweep ------------------------------------------------------


def of_opening(house: House) -> str:
    return f"cycles/{confirmed(house, planned(house, timezone.now())).pk}/open/"


def of_reminding(house: House) -> str:
    return f"cycles/{yesterday(house).pk}/remind/"


def of_inviting_again(house: House) -> str:
    return f"cycles/{yesterday(house).pk}/invite-again/"


def of_closing(house: House) -> str:
    return f"cycles/{yesterday(house).pk}/close/"


def of_making(house: House) -> str:
    return "reports/make/"


def of_sending_again(house: House) -> str:
    report = finished(house)
    with working_for(house.id):
        report.deliveries.update(state="refused", due_at=None)
    return f"reports/{report.pk}/mails/"


def of_inviting(house: House) -> str:
    with working_for(house.id):
        Membership.objects.filter(name="Max").update(user=None)
    return f"people/{house.members['Max'].pk}/invite/"


def yesterday(house: House) -> Cycle:
    return opened(house, timezone.now() - timedelta(days=1))


VERBS = (
    of_opening,
    of_reminding,
    of_inviting_again,
    of_closing,
    of_making,
    of_sending_again,
    of_inviting,
)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_request_that_makes_rows_due_asks_for_one_sweep_after_its_commit(
    cast: Cast,
    verb: Callable[[House], str],
    messages: Messages,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    path = f"/o/acme/{verb(cast.acme)}"
    with django_capture_on_commit_callbacks() as afterwards:
        answer = cast.acme.browser("Ada").post(path)
    assert (answer.status_code, messages(configured.SWEEP_QUEUE)) == (302, []), path
    for call in afterwards:
        call()
    (hint,) = messages(configured.SWEEP_QUEUE)
    assert (hint["task"], bool(hint["expires"])) == ("sweep", True)
    assert messages(configured.WORK_QUEUE) == []


def test_a_command_that_makes_a_letter_due_asks_for_a_sweep(
    cast: Cast,
    messages: Messages,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call_command(
            "create_organization",
            name="New",
            owner_email="nia@new.example",
            owner_name="Nia",
            stdout=StringIO(),
        )
    assert len(messages(configured.SWEEP_QUEUE)) == 1
