"""Read the rows of a list of people, each as what it would change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from organizations import people
from organizations.models import Membership, Organization, Role
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
    NO_EMAIL,
    NO_NAME,
    answers_by_word,
    languages_by_word,
    roles_by_word,
)
from organizations.people_import.entries import ImportEntry
from organizations.tables.mapping import fold
from organizations.tables.table import TableProblem, TableRow
from organizations.team_tree import (
    MAX_DEPTH,
    MAX_NAME_LENGTH,
    SEPARATOR,
    TeamPath,
    TeamTree,
    casefold_path,
    parse_path,
    path_from_root,
)
from organizations.text import comparable_email, normalize_line, shorten

_HANGUL_ALONE = re.compile("[\uac00-\ud7a3\\s]+")


class RowReader:
    """The rows read so far, and the problems found in them."""

    def __init__(
        self,
        positions: Mapping[str, int],
        places: Mapping[str, int],
        teams: TeamTree,
        known: Mapping[str, Membership],
        giver: Actor,
        organization: Organization,
        *,
        slash_separates: bool = False,
    ) -> None:
        self.positions, self.places, self.known, self.giver = positions, places, known, giver
        self.organization, self.slash_separates = organization, slash_separates
        self.nodes = teams.by_path()
        self.paths = {node.id: node.path for node in teams}
        self.spelled = {key: node.path for key, node in self.nodes.items()}
        self.root = teams.root.id
        self.roles, self.languages = roles_by_word(), languages_by_word()
        self.answers = answers_by_word()
        self.lines: dict[str, int] = {}
        self.problems: list[TableProblem] = []
        self.entries: list[ImportEntry] = []
        self.without_team = 0  # new people whose row names no team

    def take(self, row: TableRow) -> None:
        cells = {field: row.cells[position] for field, position in self.positions.items()}
        problem_count = len(self.problems)
        email = self._read_email(row.line, cells["email"])
        person = self.known.get(comparable_email(email))
        path = self._read_team(row.line, cells.get("team", ""), person)
        profile = Profile(
            name=self._read_name(row.line, cells, person),
            email=person.email if person else email,
            team=self._team_id(path),
            role=self._read_choice(row.line, cells, "role", self.roles, BAD_ROLE)
            or (person.role if person else Role.MEMBER),
            language=self._read_choice(row.line, cells, "language", self.languages, BAD_LANGUAGE)
            or (person.language if person else self.organization.language),
            leads=self._read_leads(row.line, cells.get("leads", ""), person),
        )
        if len(self.problems) == problem_count:
            self._add(row.line, path, profile, person)

    @property
    def new_teams(self) -> tuple[TeamPath, ...]:
        return tuple(path for key, path in self.spelled.items() if key not in self.nodes)

    def _add_problem(self, line: int, field: str, text: str, **values: object) -> None:
        self.problems.append(TableProblem(line, text, values, self.places.get(field)))

    def _read_name(self, line: int, cells: Mapping[str, str], person: Membership | None) -> str:
        """Return the name, from one column or from two; an empty one leaves the name as it is."""
        whole, first, last = (
            normalize_line(cells.get(field, "")) for field in ("name", "first_name", "last_name")
        )
        if last and whole and "first_name" not in cells:
            first, whole = (
                whole,
                "",
            )  # in Korean lists the column for the given name is called “name”
        name = whole or join_name(first, last) or (person.name if person else "")
        if not name:
            self._add_problem(line, "name", NO_NAME)
        if len(name) > MAX_NAME_LENGTH:
            self._add_problem(line, "name", LONG_NAME, limit=MAX_NAME_LENGTH)
        return name

    def _read_email(self, line: int, cell: str) -> str:
        email = normalize_line(cell).lower()
        key = comparable_email(email)
        if not email:
            self._add_problem(line, "email", NO_EMAIL)
        elif not is_email(key):
            self._add_problem(line, "email", BAD_EMAIL, found=shorten(cell))
        elif key in self.lines:
            self._add_problem(
                line, "email", DUPLICATE_EMAIL, first=self.lines[key], found=shorten(email)
            )
        self.lines.setdefault(key, line)
        return email if email.isascii() else unicode_email(email)

    def _read_team(self, line: int, cell: str, person: Membership | None) -> TeamPath:
        """Return the path of the team, in the spelling of the teams that exist. An empty cell moves nobody."""
        if not cell and person:
            return self.paths[person.team_id]
        path = tuple(
            map(normalize_line, parse_path(cell, any_slash=self.slash_separates)),
        )
        path = path_from_root(path, self.organization.name, self.nodes)
        faults = {
            DEEP_TEAM: len(path) > MAX_DEPTH,
            EMPTY_TEAM: not all(path),
            LONG_TEAM: any(len(name) > MAX_NAME_LENGTH for name in path),
        }
        fault = next((text for text, is_wrong in faults.items() if is_wrong), None)
        if fault:
            self._add_problem(line, "team", fault, found=shorten(cell))
            return ()
        self.without_team += not cell
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
        meaning = words.get(fold(cell)) or words.get(fold(re.split("[-_]", cell)[0]), "")
        if cell and not meaning:
            allowed = ", ".join(dict.fromkeys(words.values()))
            self._add_problem(line, column, text, found=shorten(cell), allowed=allowed)
        return meaning

    def _read_leads(self, line: int, cell: str, person: Membership | None) -> bool:
        if not cell:
            return person.leads if person else False
        if fold(cell) not in self.answers:
            self._add_problem(line, "leads", BAD_LEADS, found=shorten(cell))
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
        for field, text in refusals.items():
            self._add_problem(line, field, text.replace("%", "%%"))
        self.entries.append(ImportEntry(line, path, profile, person, changes))


def join_name(first: str, last: str) -> str:
    """Return the whole name: in Korean the family name comes first, without a space."""
    if (
        len(first) > len(last)
        and last in (first.split()[-1], first[: len(last)])
        and len(first) > 2
    ):
        return first  # it has the family name already
    if _HANGUL_ALONE.fullmatch(first + last):
        return last + first
    return f"{first} {last}".strip()


def unicode_email(email: str) -> str:
    """Return the address without full-width letters, with the domain as it is read."""
    return unicodedata.normalize("NFKC", email).lower()


def is_email(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= MAX_EMAIL_LENGTH
