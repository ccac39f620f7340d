"""Every address of results, reports, downloads and the API leaves one line of the access log, and no
other address leaves any. Read from the URLconf, so that a new address is covered by itself."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations import access_log
from organizations.access import Ability
from organizations.access_history import PAGE_LABELS, latest
from organizations.models import AccessEvent, ApiKey, Organization
from organizations.tenancy.scope import uuid7, working_for
from tests.assessments.respondent_clients import FIRST, asked, by_link, page, signed_in, token_of
from tests.conftest import Cast, House
from tests.isolation.populated_organizations import NOW
from tests.isolation.routes import Route, routes
from tests.isolation.test_walk import world as world  # a fixture
from tests.isolation.walk import World

SITE = [route for route in routes() if not route.is_public]
READERS = ("owner", "leader", "analyst", "member", "API key")


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


def test_a_day_ends_by_the_clock_of_the_organization(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Organization.objects.update(time_zone="Pacific/Kiritimati")  # 14 hours ahead
    cast.acme.browser("Ada").get("/o/acme/teams/")
    with working_for(cast.acme.id):
        (day,) = AccessEvent.objects.values_list("day", flat=True)
    assert day == (timezone.now() + timedelta(hours=14)).date()


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


# --- Answering --------------------------------------------------------------------------------


def test_answering_leaves_no_line(cast: Cast) -> None:
    acme = cast.acme
    cycle = asked(acme)
    Client().get(f"/s/{token_of(acme, cycle)}/")
    for client in (by_link(acme, cycle), signed_in(acme, "Max"), signed_in(acme, "Ada")):
        for tail in ("", "?part=start", "?part=1", "?part=end", "device/"):
            client.get(page(acme, cycle, tail))
        client.post(page(acme, cycle, "answer/"), {f"performance.{FIRST}": "3"})
        client.post(page(acme, cycle, "submit/"))
        client.post(page(acme, cycle, "withdraw/"))
        client.get("/o/acme/me/")
    assert lines(acme) == []


def test_no_address_for_answering_is_ever_noted() -> None:
    answering = [route for route in SITE if getattr(route.view, "ability", None) == Ability.ANSWER]
    assert len(answering) > 5
    assert not any(
        route.name in PAGE_LABELS or route.name.startswith("reports:") for route in answering
    )


# --- Keeping and showing ----------------------------------------------------------------------


def add(house: House, *, days: int, name: str = "Max", page: str = "reports:home") -> None:
    with working_for(house.id):
        AccessEvent.objects.create(
            id=uuid7(),
            day=timezone.now().date() - timedelta(days=days),
            at=timezone.now() - timedelta(days=days),
            reader=house.members[name].pk,
            page=page,
            subject="",
        )


def test_the_site_can_neither_change_nor_delete_a_line(cast: Cast) -> None:
    add(cast.acme, days=500)
    with working_for(cast.acme.id):
        rows = AccessEvent.objects.all()
        for change in (partial(rows.update, page="x"), rows.delete):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()


def test_lines_are_kept_as_long_as_the_setting_says_and_never_less_than_30_days(
    cast: Cast,
) -> None:
    rival = cast.rival.members["Rita"].name
    for days in (0, 29, 31, 399, 401):
        add(cast.acme, days=days)
        add(cast.rival, days=days, name=rival)
    out = StringIO()
    call_command("purge_access_log", stdout=out)
    assert "2 lines" in out.getvalue()
    assert (settings.ACCESS_LOG_DAYS, len(lines(cast.acme))) == (400, 4)
    for days in (30, 0, -1_000):
        access_log.purge(days)
        assert len(lines(cast.acme)) == len(lines(cast.rival)) == 2


def test_owners_read_it_and_nobody_else(cast: Cast) -> None:
    acme = cast.acme
    ada = acme.browser("Ada")
    assert "No entries yet." in ada.get("/o/acme/settings/access/").content.decode()
    add(acme, days=1)
    with working_for(acme.id):
        AccessEvent.objects.create(
            day=timezone.now().date(), reader=uuid7(), page="reports:report_file", subject="x/en"
        )
    html = ada.get("/o/acme/settings/access/").content.decode()
    assert html.index("Report as PDF") < html.index("Home</a></b>")
    assert "Max" in html and "Removed member" in html
    assert "kept for 400 days" in html
    for name in ("Cho", "Adam", "Ana", "Max"):
        assert acme.browser(name).get("/o/acme/settings/access/").status_code == 403


def test_a_long_log_is_paged_at_the_same_cost(cast: Cast) -> None:
    ada = cast.acme.browser("Ada")
    add(cast.acme, days=1)
    with CaptureQueriesContext(connection) as few:
        ada.get("/o/acme/settings/access/")
    for days in range(2, 130):
        add(cast.acme, days=days)
    with CaptureQueriesContext(connection) as many:
        html = ada.get("/o/acme/settings/access/").content.decode()
    assert "Page 1 of 3" in html
    assert len(many) == len(few)
