"""A respondent's browser: by personal link or signed in, and where the survey stands."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.models import Cycle, Participation, Response
from assessments.survey import response_keys
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import opened
from tests.conftest import House

NOW = datetime.now(UTC)
FIRST, SECOND = "needs-insight", "segmentation-targeting"
ANSWERED = ("performance", "importance", "exposure", "comment")


def asked(house: House, **different: Any) -> Cycle:
    """Open since a moment."""
    return opened(house, NOW, **different)


def part_of(house: House, cycle: Cycle, name: str) -> Participation:
    with working_for(house.id):
        return Participation.objects.get(cycle=cycle, membership=house.members[name].pk)


def token_of(house: House, cycle: Cycle, name: str = "Max") -> str:
    return response_keys.link_token(house.organization, part_of(house, cycle, name).pk)


class Respondent(Client):
    """A browser with the script of the survey: sends the end of the form, and with each answer what it
    knows of it, unless a test says otherwise."""

    def __init__(self, **options: Any) -> None:
        super().__init__(raise_request_exception=False, **options)
        self.known = dict[str, str]()

    def post(self, path: str, data: Any = None, *args: Any, **extra: Any) -> Any:  # type: ignore[override]
        if data is None or isinstance(data, dict):
            data = {**self._seen(data or {}), **(data or {}), "end": "1"}
        reply = super().post(path, data, *args, **extra)
        if path.endswith("/answer/") and reply.status_code == 200:
            self.known |= reply.json()
        return reply

    def _seen(self, data: dict[str, str]) -> dict[str, str]:
        names = [name for name in data if name.partition(".")[0] in ANSWERED]
        return {f"seen.{name}": self.known.get(name) or "none" for name in names}


def by_link(house: House, cycle: Cycle, name: str = "Max") -> Respondent:
    client = Respondent()
    answer = client.post(f"/s/{token_of(house, cycle, name)}/")
    assert answer.status_code == 303
    return client


def signed_in(house: House, name: str = "Max") -> Respondent:
    client = Respondent()
    client.force_login(house.users[name])
    return client


def page(house: House, cycle: Cycle, tail: str = "") -> str:
    return f"/o/{house.slug}/surveys/{cycle.pk}/{tail}"


def responses(house: House) -> list[Response]:
    with working_for(house.id):
        return list(Response.objects.all())


class _Form(HTMLParser):
    """Reads what a browser without JavaScript would send back if nothing was touched."""

    def __init__(self) -> None:
        super().__init__()
        self.fields, self.inside, self.writing = dict[str, str](), False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.inside = self.inside if tag != "form" else "data-survey" in named
        if not self.inside or "name" not in named:
            return
        if tag == "textarea":
            self.writing = named["name"]
            self.fields[self.writing] = ""
        elif tag == "input" and (named.get("type") != "radio" or "checked" in named):
            self.fields[named["name"]] = named.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.fields[self.writing] += data

    def handle_endtag(self, tag: str) -> None:
        self.writing = ""


def fields(html: str) -> dict[str, str]:
    """The form of a section, untouched."""
    form = _Form()
    form.feed(html)
    form.fields.pop("csrfmiddlewaretoken", None)
    return form.fields


def own(log: CaptureQueriesContext) -> list[str]:
    """The statements; the test's savepoints stand where a request has its transaction."""
    return [query["sql"] for query in log if "SAVEPOINT" not in query["sql"]]
