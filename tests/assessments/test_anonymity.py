"""An attacker holds every table of the database of a closed cycle and knows who was asked. Joined by
time, order, number and transaction, that does not tell who gave which answers better than guessing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from django.db import connection
from django.test import Client
from psycopg import sql
from psycopg.rows import dict_row

from assessments.cycles import lifecycle
from assessments.cycles.closing import close
from assessments.models import Cycle
from devstack.roles import url_of_test_database
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import FIRST, NOW, asked, by_link, page, signed_in
from tests.conftest import Cast, House

PEOPLE = 24
BY_LUCK = (
    9  # of 24 in the best of a thousand guesses; once in more than ten thousand runs it is more
)
WAYS = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
Row = dict[str, Any]
Numbers = dict[str, np.ndarray[Any, Any]]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not os.environ.get("EMBEDDED_TEST_DATA"), reason="needs PostgreSQL's administrator"
    ),
]


# --- What happened ----------------------------------------------------------------------------


def code(person: int) -> tuple[int, int]:
    """Two ratings that only this person gives: how the test, and nobody else, knows the truth."""
    return person // 5 + 1, person % 5 + 1


def respond(house: House, cycle: Cycle, number: int) -> None:
    """Some by link and some signed in; everybody says something, and some change their minds."""
    name = f"Person {number:02d}"
    client: Client = signed_in(house, name) if number % 2 else by_link(house, cycle, name)
    one, other = code(number)
    where = page(house, cycle, "answer/")
    body = {f"performance.{FIRST}": str(one), f"importance.{FIRST}": str(other)}
    if number % 3 == 0:
        client.post(where, {f"performance.{FIRST}": "3"})
    assert client.post(where, body).status_code < 400
    assert client.post(where, {f"comment.{FIRST}": f"comment of {number}"}).status_code < 400
    assert client.post(page(house, cycle, "submit/")).status_code < 400


def survey(house: House) -> Cycle:
    for number in range(PEOPLE):
        house.add(f"Person {number:02d}", team="Brand")
    cycle = asked(house)
    order = list(range(PEOPLE))
    Random().shuffle(order)
    for number in order:
        respond(house, cycle, number)
    return cycle


@contextmanager
def rows_taken_as_they_lie() -> Iterator[None]:
    """PostgreSQL reads a large table from its beginning; a small one by an index, whose order might
    hide that nothing else is ordered."""
    with connection.cursor() as cursor:
        for way in WAYS:
            cursor.execute(f"SET {way} = off")
        try:
            yield
        finally:
            for way in WAYS:
                cursor.execute(f"RESET {way}")


# --- What the attacker holds ------------------------------------------------------------------


@contextmanager
def everything() -> Iterator[psycopg.Connection[Row]]:
    """As PostgreSQL's administrator, whom no policy binds."""
    address = url_of_test_database().replace("//app_user", "//postgres", 1)
    with closing(psycopg.connect(address, row_factory=dict_row, autocommit=True)) as door:
        yield door


def tables(door: psycopg.Connection[Row]) -> dict[str, list[Row]]:
    """Every row of every table in the order in which it lies, with place and transaction."""
    names = door.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    found = {}
    for name in (row["tablename"] for row in names):
        read = sql.SQL("SELECT *, xmin::text::bigint AS transaction FROM {} ORDER BY ctid")
        rows = door.execute(read.format(sql.Identifier(name))).fetchall()
        found[name] = [{**row, "place": place} for place, row in enumerate(rows)]
    return found


@dataclass(frozen=True)
class Loot:
    answers: list[Row]  # a response, or a comment, of somebody of Brand
    author: list[int]  # the truth
    people: dict[str, list[list[Row]]]  # table -> what it holds about each of them


def loot(door: psycopg.Connection[Row], house: House, table: str) -> Loot:
    whole = tables(door)
    brand = {str(house.members[f"Person {number:02d}"].pk) for number in range(PEOPLE)}
    assert len(brand) == PEOPLE
    if table == "assessments_response":
        truth = {code(number): number for number in range(PEOPLE)}
        author = [truth[row["performance"][0], row["importance"][0]] for row in whole[table]]
    else:
        author = [int(row["text"].removeprefix("comment of ")) for row in whole[table]]
    assert sorted(author) == list(range(PEOPLE))
    known = [identity(house, whole, number) for number in range(PEOPLE)]
    people = {
        name: [[row for row in rows if names(row) & each] for each in known]
        for name, rows in whole.items()
    }
    return Loot(whole[table], author, people)


