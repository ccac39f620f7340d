"""The reports' pages: who opens what, progress one can see, and a file that is checked at the door."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.cycles.closing import close
from assessments.models import Cycle
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from reports import schedules
from reports.documents import build
from reports.models import Delivery, Report, ReportSchedule
from tests.assessments.answered_cycles import answered
from tests.conftest import Cast, House

PAGE = "/o/acme/reports/"
STATEMENTS = 8 + 2  # the savepoint of the request is two more in a test


def asked(house: House) -> Report:
    with working_for(house.id):
        return schedules.request_report(by=house.members["Cho"].pk, moment=timezone.now())


def finished(house: House) -> Report:
    perform(Cycle, house.id, answered(house, people=12).pk, close)
    report = asked(house)
    perform(Report, house.id, report.pk, build.build_report)
    return report


@pytest.mark.parametrize(
    ("name", "listed", "made"),
    [
        ("Ada", 200, 302),
        ("Cho", 200, 302),
        ("Adam", 200, 302),
        ("Ana", 200, 403),
        ("Max", 403, 403),
    ],
)
def test_who_lists_and_who_makes(cast: Cast, name: str, listed: int, made: int) -> None:
    browser = cast.acme.browser(name)
    assert browser.get(PAGE).status_code == listed
    assert browser.post(f"{PAGE}make/").status_code == made
    with working_for(cast.acme.id):
        assert Report.objects.count() == (1 if made == 302 else 0)


def test_a_reader_reads_it_in_the_own_language_and_takes_the_file(cast: Cast) -> None:
    report = finished(cast.acme)
    ana = cast.acme.browser("Ana")
    assert "How to read this" in ana.get(f"{PAGE}{report.pk}/").text
    ana.cookies["language"] = "ko"
    assert "읽는 법" in ana.get(f"{PAGE}{report.pk}/").text
    answer = ana.get(f"{PAGE}{report.pk}/ko.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_administrator_knows_that_it_is_there_and_not_what_it_says(cast: Cast) -> None:
    report = finished(cast.acme)
    adam = cast.acme.browser("Adam")
    with working_for(cast.acme.id):
        title = Report.objects.get().documents["en"]["title"]
    page = adam.get(f"{PAGE}{report.pk}/").text
    assert "Your report is ready." in page
    assert title not in page + adam.get(PAGE).text
    assert adam.get(f"{PAGE}{report.pk}/en.pdf").status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Starting…"),
        ({"lease": "1" * 32, "progress": "reading", "attempts": 1}, "Step 1 of 4"),
        ({"lease": "1" * 32, "progress": "writing ko", "attempts": 1}, "Step 2 of 4"),
        ({"lease": "1" * 32, "progress": "drawing en", "attempts": 2}, "was interrupted"),
        ({"attempts": 5, "error": "builtins.OSError"}, "The report couldn't be created"),
    ],
)
def test_the_page_says_how_far_it_is(cast: Cast, fields: dict[str, Any], said: str) -> None:
    report = asked(cast.acme)
    with working_for(cast.acme.id):
        Report.objects.filter(pk=report.pk).update(**fields)
    page = cast.acme.browser("Cho").get(f"{PAGE}{report.pk}/").text
    assert said in page
    assert ("data-follow" in page) == ("couldn't be created" not in page)


def test_a_report_that_was_given_up_can_be_tried_again(cast: Cast) -> None:
    report = asked(cast.acme)
    with working_for(cast.acme.id):
        Report.objects.filter(pk=report.pk).update(attempts=5, error="OSError")
    assert cast.acme.browser("Cho").post(f"{PAGE}{report.pk}/again/").status_code == 302
    perform(Report, cast.acme.id, report.pk, build.build_report)
    with working_for(cast.acme.id):
        assert Report.objects.get().made_at is not None


def test_a_slot_that_was_given_up_is_not_announced_as_the_next_report(cast: Cast) -> None:
    with working_for(cast.acme.id):
        wanted = schedules.ScheduleSettings(on=True, day=5, at=time(9), recipients=frozenset())
        schedules.set_schedule(wanted, by=cast.acme.members["Cho"].pk)
    assert "Next report:" in cast.acme.browser("Cho").get(PAGE).text
    with working_for(cast.acme.id):
        ReportSchedule.objects.update(attempts=5, due_at=timezone.now())
    page = cast.acme.browser("Cho").get(PAGE).text
    assert "Next report:" not in page
    assert "The last scheduled report couldn't be created." in page


@pytest.mark.parametrize(
    ("fields", "said", "again"),
    [
        ({"state": "sent", "due_at": None}, "sent", False),
        ({"state": "needless", "due_at": None}, "no longer has access to results", False),
        ({"state": "waiting", "attempts": 2}, "sending", False),
        ({"state": "waiting", "attempts": 5}, "failed", True),
        ({"state": "refused", "due_at": None, "error": "550"}, "failed", True),
        ({"state": "unknown", "due_at": None}, "delivery unknown", True),
    ],
)
def test_whoever_schedules_sees_which_mails_arrived_and_sends_the_lost_again(
    cast: Cast, fields: dict[str, Any], said: str, again: bool
) -> None:
    report = finished(cast.acme)
    with working_for(cast.acme.id):
        assert Delivery.objects.update(**fields) == 1
    adam, page = cast.acme.browser("Adam"), f"{PAGE}{report.pk}/"
    text = adam.get(page).text
    assert said in text
    assert ("Resend" in text) == again
    assert "Emailed to" not in cast.acme.browser("Ana").get(page).text
    assert adam.post(f"{page}mails/").status_code == 302
    left = {"state": "waiting", "attempts": 0, "error": ""} if again else fields
    with working_for(cast.acme.id):
        assert Delivery.objects.filter(**left).count() == 1


def test_the_schedule_is_set_on_its_page(cast: Cast) -> None:
    cho = cast.acme.browser("Cho")
    readers = [str(cast.acme.members[one].pk) for one in ("Cho", "Ana")]
    sent = {"on": "on", "day": "31", "at": "08:30", "recipients": readers}
    assert cho.post(f"{PAGE}schedule/", sent).status_code == 302
    assert "Next report:" in cho.get(PAGE).text
    with working_for(cast.acme.id):
        row = ReportSchedule.objects.get()
        assert (row.day, f"{row.at:%H:%M}", row.recipients.count()) == (31, "08:30", 2)


def test_a_schedule_that_cannot_be_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    stranger = str(cast.rival.members["Rita"].pk)
    sent = {"on": "on", "day": "32", "at": "25:00", "recipients": [stranger]}
    answer = cast.acme.browser("Cho").post(f"{PAGE}schedule/", sent)
    assert answer.status_code == 422
    assert 'value="32"' in answer.text
    with working_for(cast.acme.id):
        assert not ReportSchedule.objects.exists()


def test_the_pages_cost_the_same_with_many_reports(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    report = finished(cast.acme)
    with working_for(cast.acme.id):
        row = Report.objects.get()
        for day in range(1, 6):
            Report.objects.create(
                slot=row.slot - timedelta(days=day),
                documents=row.documents,
                made_at=row.made_at,
            )
    ana = cast.acme.browser("Ana")
    for address in (PAGE, f"{PAGE}{report.pk}/", f"{PAGE}{report.pk}/en.pdf"):
        ana.get(address)
        with django_assert_max_num_queries(STATEMENTS):
            assert ana.get(address).status_code == 200
