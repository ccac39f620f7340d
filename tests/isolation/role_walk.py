"""Tries sequences of attempts in one world after another and looks at every page after each of them.

Every attempt is made in a savepoint that is rolled back, so sequences that begin alike share their
beginning. A page is asked again only when a table has changed that it was made from: PostgreSQL
counts, for each table, what a transaction reads and writes. Longer sequences do not even then ask it
where it was seen before with the same rows in all these tables, in the same order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from organizations.tenancy.scope import working_for
from tests.isolation.attempts import ATTEMPTS, Attack, Attempt, forms_of, pages
from tests.isolation.insiders import ATTACKERS, Insiders
from tests.isolation.normalized_replies import seen

Path = tuple[str, ...]
Where = tuple[str, str]  # who asks, and the address
BEST = ("admin", "owner", "analyst", "leader", "lead", "program")
TRACES = {"django_session", "organizations_apikey"}  # of the asking itself
# What whoever came in the victim's place can look at.
OF_THE_VICTIM = (
    "",
    "?part=_start",
    "?part=_all",
    "?part=_review",
    "code/",
    "leave/",
    "withdraw/",
    "result/",
)


@dataclass(frozen=True, slots=True)
class Look:
    """One page as it was last seen, and how often each table was read for it."""

    digest: str
    reads: dict[str, int]
    may_change: bool  # 403 and 405 follow from the role alone


Contents = dict[str, str]  # a digest of each table's rows
Tables = tuple[str, ...]
Rows = tuple[str, ...]  # a digest of each of these tables


@dataclass
class Memory:
    """Every page as it was ever seen, beside the contents of the tables that it was made from."""

    texts: dict[str, str] = field(default_factory=dict)  # by digest
    pages: dict[Where, dict[Tables, dict[Rows, Look]]] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        digest = sha256(text.encode()).hexdigest()
        self.texts.setdefault(digest, text)
        return digest

    def add(self, where: Where, look: Look, tables: Tables, contents: Contents) -> None:
        rows = tuple(contents[table] for table in tables)
        self.pages.setdefault(where, {}).setdefault(tables, {})[rows] = look

    def find(self, where: Where, contents: Contents) -> Look | None:
        for tables, looks in self.pages.get(where, {}).items():
            if look := looks.get(tuple(contents.get(table, "") for table in tables)):
                return look
        return None


@dataclass
class Seen:
    """What one world showed: after each sequence the replies to its last attempt, and all pages."""

    texts: dict[str, str]  # by digest
    after: dict[Path, dict[Where, str]] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Site:
    """What is looked at, and how often each table is read for a page whoever asks for it."""

    pages: list[Where]
    of_asking: dict[str, dict[str, int]]  # the row of whoever asks, which no attempt changes


def site_of(insiders: Insiders, *, everyone_looks: bool = False) -> Site:
    asked = dict(ask(Attack(insiders), list(pages(insiders)), Memory()))
    openable = [where for where, look in asked.items() if look.may_change]
    of_asking = {
        who: _least([asked[where].reads for where in openable if where[0] == who])
        for who in dict(openable)
    }
    return Site(openable if everyone_looks else _readers(openable), of_asking)


def ask(attack: Attack, every: list[Where], memory: Memory) -> list[tuple[Where, Look]]:
    """Asking leaves no trace: the access log would tell which pages were asked for and which remembered."""
    with transaction.atomic():
        asked = list(_ask(attack, sorted(every, key=_access_log_first), memory))
        transaction.set_rollback(True)
    return asked


def _access_log_first(where: Where) -> bool:
    return not where[1].endswith("/settings/access/")


def _ask(attack: Attack, every: list[Where], memory: Memory) -> Iterator[tuple[Where, Look]]:
    before = _read()
    for who, path in every:
        client = attack.as_victim[who] if who in attack.as_victim else attack.by(who)
        reply: Any = client.get(path)
        digest = memory.keep(seen(reply))
        now = _read()
        reads = {table: number - before[table] for table, number in now.items()}
        yield (who, path), Look(digest, reads, reply.status_code not in (403, 405))
        before = now


class Walk:
    """Everything that the attackers try and see, in one world after another."""

    def __init__(
        self, insiders: Insiders, site: Site, attempts: Mapping[str, Attempt], memory: Memory | None
    ) -> None:
        self.insiders, self.site, self.attempts = insiders, site, attempts
        self.memory = memory or Memory()
        # Without a memory of other walks every page is asked in every world, until one attempt was made.
        self.trusted_from = 0 if memory else 2
        self.seen = Seen(self.memory.texts)

    def run(self, world: str, tree: Tree) -> Seen:
        self.seen = Seen(self.memory.texts)
        with transaction.atomic():
            self.insiders.forget()
            self.insiders.act(world)
            attack = Attack(self.insiders)
            contents = self._contents(_readable())
            looks = self._look(attack, {}, set(), contents, trusted=self.trusted_from == 0)
            self._note((), [], looks)
            self._branch(attack, tree, (), looks, contents)
            transaction.set_rollback(True)
        return self.seen

    def _branch(
        self,
        attack: Attack,
        tree: Tree,
        path: Path,
        looks: Mapping[Where, Look],
        contents: Contents,
    ) -> None:
        for name, further in tree.items():
            here = attack.fork()
            with transaction.atomic():
                self.insiders.forget()
                before = _written()
                self.attempts[name](here)
                here.deliver()
                changed = {table for table, rows in _written().items() if rows != before[table]}
                changed -= TRACES
                present = contents | self._contents(changed & contents.keys())
                now = self._look(
                    here, looks, changed, present, trusted=len(path) + 1 >= self.trusted_from
                )
                self._note((*path, name), here.replies, now)
                if changed:  # else what follows is what would follow without it
                    self._branch(here, further, (*path, name), now, present)
                transaction.set_rollback(True)

    def _note(self, path: Path, replies: list[str], looks: Mapping[Where, Look]) -> None:
        shown = {where: look.digest for where, look in looks.items()}
        shown["replies", ""] = self.memory.keep("\n".join(replies))
        self.seen.after[path] = shown

    def _look(
        self,
        attack: Attack,
        looks: Mapping[Where, Look],
        changed: set[str],
        contents: Contents,
        *,
        trusted: bool,
    ) -> dict[Where, Look]:
        """All pages; those of which no table has changed are as they were. So are those that
        were seen with these contents, if that is trusted."""
        self.insiders.forget()
        shown: dict[Where, Look] = {}
        for where in self.site.pages:
            if where in looks and not self._tables(where, looks[where]) & changed:
                shown[where] = looks[where]
            elif trusted and (look := self.memory.find(where, contents)):
                shown[where] = look
        rest = [where for where in self.site.pages if where not in shown]
        asked = dict(ask(attack, rest, self.memory))
        for where, look in asked.items():
            if (tables := self._tables(where, look)) <= contents.keys():
                self.memory.add(where, look, tuple(sorted(tables)), contents)
        own = [(who, page) for who in attack.as_victim for page in _own(attack)]
        return shown | asked | self._look_as_victim(attack, own, looks, changed)

    def _look_as_victim(
        self, attack: Attack, own: list[Where], looks: Mapping[Where, Look], changed: set[str]
    ) -> dict[Where, Look]:
        """In browsers of which each knows something else."""
        same = [one for one in own if one in looks and not self._tables(one, looks[one]) & changed]
        as_before = {where: looks[where] for where in same}
        rest = [where for where in own if where not in as_before]
        return as_before | dict(ask(attack, rest, self.memory))

    def _tables(self, where: Where, look: Look) -> set[str]:
        of_asking = self.site.of_asking.get(where[0], {})
        return {table for table, reads in look.reads.items() if reads > of_asking.get(table, 0)}

    def _contents(self, tables: Iterable[str]) -> Contents:
        """As the organization sees them: the rows in the order in which they lie."""
        each = [
            f"""SELECT '{table}', md5(coalesce(string_agg(t::text, ' ' ORDER BY t.ctid), ''))
                  FROM "{table}" t"""
            for table in tables
        ]
        if not each:
            return {}
        with working_for(self.insiders.house.id), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(each))
            return dict(cursor.fetchall())


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


def _readable() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_xact_user_tables WHERE has_table_privilege(relid, 'SELECT')"
        )
        return [name for (name,) in cursor.fetchall()]


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
