"""Personal links after the close, and the result that they open."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.test import Client

from assessments.models import Cycle, CycleTeam, Participation
from assessments.survey import response_keys
from organizations.models import Organization
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import Respondent
from tests.conftest import House

BUTTON = {"go": "result"}


def invite(house: House, cycle: Cycle, name: str, team: str = "Brand", **more: Any) -> str:
    """As if this person had been asked there when the cycle opened; return their link."""
    with working_for(house.id):
        node = CycleTeam.objects.get(cycle=cycle, team=house.teams[team])
        person = house.members[name]
        part = Participation(cycle=cycle, membership=person, node=node, **more)
        token = response_keys.link_token(house.organization, part.pk)
        part.token_hash = hash_token(token)
        part.save()
    return f"/s/{token}/"


def link_of(house: House, cycle: Cycle, name: str) -> str:
    """The link of someone who was made to answer without one."""
    with working_for(house.id):
        part = Participation.objects.get(cycle=cycle, membership__name=name)
        token = response_keys.link_token(house.organization, part.pk)
        Participation.objects.filter(pk=part.pk).update(token_hash=hash_token(token))
    return f"/s/{token}/"


def address(house: House, cycle: Cycle) -> str:
    return f"/o/{house.slug}/surveys/{cycle.pk}/result/"


def pressed(link: str, client: Respondent | None = None) -> Respondent:
    client = client or Respondent()
    answer = client.post(link, BUTTON)
    assert answer.status_code == 303, answer.content.decode()
    return client


def shown(house: House, cycle: Cycle, client: Client, status: int = HTTPStatus.OK) -> str:
    answer = client.get(address(house, cycle))
    assert answer.status_code == status
    return answer.content.decode()


def change(house: House, cycle: Cycle, **columns: Any) -> None:
    with working_for(house.id):
        Cycle.objects.filter(pk=cycle.pk).update(**columns)


def switch_off(house: House, switch: str) -> None:
    with working_for(house.id):
        Organization.objects.filter(pk=house.id).update(**{switch: False})


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]
