"""What an import of people would do, row by row, and what may be chosen about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from organizations.languages import own_name
from organizations.models import Membership, Role
from organizations.people import Profile
from organizations.tables.mapping import MappedColumn
from organizations.tables.table import Question, Sentence, TableProblem
from organizations.team_tree import TeamPath

KEEP, SUSPEND, CHOOSE = (
    "keep",
    "suspend",
    "choose",
)  # what becomes of people who are not in the file


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What was chosen on the page: columns by their key, answers to questions, and who is suspended."""

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    missing: str = KEEP
    suspended: frozenset[str] = frozenset()  # ids, where each is chosen
    remember: bool = False


NO_CHOICES = ImportChoices()


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """A row that can be imported: who it is about, what it says, what that changes."""

    line: int
    path: TeamPath
    profile: Profile  # its team is the root while the team does not exist
    person: Membership | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def role(self) -> str:
        return str(Role(self.profile.role).label)

    @property
    def language(self) -> str:
        return own_name(self.profile.language)

    @property
    def change_texts(self) -> list[tuple[str, str]]:
        """What changes, in words: (“Role”, “Member → Analyst”)."""
        return [
            (str(label), f"{before} → {after}")
            for column, label, before, after in self._described_columns()
            if column in self.changes
        ]

    def _described_columns(self) -> Iterator[tuple[str, Any, str, str]]:
        person, profile = self.person, self.profile
        assert person is not None
        yield "name", pgettext_lazy("of a person", "Name"), person.name, profile.name
        if isinstance(team := self.changes.get("team"), list):
            yield "team", gettext_lazy("Team"), team[0] or "/", team[1] or "/"
        yield "role", gettext_lazy("Role"), person.get_role_display(), self.role
        yield "language", gettext_lazy("Language"), person.get_language_display(), self.language
        words = {True: _("yes"), False: _("no")}
        yield "leads", gettext_lazy("Leads this team"), words[person.leads], words[profile.leads]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What the import of a file would do."""

    sheet: str = ""
    encoding: str = ""
    columns: tuple[MappedColumn, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Sentence, ...] = ()
    new: tuple[ImportEntry, ...] = ()
    changed: tuple[ImportEntry, ...] = ()
    same: int = 0
    missing: tuple[
        Membership, ...
    ] = ()  # active people of the organization who are not in the list
    may_suspend: frozenset[UUID] = (
        frozenset()
    )  # those of them whom the person who imports may suspend
    suspended: tuple[Membership, ...] = ()
    teams: tuple[TeamPath, ...] = ()
    problems: tuple[TableProblem, ...] = ()

    @property
    def is_applicable(self) -> bool:
        return not self.problems and bool(self.new or self.changed or self.suspended)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of the columns that are left out."""
        return tuple(each.column.name for each in self.columns if not each.field)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(each.column.name for each in self.columns if each.is_unknown)

    @property
    def row_count(self) -> int:
        return len(self.new) + len(self.changed) + self.same

    @property
    def digest(self) -> str:
        """A hash that changes as soon as the import would do something else."""
        new = [
            (entry.line, entry.path, astuple(replace(entry.profile, team=UUID(int=0))))
            for entry in self.new
        ]
        changed = [(str(entry.person and entry.person.pk), entry.changes) for entry in self.changed]
        suspended = sorted(str(person.pk) for person in self.suspended)
        whole = repr((new, changed, self.teams, suspended))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


class PlanOutdated(RuntimeError):
    """The import would do something else than was shown: people, teams or choices have changed."""
