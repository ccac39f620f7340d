"""The lines of the access log: what leaves none, how long they are kept, and who reads them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations import access_log
from organizations.models import AccessEvent, Organization
from organizations.tenancy.scope import uuid7, working_for
from tests.assessments.respondent_clients import FIRST, asked, by_link, page, signed_in, token_of
from tests.conftest import Cast, House
from tests.isolation.test_access_log import lines


def test_a_day_ends_by_the_clock_of_the_organization(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Organization.objects.update(time_zone="Pacific/Kiritimati")  # 14 hours ahead
    cast.acme.browser("Ada").get("/o/acme/teams/")
    with working_for(cast.acme.id):
        (day,) = AccessEvent.objects.values_list("day", flat=True)
    assert day == (timezone.now() + timedelta(hours=14)).date()


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
