"""Whether it can serve is said honestly: to a balancer, to Prometheus, to nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from assessments.models import Cycle, Notice
from config import health
from config.tasks import sweep
from organizations import jobs
from organizations.models import Installation
from organizations.pseudonyms import secret_fingerprint
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import opened
from tests.conftest import Cast

TOKEN = "t" * 40
EXPECTED = {
    "naite_requests",
    "naite_request_seconds",
    "naite_response_bytes",
    "naite_valkey_up",
    "naite_database_up",
    "naite_migrations_missing",
    "naite_sweep_age_seconds",
    "naite_work_waiting",
    "naite_work_oldest_seconds",
    "naite_work_given_up",
}


def ready(client: Client) -> tuple[int, Any]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture(autouse=True)
def _installed(db: None) -> None:
    """The row that the first connection of an installation leaves."""
    Installation.objects.get_or_create(defaults={"link_secret": secret_fingerprint()})


def make_due(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(due_at=timezone.now() - timedelta(hours=1))


def aged(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organizations_installation SET swept_at = now() - %s * interval '1 second'",
            [seconds],
        )


def test_where_all_is_well_it_says_so(client: Client) -> None:
    sweep()
    status, said = ready(client)
    assert (status, said["state"]) == (200, "ok"), said
    assert said["migrations"] == {"state": "ok", "missing": 0}


@pytest.mark.parametrize(("seconds", "state"), [(30, "ok"), (300, "degraded")])
def test_a_beat_that_stopped_degrades(client: Client, seconds: int, state: str) -> None:
    aged(seconds)
    status, said = ready(client)
    assert (status, said["beat"]["state"]) == (200, state)
    assert said["beat"]["seconds_since_sweep"] == seconds


def test_work_that_waits_long_degrades_and_is_counted(client: Client, cast: Cast) -> None:
    sweep()
    make_due(cast)
    status, said = ready(client)
    assert (status, said["work"]["state"]) == (200, "degraded")
    assert said["work"]["waiting"] >= 1
    assert "acme" not in str(said).lower()


def test_work_that_was_given_up_is_counted_apart_and_neither_waits_nor_degrades(
    client: Client, cast: Cast
) -> None:
    sweep()
    make_due(cast)
    with working_for(cast.acme.id):
        Cycle.objects.update(attempts=jobs.MAX_ATTEMPTS)
        Notice.objects.update(due_at=None)
    status, said = ready(client)
    assert (status, said["state"]) == (200, "ok")
    assert said["work"] == {"state": "ok", "oldest_seconds": 0, "waiting": 0, "given_up": 1}
    assert jobs.due_kinds() == []


@pytest.mark.django_db(transaction=True)
def test_work_that_cannot_be_counted_degrades_and_pages_are_served(
    client: Client, settings: Any
) -> None:
    settings.METRICS_TOKEN = TOKEN
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor, connection.cursor() as own:
            cursor.execute("LOCK organizations_invitation IN ACCESS EXCLUSIVE MODE")
            own.execute("SET lock_timeout = 200")
        status, said = ready(client)
        metrics = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    finally:
        with connection.cursor() as own:
            own.execute("RESET lock_timeout")
        other.rollback()
        other.close()
    assert (status, said["state"], said["work"]) == (200, "degraded", {"state": "degraded"})
    assert "naite_database_up 1.0" in metrics
    assert "naite_work" not in metrics


def test_a_missing_migration_fails(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    more = health.known_migrations() | {("reports", "9999_not_yet")}
    monkeypatch.setattr(health, "known_migrations", lambda: more)
    assert ready(client) == (503, ready(client)[1])
    assert ready(client)[1]["migrations"] == {"state": "failing", "missing": 1}


@pytest.mark.django_db(transaction=True)
def test_an_empty_database_fails_and_says_so(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = pg_temp")
    try:
        status, said = ready(client)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET search_path")
    assert (status, said["state"], "beat" in said) == (503, "failing", False)
    assert said["migrations"] == {"state": "failing", "missing": len(health.known_migrations())}


def test_without_valkey_it_limps_and_serves(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = RedisCache("unix:///nowhere.sock", {})
    monkeypatch.setattr(health, "valkey", gone)
    status, said = ready(client)
    assert (status, said["valkey"]["state"], said["state"]) == (200, "degraded", "degraded")


def test_being_alive_asks_nobody(client: Client) -> None:
    assert client.get("/livez").text == "ok"  # pytest-django would refuse a query here


def test_metrics_are_for_those_who_have_the_token(client: Client, settings: Any) -> None:
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for shown in ("", "Bearer ", f"Bearer {TOKEN[:-1]}", TOKEN):
        assert client.get("/metrics", headers={"Authorization": shown}).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    families = {one.name for one in text_string_to_metric_families(answer.text)}
    names = {one.removesuffix("_created") for one in families}  # the library's: since when
    names -= {one for one in names if one.startswith(("python_", "process_"))}  # and its own
    assert names == EXPECTED
    assert len(EXPECTED) == 10


def test_no_method_makes_a_label_of_its_own(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    client.generic("INVENTED" * 30, "/livez")
    told = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "INVENTED" not in told
    assert 'method="other"' in told


def test_no_metric_names_anyone_and_answering_is_not_counted(
    client: Client, cast: Cast, settings: Any
) -> None:
    settings.METRICS_TOKEN = TOKEN
    cycle = opened(cast.acme)
    max_ = cast.acme.browser("Max")
    max_.get("/o/acme/teams/")
    max_.get(f"/o/acme/surveys/{cycle.pk}/")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert 'route="reports:teams"' in text
    assert "survey" not in text
    for name in ("acme", "Max ", str(cast.acme.id), str(cycle.pk), "example"):
        assert name not in text


def test_due_work_is_counted_by_kind(cast: Cast) -> None:
    make_due(cast)
    found = {one.kind: one.waiting for one in jobs.queue_states()}
    assert found == dict.fromkeys(jobs.job_models(), 0) | {"assessments.cycle": 1}
