"""What has to be done inside the product, each in a process of its own: python -m benchmarks.inside TASK.

Prints one JSON document.
"""

from __future__ import annotations

import json
import random
import resource
import sys
from collections.abc import Callable
from datetime import timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import connection  # noqa: E402  # needs the settings
from django.utils import timezone  # noqa: E402

from assessments import rubric_editions  # noqa: E402
from assessments.cycles import lifecycle, scoring_run  # noqa: E402
from assessments.cycles.closing import close  # noqa: E402
from assessments.models import Cycle, CycleTeam, Participation, Response, Result  # noqa: E402
from assessments.rubrics import MAIN_RUBRIC  # noqa: E402
from assessments.survey import response_keys  # noqa: E402
from benchmarks.measuring import interleaved_medians, seconds  # noqa: E402
from benchmarks.visitors import PASSWORD  # noqa: E402
from organizations import accounts  # noqa: E402
from organizations.access import Scope  # noqa: E402
from organizations.api_keys import create_key as make_key  # noqa: E402
from organizations.jobs import perform  # noqa: E402
from organizations.models import Membership, Organization, Role, Team, User  # noqa: E402
from organizations.people import create_organization  # noqa: E402
from organizations.tenancy.bulk_insert import insert  # noqa: E402
from organizations.tenancy.scope import working_for  # noqa: E402

COPY = f"""
COPY (SELECT node_id, key, answers_as, {scoring_run.DIGITS_SQL % {"expressions": "performance"}},
             {scoring_run.DIGITS_SQL % {"expressions": "importance"}}
        FROM assessments_response WHERE cycle_id = '{{cycle}}') TO STDOUT
"""  # noqa: S608  # the product's own expressions


def _organization(name: str) -> Organization:
    user = User.objects.create_user(f"owner@{name}.example", PASSWORD)
    return create_organization(name=name, slug=name, owner=user, owner_name="Owner")


