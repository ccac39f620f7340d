"""Every address of the site, as everyone, against another organization's data.

A new page is visited without being registered. What fails the build: an address that states no
ability, a parameter the world does not know, another's text, another's rows changed, and an id
that looks different because it exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from organizations.access import ABILITIES, Ability
from organizations.models import Role
from tests.conftest import CANARY
from tests.isolation import leaks
from tests.isolation.insiders import ATTACKERS
from tests.isolation.populated_organizations import REMARK, kinds_without_a_row
from tests.isolation.routes import Route, routes
from tests.isolation.walk import Finding, World, visit

SITE = routes()
PAGES = [route for route in SITE if not route.is_for_programs]
# Pages that belong to no organization; each was read by someone before it came here.
PUBLIC = {
    "front",
    "found",
    "livez",
    "readyz",
    "metrics",
    "set_language",
    "set_theme",
    "join",
    "link",
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_email",
    "account_email_change",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_sessions",
    "account_session_end",
    "account_reauthenticate",
    "mailbox",
    "letter",
    "api:front",
    "api:schema",
    "api:documentation",
}
LEADS_BACK = re.compile('name="next" value="([^"]*)"')  # from language and colours to the page


def test_the_world_has_a_row_of_every_kind(world: World) -> None:
    assert kinds_without_a_row(world.acme.house) == set()
    assert kinds_without_a_row(world.rival.house) == set()


def test_every_address_states_what_it_asks_for(world: World) -> None:
    said = {route.name: list(unstated(route, world)) for route in SITE}
    assert not any(said.values()), {name: faults for name, faults in said.items() if faults}


def unstated(route: Route, world: World) -> Iterator[str]:
    if not (route.states_an_ability or route.scope):
        yield "states no ability and no scope"
    if (route.scope is not None) != route.is_for_programs:
        yield "asks a page for a scope, or a program for none"
    if route.is_public != (route.name in PUBLIC):
        yield "is public and not known as such, or the other way round"
    if unknown := set(route.parameters) - set(world.acme.ids):
        yield f"tests/isolation/populated_organizations.py knows no {unknown}"
    if not route.is_public and "organization" not in route.parameters:
        yield "belongs to no organization"


@pytest.mark.parametrize("route", SITE, ids=lambda route: route.name)
def test_nobody_learns_or_changes_anything_of_another_organization(
    route: Route, world: World
) -> None:
    assert visit(world, route) == []


def test_ones_own_pages_open(world: World) -> None:
    """The walk would also be silent if nothing worked at all."""
    for route in (route for route in PAGES if not route.is_public):
        path = route.path(world.acme.at(route))
        answer = world.callers["owner"]().get(path)
        assert answer.status_code in (200, 302, 303, 405), path
        html = "" if answer.streaming else answer.content.decode("utf-8", "replace")
        assert set(LEADS_BACK.findall(html)) <= {path}, path
        for nobody in ("suspended", "member of nothing", "anonymous", "API key"):
            answer = world.callers[nobody]().get(path)
            assert answer.status_code in (302, 404, 405), (nobody, path)


def test_the_link_of_a_closed_survey_opens_its_result_alone(world: World) -> None:
    reader = world.callers["respondent of a closed survey"]()
    for route in (route for route in PAGES if not route.is_public):
        answer = reader.get(route.path(world.acme.at(route)))
        opens = route.name == "reports:own_result"
        assert (answer.status_code == 200) is opens, route.name


def test_comments_are_among_what_the_walk_could_leak(world: World) -> None:
    """Whoever sees results reads the own organization's comments; else the walk would prove nothing."""
    (route,) = [route for route in PAGES if route.name == "reports:capability"]
    path = route.path(world.acme.at(route))
    for who, reads in (("owner", True), ("analyst", True), ("member", False), ("admin", False)):
        html = world.callers[who]().get(path).content.decode()
        assert (REMARK in html) is reads, who


LEAKS = {
    "a_forgotten_door": "showed another's text",
    "a_foreign_key_in_the_body": "changed another's rows",
    "mass_assignment": "changed another's rows",
    "a_filter": "showed another's text",
    "an_unguessable_id": "showed another's text",
    "an_existence_oracle": "differs from a missing one",
    "a_program_whose_key_fits_everywhere": "showed another's text",
    "a_filter_for_programs": "showed another's text",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(leak: str, world: World) -> None:
    leaks.VICTIM["rival"] = world.rival.house.id
    with override_settings(ROOT_URLCONF="tests.isolation.leaks"):
        (planted,) = [route for route in routes() if route.name == leak]
        findings: list[Finding] = visit(world, planted)
    assert any(LEAKS[leak] in finding.what for finding in findings), findings


def test_a_route_that_nobody_registered_is_found() -> None:
    with override_settings(ROOT_URLCONF="tests.isolation.leaks"):
        (planted,) = [route for route in routes() if route.name == "an_unregistered_route"]
    assert not planted.states_an_ability


def test_a_view_for_programs_cannot_be_given_an_address_without_a_scope() -> None:
    with pytest.raises(AttributeError, match="scope"):
        leaks.NoScope.as_view()


def test_someone_of_every_role_knocks_everywhere(world: World) -> None:
    assert set(Role.values) <= world.callers.keys()
    assert set(Role.values) - {Role.MEMBER} <= ATTACKERS.keys()  # in tests/isolation/test_roles.py


def test_every_ability_is_someones() -> None:
    assert set().union(*ABILITIES.values()) == set(Ability)


def test_a_page_whose_door_was_forgotten_fails_instead_of_leaking(world: World) -> None:
    with override_settings(ROOT_URLCONF="tests.isolation.leaks"):
        answer = Client(raise_request_exception=False).get("/careless/")
    assert answer.status_code == 500
    assert CANARY.encode() not in answer.content
