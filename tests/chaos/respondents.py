"""Someone who answers as the survey's script does (`static/js/survey.js`), and what they may rely on:
every answer that was acknowledged stays, until a later one of their own replaces it."""

from __future__ import annotations

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from tests.chaos.connections import CUT, LAST_FIELD, Connection, Fault, Outcome

PAUSE = 0.1  # seconds before the next try where the site does not answer
SOME = 8  # questions of one respondent: few, so that answers are changed again and again
LEVELS = ("1", "2", "3", "4", "5")
RATINGS = (*LEVELS, "-1", "")  # of performance and exposure


@dataclass
class Ledger:
    """What the site has acknowledged to one respondent, and what it may have stored since."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    possible: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    count: int = 0
    problems: list[str] = field(default_factory=list)

    def allowed(self, name: str) -> set[str]:
        return {self.acknowledged.get(name, "")} | self.possible[name]

    def acknowledge(self, name: str, value: str) -> None:
        """Whatever was sent before was refused or replaced by this."""
        self.acknowledged[name] = value
        self.possible[name].clear()
        self.count += 1

    def compare(self, name: str, value: str) -> None:
        """With what is stored, as somebody says who knows it."""
        if value not in (allowed := self.allowed(name)):
            self.problems.append(f"{name} is {value!r}, and not one of {sorted(allowed)}")


@dataclass(frozen=True)
class Entry:
    """An answer that this device keeps until the server has it."""

    value: str
    seen: str  # the version that the device holds, or `none`

    def fields(self, name: str) -> dict[str, str]:
        evidence = {name.replace("comment.", "evidence."): ""} if "comment" in name else {}
        return {name: self.value, **evidence, f"seen.{name}": self.seen}


class Respondent:
    """One browser with a personal link, and the queue of its script."""

    def __init__(self, port: int, link: str, survey: str, names: Sequence[str], seed: str) -> None:
        self.chance = random.Random(seed)
        self.connection = Connection(port, self.chance)
        self.link, self.survey, self.seed = link, survey, seed
        comments = [name for name in names if name.startswith("comment.")]
        ratings = [name for name in names if name not in comments]
        self.names = self.chance.sample(ratings, SOME - 2) + self.chance.sample(comments, 2)
        self.queue: dict[str, Entry] = {}
        self.seen: dict[str, str] = {}
        self.ledger = Ledger()
        self.outcomes: list[Outcome] = []
        self.texts = 0

    def arrive(self) -> None:
        """The link, its button, and the first page."""
        self.connection.ask("GET", self.link)
        token = self.connection.cookies["csrf"]
        self.connection.ask("POST", self.link, f"csrfmiddlewaretoken={token}".encode() + LAST_FIELD)
        self.connection.ask("GET", f"{self.survey}?part=_all")

    def answer(self, plan: Iterable[Fault]) -> None:
        """One choice after the other, each saved as it is made. What was not acknowledged at the end
        stays so: somebody has closed the page."""
        self.arrive()
        for fault in plan:
            self.choose()
            self.save(fault)
        self.connection.close()

    def choose(self) -> None:
        """Answer a question, or change the answer. Often the one that was not acknowledged."""
        waiting = list(self.queue)
        name = self.chance.choice(waiting if waiting and self.chance.random() < 0.5 else self.names)
        known = self.queue.get(name)
        seen = known.seen if known else self.seen.get(name, "none")
        self.queue[name] = Entry(self._value(name), seen)

    def _value(self, name: str) -> str:
        if name.startswith("comment."):
            self.texts += 1  # no text is written twice
            words = "가나다 & 100 % = " * self.chance.randrange(1, 20)
            return f"{words}{self.seed}/{self.texts}."
        return self.chance.choice(LEVELS if name.startswith("importance") else RATINGS)

    def save(self, fault: Fault) -> None:
        """Everything that waits at once; if something of it is refused, one after the other."""
        outcome = self.send(list(self.queue), fault)
        if outcome.reply is None or outcome.reply.status >= 500:
            if fault not in CUT:
                time.sleep(PAUSE)
        elif outcome.reply.status == 409 and len(self.queue) > 1:
            for name in list(self.queue):
                self.send([name], Fault.NONE)

    def send(self, names: list[str], fault: Fault) -> Outcome:
        """One request. The reply is taken as the script takes it."""
        fields: dict[str, str] = {}
        for name in names:
            fields |= self.queue[name].fields(name)
        body = urlencode(fields).encode() + LAST_FIELD
        outcome = self.connection.post(f"{self.survey}answer/", body, fault)
        self.outcomes.append(outcome)
        status = outcome.reply.status if outcome.reply else 0
        if status == 200:
            self._acknowledge(names, outcome)
        elif status == 409 and len(names) == 1:
            self._decide(names[0], outcome)
        elif outcome.is_whole:
            for name in names:
                self.ledger.possible[name].add(self.queue[name].value)
        return outcome

    def _acknowledge(self, names: list[str], outcome: Outcome) -> None:
        assert outcome.reply is not None
        versions = json.loads(outcome.reply.body)
        if not outcome.is_whole:
            self.ledger.problems.append(f"acknowledged: {outcome}")
        for name in names:
            self.ledger.acknowledge(name, self.queue.pop(name).value)
            self.seen[name] = versions[name] or "none"

    def _decide(self, name: str, outcome: Outcome) -> None:
        """The site has something newer, which can only be one's own: keep mine, or take that."""
        assert outcome.reply is not None
        [stored] = json.loads(outcome.reply.body)["stale"]
        self.ledger.compare(name, stored["value"])
        self.seen[name] = stored["seen"] or "none"
        mine = self.queue.pop(name)
        if self.chance.random() < 0.5:
            self.queue[name] = replace(mine, seen=self.seen[name])
        self.ledger.acknowledged[name] = stored["value"]
        self.ledger.possible[name].clear()


def counted(respondents: Iterable[Respondent]) -> Counter[str]:
    """What was asked and acknowledged, over all."""
    counts = Counter[str]()
    for each in respondents:
        counts["acknowledged"] += each.ledger.count
        counts["requests"] += len(each.outcomes)
        counts.update(str(outcome.fault) for outcome in each.outcomes)
        counts["dropped or cut"] += sum(outcome.fault in CUT for outcome in each.outcomes)
    return counts
