"""The cast. Acme has Ada (owner), Cho (leader), Adam (admin), Ana (analyst), Max (member) and Sue
(suspended). Rival has Rita, who must never see Acme, and whose every text says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from organizations import accounts, people
from organizations.models import Membership, Organization, Role, Team, User
from organizations.tenancy.scope import working_for

CANARY = "CANARY-rival-5f1c"
# A person who acts is read by the page and once more, under its lock, by the change, which may be made
# of changes that lock the organization too; allauth reads the e-mail at each stage of a sign-in.
ASKED_TWICE = [
    {"model": "organizations.Organization", "field": "get()"},
    {"model": "organizations.Membership", "field": "get()"},
    {"model": "account.EmailAddress", "field": "get()"},
]


@pytest.fixture(scope="session", autouse=True)
def _refuse_n_plus_one() -> None:
    """In every test a request that asks the database for related rows one by one fails."""
    initialize_app_registry()
    patch()
    settings.MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")
    settings.ZEAL_ALLOWLIST = ASKED_TWICE


@dataclass
class House:
    """One organization of the cast: its rows by name, and a browser for each of its people."""

    organization: Organization
    teams: dict[str, Team] = field(default_factory=dict)
    members: dict[str, Membership] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def slug(self) -> str:
        return self.organization.slug

    def add_team(self, name: str, parent: str = "") -> Team:
        above = self.teams[parent]
        with working_for(self.id):
            team = Team.objects.create(name=name, parent=above)
        self.teams[name] = team
        return team

    def add(
        self, name: str, role: str = Role.MEMBER, team: str = "", *, leads: bool = False
    ) -> Membership:
        email = f"{name.lower().replace(' ', '.')}@{self.slug}.example"
        user = User.objects.create_user(email)
        accounts.confirm(user)
        with working_for(self.id):
            member = Membership.objects.create(
                name=name, email=email, team=self.teams[team], role=role, leads=leads, user=user
            )
        self.members[name], self.users[name] = member, user
        return member

    def browser(self, name: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.users[name])
        return client


@dataclass
class Cast:
    acme: House
    rival: House


def found(name: str, slug: str, owner: str) -> House:
    user = User.objects.create_user(f"{owner.lower()}@{slug}.example")
    accounts.confirm(user)
    organization = people.create_organization(name=name, slug=slug, owner=user, owner_name=owner)
    house = House(organization)
    with working_for(organization.id):
        house.teams[""] = Team.objects.get(parent=None)
        house.members[owner] = Membership.objects.get(user=user)
    house.users[owner] = user
    return house


@pytest.fixture(autouse=True)
def _english_at_greenwich() -> Iterator[None]:
    """A request activates a language and a clock; no other test inherits them."""
    with translation.override("en"), timezone.override(None):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    acme = found("Acme", "acme", "Ada")
    acme.add_team("Growth")
    acme.add_team("Brand", "Growth")
    acme.add("Cho", Role.LEADER, leads=True)
    acme.add("Adam", Role.ADMIN)
    acme.add("Ana", Role.ANALYST, "Growth")
    acme.add("Max", Role.MEMBER, "Brand")
    sue = acme.add("Sue", Role.ADMIN, "Growth")
    with working_for(acme.id):
        Membership.objects.filter(pk=sue.pk).update(suspended_at=datetime(2026, 1, 1, tzinfo=UTC))
    rival = found(f"{CANARY} Ltd", "rival", "Rita")
    rival.add_team(f"{CANARY} team")
    rival.add(f"{CANARY} Rob", Role.MEMBER, f"{CANARY} team")
    return Cast(acme, rival)
