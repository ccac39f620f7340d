"""Guessing is slowed down where it comes from; one stranger keeps nobody else out."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from organizations import known_devices, sign_in
from organizations.client_address import parse_networks
from organizations.models import User
from organizations.rate_limits import RateLimit, take_all
from tests.conftest import Cast

PASSWORD = "a long enough sentence"
PROXY = "10.1.0.7"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def ada(cast: Cast, settings: Any) -> User:
    settings.TRUSTED_PROXIES = parse_networks(["10.1.0.0/16"])
    ada = cast.acme.users["Ada"]
    ada.set_password(PASSWORD)
    ada.save()
    return ada


def enters(
    email: str, password: str, client: Client | None = None, *, address: str, by: str = PROXY
) -> bool:
    client = client or Client(raise_request_exception=False)
    told = {"login": email, "password": password}
    headers = {"X-Forwarded-For": address}
    answer = client.post("/sign-in/", told, REMOTE_ADDR=by, headers=headers)
    return answer.status_code == 302


def guess(email: str, times: int, address: str, by: str = PROXY) -> None:
    for _ in range(times):
        assert not enters(email, "wrong", address=address, by=by)


def test_behind_the_proxy_each_client_is_counted_by_itself(ada: User) -> None:
    for number in range(12):
        guess(ada.email, 1, f"198.51.100.{number}")
    assert enters(ada.email, PASSWORD, address="203.0.113.5")


def test_a_stranger_is_slowed_down_and_keeps_nobody_out(ada: User) -> None:
    guess(ada.email, 40, "198.51.100.1")
    assert not enters(ada.email, PASSWORD, address="198.51.100.1")
    assert enters(ada.email, PASSWORD, address="203.0.113.5")


def test_what_a_client_writes_left_of_the_proxy_does_not_count(ada: User) -> None:
    for number in range(5):
        guess(ada.email, 1, f"192.0.2.{number}, 198.51.100.1")
    assert not enters(ada.email, PASSWORD, address="192.0.2.99, 198.51.100.1")


def test_who_comes_past_the_proxy_is_counted_by_the_connection(ada: User) -> None:
    for number in range(5):
        guess(ada.email, 1, f"192.0.2.{number}", by="198.51.100.1")
    assert not enters(ada.email, PASSWORD, address="192.0.2.99", by="198.51.100.1")


def test_one_network_of_long_addresses_is_one_client(ada: User) -> None:
    for number in range(5):
        guess(ada.email, 1, f"2001:db8:1:2::{number}")
    assert not enters(ada.email, PASSWORD, address="2001:db8:1:2::99")
    assert enters(ada.email, PASSWORD, address="2001:db8:1:3::99")


def test_a_device_that_signed_in_before_is_let_through(ada: User) -> None:
    hers = Client()
    assert enters(ada.email, PASSWORD, hers, address="198.51.100.1")
    hers.post("/sign-out/")
    guess(ada.email, 10, "198.51.100.1")  # from the same office
    assert not enters(ada.email, PASSWORD, address="198.51.100.1")
    assert enters(ada.email, PASSWORD, hers, address="198.51.100.1")


def test_a_known_device_may_not_guess_for_ever_nor_for_others(ada: User, cast: Cast) -> None:
    shared = Client()
    assert enters(ada.email, PASSWORD, shared, address="198.51.100.1")
    shared.post("/sign-out/")
    for number in range(10):
        assert not enters(ada.email, "wrong", shared, address=f"203.0.113.{number}")
    assert not enters(ada.email, PASSWORD, shared, address="203.0.113.99")
    guess("max@acme.example", 5, "198.51.100.1")
    cast.acme.users["Max"].set_password(PASSWORD)
    cast.acme.users["Max"].save()
    assert not enters("max@acme.example", PASSWORD, shared, address="198.51.100.1")


def test_many_addresses_together_guess_no_more_than_a_hundred_an_hour(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "PER_ACCOUNT", RateLimit("sign-in-account", 6, 3_600))
    hers = Client()
    assert enters(ada.email, PASSWORD, hers, address="203.0.113.5")
    hers.post("/sign-out/")
    for number in range(6):
        guess(ada.email, 1, f"198.51.100.{number}")
    assert not enters(ada.email, PASSWORD, address="198.51.100.99")
    assert enters(ada.email, PASSWORD, hers, address="203.0.113.5")


def test_right_passwords_are_not_counted(ada: User) -> None:
    for _ in range(12):
        assert enters(ada.email, PASSWORD, address="203.0.113.5")


def test_a_refused_attempt_counts_nowhere() -> None:
    narrow, wide = RateLimit("narrow", 1, 60), RateLimit("wide", 3, 60)
    assert take_all([narrow.of("a"), wide.of("x")])
    for _ in range(5):
        assert not take_all([narrow.of("a"), wide.of("x")])
    assert take_all([narrow.of("b"), wide.of("x")])
    assert take_all([narrow.of("c"), wide.of("x")])
    assert not take_all([narrow.of("d"), wide.of("x")])
    assert narrow.of("d").take()  # what the other refused was given back


@pytest.mark.parametrize("value", ["", "made up", "W10:1Qa:x", "\x7f", "x" * 3000])
def test_a_made_up_cookie_makes_no_known_device(ada: User, value: str, rf: RequestFactory) -> None:
    request = rf.get("/sign-in/")
    request.COOKIES[known_devices.COOKIE] = value
    assert known_devices.device_mark(request, ada.email) == ""


def test_the_cookie_is_long_lived_and_out_of_reach_of_scripts(ada: User) -> None:
    client = Client()
    assert enters(ada.email, PASSWORD, client, address="203.0.113.5")
    cookie = client.cookies[known_devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == known_devices.VALID_SECONDS
    assert str(ada.email) not in cookie.value
