"""Keys of programs: made, shown once, kept as a hash, noted when used, revoked at once."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from organizations import access, api_keys, audit_history
from organizations.access import Scope
from organizations.models import ApiKey
from organizations.tenancy.scope import working_for
from tests.api.api_clients import Program, key_of
from tests.conftest import CANARY, Cast

PAGE = "/o/acme/settings/keys/"
TOLD = {"name": "Dashboard", "scopes": ["results:read", "cycles:read"], "days": "90"}


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_an_owner_makes_a_key_and_its_line_answers(cast: Cast) -> None:
    answer = cast.acme.browser("Ada").post(PAGE, TOLD)
    page = text(answer)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert 'action="/language/"' not in page  # it would take the key away
    (secret,) = set(re.findall(r"naite_[0-9a-f]{46}", page))
    lines = re.findall(r'curl -H "Authorization: Bearer (\S+)" (http://testserver\S+)</code>', page)
    assert [key for key, _address in lines] == [secret, secret]
    for (_key, address), status in zip(lines, (200, 404), strict=True):
        assert Program(cast.acme, secret).get(address).status_code == status
    with working_for(cast.acme.id):
        row = ApiKey.objects.get()
        _events, said = audit_history.latest("1")
    assert (row.name, row.prefix, sorted(row.scopes)) == (
        "Dashboard",
        secret[:12],
        ["cycles:read", "results:read"],
    )
    assert bytes(row.key_hash) == hashlib.sha256(secret.encode()).digest()
    assert row.expires_at
    assert timedelta(days=89) < row.expires_at - timezone.now() < timedelta(days=91)
    assert (said[0].actor, said[0].event, said[0].subject) == ("Ada", "Key created", "Dashboard")


def test_nothing_but_the_page_that_made_it_ever_shows_a_key(cast: Cast) -> None:
    ada = cast.acme.browser("Ada")
    (secret,) = set(re.findall(r"naite_[0-9a-f]{46}", text(ada.post(PAGE, TOLD))))
    for page in (PAGE, "/o/acme/settings/", "/o/acme/settings/changes/"):
        assert secret not in text(ada.get(page))
    assert f"{secret[:12]}…" in text(ada.get(PAGE))
    with working_for(cast.acme.id), connection.cursor() as cursor:
        for table in ("organizations_apikey", "organizations_auditevent", "organizations_session"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")
            assert secret[12:] not in cursor.fetchone()[0]


def test_a_new_key_has_160_bits_that_nobody_sees_again() -> None:
    made = {api_keys.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"naite_[0-9a-f]{46}", secret) for secret in made)
    assert all(access.KEY_PATTERN.fullmatch(secret) for secret in made)
    assert 4 * (len(made.pop()) - api_keys.PREFIX_LENGTH) >= 160


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"scopes": []}, "This field is required."),
        ({"scopes": ["everything"]}, "everything"),
        ({"days": "36500"}, "36500"),
        ({"days": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_made_is_said_and_what_was_typed_is_kept(
    cast: Cast, wrong: dict[str, Any], sentence: str
) -> None:
    answer = cast.acme.browser("Ada").post(PAGE, TOLD | wrong)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="Dashboard"' in text(answer) or "name" in wrong
    with working_for(cast.acme.id):
        assert not ApiKey.objects.exists()


@pytest.mark.parametrize("name", ["Cho", "Adam", "Ana", "Max"])
def test_only_owners_see_and_make_keys(cast: Cast, name: str) -> None:
    browser = cast.acme.browser(name)
    assert browser.get(PAGE).status_code == browser.post(PAGE, TOLD).status_code == 403


def test_fifty_keys_are_enough(cast: Cast) -> None:
    with working_for(cast.acme.id):
        for number in range(api_keys.MAX_KEYS):
            make(f"Key {number}")
        with pytest.raises(ValidationError, match="50 keys"), transaction.atomic():
            make("One more")
        api_keys.revoke(ApiKey.objects.latest("pk").pk, by=None, moment=timezone.now())
        make("Another")


def make(name: str) -> tuple[ApiKey, str]:
    return api_keys.create_key(
        name, scopes=[Scope.CYCLES], expires_at=None, by=None, moment=timezone.now()
    )


def test_revoking_asks_first_and_then_works_at_once(cast: Cast) -> None:
    secret = key_of(cast.acme)
    program, ada = Program(cast.acme, secret), cast.acme.browser("Ada")
    with working_for(cast.acme.id):
        address = f"{PAGE}{ApiKey.objects.get().pk}/revoke/"
    assert "Revoke this key?" in text(ada.get(address))
    assert program.get("teams/").status_code == 200
    answer = ada.post(address, follow=True)
    assert "Key revoked: BI" in text(answer)
    assert program.get("teams/").status_code == 401
    ada.post(address)
    with working_for(cast.acme.id):
        _events, said = audit_history.latest("1")
    assert [line.event for line in said if line.event == "Key revoked"] == ["Key revoked"]


def test_anothers_key_cannot_be_revoked(cast: Cast) -> None:
    secret = key_of(cast.rival)
    with working_for(cast.rival.id):
        address = f"{PAGE}{ApiKey.objects.get().pk}/revoke/"
    ada = cast.acme.browser("Ada")
    assert ada.get(address).status_code == ada.post(address).status_code == 404
    assert Program(cast.rival, secret).get("teams/").status_code == 200
    assert CANARY not in text(ada.get(PAGE))


def test_a_key_ends_when_it_was_said_to(cast: Cast) -> None:
    soon = timezone.now() + timedelta(hours=1)
    secret = key_of(cast.acme, expires_at=soon)
    assert Program(cast.acme, secret).get("teams/").status_code == 200
    with working_for(cast.acme.id):
        ApiKey.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert Program(cast.acme, secret).get("teams/").status_code == 401
    assert "Expired" in text(cast.acme.browser("Ada").get(PAGE))


def test_the_last_use_is_noted_once_a_minute(cast: Cast) -> None:
    program = Program(cast.acme)
    assert "Never used" in text(cast.acme.browser("Ada").get(PAGE))
    program.get("teams/")
    with working_for(cast.acme.id):
        first = ApiKey.objects.get().last_used_at
    assert first
    with CaptureQueriesContext(connection) as asked:
        program.get("teams/")
    assert not [one["sql"] for one in asked if one["sql"].startswith("UPDATE")]
    with working_for(cast.acme.id):
        assert ApiKey.objects.get().last_used_at == first
        ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    program.get("teams/")
    with working_for(cast.acme.id):
        later = ApiKey.objects.get().last_used_at
    assert later
    assert later > first


@pytest.mark.django_db(transaction=True)
def test_noting_the_last_use_waits_for_nobody(cast: Cast) -> None:
    secret = key_of(cast.acme)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"SET LOCAL app.organization_id = '{cast.acme.id}'")
            cursor.execute("SET LOCAL statement_timeout = 5000")
            cursor.execute("SELECT 1 FROM organizations_apikey FOR UPDATE")
            assert cursor.fetchone() == (1,)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 200")
        assert Program(cast.acme, secret).get("teams/").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
        other.rollback()
        other.close()
    with working_for(cast.acme.id):
        assert ApiKey.objects.get().last_used_at is None


def test_the_demos_key_opens_only_a_demo_at_home(cast: Cast, settings: Settings) -> None:
    with working_for(cast.acme.id):
        api_keys.create_key(
            "Demo",
            scopes=list(Scope),
            expires_at=None,
            by=None,
            moment=timezone.now(),
            secret=access.DEMO_KEY,
        )
    for demo, at_home, status in ((True, True, 200), (True, False, 401), (False, True, 401)):
        settings.DEMO, settings.ON_LOOPBACK = demo, at_home
        assert Program(cast.acme, access.DEMO_KEY).get("teams/").status_code == status
