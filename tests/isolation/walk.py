"""Visits every address as everyone, with the other organization's ids in path, query and body."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.conftest import CANARY
from tests.isolation.forms import forms_in
from tests.isolation.populated_organizations import Known, rows_digest
from tests.isolation.routes import Route, looks_like_an_id

Browser = TypeVar("Browser", bound=Client)
# Names under which a careless door might take an id from a query or a body.
NAMES = (
    "organization",
    "organization_id",
    "org",
    "id",
    "ids",
    "pk",
    "cycle",
    "cycle_id",
    "edition",
    "edition_id",
    "team",
    "team_id",
    "parent",
    "parent_id",
    "member",
    "member_id",
    "membership",
    "user",
    "node",
    "node_id",
    "participation",
    "response",
    "key",
    "rubric",
    "invitation",
    "filter",
    "expand",
    "ordering",
    "cursor",
    "format",
    "q",
    "role",
    "owner",
    "created_by",
)
NOISE = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}|'
    rb"[A-Za-z0-9_-]{22,}|%2[Ff]|/[^\s\"'<>]*"
)


@dataclass(frozen=True, slots=True)
class Finding:
    route: str
    caller: str
    what: str


@dataclass(frozen=True, slots=True)
class World:
    acme: Known
    rival: Known
    callers: dict[str, Callable[[], Client]]


def mixtures(world: World, route: Route) -> Iterator[dict[str, str]]:
    """Ways to name the other organization: its rows in my address, its address, my rows in it."""
    mine, theirs = world.acme.at(route), world.rival.at(route)
    names = route.parameters
    yield {name: theirs[name] for name in names}
    if "organization" in names and len(names) > 1:
        own = mine["organization"]
        yield {name: theirs[name] for name in names} | {"organization": own}
        strange = theirs["organization"]
        yield {name: mine[name] for name in names} | {"organization": strange}


def missing(values: dict[str, str], theirs: dict[str, str]) -> dict[str, str]:
    """The same address with ids that exist nowhere."""
    nothing = {"organization": "no-such-organization", "token": "n0-such-token-at-all-00"}
    return {
        name: _nowhere(name, value, nothing) if value == theirs[name] else value
        for name, value in values.items()
    }


def _nowhere(name: str, value: str, nothing: dict[str, str]) -> str:
    return str(UUID(int=7)) if looks_like_an_id(value) else nothing.get(name, value)


def twin(client: Browser) -> Browser:
    """Another browser with the same cookies."""
    other = copy.copy(client)
    other.cookies = copy.deepcopy(client.cookies)
    return other


class Walker:
    """Knocks as one caller at one address, undoes whatever happened, and writes down faults."""

    def __init__(self, world: World, route: Route, caller: str) -> None:
        self.world, self.route, self.caller = world, route, caller
        self.untouched = rows_digest(world.rival.house)
        self.client = world.callers[caller]()
        self.findings: list[Finding] = []

    def note(self, what: str) -> None:
        self.findings.append(Finding(self.route.name, self.caller, what))

    def send(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        client = twin(self.client)
        with transaction.atomic():
            answer: Any = (client.get if method == "get" else client.post)(path, body)
            if getattr(answer, "streaming", False):
                kept = dict(answer.items())
                answer = HttpResponse(b"".join(answer), status=answer.status_code, headers=kept)
            if rows_digest(self.world.rival.house) != self.untouched:
                self.note(f"{method} {path} changed another's rows")
            transaction.set_rollback(True)
        for fault in faults(answer):
            self.note(f"{method} {path} {fault}")
        return answer

    def visit(self) -> None:
        for values in mixtures(self.world, self.route):
            self._by_path(values)
        if "organization" in self.route.parameters:
            self._at_home(self.route.path(self.world.acme.at(self.route)))

    def _by_path(self, values: dict[str, str]) -> None:
        """A foreign id looks exactly like a missing one."""
        nowhere = missing(values, self.world.rival.at(self.route))
        for method in ("get", "post"):
            answer = self.send(method, self.route.path(values))
            if values == nowhere or self.route.is_public:
                continue
            if not alike(answer, self.send(method, self.route.path(nowhere))):
                self.note(f"{method} {self.route.path(values)} differs from a missing one")

    def _at_home(self, path: str) -> None:
        """My own address, with their ids in query and body."""
        theirs = their_values(self.world)
        self.send("get", f"{path}?{urlencode(theirs)}")
        for name in self.route.offered:  # one by one: a program's unknown ones are refused
            self.send("get", f"{path}?{urlencode({name: theirs.get(name, theirs['id'])})}")
        self.send("post", path, theirs)
        for form in forms_in(self.send("get", path).content):
            if form.method == "post":
                self.send("post", path, self._swapped(form.fields) | {"go": "x"})

    def _swapped(self, fields: dict[str, str]) -> dict[str, str]:
        """A form of the page with every id in it replaced by the other organization's."""
        ids = self.world.acme.ids.items()
        swaps = {mine: self.world.rival.ids[name] for name, mine in ids if looks_like_an_id(mine)}
        return their_values(self.world) | {
            name: swaps.get(value, value) for name, value in fields.items()
        }


def visit(world: World, route: Route) -> list[Finding]:
    """Everything wrong with one address."""
    findings: list[Finding] = []
    for caller in world.callers:
        walker = Walker(world, route, caller)
        walker.visit()
        findings += walker.findings
    return findings


def their_values(world: World) -> dict[str, str]:
    """Every name a door might listen to, with the other organization's id of that kind."""
    theirs = world.rival.ids
    anything = theirs["cycle"]
    found = {name: theirs.get(name.removesuffix("_id"), anything) for name in NAMES}
    whole = str(world.rival.house.id)
    return found | {"organization": whole, "organization_id": whole, "org": theirs["organization"]}


def faults(answer: Any) -> Iterator[str]:
    heads = "\n".join(f"{name}: {value}" for name, value in answer.items())
    if CANARY.encode() in answer.content or CANARY in heads:
        yield "showed another's text"
    if answer.status_code >= 500:
        yield f"answered {answer.status_code}"


def alike(answer: Any, other: Any) -> bool:
    """Status and body, but for tokens and the ids and addresses that were asked for."""
    if answer.status_code != other.status_code:
        return False
    return NOISE.sub(b"", answer.content) == NOISE.sub(b"", other.content)
