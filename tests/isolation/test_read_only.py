"""Looking changes nothing: every address is asked as everyone, and every table stays as it was."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, transaction

from organizations.tenancy.scope import working_for
from tests.conftest import House
from tests.isolation.populated_organizations import TENANT_MODELS
from tests.isolation.routes import Route, routes
from tests.isolation.walk import World

SITE = routes()
# What looking leaves behind on purpose: when a session and a key were last used, who has read results.
TRACES = {"organizations_session", "organizations_apikey", "organizations_accessevent"}
GLOBAL = {
    model._meta.db_table
    for model in apps.get_models()
    if model not in TENANT_MODELS and model._meta.app_label in ("organizations", "account")
} - {"organizations_organization"}

OWNED = {model._meta.db_table for model in TENANT_MODELS} | {"organizations_organization"}
VERSIONS = " UNION ALL ".join(
    f"SELECT '{table}', string_agg(ctid::text, '' ORDER BY ctid) FROM \"{table}\""
    for table in sorted((OWNED | GLOBAL) - TRACES)
)
# Everyone who sees something else; those who see nothing are in the walk.
WHO = ("owner", "leader", "admin", "member", "respondent", "anonymous", "API key")


def versions(house: House) -> dict[str, str]:
    """Of each table the places of its rows' present versions, which every change moves."""
    with working_for(house.id), connection.cursor() as cursor:
        cursor.execute(VERSIONS)
        return dict(cursor.fetchall())


def changed_by_looking(world: World, route: Route, caller: str) -> set[str]:
    """The tables that a GET changed."""
    path = route.path(world.acme.at(route))
    client = world.callers[caller]()  # signing in is no looking
    before = versions(world.acme.house)
    with transaction.atomic():
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer)
        after = versions(world.acme.house)
        transaction.set_rollback(True)
    return {table for table in before if before[table] != after[table]}


@pytest.mark.parametrize("route", SITE, ids=lambda route: route.name)
def test_looking_at_a_page_changes_no_row(route: Route, world: World) -> None:
    found = {caller: changed_by_looking(world, route, caller) for caller in WHO}
    assert not any(found.values()), found
