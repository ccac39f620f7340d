"""A start in production without its proxy is refused with a sentence; at home nothing is asked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from devstack.servers import PROJECT_ROOT

PRODUCTION = {"SITE_URL": "https://naite.example.org", "ALLOWED_HOSTS": "naite.example.org"}
PUBLIC_HOST = {"SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "naite.example.org"}
PUBLIC_ADDRESS = {"SITE_URL": "https://naite.example.org", "ALLOWED_HOSTS": "localhost"}
HOME = {"SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "localhost,127.0.0.1"}
SHOW = "from config import settings; print([str(one) for one in settings.TRUSTED_PROXIES])"


def show(expression: str, **variables: str) -> str:
    """What a setting is where these variables are set."""
    code = f"from config import settings; print({expression})"
    return last_line(start(code, **variables))


def start(code: str = SHOW, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, because settings are read when it starts."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env={**os.environ, "DEMO": "0", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).splitlines()[-1]


@pytest.mark.parametrize("place", [PRODUCTION, PUBLIC_HOST, PUBLIC_ADDRESS])
@pytest.mark.parametrize("networks", ["", " , "])
def test_production_does_not_start_without_trusted_proxies(
    place: dict[str, str], networks: str
) -> None:
    done = start(**place, TRUSTED_PROXIES=networks)
    assert done.returncode != 0
    assert "TRUSTED_PROXIES must name the network of the proxy" in last_line(done)


def test_with_them_it_starts_and_knows_them() -> None:
    done = start(**PRODUCTION, TRUSTED_PROXIES="172.28.1.0/24, fd00::/8,10.0.0.7")
    assert last_line(done) == "['172.28.1.0/24', 'fd00::/8', '10.0.0.7/32']"


@pytest.mark.parametrize("place", [HOME, {**PUBLIC_HOST, "DEMO": "1"}])
def test_at_home_and_in_the_demo_none_are_needed(place: dict[str, str]) -> None:
    assert last_line(start(**place, TRUSTED_PROXIES="")) == "[]"


@pytest.mark.parametrize("place", [PRODUCTION, HOME])
def test_a_network_that_is_none_is_quoted(place: dict[str, str]) -> None:
    done = start(**place, TRUSTED_PROXIES="10.0.0.0/8,the-proxy")
    assert done.returncode != 0
    assert "TRUSTED_PROXIES: 'the-proxy' is not a network such as" in last_line(done)


COOKIES = """(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME,
    settings.RESPONDENT_COOKIE_NAME, settings.DEVICE_COOKIE_NAME)"""


def test_with_tls_the_names_of_cookies_bind_them_to_this_host() -> None:
    names = show(COOKIES, **PRODUCTION, TRUSTED_PROXIES="10.0.0.1")
    assert names == "('__Host-session', '__Host-csrf', '__Secure-respondent', '__Secure-device')"
    assert show(COOKIES, **HOME) == "('session', 'csrf', 'respondent', 'device')"


HSTS = """(settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
    settings.SECURE_HSTS_PRELOAD)"""


def test_other_sites_of_the_domain_are_bound_only_where_asked() -> None:
    proxies = {"TRUSTED_PROXIES": "10.0.0.1"}
    assert show(HSTS, **PRODUCTION, **proxies) == "(True, False, False)"
    asked = {"HSTS_SUBDOMAINS": "1", "HSTS_PRELOAD": "1"}
    assert show(HSTS, **PRODUCTION, **proxies, **asked) == "(True, True, True)"
    assert show(HSTS, **HOME) == "(False, False, False)"
    told = show(HSTS, **PRODUCTION, **proxies, HSTS_PRELOAD="1")
    assert "HSTS_PRELOAD needs HSTS_SUBDOMAINS" in told


@pytest.mark.parametrize(("said", "uses"), [({}, "5"), ({"DB_PREPARE_AFTER": "0"}, "None")])
def test_statements_are_prepared_unless_a_pooler_would_lose_them(
    said: dict[str, str], uses: str
) -> None:
    assert show("settings.DATABASES['default']['OPTIONS']['prepare_threshold']", **said) == uses


@pytest.mark.parametrize(("said", "is_open"), [({}, False), ({"OPEN_SIGNUP": "1"}, True)])
def test_nobody_signs_up_unless_it_is_said(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], *, is_open: bool
) -> None:
    monkeypatch.delenv("OPEN_SIGNUP")
    assert show("settings.OPEN_SIGNUP", **HOME, **said) == str(is_open)


def test_names_from_inside_are_let_in_without_being_named() -> None:
    code = "from config import settings; print(settings.ALLOWED_HOSTS, settings.INSIDE_HOSTS)"
    inside = ["localhost", "127.0.0.1", "[::1]", "web"]
    expected = f"{['naite.example.org', *inside]} {inside}"
    assert last_line(start(code, **PRODUCTION, TRUSTED_PROXIES="10.0.0.0/8")) == expected
    assert last_line(start(code, **HOME)) == f"{['localhost', '127.0.0.1']} {inside}"
