"""Tries sequences of attempts in one world after another and looks at every page after each of them.

Every attempt is made in a savepoint that is rolled back, so sequences that begin alike share their
beginning. A page is asked again only when a table has changed that it was made from: PostgreSQL
counts, for each table, what a transaction reads and writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from tests.isolation.attempts import ATTEMPTS, Attack, Attempt, forms_of, pages
from tests.isolation.insiders import ATTACKERS, Insiders
from tests.isolation.normalized_replies import seen

Path = tuple[str, ...]
Where = tuple[str, str]  # who asks, and the address
BEST = ("admin", "owner", "analyst", "leader", "lead", "program")
TRACES = {"django_session", "organizations_apikey"}  # of the asking itself
# What whoever came in the victim's place can look at.
OF_THE_VICTIM = ("", "?part=_start", "?part=_all", "?part=_review", "code/", "leave/", "withdraw/")


@dataclass(frozen=True, slots=True)
class Look:
    """One page as it was last seen, and how often each table was read for it."""

    digest: str
    reads: dict[str, int]
    may_change: bool  # 403 and 405 follow from the role alone


@dataclass
class Seen:
    """What one world showed: after each sequence the replies to its last attempt, and all pages."""

    texts: dict[str, str] = field(default_factory=dict)  # by digest
    after: dict[Path, dict[Where, str]] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        digest = sha256(text.encode()).hexdigest()
        self.texts.setdefault(digest, text)
        return digest


@dataclass(frozen=True, slots=True)
class Difference:
    """Two worlds could be told apart: after what, by whom and where, and how."""

    path: Path
    where: Where
    worlds: tuple[str, str]
    texts: tuple[str, str]


Tree = dict[str, "Tree"]


def tree_of(paths: Iterable[Path]) -> Tree:
    whole: Tree = {}
    for path in paths:
        branch = whole
        for name in path:
            branch = branch.setdefault(name, {})
    return whole


class Walk:
    """Everything that the attackers try and see, in one world after another."""

    def __init__(
        self, insiders: Insiders, attempts: Mapping[str, Attempt], *, everyone_looks: bool = False
    ) -> None:
        self.insiders, self.attempts, self.seen = insiders, attempts, Seen()
        attack = Attack(insiders)
        asked = dict(self._ask(attack, list(pages(insiders))))
        openable = [where for where, look in asked.items() if look.may_change]
        self.pages = openable if everyone_looks else _readers(openable)
        # What every page reads is the row of whoever asks, which no attempt changes.
        self.of_asking = {
            who: _least([asked[where].reads for where in openable if where[0] == who])
            for who in dict(openable)
        }

    def run(self, world: str, tree: Tree) -> Seen:
        self.seen = Seen()
        with transaction.atomic():
            self.insiders.forget()
            self.insiders.act(world)
            attack = Attack(self.insiders)
            looks = dict(self._ask(attack, self.pages))
            self._note((), [], looks)
            self._branch(attack, tree, (), looks)
            transaction.set_rollback(True)
        return self.seen

    def _branch(self, attack: Attack, tree: Tree, path: Path, looks: Mapping[Where, Look]) -> None:
        for name, further in tree.items():
            here = attack.fork()
            with transaction.atomic():
                self.insiders.forget()
                before = _written()
                self.attempts[name](here)
                here.deliver()
                changed = {table for table, rows in _written().items() if rows != before[table]}
                changed -= TRACES
                now = self._look(here, looks, changed)
                self._note((*path, name), here.replies, now)
                if changed:  # else what follows is what would follow without it
                    self._branch(here, further, (*path, name), now)
                transaction.set_rollback(True)

    def _note(self, path: Path, replies: list[str], looks: Mapping[Where, Look]) -> None:
        shown = {where: look.digest for where, look in looks.items()}
        shown["replies", ""] = self.seen.keep("\n".join(replies))
        self.seen.after[path] = shown

    def _look(
        self, attack: Attack, looks: Mapping[Where, Look], changed: set[str]
    ) -> dict[Where, Look]:
        """All pages; those of which no table has changed are as they were."""
        self.insiders.forget()
        own = [(who, page) for who in attack.as_victim for page in _own(attack)]
        every = [*self.pages, *own]
        same = [
            one for one in every if one in looks and not self._tables(one, looks[one]) & changed
        ]
        as_before = {where: looks[where] for where in same}
        return as_before | dict(self._ask(attack, [one for one in every if one not in as_before]))

    def _tables(self, where: Where, look: Look) -> set[str]:
        of_asking = self.of_asking.get(where[0], {})
        return {table for table, reads in look.reads.items() if reads > of_asking.get(table, 0)}

    def _ask(self, attack: Attack, every: list[Where]) -> Iterator[tuple[Where, Look]]:
        before = _read()
        for who, path in every:
            client = attack.as_victim[who] if who in attack.as_victim else attack.by(who)
            reply: Any = client.get(path)
            digest = self.seen.keep(seen(reply))
            now = _read()
            reads = {table: number - before[table] for table, number in now.items()}
            yield (who, path), Look(digest, reads, reply.status_code not in (403, 405))
            before = now


def _readers(openable: list[Where]) -> list[Where]:
    """One who may open it for each address, and the lead, who sees other parts of the same pages."""
    first = {path: who for who, path in sorted(openable, key=lambda one: -BEST.index(one[0]))}
    return [(who, path) for who, path in openable if who in (first[path], "lead")]


def _least(counted: list[dict[str, int]]) -> dict[str, int]:
    return {table: min(reads[table] for reads in counted) for table in counted[0]}


def _own(attack: Attack) -> list[str]:
    return [attack.page("me/"), *(f"{attack.survey}{tail}" for tail in OF_THE_VICTIM)]


def _counted(columns: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT relname, {columns} FROM pg_stat_xact_user_tables")  # ours
        return dict(cursor.fetchall())


_written = partial(_counted, "n_tup_ins + n_tup_upd + n_tup_del")
_read = partial(_counted, "seq_scan + coalesce(idx_scan, 0)")


def attempts_on_pages(insiders: Insiders, roles: Collection[str]) -> dict[str, Attempt]:
    """Every form of every page that an attacker can reach."""
    found: dict[str, Attempt] = {}
    for role, path in pages(insiders):
        if role in roles:
            reply = Attack(insiders).by(role).get(path)
            html = b"" if getattr(reply, "streaming", False) else reply.content
            found |= dict(forms_of(role, path, html))
    return found


def differences(shown: Mapping[str, Seen]) -> list[Difference]:
    """Everywhere two worlds can be told apart; the first world beside each of the others."""
    (first, one), *others = shown.items()
    found = []
    for name, other in others:
        for path, expected in one.after.items():
            there = other.after.get(
                path, expected
            )  # not tried where nothing had come of its beginning
            for where in expected.keys() | there.keys():
                a, b = expected.get(where, ""), there.get(where, "")
                if a != b:
                    texts = (one.texts.get(a, ""), other.texts.get(b, ""))
                    found.append(Difference(path, where, (first, name), texts))
    return found


def all_attempts(insiders: Insiders, roles: Collection[str] = ATTACKERS) -> dict[str, Attempt]:
    return ATTEMPTS | attempts_on_pages(insiders, roles)
