"""What insiders may try in order to learn what the victim did: by hand what is interesting, and every
form of every page that they can reach, as the page would send it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.assessments.respondent_clients import FIRST, Respondent
from tests.isolation.forms import forms_in
from tests.isolation.insiders import (
    ATTACKERS,
    COMMENT,
    TAKEN,
    VICTIM,
    Insiders,
    pass_night,
    work_off,
)
from tests.isolation.normalized_replies import seen, without_chance
from tests.isolation.routes import Route, routes
from tests.isolation.walk import Browser, twin

LINK = re.compile(r"http://testserver(/(s|join)/[\w-]+/)")
RATING = f"performance.{FIRST}"


@dataclass
class Attack:
    """How far the attackers have come in one world: the browsers in which they are the victim, and
    everything that was answered to them since the last look."""

    insiders: Insiders
    as_victim: dict[str, Respondent] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    letters: int = 0  # of the outbox that are known

    def fork(self) -> Attack:
        """The same, to be continued in another way."""
        browsers = {name: _twin(client) for name, client in self.as_victim.items()}
        return Attack(self.insiders, browsers, [], len(mail.outbox))

    def send(self, client: Client, path: str, body: Any = None, *, post: bool = True) -> Any:
        """One request, and where it leads."""
        answer: Any = client.post(path, body or {}) if post else client.get(path)
        self.replies.append(seen(answer))
        if answer.status_code in (302, 303):
            self.replies.append(seen(client.get(urljoin(path, answer["Location"]))))
        return answer

    def by(self, role: str) -> Client:
        return _twin(self.insiders.clients[role])

    def page(self, tail: str) -> str:
        return f"/o/{self.insiders.house.slug}/{tail}"

    @property
    def person(self) -> str:
        return self.page(f"people/{self.insiders.victim.pk}/")

    @property
    def cycle(self) -> str:
        return self.page(f"cycles/{self.insiders.cycle.pk}/")

    @property
    def survey(self) -> str:
        return self.page(f"surveys/{self.insiders.cycle.pk}/")

    def deliver(self) -> None:
        """Workers do what is due; what reaches an address of the attackers is read."""
        work_off(self.insiders)
        mine = {f"{name.lower()}@acme.example" for name in ATTACKERS.values()} | {TAKEN}
        arrived = [letter for letter in mail.outbox[self.letters :] if set(letter.to) & mine]
        texts = (f"{letter.to} {letter.subject}\n{letter.body}" for letter in arrived)
        self.replies += sorted(without_chance(LINK.sub(r"/\2/link/", text)) for text in texts)
        self.letters = len(mail.outbox)

    def link(self, kind: str) -> str:
        """The newest link to the victim's survey or sign-in that reached the attackers."""
        for letter in reversed(mail.outbox):
            for path, found in LINK.findall(str(letter.body)):
                if found == kind and TAKEN in letter.to:
                    return str(path)
        return ""


def _twin(client: Browser) -> Browser:
    """Another browser with the same cookies, and as far as this one."""
    other = twin(client)
    if isinstance(client, Respondent) and isinstance(other, Respondent):
        other.known = dict(client.known)
    return other


# --- By hand -------------------------------------------------------------------------------------

Attempt = Callable[[Attack], None]


def _person(attack: Attack, **changed: str) -> None:
    """The form of a person as the administrator's page shows it, with something changed."""
    admin = attack.by("admin")
    page = admin.get(attack.person)
    attack.replies.append(seen(page))
    fields = [form.fields for form in forms_in(page.content) if "email" in form.fields]
    if fields:
        unticked = {"leads"} - changed.keys()
        body = {name: value for name, value in fields[0].items() if name not in unticked}
        attack.send(admin, attack.person, body | changed)


def _do(tail: str, role: str = "admin") -> Attempt:
    """A button on the page of a person (`person/...`) or of the cycle."""
    of, _, button = tail.partition("/")

    def attempt(attack: Attack) -> None:
        page = attack.person if of == "person" else attack.cycle
        attack.send(attack.by(role), f"{page}{button}")

    return attempt


def change_address(attack: Attack) -> None:
    _person(attack, email=TAKEN)


def move(attack: Attack) -> None:
    _person(attack, team=str(attack.insiders.house.teams["Growth"].pk))


def make_lead(attack: Attack) -> None:
    _person(attack, leads="on")