def names(row: Row) -> set[str]:
    return {str(value) for value in row.values() if isinstance(value, UUID | str)}


def identity(house: House, whole: dict[str, list[Row]], number: int) -> set[str]:
    """Whatever stands for this person anywhere: membership, sign-in, address, and rows about them."""
    name = f"Person {number:02d}"
    own = {str(house.members[name].pk), str(house.users[name].pk), house.members[name].email}
    asked = whole["assessments_participation"]
    return own | {str(row["id"]) for row in asked if str(row["membership_id"]) in own}


# --- What the attacker tries ------------------------------------------------------------------


def as_number(value: Any) -> float | None:
    if isinstance(value, datetime):
        return (value - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds()
    if isinstance(value, UUID):
        return float(value.int)
    if isinstance(value, bytes):
        return float(int.from_bytes(value[:16], "big"))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else None


def orders_of_answers(found: Loot) -> Numbers:
    columns = found.answers[0]
    orders = {name: [as_number(row[name]) for row in found.answers] for name in columns}
    return {
        name: np.array(told, dtype=float)
        for name, told in orders.items()
        if None not in told and len(set(told)) > PEOPLE / 2
    }


def orders_of_people(found: Loot) -> Numbers:
    """First and last of everything that can be put in an order."""
    orders: Numbers = {}
    for table, people in found.people.items():
        columns = {name for rows in people for row in rows for name in row}
        for name in columns:
            told = [[as_number(row[name]) for row in rows] for rows in people]
            known = [[value for value in each if value is not None] for each in told]
            if all(known):
                orders[f"{table}.{name} first"] = np.array([min(each) for each in known])
                orders[f"{table}.{name} last"] = np.array([max(each) for each in known])
    return {name: told for name, told in orders.items() if len(set(told.tolist())) > PEOPLE / 2}


def best_guess(found: Loot) -> tuple[int, str]:
    """The most answers that any one order, forwards or backwards, gives to the right person."""
    best = (0, "")
    author = np.array(found.author)
    for mine, answers in orders_of_answers(found).items():
        for theirs, people in orders_of_people(found).items():
            for way in (1, -1):
                guessed = np.empty(PEOPLE, dtype=int)
                guessed[np.argsort(answers, kind="stable")] = np.argsort(
                    way * people, kind="stable"
                )
                best = max(best, (int((guessed == author).sum()), f"{mine} by {theirs}"))
    return best


def shared(found: Loot) -> set[str]:
    """Values that stand in an answer and with some, but not all, of the people."""
    held = [
        {value for rows in people for row in rows[number] for value in handles(row)}
        for number in range(PEOPLE)
        for people in [found.people.values()]
    ]
    everybody = set.intersection(*held)
    anybody = set.union(*held) - everybody
    return {value for row in found.answers for value in handles(row)} & anybody


def handles(row: Row) -> set[str]:
    """What could be joined on: numbers, keys and moments, but no counts and ratings."""
    kinds = UUID | bytes | datetime
    found = {f"{value!r}" for value in row.values() if isinstance(value, kinds)}
    return found | {f"transaction {row['transaction']}"}


TABLES = ["assessments_response", "assessments_comment"]


@pytest.mark.parametrize("table", TABLES)
def test_nobody_can_say_who_gave_which_answers_of_a_closed_cycle(cast: Cast, table: str) -> None:
    cycle = survey(cast.acme)
    with working_for(cast.acme.id):
        lifecycle.start_closing(cycle, by=None, moment=NOW)
    with rows_taken_as_they_lie():
        perform(Cycle, cast.acme.id, cycle.pk, close)
    with working_for(cast.acme.id):
        assert Cycle.objects.get(pk=cycle.pk).stage == Cycle.Stage.CLOSED
    with everything() as door:
        found = loot(door, cast.acme, table)
    right, how = best_guess(found)
    assert right <= BY_LUCK, how
    assert shared(found) == set()
    assert len({row["transaction"] for row in found.answers}) == 1


def test_before_the_close_the_same_attack_succeeds(cast: Cast) -> None:
    """Else it would prove nothing; and it is what the privacy page says of a running database."""
    survey(cast.acme)
    with everything() as door:
        found = loot(door, cast.acme, "assessments_response")
    right, _ = best_guess(found)
    assert right == PEOPLE
    assert len(orders_of_people(found)) >= 10  # it looked at more than one thing
