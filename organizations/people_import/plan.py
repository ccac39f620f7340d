"""Import the list of people that an organization brings from Excel.

A dry run comes first: what would be added, what would change, what is wrong in which line. Nothing is
stored until it is confirmed; then everything is, or nothing. An import removes nobody.
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
from organizations.languages import own_name
from organizations.models import AuditEvent, Invitation, Membership, Organization, Role, Team
from organizations.people import Actor, Profile
from organizations.people_import.columns import (
    BAD_EMAIL,
    BAD_LANGUAGE,
    BAD_LEADS,
    BAD_ROLE,
    DEEP_TEAM,
    DUPLICATE_EMAIL,
    EMPTY_TEAM,
    LONG_NAME,
    LONG_TEAM,
    MAX_EMAIL_LENGTH,
    NO_COLUMN,
    NO_EMAIL,
    NO_NAME,
    NO_ROWS,
    REQUIRED,
    answers_by_word,
    column_names,
    fold,
    languages_by_word,
    roles_by_word,
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

    encoding: str = ""
    ignored: tuple[str, ...] = ()  # columns that are not known
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
        """A hash that changes as soon as the import would do something else."""
        new = [
            (entry.line, entry.path, astuple(replace(entry.profile, team=UUID(int=0))))
            for entry in self.new
        ]
        changed = [(str(entry.person and entry.person.pk), entry.changes) for entry in self.changed]
        return hashlib.sha256(repr((new, changed, self.teams)).encode()).hexdigest()[:32]


class PlanOutdated(RuntimeError):
    """People or teams were changed between the dry run and its confirmation."""


# --- The dry run ------------------------------------------------------------------------------


def build_plan(content: bytes, *, by: UUID | None) -> ImportPlan:
    """Return what the import of this file would do. Reads only."""
    try:
        table = read_table(content)
        columns = _find_columns(table)
    except InvalidCsv as invalid:
        return ImportPlan(problems=invalid.problems)
    organization = Organization.objects.get(pk=bound_organization())
    people_by_email = {person.email.lower(): person for person in Membership.objects.all()}
    builder = _PlanBuilder(
        columns, load_tree(), people_by_email, people.find_actor(by), organization.language
    )
    for row in table.rows:
        builder.take(row)
    return builder.plan(table)


def _find_columns(table: CsvTable) -> dict[str, int]:
    """Return the position of each known column. Raises InvalidCsv if one is missing or double."""
    positions: dict[str, int] = {}
    names = column_names()
    for position, name in enumerate(table.header):
        column = names.get(fold(name))
        if column in positions:
            raise InvalidCsv([CsvProblem(1, DUPLICATE_HEADER, {"name": name})])
        if column:
            positions[column] = position
    missing = [column for column in REQUIRED if column not in positions]
    if missing:
        raise InvalidCsv([CsvProblem(1, NO_COLUMN, {"column": column}) for column in missing])
    if not table.rows:
        raise InvalidCsv([CsvProblem(0, NO_ROWS)])
    return positions


class _PlanBuilder:
    """The rows read so far, and the problems found in them."""

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
        self.spelled = {key: node.path for key, node in self.nodes.items()}
        self.root = teams.root.id
        self.roles, self.languages = roles_by_word(), languages_by_word()
        self.answers = answers_by_word()
        self.lines: dict[str, int] = {}
        self.problems: list[CsvProblem] = []
        self.entries: list[ImportEntry] = []

    def take(self, row: CsvRow) -> None:
        cells = {column: row.cells[position] for column, position in self.columns.items()}
        problem_count = len(self.problems)
        email = self._read_email(row.line, cells["email"])
        person = self.known.get(email)
        path = self._read_team(row.line, cells.get("team"), person)
        profile = Profile(
            name=self._read_name(row.line, cells["name"]),
            email=person.email if person else email,
            team=self._team_id(path),
            role=self._read_choice(row.line, cells, "role", self.roles, BAD_ROLE)
            or (person.role if person else Role.MEMBER),
            language=self._read_choice(row.line, cells, "language", self.languages, BAD_LANGUAGE)
            or (person.language if person else self.language),
            leads=self._read_leads(row.line, cells.get("leads"), person),
        )
        if len(self.problems) == problem_count:
            self._add(row.line, path, profile, person)

    def plan(self, table: CsvTable) -> ImportPlan:
        new = tuple(entry for entry in self.entries if entry.person is None)
        changed = tuple(entry for entry in self.entries if entry.person and entry.changes)
        return ImportPlan(
            encoding=table.encoding,
            ignored=tuple(
                name
                for position, name in enumerate(table.header)
                if name and position not in self.columns.values()
            ),
            new=new,
            changed=changed,
            same=len(self.entries) - len(new) - len(changed),
            absent=len(self.known.keys() - self.lines.keys()),
            teams=tuple(path for key, path in self.spelled.items() if key not in self.nodes),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line)),
        )

    def _add_problem(self, line: int, text: str, **values: object) -> None:
        self.problems.append(CsvProblem(line, text, values))

    def _read_name(self, line: int, cell: str) -> str:
        name = normalize_line(cell)
        if not name:
            self._add_problem(line, NO_NAME)
        if len(name) > MAX_NAME_LENGTH:
            self._add_problem(line, LONG_NAME, limit=MAX_NAME_LENGTH)
        return name

    def _read_email(self, line: int, cell: str) -> str:
        email = normalize_line(cell).lower()
        if not email:
            self._add_problem(line, NO_EMAIL)
        elif not _is_email(email):
            self._add_problem(line, BAD_EMAIL, found=shorten(cell))
        elif email in self.lines:
            self._add_problem(line, DUPLICATE_EMAIL, first=self.lines[email], found=email)
        self.lines.setdefault(email, line)
        return email

    def _read_team(self, line: int, cell: str | None, person: Membership | None) -> TeamPath:
        """Return the path of the team, in the spelling of the teams that exist. Without the column
        nobody moves; an empty cell is the organization itself."""
        if cell is None:
            return self.paths[person.team_id] if person else ()
        path = tuple(map(normalize_line, parse_path(cell)))
        faults = {
            DEEP_TEAM: len(path) > MAX_DEPTH,
            EMPTY_TEAM: not all(path),
            LONG_TEAM: any(len(name) > MAX_NAME_LENGTH for name in path),
        }
        fault = next((text for text, is_wrong in faults.items() if is_wrong), None)
        if fault:
            self._add_problem(line, fault, found=shorten(cell))
            return ()
        return self._register_path(path)

    def _register_path(self, path: TeamPath) -> TeamPath:
        """Return the path as spelled; add the team, and those above it, where they do not exist."""
        for depth in range(1, len(path) + 1):
            key = casefold_path(path[:depth])
            parent = self.spelled[key[:-1]]
            self.spelled.setdefault(key, (*parent, path[depth - 1]))
        return self.spelled[casefold_path(path)]

    def _team_id(self, path: TeamPath) -> UUID:
        node = self.nodes.get(casefold_path(path))
        return node.id if node else self.root

    def _read_choice(
        self, line: int, cells: Mapping[str, str], column: str, words: Mapping[str, str], text: str
    ) -> str:
        """Return the meaning of a cell; empty if the cell is, so that the present value stays."""
        cell = cells.get(column, "")
        if cell and fold(cell) not in words:
            allowed = ", ".join(dict.fromkeys(words.values()))
            self._add_problem(line, text, found=shorten(cell), allowed=allowed)
        return words.get(fold(cell), "")

    def _read_leads(self, line: int, cell: str | None, person: Membership | None) -> bool:
        if cell is None:
            return person.leads if person else False
        if fold(cell) not in self.answers:
            self._add_problem(line, BAD_LEADS, found=shorten(cell))
        return self.answers.get(fold(cell), False)

    def _add(self, line: int, path: TeamPath, profile: Profile, person: Membership | None) -> None:
        """Add what the row would change, or why the person who imports may not change it."""
        changes: dict[str, Any] = {}
        if person is not None:
            changes = people.changed_fields(person, profile)
            if self.paths[person.team_id] != path:
                changes["team"] = [SEPARATOR.join(self.paths[person.team_id]), SEPARATOR.join(path)]
        refusals = (
            people.refusals_by_field(self.giver, person, profile) if changes or not person else {}
        )
        for text in refusals.values():
            self._add_problem(line, text.replace("%", "%%"))
        self.entries.append(ImportEntry(line, path, profile, person, changes))


def _is_email(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= MAX_EMAIL_LENGTH


# --- Carrying it out --------------------------------------------------------------------------


def apply_plan(content: bytes, *, digest: str, by: UUID | None) -> ImportPlan:
    """Import all of the file, or nothing. Raises PlanOutdated if the dry run showed something else."""
    with people.ensure_owner_remains():
        plan = build_plan(content, by=by)
        if not plan.is_applicable or plan.digest != digest:
            raise PlanOutdated
        teams = _create_teams(plan.teams)
        _create_people(plan.new, teams)
        _change_people(plan.changed, teams)
        audit.record(
            "people.imported",
            by=by,
            new=len(plan.new),
            changed=len(plan.changed),
            teams=len(plan.teams),
        )
        _note_changes(plan.changed, by)
    return plan


def _create_teams(paths: tuple[TeamPath, ...]) -> dict[TeamPath, UUID]:
    """Create the new teams level by level; return every team's id by its path."""
    ids = {node.path: node.id for node in load_tree()}
    for depth in sorted({len(path) for path in paths}):
        level = [path for path in paths if len(path) == depth]
        made = Team.objects.bulk_create(
            [Team(name=path[-1], parent_id=ids[path[:-1]]) for path in level], BATCH_SIZE
        )
        ids |= {path: team.pk for path, team in zip(level, made, strict=True)}
    return ids


def _create_people(entries: tuple[ImportEntry, ...], teams: Mapping[TeamPath, UUID]) -> None:
    members = [Membership(**people.field_values(entry.profile)) for entry in entries]
    for person, entry in zip(members, entries, strict=True):
        person.team_id = teams[entry.path]
    Membership.objects.bulk_create(members, BATCH_SIZE)


def _change_people(entries: tuple[ImportEntry, ...], teams: Mapping[TeamPath, UUID]) -> None:
    members: list[Membership] = []
    for entry in entries:
        assert entry.person is not None
        for column, value in people.field_values(entry.profile).items():
            setattr(entry.person, column, value)
        entry.person.team_id = teams[entry.path]
        people.note_team_change(entry.person, entry.changes)
        members.append(entry.person)
    fields = ["name", "team", "team_since", "team_confirmed", "role", "language", "leads"]
    Membership.objects.bulk_update(members, fields, BATCH_SIZE)
    other_role = [entry.person for entry in entries if "role" in entry.changes]
    Invitation.objects.filter(membership__in=other_role, accepted_at=None).delete()


def _note_changes(entries: tuple[ImportEntry, ...], by: UUID | None) -> None:
    """Record which fields changed, one event a person; new people are only counted, in one event."""
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
