"""Every address of results, reports, downloads and the API leaves one line of the access log, and no
other address leaves any. Read from the URLconf, so that a new address is covered by itself."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext

from organizations import access_log
from organizations.access import Ability
from organizations.access_history import PAGE_LABELS, latest
from organizations.models import AccessEvent, ApiKey
from organizations.tenancy.scope import working_for
from tests.conftest import House
from tests.isolation.populated_organizations import NOW
from tests.isolation.routes import Route, routes
from tests.isolation.walk import World

SITE = [route for route in routes() if not route.is_public]
READERS = ("owner", "leader", "analyst", "member", "API key")


@pytest.fixture(autouse=True)
def _nothing_written_yet() -> None:
    access_log._written.clear()


def lines(house: House) -> list[tuple[str, str, Any]]:
    with working_for(house.id):
        rows = AccessEvent.objects.order_by("at", "pk")
        return list(rows.values_list("page", "subject", "reader"))


def address_of(house: House) -> str:
    """Where the owner gets to from the newest line."""
    with working_for(house.id):
        _page, shown = latest(house.slug, "1")
    return shown[0].address


def readers(world: World) -> dict[str, Any]:
    names = {"owner": "Ada", "leader": "Cho", "analyst": "Ana", "member": "Max"}
    found = {who: world.acme.house.members[name].pk for who, name in names.items()}
    with working_for(world.acme.house.id):
        found["API key"] = ApiKey.objects.get(
            prefix=world.acme.tokens["key"][:12], scopes__len=2
        ).pk
    return found


def is_to_be_noted(route: Route, answer: Any) -> bool:
    """Said of the address and the answer alone, not of how the site does it."""
    is_download = answer.headers.get("Content-Disposition", "").startswith("attachment")
    of_results = route.name.startswith("reports:") or route.is_for_programs or is_download
    return bool(of_results and answer.status_code == 200)


@pytest.mark.parametrize("route", SITE, ids=lambda route: route.name)
def test_every_read_of_results_leaves_one_line_and_nothing_else_does(
    route: Route, world: World
) -> None:
    path, house = route.path(world.acme.at(route)), world.acme.house
    before, theirs = len(lines(house)), lines(world.rival.house)
    noted = 0
    for who in READERS:
        client = world.callers[who]()
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer)
        expected = is_to_be_noted(route, answer)
        client.get(path)
        client.post(path, {"end": "1"})
        new = lines(house)[before + noted :]
        noted += len(new)
        assert len(new) == expected, who
        if expected:
            assert new[0][0] == route.name
            assert new[0][2] == readers(world)[who]
            assert route.name in PAGE_LABELS
            assert address_of(house) == ("" if route.is_for_programs else path)
    if route.is_for_programs or route.name in ("reports:home", "reports:report_file"):
        assert noted > 0
    assert lines(world.rival.house) == theirs


def test_another_day_another_thing_and_another_reader_leave_a_line_each(world: World) -> None:
    house, owner = world.acme.house, world.callers["owner"]()
    first = len(lines(house))
    for path in ("teams/", "teams/?team=x", "trend/", "teams/"):
        owner.get(f"/o/acme/{path}")
    world.callers["member"]().get("/o/acme/teams/")
    new = lines(house)[first:]
    assert [line[0] for line in new] == ["reports:teams", "reports:trend", "reports:teams"]
    ada, max_ = house.members["Ada"].pk, house.members["Max"].pk
    assert [line[2] for line in new] == [ada, ada, max_]


def test_the_second_read_of_a_day_costs_no_statement(world: World) -> None:
    owner = world.callers["owner"]()

    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            assert owner.get("/o/acme/principles/").status_code == 200
        return [one["sql"] for one in asked]

    first, second = statements(), statements()
    assert [sql for sql in first if "note_access" in sql]
    assert [sql for sql in second if "note_access" in sql] == []
    access_log._written.clear()  # another process
    before = lines(world.acme.house)
    assert len(statements()) == len(second) + 1
    assert lines(world.acme.house) == before


def test_a_refused_read_leaves_no_line(world: World) -> None:
    before = lines(world.acme.house)
    world.callers["admin"]().get("/o/acme/trend/")
    world.callers["member of nothing"]().get("/o/acme/")
    world.callers["owner"]().get("/o/acme/results/00000000-0000-7000-8000-000000000000/explain/")
    world.callers["owner"]().head("/o/acme/nowhere/")
    assert lines(world.acme.house) == before


def test_a_line_is_remembered_only_once_its_transaction_is_over(world: World) -> None:
    """A commit that fails ends as a 500: nothing was shown, nothing was written, nothing is known."""
    house, request = world.acme.house, HttpRequest()
    line = access_log.AccessRecord(
        house.id, NOW.date(), house.members["Ada"].pk, "reports:home", ""
    )
    request.access_line = line  # type: ignore[attr-defined]  # as the door leaves it
    for status, remembered in ((500, False), (503, False), (200, True)):
        answer = HttpResponse(status=status)
        access_log.AccessLogMiddleware(partial(answered_with, answer))(request)
        assert (line in access_log._written) is remembered


def answered_with(answer: HttpResponse, _request: HttpRequest) -> HttpResponse:
    return answer


def test_where_nothing_can_be_written_reading_goes_on(world: World) -> None:
    owner, before = world.callers["owner"](), lines(world.acme.house)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        assert [owner.get("/o/acme/teams/").status_code for _ in range(2)] == [200, 200]
        transaction.set_rollback(True)
    assert lines(world.acme.house) == before
    owner.get("/o/acme/teams/")
    assert len(lines(world.acme.house)) == len(before) + 1


def test_no_address_for_answering_is_ever_noted() -> None:
    answering = [route for route in SITE if getattr(route.view, "ability", None) == Ability.ANSWER]
    assert len(answering) > 5
    assert not any(
        route.name in PAGE_LABELS or route.name.startswith("reports:") for route in answering
    )
