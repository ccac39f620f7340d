"""One visitor's window: nothing leaves this machine, and whatever goes wrong in it is remembered."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Response,
    Route,
    sync_playwright,
)

MISSING = (
    "No Chromium here, and none could be fetched:"
    " install the package `chromium`, or set CHROMIUM to its path."
)
FETCHED = Path(__file__).resolve().parents[2] / ".data" / "browsers"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-first-run",
)
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe" / "axe.min.js"
# WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
_BROKEN = 500
_MISSING = 404


class NoChromium(RuntimeError):
    """There is none, and none could be fetched that starts here."""


def program() -> str | None:
    """CHROMIUM, or the one that is installed."""
    installed = (found for name in NAMES if (found := shutil.which(name)))
    return os.environ.get("CHROMIUM") or next(installed, None)


@contextmanager
def started() -> Iterator[Browser]:
    """The installed Chromium, else the one that Playwright downloads into the clone."""
    path = program()
    if path is None:
        fetch()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as problem:
            if path is not None:
                raise
            raise NoChromium(MISSING) from problem  # it lacks libraries of the system, say
        yield browser
        browser.close()


def fetch() -> None:
    """Downloads it once. Of the processes of one run only the first tries in vain."""
    os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(FETCHED))
    folder = Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"])
    folder.mkdir(parents=True, exist_ok=True)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with (folder / "failed-in").open("a+") as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        note.seek(0)
        if note.read() == run or not _download():
            note.truncate(0)
            note.write(run)
            raise NoChromium(MISSING)


def _download() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    patience = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"}  # ms, of an unreachable network
    done = subprocess.run(
        command,
        env=os.environ | patience,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


class Window:
    """A browser context with one page in it."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address, self.problems = address, list[str]()
        settings: dict[str, Any] = {
            "locale": "ko-KR",
            "timezone_id": "Asia/Seoul",
            "viewport": {"width": 1280, "height": 900},
            "reduced_motion": "reduce",
        }
        self.context = browser.new_context(base_url=address, **(settings | options))
        self.context.set_default_timeout(10_000)
        self.context.route("**/*", self._keep_inside)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._on_console)
        self.page.on("response", self._on_response)

    def _keep_inside(self, route: Route) -> None:
        if route.request.url.startswith(f"{self.address}/"):
            route.continue_()
        else:
            self.problems.append(f"asked elsewhere: {route.request.url}")
            route.abort()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(f"policy: {message.text}")

    def _on_response(self, response: Response) -> None:
        is_page = response.request.resource_type == "document"
        if response.status >= _BROKEN or (response.status == _MISSING and not is_page):
            self.problems.append(f"{response.status}: {response.url}")

    def close(self) -> None:
        """A page saves when it is closed, even after it is gone; that must not reach the next test."""
        self.context.set_offline(True)
        self.context.close()


def barriers(page: Page, *, allow: tuple[str, ...] = ()) -> list[str]:
    """What axe finds on the page as it stands: rule, what it asks for, and where."""
    page.wait_for_load_state("load")  # without its styles a page has other barriers
    page.evaluate(AXE.read_text())
    told = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = page.evaluate("told => axe.run(document, told)", told)["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['target']}"
        for rule in found
        if rule["id"] not in allow
        for node in rule["nodes"]
    ]
