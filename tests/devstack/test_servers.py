"""The tests themselves stand on real servers, and work as the role that may least."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.db import ProgrammingError, connection

from config.celery import app
from devstack.mail import MailServer
from devstack.workers import Worker


def asked(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_the_tests_are_the_user_of_the_database_and_not_its_owner() -> None:
    assert asked("SELECT current_user") == "app_user"
    assert asked("SELECT tableowner FROM pg_tables WHERE tablename = 'organizations_team'") == (
        "app_owner"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["app_user", "app_owner"])
def test_neither_role_may_pass_the_wall(role: str) -> None:
    answer = asked(f"SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = '{role}'")
    assert answer == "False"


@pytest.mark.django_db
def test_the_user_may_not_change_tables() -> None:
    with pytest.raises(ProgrammingError, match="must be owner of table"):
        asked("ALTER TABLE organizations_team DISABLE ROW LEVEL SECURITY")


@pytest.mark.django_db
def test_the_database_is_the_embedded_version() -> None:
    assert asked("SHOW server_version").startswith("18.")


@pytest.mark.django_db
def test_the_database_sorts_and_searches_korean() -> None:
    assert asked(
        "SELECT string_agg(word, '' ORDER BY word) FROM unnest('{다,가,나}'::text[]) word"
    ) == ("가나다")


def test_the_cache_is_real_and_belongs_to_this_test_process() -> None:
    cache.set("who", "we", 5)
    assert cache.get("who") == "we"


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_another_process_with_the_least_rights(worker_process: Worker) -> None:
    inspected = app.control.inspect(destination=[worker_process.name])
    [queues] = (inspected.active_queues() or {}).values()
    names = {queue["name"] for queue in queues}
    assert names == {settings.WORK_QUEUE, settings.SWEEP_QUEUE}
    connections = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = 'app_owner' AND datname = current_database()"
    )
    assert asked(connections) == "0"


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_is_gone_and_another_can_be_started(
    start_worker: Callable[..., Worker],
) -> None:
    first = start_worker()
    first.process.kill()
    first.process.wait()
    second = start_worker()
    answering = app.control.inspect(destination=[first.name, second.name]).ping() or {}
    assert set(answering) == {second.name}


def test_letters_arrive_at_the_mail_server(mail_server: MailServer) -> None:
    subject = f"안녕하세요 {uuid4()}"
    port = int(mail_server.url.rpartition(":")[2])
    smtp = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port
    )
    EmailMessage(subject, "본문", "a@example.com", ["b@example.com"], connection=smtp).send()
    [letter] = mail_server.wait_for(1)
    assert (letter["Subject"], letter.get_content().strip()) == (subject, "본문")