def _tree(teams: int, people_in: int) -> list[Team]:
    """Teams four deep, and members in each; returns the teams."""
    root = Team.objects.get(parent=None)
    made: list[Team] = []
    while len(made) < teams - 1:
        parent = root if len(made) < 8 else made[(len(made) - 8) // 9]
        made.append(Team.objects.create(name=f"Team {len(made)}", parent=parent))
    insert_members([root, *made], people_in)
    return made


def insert_members(teams: list[Team], number: int) -> None:
    Membership.objects.bulk_create(
        Membership(
            name=f"{team.pk.hex[-6:]} {place}", email=f"{team.pk.hex}{place}@x.example", team=team
        )
        for team in teams
        for place in range(number)
    )


def _opened(name: str, rubric: str) -> Cycle:
    cycle = lifecycle.plan(
        name=name,
        edition=rubric_editions.get_or_create_latest(rubric),
        closes_at=timezone.now() + timedelta(days=9),
        mode=Cycle.Mode.CONFIDENTIAL,
        threshold=5,
        by=None,
    )
    return lifecycle.open_cycle(cycle, by=None, moment=timezone.now())


def _answers(cycle: Cycle, number: int) -> None:
    """So many whole responses of people unknown, spread over the teams of the cycle."""
    chance = random.Random(number)  # noqa: S311  # the same every time
    nodes = list(CycleTeam.objects.filter(cycle=cycle))
    wide = len(rubric_editions.rubric_of(cycle.edition).capabilities)
    insert(
        [
            Response(
                sent=True,
                cycle=cycle,
                node=nodes[place % len(nodes)],
                key=token_bytes(32),
                answers_as="member",
                performance=chance.choices((1, 2, 3, 3, 4, 5, 0, -1), k=wide),
                importance=chance.choices((2, 3, 4, 5), k=wide),
                versions=[1] * (2 * wide),
            )
            for place in range(number)
        ]
    )


def _close(organization: UUID, cycle: UUID) -> None:
    """As a worker does it, without waiting for the day."""
    with working_for(organization):
        Cycle.objects.filter(pk=cycle).update(due_at=timezone.now())
    perform(Cycle, organization, cycle, close)


def open_survey(people: str) -> dict[str, Any]:
    """An organization whose cycle is open: its address and a link for everyone."""
    organization = _organization("survey")
    with working_for(organization.pk):
        _tree(12, int(people) // 12 + 1)
        cycle = _opened("Open", MAIN_RUBRIC)
        rubric = rubric_editions.rubric_of(cycle.edition)
        rows = Participation.objects.filter(cycle=cycle).order_by("pk")
        parts = rows.values_list("pk", flat=True)
        links = [response_keys.link_token(organization, part) for part in parts]
    return {
        "organization": str(organization.pk),
        "cycle": str(cycle.pk),
        "links": links,
        "capabilities": [item.slug for item in rubric.capabilities],
    }


def add_responses(organization: str, cycle: str, people: str) -> dict[str, Any]:
    """So many more responses in an open cycle."""
    with working_for(UUID(organization)):
        _answers(Cycle.objects.get(pk=cycle), int(people))
    return {}


def large_cycle(name: str, teams: str, people: str, rubric: str = MAIN_RUBRIC) -> dict[str, Any]:
    """An organization with an open cycle that many have answered."""
    organization = _organization(name)
    with working_for(organization.pk):
        _tree(int(teams), 1)
        cycle = _opened("Large", rubric)
        _answers(cycle, int(people))
        CycleTeam.objects.filter(cycle=cycle).update(headcount=int(people) // int(teams) + 5)
        asked = rubric_editions.rubric_of(cycle.edition).capabilities
    return {
        "name": name,
        "organization": str(organization.pk),
        "cycle": str(cycle.pk),
        "capability": asked[0].slug,
        "capabilities": len(asked),
    }


def closed_cycle(name: str, teams: str, people: str) -> dict[str, Any]:
    """The same closed, with a leader who can sign in and a key for a program."""
    found = large_cycle(name, teams, people)
    organization, email = UUID(found["organization"]), f"lead@{name}.example"
    _close(organization, UUID(found["cycle"]))
    with working_for(organization):
        user = User.objects.create_user(email, PASSWORD)
        accounts.confirm(user)
        root = Team.objects.get(parent=None)
        Membership.objects.create(name="Lead", email=email, team=root, role=Role.LEADER, user=user)
        stage = Cycle.objects.get(pk=found["cycle"]).stage
        whole = Result.objects.get(
            node__cycle=found["cycle"], node__place=0, subject_type="overall", kind="performance"
        )
        scopes = [Scope.RESULTS, Scope.CYCLES]
        _row, key = make_key(
            "bench", scopes=scopes, expires_at=None, by=None, moment=timezone.now()
        )
    return found | {"stage": stage, "email": email, "key": key, "result": str(whole.pk)}


def time_close(organization: str, cycle: str, rounds: str) -> dict[str, Any]:
    """The close of one cycle, its fetch beside the bare copy of the same bytes."""
    held, which = UUID(organization), UUID(cycle)
    copy, fetch = interleaved_medians(
        int(rounds),
        lambda: seconds(lambda: _copied(held, which)),
        lambda: seconds(lambda: _fetched(held, which)),
    ) or (0, 0)
    took = seconds(lambda: _close(held, which))
    with working_for(held):
        row = Cycle.objects.get(pk=cycle)
    return {
        "copy": copy,
        "fetch": fetch,
        "close": took,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "stage": row.stage,
        "error": row.error,
    }


def _copied(organization: UUID, cycle: UUID) -> None:
    statement = COPY.format(cycle=cycle)
    with working_for(organization), connection.cursor() as cursor, cursor.copy(statement) as lines:
        for _line in lines:
            pass


def _fetched(organization: UUID, cycle: UUID) -> None:
    with working_for(organization):
        scoring_run.fetch_input(Cycle.objects.select_related("edition").get(pk=cycle))


def due_invitations(name: str, people: str) -> dict[str, Any]:
    """An organization that has just opened a cycle: an invitation is due for each of its people."""
    organization = _organization(name)
    with working_for(organization.pk):
        root = Team.objects.get(parent=None)
        rows = [
            Membership(name=f"Person {place}", email=f"{place}@{name}.example", team=root)
            for place in range(int(people) - 1)  # and the owner
        ]
        Membership.objects.bulk_create(rows, batch_size=1_000)
        _opened("Open", MAIN_RUBRIC)
    return {}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "survey": open_survey,
    "closed": closed_cycle,
    "large": large_cycle,
    "answered": add_responses,
    "count": time_close,
    "letters": due_invitations,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))  # that is what it is for
