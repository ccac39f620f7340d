"""The demo stands on its own, at once, and only where its passwords do no harm."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from assessments.management.operators import find_organization
from assessments.models import Cycle
from devstack.roles import acting_as_owner
from organizations.models import Membership
from organizations.tenancy.scope import TenantModel, working_for
from reports.management.commands.demo import (
    BUILT,
    DEMO_DIRECTORY,
    SLUG,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def _demo(settings: Any) -> None:
    settings.DEMO = True
    call_command("demo", stdout=StringIO())


def standing() -> Any:
    found = find_organization(SLUG)
    assert found
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_demo")
def test_a_demo_that_was_stopped_in_the_middle_is_built_again() -> None:
    """Its last line is what says that it is complete."""
    before = standing()
    with acting_as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM organizations_auditevent WHERE event = %s", [BUILT])
    call_command("demo", stdout=StringIO())
    after = standing()
    assert after != before
    with working_for(after):
        assert Cycle.objects.count() == 6
    with working_for(before):
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                assert not model.objects.exists(), model


def test_resetting_touches_nobody_else(cast: Cast, settings: Any) -> None:
    settings.DEMO = True
    call_command("demo", stdout=StringIO())
    with working_for(cast.acme.id):
        before = set(Membership.objects.values_list("pk", flat=True))
    call_command("demo", reset=True, stdout=StringIO())
    with working_for(cast.acme.id):
        assert set(Membership.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DEMO": False}, "Set DEMO=1"),
        ({"DEMO": True, "DEBUG": False, "ON_LOOPBACK": False}, "others can reach"),
    ],
)
def test_the_demo_is_refused_where_it_could_do_harm(
    db: None, settings: Any, changed: dict[str, bool], said: str
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match=said):
        call_command("demo", reset=True)
    assert find_organization(SLUG) is None


def test_an_address_that_is_not_there_is_said(cast: Cast) -> None:
    with pytest.raises(CommandError, match="No organization with this slug: nowhere"):
        call_command("verify_scores", organization="nowhere")


def test_the_files_name_no_person_twice() -> None:
    lines = (DEMO_DIRECTORY / "people.csv").read_text().splitlines()
    emails = [line.split(",")[1] for line in lines]
    assert len(emails) == len(set(emails)) > 60
