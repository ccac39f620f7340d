"""Who asks: a client that costs little, someone at the floor's site, respondents, leader and program."""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

RANDOM = random.Random(7)  # noqa: S311  # the same every time
FORM = "application/x-www-form-urlencoded"
PASSWORD = "growth-rings"  # noqa: S105  # of throw-away organizations


def random_level() -> str:
    return str(RANDOM.randint(1, 5))


class HttpSession:
    """One keep-alive connection with its cookies; follows nothing by itself."""

    def __init__(self, base: str, **headers: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=120)
        self.cookies: dict[str, str] = {}
        self.seen: dict[str, str] = {}
        self.headers = headers

    @property
    def token(self) -> str:
        """What proves that a form is ours."""
        return self.cookies.get("csrf") or self.cookies.get("csrftoken", "")

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        headers = dict(self.headers)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
            headers["X-CSRFToken"] = self.token
        if kind:
            headers["Content-Type"] = kind
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, data

    def form(self, path: str, fields: Iterable[tuple[str, str]]) -> int:
        return self.ask("POST", path, urlencode(list(fields)).encode(), FORM)[0]

    def see(self, path: str) -> bytes:
        status, body = self.ask("GET", path)
        assert status == 200, (path, status)
        return body

    def measure(self, path: str) -> int:
        """Bytes of an answer that need not be held."""
        self.connection.request("GET", path, None, self.headers)
        answer, total = self.connection.getresponse(), 0
        assert answer.status == 200, (path, answer.status)
        while part := answer.read(65_536):
            total += len(part)
        return total


class BaselineClient:
    """Someone signed in at the floor's site."""

    def __init__(self, base: str) -> None:
        self.browser = HttpSession(base)
        self.browser.see("/enter/")

    def empty(self) -> None:
        assert self.browser.see("/empty/") == b"ok"

    def page(self) -> None:
        self.browser.see("/page/")

    def _send(self, path: str) -> int:
        answers = {"performance": [RANDOM.randint(1, 5) for _ in range(36)]}
        answers["importance"] = answers["performance"]
        return self.browser.ask("POST", path, json.dumps(answers).encode(), "application/json")[0]

    def submit(self) -> None:
        assert self._send("/submit/") == 201

    def save(self) -> None:
        assert self._send("/save/") == 204


class SurveyClient:
    """Respondents of the open cycle, one after the other, each by a personal link."""

    def __init__(self, base: str, told: dict[str, Any]) -> None:
        self.base, self.links = base, iter(told["links"])
        self.capabilities: list[str] = told["capabilities"]
        self.address = f"/o/survey/surveys/{told['cycle']}/"
        self.link_browser = HttpSession(base)

    def arrive(self) -> dict[str, str]:
        """Someone follows the link and reads the promise; the cookies by which they are known."""
        self.link_browser.cookies = {}
        path = f"/s/{next(self.links)}/"
        self.link_browser.see(path)
        status = self.link_browser.form(path, form_fields([]))
        assert status == 303, status
        return self.link_browser.cookies

    def someone(self) -> HttpSession:
        browser = HttpSession(self.base)
        browser.cookies = self.arrive()
        return browser

    def save(self, browser: HttpSession) -> None:
        name = f"performance.{RANDOM.choice(self.capabilities)}"
        body = urlencode(form_fields([(name, random_level())], browser.seen)).encode()
        status, reply = browser.ask("POST", self.address + "answer/", body, FORM)
        assert status == 200, status
        browser.seen |= json.loads(reply)

    def submit(self, browser: HttpSession) -> None:
        kinds = ("performance", "importance")
        answers = [
            (f"{kind}.{slug}", random_level()) for kind in kinds for slug in self.capabilities
        ]
        status = browser.form(self.address + "submit/", form_fields(answers))
        assert status == 302, status


def form_fields(
    answers: list[tuple[str, str]], seen: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """As a browser sends them, with what it has seen of each so far."""
    known = seen or {}
    shown = [(f"seen.{name}", known.get(name, "none")) for name, _value in answers]
    return [*shown, *answers, ("end", "1")]


def sign_in_leader(base: str, told: dict[str, Any]) -> HttpSession:
    """Whoever may see all results, signed in."""
    browser = HttpSession(base)
    browser.see("/sign-in/")
    assert browser.form("/sign-in/", [("login", told["email"]), ("password", PASSWORD)]) == 302
    return browser


def api_client(base: str, told: dict[str, Any]) -> HttpSession:
    """Reads results with a key of the organization."""
    return HttpSession(base, Authorization=f"Bearer {told['key']}")
