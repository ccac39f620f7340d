"""The list of people that an organization brings from Excel.

First a dry run: what would come, what would change, what is wrong in which line. Nothing is stored
until that is confirmed; then everything is, or nothing. Nobody is removed by a list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from organizations import audit, people
from organizations.csv_files import (
    DUPLICATE_HEADER,
    CsvProblem,
    CsvRow,
    CsvTable,
    InvalidCsv,
    read_table,
)
from organizations.models import (
    AuditEvent,
    Invitation,
    Language,
    Membership,
    Organization,
    Role,
    Team,
)
from organizations.people import Actor, Profile
from organizations.people_import.columns import (
    BAD_EMAIL,
    BAD_LANGUAGE,
    BAD_LEADS,
    BAD_ROLE,
    DEEP_TEAM,
    DUPLICATE_EMAIL,
    EMPTY_TEAM,
    LANGUAGES,
    LONG_NAME,
    LONG_TEAM,
    MAX_EMAIL_LENGTH,
    NO,
    NO_COLUMN,
    NO_EMAIL,
    NO_NAME,
    NO_ROWS,
    REQUIRED,
    ROLES,
    YES,
    match_header,
)
from organizations.team_tree import (
    MAX_DEPTH,
    MAX_NAME_LENGTH,
    SEPARATOR,
    TeamPath,
    TeamTree,
    casefold_path,
    parse_path,
)
from organizations.teams import load_tree
from organizations.tenancy.scope import bound_organization
from organizations.text import normalize_line, shorten

BATCH_SIZE = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """A row that can be taken over: who it is about, what is wanted, what that changes."""

    line: int
    path: TeamPath
    wanted: Profile  # with the root for its team as long as the team does not exist
    person: Membership | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def role(self) -> str:
        return str(Role(self.wanted.role).label)

    @property
    def language(self) -> str:
        return str(Language(self.wanted.language).label)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What changes, in words: (“Role”, “Member → Analyst”)."""
        return [
            (str(label), f"{before} → {after}")
            for column, label, before, after in self._columns()
            if column in self.changes
        ]

    def _columns(self) -> Iterator[tuple[str, Any, str, str]]:
        person, wanted = self.person, self.wanted
        assert person is not None
        yield "name", pgettext_lazy("of a person", "Name"), person.name, wanted.name
        if isinstance(team := self.changes.get("team"), list):
            yield "team", gettext_lazy("Team"), team[0] or "/", team[1] or "/"
        yield "role", gettext_lazy("Role"), person.get_role_display(), self.role
        yield "language", gettext_lazy("Language"), person.get_language_display(), self.language
        words = {True: _("yes"), False: _("no")}
        yield "leads", gettext_lazy("Leads this team"), words[person.leads], words[wanted.leads]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a list would do."""

    encoding: str = ""
    ignored: tuple[str, ...] = ()  # columns that mean nothing here
    new: tuple[ImportEntry, ...] = ()
    changed: tuple[ImportEntry, ...] = ()
    same: int = 0
    absent: int = 0  # people of the organization who are not in the list; they stay
    teams: tuple[TeamPath, ...] = ()
    problems: tuple[CsvProblem, ...] = ()

    @property
    def is_applicable(self) -> bool:
        return not self.problems and bool(self.new or self.changed)

    @property
    def digest(self) -> str:
        """Another one as soon as the list would do something else."""
        told = [
            (entry.line, entry.path, astuple(replace(entry.wanted, team=UUID(int=0))))
            for entry in self.new
        ]
        changed = [(str(entry.person and entry.person.pk), entry.changes) for entry in self.changed]
        return hashlib.sha256(repr((told, changed, self.teams)).encode()).hexdigest()[:32]


class PlanOutdated(RuntimeError):
    """People or teams were changed between the dry run and its confirmation."""


# --- The dry run ------------------------------------------------------------------------------


def build_plan(content: bytes, *, by: UUID | None) -> ImportPlan:
    """What this file would do. Reads only."""
    try:
        table = read_table(content)
        columns = _columns(table)
    except InvalidCsv as raised:
        return ImportPlan(problems=raised.problems)
    organization = Organization.objects.get(pk=bound_organization())
    known = {person.email.lower(): person for person in Membership.objects.all()}
    reading = _PlanBuilder(
        columns, load_tree(), known, people.find_actor(by), organization.language
    )
    for row in table.rows:
        reading.take(row)
    return reading.plan(table)


def _columns(table: CsvTable) -> dict[str, int]:
    """Which of our columns stands where."""
    found: dict[str, int] = {}
    for place, name in enumerate(table.header):
        column = match_header(name)
        if column in found:
            raise InvalidCsv([CsvProblem(1, DUPLICATE_HEADER, {"name": name})])
        if column:
            found[column] = place
    missing = [column for column in REQUIRED if column not in found]
    if missing:
        raise InvalidCsv([CsvProblem(1, NO_COLUMN, {"column": column}) for column in missing])
    if not table.rows:
        raise InvalidCsv([CsvProblem(0, NO_ROWS)])
    return found


class _PlanBuilder:
    """Rows read so far, and what was found wrong with them."""

    def __init__(
        self,
        columns: Mapping[str, int],
        teams: TeamTree,
        known: Mapping[str, Membership],
        giver: Actor,
        language: str,
    ) -> None:
        self.columns, self.known, self.giver, self.language = columns, known, giver, language
        self.nodes = teams.by_path()
        self.paths = {node.id: node.path for node in teams}
        self.spelled = {place: node.path for place, node in self.nodes.items()}
        self.root = teams.root.id
        self.lines: dict[str, int] = {}
        self.problems: list[CsvProblem] = []
        self.entries: list[ImportEntry] = []

    def take(self, row: CsvRow) -> None:
        cells = {column: row.cells[place] for column, place in self.columns.items()}
        before = len(self.problems)
        email = self._email(row.line, cells["email"])
        person = self.known.get(email)
        path = self._team(row.line, cells.get("team"), person)
        wanted = Profile(
            name=self._name(row.line, cells["name"]),
            email=person.email if person else email,
            team=self._place(path),
            role=self._one_of(row.line, cells, "role", ROLES, BAD_ROLE)
            or (person.role if person else Role.MEMBER),
            language=self._one_of(row.line, cells, "language", LANGUAGES, BAD_LANGUAGE)
            or (person.language if person else self.language),
            leads=self._leads(row.line, cells.get("leads"), person),
        )
        if len(self.problems) == before:
            self._weigh(row.line, path, wanted, person)

    def plan(self, table: CsvTable) -> ImportPlan:
        new = tuple(entry for entry in self.entries if entry.person is None)
        changed = tuple(entry for entry in self.entries if entry.person and entry.changes)
        return ImportPlan(
            encoding=table.encoding,
            ignored=tuple(name for name in table.header if name and not match_header(name)),
            new=new,
            changed=changed,
            same=len(self.entries) - len(new) - len(changed),
            absent=len(self.known.keys() - self.lines.keys()),
            teams=tuple(path for place, path in self.spelled.items() if place not in self.nodes),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line)),
        )

    def _complain(self, line: int, text: str, **values: object) -> None:
        self.problems.append(CsvProblem(line, text, values))

    def _name(self, line: int, cell: str) -> str:
        name = normalize_line(cell)
        if not name:
            self._complain(line, NO_NAME)
        if len(name) > MAX_NAME_LENGTH:
            self._complain(line, LONG_NAME, limit=MAX_NAME_LENGTH)
        return name

    def _email(self, line: int, cell: str) -> str:
        email = normalize_line(cell).lower()
        if not email:
            self._complain(line, NO_EMAIL)
        elif not _is_email(email):
            self._complain(line, BAD_EMAIL, found=shorten(cell))
        elif email in self.lines:
            self._complain(line, DUPLICATE_EMAIL, first=self.lines[email], found=email)
        self.lines.setdefault(email, line)
        return email

    def _team(self, line: int, cell: str | None, person: Membership | None) -> TeamPath:
        """Where someone shall stand, in the spelling of the teams that exist. Without the column
        nobody moves; an empty cell is the organization itself."""
        if cell is None:
            return self.paths[person.team_id] if person else ()
        path = tuple(map(normalize_line, parse_path(cell)))
        faults = {
            DEEP_TEAM: len(path) > MAX_DEPTH,
            EMPTY_TEAM: not all(path),
            LONG_TEAM: any(len(name) > MAX_NAME_LENGTH for name in path),
        }
        wrong = next((text for text, is_wrong in faults.items() if is_wrong), None)
        if wrong:
            self._complain(line, wrong, found=shorten(cell))
            return ()
        return self._spelled(path)

    def _spelled(self, path: TeamPath) -> TeamPath:
        """Registers the team, and those above it, where they do not exist yet."""
        for depth in range(1, len(path) + 1):
            place = casefold_path(path[:depth])
            above = self.spelled[place[:-1]]
            self.spelled.setdefault(place, (*above, path[depth - 1]))
        return self.spelled[casefold_path(path)]

    def _place(self, path: TeamPath) -> UUID:
        node = self.nodes.get(casefold_path(path))
        return node.id if node else self.root

    def _one_of(
        self, line: int, cells: Mapping[str, str], column: str, words: Mapping[str, str], wrong: str
    ) -> str:
        """The meaning of a cell; nothing where it is empty, so that what holds now goes on."""
        cell = cells.get(column, "")
        if cell and cell.casefold() not in words:
            self._complain(line, wrong, found=shorten(cell))
        return words.get(cell.casefold(), "")

    def _leads(self, line: int, cell: str | None, person: Membership | None) -> bool:
        if cell is None:
            return person.leads if person else False
        if cell.casefold() not in YES | NO:
            self._complain(line, BAD_LEADS, found=shorten(cell))
        return cell.casefold() in YES

    def _weigh(self, line: int, path: TeamPath, wanted: Profile, person: Membership | None) -> None:
        """What would change, unless whoever brings the list may not change it."""
        changes: dict[str, Any] = {}
        if person is not None:
            changes = people.changed_fields(person, wanted)
            if self.paths[person.team_id] != path:
                changes["team"] = [SEPARATOR.join(self.paths[person.team_id]), SEPARATOR.join(path)]
        refused = (
            people.refusals_by_field(self.giver, person, wanted) if changes or not person else {}
        )
        for text in refused.values():
            self._complain(line, text.replace("%", "%%"))
        self.entries.append(ImportEntry(line, path, wanted, person, changes))


def _is_email(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= MAX_EMAIL_LENGTH


# --- Carrying it out --------------------------------------------------------------------------


def apply_plan(content: bytes, *, digest: str, by: UUID | None) -> ImportPlan:
    """All of it, or nothing. Raises ListChanged if it would not do what the dry run showed."""
    with people.ensure_owner_remains():
        found = build_plan(content, by=by)
        if not found.is_applicable or found.digest != digest:
            raise PlanOutdated
        teams = _create_teams(found.teams)
        _create_people(found.new, teams)
        _change_people(found.changed, teams)
        audit.record(
            "people.imported",
            by=by,
            new=len(found.new),
            changed=len(found.changed),
            teams=len(found.teams),
        )
        _note_changes(found.changed, by)
    return found


def _create_teams(paths: tuple[TeamPath, ...]) -> dict[TeamPath, UUID]:
    """Every team by its path, the new ones made level by level."""
    ids = {node.path: node.id for node in load_tree()}
    for depth in sorted({len(path) for path in paths}):
        level = [path for path in paths if len(path) == depth]
        made = Team.objects.bulk_create(
            [Team(name=path[-1], parent_id=ids[path[:-1]]) for path in level], BATCH_SIZE
        )
        ids |= {path: team.pk for path, team in zip(level, made, strict=True)}
    return ids


def _create_people(entries: tuple[ImportEntry, ...], teams: Mapping[TeamPath, UUID]) -> None:
    members = [Membership(**people.field_values(entry.wanted)) for entry in entries]
    for person, entry in zip(members, entries, strict=True):
        person.team_id = teams[entry.path]
    Membership.objects.bulk_create(members, BATCH_SIZE)


def _change_people(entries: tuple[ImportEntry, ...], teams: Mapping[TeamPath, UUID]) -> None:
    members: list[Membership] = []
    for entry in entries:
        assert entry.person is not None
        for column, value in people.field_values(entry.wanted).items():
            setattr(entry.person, column, value)
        entry.person.team_id = teams[entry.path]
        people.note_team_change(entry.person, entry.changes)
        members.append(entry.person)
    fields = ["name", "team", "team_since", "team_confirmed", "role", "language", "leads"]
    Membership.objects.bulk_update(members, fields, BATCH_SIZE)
    other_role = [entry.person for entry in entries if "role" in entry.changes]
    Invitation.objects.filter(membership__in=other_role, accepted_at=None).delete()


def _note_changes(entries: tuple[ImportEntry, ...], by: UUID | None) -> None:
    """Which fields of whom changed is remembered one by one; who is new, in one line."""
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                event="person.changed",
                actor=by,
                subject=entry.person.pk,
                detail={key: key == "team" or value for key, value in entry.changes.items()},
            )
            for entry in entries
            if entry.person
        ],
        BATCH_SIZE,
    )
