"""What a browser test may ask for: `page`, `open_page`, `sign_in` and `assert_accessible`.

A page that breaks its content security policy, throws an error, misses a file or asks another
machine for something fails its test, whatever the test itself looks at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from assessments.models import Cycle
from organizations.models import User
from tests.assessments.respondent_clients import asked
from tests.browser.chromium import NoChromium, Window, barriers, started
from tests.conftest import Cast

# Playwright keeps an event loop in the tests' own thread; Django would refuse to query there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
HERE = Path(__file__).parent
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, pytest.TestReport]:
    """In CI a browser test that was skipped has failed: nobody would miss it otherwise. Elsewhere
    all of them are one line of the summary, because they were skipped in one place."""
    report: pytest.TestReport = yield
    if report.skipped and item.get_closest_marker("browser"):
        if IN_CI:
            report.outcome = "failed"
        elif isinstance(report.longrepr, tuple):
            report.longrepr = (str(HERE), None, report.longrepr[2])  # type: ignore[assignment]  # as of a mark
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(started())
        except NoChromium as problem:
            (pytest.fail if IN_CI else pytest.skip)(str(problem))
        yield browser


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """`open_page(locale="en-GB", viewport=..., color_scheme="dark", java_script_enabled=False)`:
    a window of its own for every visitor; the options are Playwright's."""
    windows: list[Window] = []

    def open_one(**options: Any) -> Page:
        windows.append(Window(chromium, live_server.url, **options))
        return windows[-1].page

    yield open_one
    for window in windows:
        window.close()
    wait_for_the_last_answer()
    assert [problem for window in windows for problem in window.problems] == []


LOOKS = 3  # that find nobody at work, one after the other: an answer is asked for in many steps
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def wait_for_the_last_answer() -> None:
    """The server may still be at work for a window that was closed; the tables are emptied next."""
    until, quiet = time.monotonic() + 10, 0
    while quiet < LOOKS and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(BUSY)
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0
        time.sleep(0.05)


@pytest.fixture
def open_survey(open_page: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Like `open_page`; whatever a page still fetches has ended before the test ends."""
    windows: list[Page] = []

    def open_one(**options: Any) -> Page:
        windows.append(open_page(**options))
        return windows[-1]

    yield open_one
    for window in windows:
        window.wait_for_load_state("networkidle")


@pytest.fixture
def cycle(cast: Cast) -> Cycle:
    """A survey that is open."""
    return asked(cast.acme)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A Korean visitor at a desk."""
    return open_page()


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[[Page, User], None]:
    """`sign_in(page, user)`: the page's visitor is this person from now on."""

    def sign_in_as(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict by shape

    return sign_in_as


@pytest.fixture
def assert_accessible() -> Callable[..., None]:
    """`assert_accessible(page)`: axe finds nothing against WCAG 2.2 AA."""

    def check(page: Page, *, allow: tuple[str, ...] = ()) -> None:
        assert barriers(page, allow=allow) == []

    return check