def bring_list(attack: Attack) -> None:
    """A list in which the victim has another address, and somebody new stands."""
    rows = ("name,email,team,role", f"{VICTIM},vic@acme.example,Growth,member", "New,n@x.example,,")
    file = SimpleUploadedFile("people.csv", "\n".join(rows).encode())
    admin, where = attack.by("admin"), attack.page("people/import/")
    shown = attack.send(admin, where, {"file": file})
    for form in forms_in(shown.content):
        if "carried" in form.fields:
            attack.send(admin, where, form.fields)


def take_link(attack: Attack) -> None:
    """Another address, the invitation once more, and the link that arrives."""
    change_address(attack)
    _do("cycle/invite-again/")(attack)
    open_link(attack)


def open_link(attack: Attack) -> None:
    attack.deliver()
    if path := attack.link("s"):
        browser = Respondent()
        attack.send(browser, path, post=False)
        attack.send(browser, path)
        attack.as_victim["link"] = browser


def take_account(attack: Attack) -> None:
    """Another address, an invitation to sign in, and an account of the victim's."""
    change_address(attack)
    _do("person/invite/")(attack)
    attack.deliver()
    if path := attack.link("join"):
        browser = Respondent()
        attack.send(browser, path, post=False)
        attack.send(browser, path, {"password": "a sentence of the attackers"})
        attack.as_victim["account"] = browser


def _in_place_of_victim(tail: str, **body: str) -> Attempt:
    def attempt(attack: Attack) -> None:
        for browser in attack.as_victim.values():
            attack.send(browser, f"{attack.survey}{tail}", body)

    return attempt


def ask_again(attack: Attack) -> None:
    """Another cycle of another rubric: planned, confirmed by the owner and opened."""
    until = attack.insiders.moment + timedelta(days=9)
    plan = {"name": "Another", "rubric": "cmo-collaboration", "mode": "confidential"}
    plan |= {"closes_at_0": f"{until:%Y-%m-%d}", "closes_at_1": "12:00", "threshold": "5"}
    owner = attack.by("owner")
    where = attack.send(owner, attack.page("cycles/plan/"), plan).headers.get("Location", "")
    for form in forms_in(owner.get(where).content) if where else ():
        if form.action.endswith("/confirm/"):
            attack.send(owner, form.action, form.fields)
            attack.send(owner, f"{where}open/")


ATTEMPTS: dict[str, Attempt] = {
    "change address": change_address,
    "invite": _do("person/invite/"),
    "take account": take_account,
    "take link": take_link,
    "answer the same": _in_place_of_victim("answer/", **{RATING: "4"}),
    "answer something else": _in_place_of_victim("answer/", **{RATING: "2"}),
    "comment the same": _in_place_of_victim("answer/", **{f"comment.{FIRST}": COMMENT}),
    "send": _in_place_of_victim("submit/"),
    "withdraw": _in_place_of_victim("withdraw/"),
    "remind": _do("cycle/remind/"),
    "invite again": _do("cycle/invite-again/"),
    "suspend": _do("person/suspend/"),
    "reinstate": _do("person/reinstate/"),
    "move": move,
    "make lead": make_lead,
    "remove": _do("person/remove/"),
    "bring list": bring_list,
    "wait a night": lambda attack: pass_night(attack.insiders),
    "close": _do("cycle/close/"),
    "ask again": ask_again,
}


# --- From the pages --------------------------------------------------------------------------------

# Where no organization is: language and colours stand on every page, and signing out ends the walk.
ELSEWHERE = ("/language/", "/theme/", "/sign-out/")


def pages(insiders: Insiders) -> dict[tuple[str, str], str]:
    """(role, address) -> the name of its route: every page and answer for programs of the site."""
    found: dict[tuple[str, str], str] = {("admin", "/"): "front"}
    for route in routes():
        if route.is_for_programs:
            found["program", _at(route, insiders)] = route.name
        elif not route.is_public:
            found |= {(role, _at(route, insiders)): route.name for role in ATTACKERS}
    return found


def _at(route: Route, insiders: Insiders) -> str:
    return route.path(insiders.known.at(route))


def forms_of(role: str, path: str, page: bytes) -> Iterator[tuple[str, Attempt]]:
    """Every form of a page as it would be sent untouched."""
    for form in forms_in(page):
        where = urljoin(path, form.action or path)
        if form.method == "post" and not where.startswith(ELSEWHERE) and not form.files:
            fields = {k: v for k, v in form.fields.items() if k != "csrfmiddlewaretoken"}
            yield f"{role}: {where} {sorted(fields)}", _sent(role, where, fields)


def _sent(role: str, where: str, fields: dict[str, str]) -> Attempt:
    def attempt(attack: Attack) -> None:
        attack.send(attack.by(role), where, fields)

    return attempt
