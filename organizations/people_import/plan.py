"""Import the list of people that an organization brings from another program.

A dry run comes first: what would be added, what would change, who is missing, what is wrong in which
cell. Nothing is stored until it is confirmed; then everything is, or nothing. An import removes nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from organizations import column_choices, people
from organizations.models import Membership, Organization
from organizations.people_import.columns import (
    KIND,
    NO_COLUMN,
    NO_ROWS,
    NO_TEAM,
    column_names,
    needless_names,
)
from organizations.people_import.entries import (
    CHOOSE,
    NO_CHOICES,
    SUSPEND,
    ImportChoices,
    ImportPlan,
)
from organizations.people_import.rows import RowReader
from organizations.tables import slashes, totals
from organizations.tables.mapping import (
    MappedColumn,
    duplicate_problems,
    fold,
    map_columns,
    positions,
)
from organizations.tables.reading import read_table
from organizations.tables.table import (
    InvalidTable,
    Question,
    Sentence,
    Table,
    TableProblem,
    TableRow,
)
from organizations.teams import load_tree
from organizations.tenancy.scope import bound_organization
from organizations.text import comparable_email


def build_plan(
    content: bytes,
    *,
    by: UUID | None,
    choices: ImportChoices = NO_CHOICES,
) -> ImportPlan:
    """Return what the import of this file would do. Reads only."""
    names = column_names()
    problems: list[TableProblem] = []
    try:
        table = read_table(content, choices.answers, lambda name: fold(name) in names)
    except InvalidTable as invalid:
        if invalid.table is None:
            return ImportPlan(problems=invalid.problems, questions=invalid.questions)
        table, problems = invalid.table, list(invalid.problems)
    mapped = map_columns(
        table,
        names,
        needless=needless_names(),
        chosen=choices.columns,
        remembered=column_choices.remembered(KIND),
    )
    problems += _column_problems(table, mapped)
    if not table.rows and not problems:
        problems = [TableProblem(0, NO_ROWS)]
    if problems:
        return _plan_without_rows(table, mapped, problems)
    return _build_plan(table, mapped, choices, by)


def _column_problems(table: Table, mapped: tuple[MappedColumn, ...]) -> list[TableProblem]:
    """Return what is wrong with the columns as a whole: one is missing, or two fill the same field."""
    found = positions(mapped)
    problems = duplicate_problems(table, mapped)
    missing = [] if {"name", "first_name", "last_name"} & found.keys() else ["name"]
    missing += [] if "email" in found else ["email"]
    problems += [TableProblem(table.header_line, NO_COLUMN, {"column": name}) for name in missing]
    return problems


def _plan_without_rows(
    table: Table, mapped: tuple[MappedColumn, ...], problems: list[TableProblem]
) -> ImportPlan:
    return ImportPlan(
        sheet=table.sheet,
        encoding=table.encoding,
        columns=mapped,
        questions=table.questions,
        notes=table.notes,
        problems=tuple(problems),
    )


def _build_plan(
    table: Table, mapped: tuple[MappedColumn, ...], choices: ImportChoices, by: UUID | None
) -> ImportPlan:
    found = positions(mapped)
    members = {comparable_email(person.email): person for person in Membership.objects.all()}
    giver = people.find_actor(by)
    questions = [*table.questions, *_ask_about_rows(table, found)]
    left_out = totals.left_out_lines(questions, choices.answers, _total_rows(table, found))
    reader = RowReader(
        found,
        {each.field: each.index for each in mapped if each.field},
        load_tree(),
        members,
        giver,
        Organization.objects.get(pk=bound_organization()),
        slash_separates=slashes.separates(choices.answers),
    )
    for row in table.rows:
        if row.line not in left_out:
            reader.take(row)
    new = tuple(entry for entry in reader.entries if entry.person is None)
    changed = tuple(entry for entry in reader.entries if entry.person and entry.changes)
    missing = _find_missing(members, reader.lines)
    may_suspend = _find_suspendable(missing, giver)
    return replace(
        _plan_without_rows(table, mapped, sorted(reader.problems, key=_place)),
        questions=tuple(questions),
        notes=(*table.notes, *_notes(reader)),
        new=new,
        changed=changed,
        same=len(reader.entries) - len(new) - len(changed),
        missing=missing,
        may_suspend=may_suspend,
        suspended=_find_suspended(missing, may_suspend, choices),
        teams=reader.new_teams,
    )


def _place(problem: TableProblem) -> tuple[int, int]:
    return problem.line, problem.column or 0


def _total_rows(table: Table, found: Mapping[str, int]) -> dict[int, str]:
    """Return line -> word of the rows that are about nobody and begin with a word for a sum."""
    return {
        row.line: word
        for row in table.rows
        if not row.cells[found["email"]] and (word := _total_word(row))
    }


def _total_word(row: TableRow) -> str:
    return next((cell for cell in row.cells if totals.is_total(cell)), "")


def _ask_about_rows(table: Table, found: Mapping[str, int]) -> list[Question]:
    questions = []
    if sums := _total_rows(table, found):
        questions.append(totals.ask_for_totals(sums))
    if "team" in found:
        questions += slashes.ask_for_slashes(row.cells[found["team"]] for row in table.rows)
    return questions


def _notes(reader: RowReader) -> list[Sentence]:
    if not reader.without_team:
        return []
    return [Sentence(NO_TEAM, {"count": reader.without_team})]


def _find_missing(
    members: Mapping[str, Membership], lines: Mapping[str, int]
) -> tuple[Membership, ...]:
    missing = [
        person
        for email, person in members.items()
        if email not in lines and person.suspended_at is None
    ]
    return tuple(sorted(missing, key=lambda person: (person.name, str(person.pk))))


def _find_suspendable(missing: Iterable[Membership], giver: people.Actor) -> frozenset[UUID]:
    return frozenset(
        person.pk
        for person in missing
        if person.pk != giver.id and not people.power_refusal(giver, person)
    )


def _find_suspended(
    missing: Iterable[Membership], may_suspend: frozenset[UUID], choices: ImportChoices
) -> tuple[Membership, ...]:
    if choices.missing not in (SUSPEND, CHOOSE):
        return ()
    return tuple(
        person
        for person in missing
        if person.pk in may_suspend
        and (choices.missing == SUSPEND or str(person.pk) in choices.suspended)
    )
