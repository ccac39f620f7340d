"""The window notices what it is there to notice; otherwise every other browser test proves less."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import Window, barriers


@pytest.fixture
def window(chromium: Browser, live_server: LiveServer) -> Iterator[Window]:
    window = Window(chromium, live_server.url)
    window.page.goto("/sign-in/")
    yield window
    window.close()


def insert(window: Window, element: str, **attributes: str) -> None:
    window.page.evaluate(
        """([name, attributes]) => new Promise(done => {
            const element = Object.assign(document.createElement(name), attributes);
            element.onload = element.onerror = done;
            document.body.append(element);
            setTimeout(done, 500);
        })""",
        [element, attributes],
    )


def test_an_untouched_page_has_no_problems(window: Window) -> None:
    assert window.problems == []


def test_inline_code_is_noticed(window: Window) -> None:
    insert(window, "script", textContent="document.title = 'run'")
    [problem] = window.problems
    assert problem.startswith("policy: ")
    assert window.page.title() != "run"


def test_asking_another_machine_is_noticed(window: Window) -> None:
    window.page.goto("about:blank")
    insert(window, "img", src="http://elsewhere.example/pixel.png")
    assert window.problems == ["asked elsewhere: http://elsewhere.example/pixel.png"]


def test_a_missing_file_is_noticed(window: Window) -> None:
    insert(window, "img", src=f"{window.address}/static/none.png")
    assert window.problems == [f"404: {window.address}/static/none.png"]


def test_a_script_error_is_noticed(window: Window) -> None:
    with window.page.expect_event("pageerror"):
        window.page.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    assert window.problems == ["script: broken"]


def test_a_barrier_is_noticed(window: Window) -> None:
    insert(window, "img", src=f"{window.address}/static/none.png")
    assert [rule for rule in barriers(window.page) if rule.startswith("image-alt: ")]
