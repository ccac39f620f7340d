"""Cycles as people leave them behind: a frozen tree, participations, answers and comments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from secrets import token_bytes
from typing import Any
from uuid import UUID

from assessments import rubric_editions
from assessments.models import Comment, Cycle, CycleTeam, Participation, Response
from assessments.rubrics import MAIN_RUBRIC
from assessments.survey import response_keys
from organizations.models import Membership
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import working_for
from tests.conftest import House

MOMENT = datetime(2026, 9, 30, 12, tzinfo=UTC)


def open_cycle(house: House, name: str = "Autumn", **fields: Any) -> Cycle:
    """Open, with the tree of the house and no answers yet."""
    with working_for(house.id):
        edition = rubric_editions.get_or_create_latest(fields.pop("rubric", MAIN_RUBRIC))
        cycle = Cycle.objects.create(
            **{
                "name": name,
                "edition": edition,
                "rubric": edition.slug,
                "stage": Cycle.Stage.OPEN,
                "opened_at": MOMENT - timedelta(days=14),
                "closes_at": MOMENT,
                "due_at": MOMENT,
                **fields,
            }
        )
        parents: dict[str, CycleTeam | None] = {"": None, "Growth": None, "Brand": None}
        for place, team in enumerate(parents):
            parents[team] = CycleTeam.objects.create(
                cycle=cycle,
                team=house.teams[team],
                parent=(None, parents[""], parents["Growth"])[place],
                name=house.teams[team].name,
                place=place,
                depth=place,
                headcount=12,
            )
    return cycle


def answer(
    house: House,
    cycle: Cycle,
    member: Membership,
    *,
    performance: list[int | None],
    speaks: str = "member",
    named: bool | None = None,
) -> Response:
    """One person's finished answer, with a comment."""
    with working_for(house.id):
        node = CycleTeam.objects.get(cycle=cycle, team=member.team_id)
        secret = response_keys.cycle_secret(cycle, house.organization)
        Participation.objects.create(
            cycle=cycle,
            membership=member,
            node=node,
            speaks=speaks,
            named=named,
            finished=True,
            token_hash=token_bytes(32),
        )
        capability = rubric_editions.rubric_of(cycle.edition).capabilities[0].slug
        Comment.objects.create(
            cycle=cycle,
            node=node,
            key=response_keys.comment_key(secret, member.pk, cycle.pk, capability),
            capability=capability,
            text="Seen at the fair.",
            sent=True,
        )
        return Response.objects.create(
            cycle=cycle,
            node=node,
            key=response_keys.response_key(secret, member.pk),
            speaks=speaks,
            sent=True,
            performance=performance,
            importance=list(reversed(performance)),
            versions=[1] * len(performance),
        )


def ask(house: House, cycle: UUID, name: str, team: str = "Brand", speaks: str = "member") -> None:
    """As if this person had been asked there when the cycle opened."""
    with working_for(house.id):
        Participation.objects.create(
            cycle_id=cycle,
            membership=house.members[name],
            node=CycleTeam.objects.get(cycle=cycle, team=house.teams[team]),
            speaks=speaks,
            token_hash=token_bytes(32),
        )


def answered(house: House, people: int = 8, name: str = "Autumn", **fields: Any) -> Cycle:
    """Open, with so many people of Brand who have answered, in the order of their names."""
    cycle = open_cycle(house, name, **fields)
    chance = Random(name)  # the same answers every time
    width = len(rubric_editions.rubric_of(cycle.edition).capabilities)
    for number in range(people):
        person = f"Person {number:03d}"
        member = house.members.get(person) or house.add(person, team="Brand")
        codes = [chance.choice((1, 2, 3, 3, 4, 4, 5, 0, -1, None)) for _ in range(width)]
        answer(house, cycle, member, performance=codes)
    return cycle


def many_answers(house: House, rows: int, name: str = "Large") -> Cycle:
    """Open, with answers of people who have no membership: enough to keep a worker busy."""
    cycle = open_cycle(house, name)
    chance = Random(name)  # the same answers every time
    width = len(rubric_editions.rubric_of(cycle.edition).capabilities)
    with working_for(house.id):
        nodes = list(CycleTeam.objects.filter(cycle=cycle))
        insert(
            [
                Response(
                    cycle=cycle,
                    node=chance.choice(nodes),
                    key=token_bytes(32),
                    speaks="member",
                    sent=True,
                    performance=chance.choices((1, 2, 3, 4, 5), k=width),
                    importance=chance.choices((1, 2, 3, 4, 5), k=width),
                )
                for _ in range(rows)
            ]
        )
    return cycle
