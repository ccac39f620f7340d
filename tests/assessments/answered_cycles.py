"""Cycles as people leave them behind: a frozen tree, participations, answers and comments."""

from __future__ import annotations

from collections.abc import Sequence
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

Codes = list[int | None]  # one of each capability
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
    house: House, cycle: Cycle, member: Membership, *, performance: Codes, **told: Any
) -> Response:
    """One person's finished answer, with a comment."""
    (response,) = answer_all(house, cycle, [(member, performance)], **told)
    return response


def answer_all(
    house: House,
    cycle: Cycle,
    given: Sequence[tuple[Membership, Codes]],
    *,
    answers_as: str = "member",
    named: bool | None = None,
) -> list[Response]:
    """The same of many, in as few statements."""
    with working_for(house.id):
        nodes = {node.team_id: node for node in CycleTeam.objects.filter(cycle=cycle)}
        secret = response_keys.cycle_secret(cycle, house.organization)
        Participation.objects.bulk_create(
            Participation(
                cycle=cycle,
                membership=member,
                node=nodes[member.team_id],
                answers_as=answers_as,
                named=named,
                finished=True,
                token_hash=token_bytes(32),
            )
            for member, _ in given
        )
        capability = rubric_editions.rubric_of(cycle.edition).capabilities[0].slug
        Comment.objects.bulk_create(
            Comment(
                cycle=cycle,
                node=nodes[member.team_id],
                key=response_keys.comment_key(secret, member.pk, cycle.pk, capability),
                capability=capability,
                text="Seen at the fair.",
                sent=True,
            )
            for member, _ in given
        )
        return Response.objects.bulk_create(
            Response(
                cycle=cycle,
                node=nodes[member.team_id],
                key=response_keys.response_key(secret, member.pk),
                answers_as=answers_as,
                sent=True,
                performance=performance,
                importance=list(reversed(performance)),
                versions=[1] * len(performance),
            )
            for member, performance in given
        )


def ask(
    house: House, cycle: UUID, name: str, team: str = "Brand", answers_as: str = "member"
) -> None:
    """As if this person had been asked there when the cycle opened."""
    with working_for(house.id):
        Participation.objects.create(
            cycle_id=cycle,
            membership=house.members[name],
            node=CycleTeam.objects.get(cycle=cycle, team=house.teams[team]),
            answers_as=answers_as,
            token_hash=token_bytes(32),
        )


def answered(
    house: House, people: int = 8, name: str = "Autumn", *, at_once: bool = True, **fields: Any
) -> Cycle:
    """Open, with so many people of Brand who have answered, in the order of their names: all in one
    transaction, or each in their own."""
    cycle = open_cycle(house, name, **fields)
    chance = Random(name)  # the same answers every time
    width = len(rubric_editions.rubric_of(cycle.edition).capabilities)
    names = [f"Person {number:03d}" for number in range(people)]
    new = [name for name in names if name not in house.members]
    house.add_all(*(Membership(name=name, team=house.teams["Brand"]) for name in new))
    given = [
        (
            house.members[name],
            [chance.choice((1, 2, 3, 3, 4, 4, 5, 0, -1, None)) for _ in range(width)],
        )
        for name in names
    ]
    for part in [given] if at_once else [[answers] for answers in given]:
        answer_all(house, cycle, part)
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
                    answers_as="member",
                    sent=True,
                    performance=chance.choices((1, 2, 3, 4, 5), k=width),
                    importance=chance.choices((1, 2, 3, 4, 5), k=width),
                )
                for _ in range(rows)
            ]
        )
    return cycle
