"""The cast. Acme has Ada (owner), Cho (leader), Adam (admin), Ana (analyst), Max (member) and Sue
(suspended). Rival has Rita, who must never see Acme, and whose every text says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from organizations import people
from organizations.models import Membership, Organization, Role, Team, User
from organizations.tenancy.scope import working_for
from tests import statements

HERE = Path(__file__).parent
CANARY = "CANARY-rival-5f1c"
LONG_GONE = datetime(2026, 1, 1, tzinfo=UTC)
# A person who acts is read by the page and once more, under its lock, by the change, which may be made
# of changes that lock the organization too; allauth reads the e-mail at each stage of a sign-in.
ASKED_TWICE = [
    {"model": "organizations.Organization", "field": "get()"},
    {"model": "organizations.Membership", "field": "get()"},
    {"model": "account.EmailAddress", "field": "get()"},
]


# What takes longest begins first, a file in one process.
LONG = (
    "isolation/test_roles.py",
    "reports/test_unanimity_guard.py",
    "isolation/test_walk.py",
    "browser",
    "chaos",
    "devstack",
    "deployment",
)


@pytest.hookimpl(trylast=True)  # after the order was drawn
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(HERE).as_posix()
        return next((at for at, long in enumerate(LONG) if path.startswith(long)), len(LONG))

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def _refuse_n_plus_one() -> None:
    """In every test a request that asks the database for related rows one by one fails."""
    initialize_app_registry()
    patch()
    settings.MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")
    settings.ZEAL_ALLOWLIST = ASKED_TWICE


@pytest.fixture(scope="session", autouse=True)
def _copy_no_contexts() -> Iterator[None]:
    """No test reads the context of a template; Django would copy it for every one that is rendered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _hash_passwords_at_once() -> Iterator[None]:
    """Argon2 takes its time on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


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
        self.add_all(Membership(name=name, team=self.teams[team], role=role, leads=leads))
        return self.members[name]

    def add_all(self, *members: Membership) -> None:
        """Many at once, in three statements: each with an e-mail and a sign-in of its own."""
        for member in members:
            member.email = f"{member.name.lower().replace(' ', '.')}@{self.slug}.example"
            member.user = User(email=member.email)
            member.user.set_unusable_password()
            self.members[member.name], self.users[member.name] = member, member.user
        add_sign_ins([self.users[member.name] for member in members])
        with working_for(self.id):
            Membership.objects.bulk_create(members)

    def browser(self, name: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.users[name])
        return client


@dataclass
class Cast:
    acme: House
    rival: House


def add_sign_ins(users: Sequence[User]) -> None:
    """Accounts whose e-mails are confirmed."""
    User.objects.bulk_create(users)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )


def found(name: str, slug: str, owner: str) -> House:
    user = User(email=f"{owner.lower()}@{slug}.example")
    user.set_unusable_password()
    add_sign_ins([user])
    organization = people.create_organization(name=name, slug=slug, owner=user, owner_name=owner)
    house = House(organization)
    with working_for(organization.id):
        house.teams[""] = Team.objects.get(parent=None)
        house.members[owner] = Membership.objects.get(user=user)
    house.users[owner] = user
    return house


@pytest.fixture(autouse=True)
def sent() -> Iterator[statements.Watch]:
    """In every test, what the product sends could be run by the one server that has the organization."""
    with statements.watched() as watch:
        yield watch
    assert watch.faults == []


@pytest.fixture(autouse=True)
def _english_at_greenwich() -> Iterator[None]:
    """A request activates a language and a clock; no other test inherits them."""
    with translation.override("en"), timezone.override(None):
        yield


def assemble() -> Cast:
    acme = found("Acme", "acme", "Ada")
    with working_for(acme.id):
        growth = acme.add_team("Growth")
        brand = acme.add_team("Brand", "Growth")
        acme.add_all(
            Membership(name="Cho", team=acme.teams[""], role=Role.LEADER, leads=True),
            Membership(name="Adam", team=acme.teams[""], role=Role.ADMIN),
            Membership(name="Ana", team=growth, role=Role.ANALYST),
            Membership(name="Max", team=brand),
            Membership(name="Sue", team=growth, role=Role.ADMIN, suspended_at=LONG_GONE),
        )
    rival = found(f"{CANARY} Ltd", "rival", "Rita")
    with working_for(rival.id):
        team = rival.add_team(f"{CANARY} team")
        rival.add_all(Membership(name=f"{CANARY} Rob", team=team))
    return Cast(acme, rival)


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


# --- Made once for many tests -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def module_transaction(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is made inside it stays until the end of the module; what a test changes does not."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def module_cast(module_transaction: None) -> Cast:
    """For a module that prepares much with it, and none of whose tests asks for `cast`."""
    return assemble()
