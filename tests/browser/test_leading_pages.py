"""The pages by which leaders lead, in a real browser: principles, needs and reports, in both languages
and themes, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.cycles.closing import close
from assessments.models import Cycle
from assessments.rubrics import MAIN_RUBRIC
from organizations.jobs import MAX_ATTEMPTS, Claim, claim, perform
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from reports import schedules
from reports.documents import build
from reports.models import Report
from tests.assessments.answered_cycles import answered
from tests.browser.test_running_cycles import LOOKS
from tests.conftest import Cast, House

COLLABORATION = "cmo-collaboration"
REPORTS, PRINCIPLES = "/o/acme/reports/", "/o/acme/principles/"
BEFORE_THE_FIRST_CYCLE = (
    PRINCIPLES,
    f"{PRINCIPLES}1/",
    f"/o/acme/targets/{MAIN_RUBRIC}/",
    REPORTS,
    f"{REPORTS}schedule/",
)


def measured(house: House) -> None:
    """A closed cycle of each rubric, and an older one to change from."""
    asked = (("Spring", MAIN_RUBRIC), ("Autumn", MAIN_RUBRIC), ("Together", COLLABORATION))
    for name, rubric in asked:
        cycle = answered(house, people=12, name=name, rubric=rubric)
        perform(Cycle, house.id, cycle.pk, close)


def report(house: House, *, days_ago: int = 0, **fields: Any) -> UUID:
    """One that was asked for; with no fields it is made at once."""
    moment = timezone.now() - timedelta(days=days_ago)
    with working_for(house.id):
        row = schedules.request_report(by=house.members["Cho"].pk, moment=moment)
        Report.objects.filter(pk=row.pk).update(**fields)
    if not fields:
        perform(Report, house.id, row.pk, build.build_report)
    return row.pk


def populate(house: House) -> list[str]:
    """A page of every kind: its address."""
    nothing_measured = report(house, days_ago=3)
    measured(house)
    made = report(house, days_ago=2)
    given_up = report(house, days_ago=1, attempts=MAX_ATTEMPTS, error="OSError: no space left")
    with working_for(house.id):
        Report.objects.filter(pk=given_up).update(due_at=None)  # room for one that is being made
    waiting = report(house, lease="1" * 32, progress="reading", attempts=1)
    with working_for(house.id):
        Report.objects.filter(pk=given_up).update(due_at=timezone.now())
    papers = (nothing_measured, made, given_up, waiting)
    growth = house.teams["Growth"].pk
    return [
        *BEFORE_THE_FIRST_CYCLE,
        f"/o/acme/targets/{COLLABORATION}/?team={growth}",
        *(f"{REPORTS}{paper}/" for paper in papers),
    ]


@pytest.fixture
def look(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    assert_accessible: Callable[..., None],
) -> Callable[..., Page]:
    """`look(addresses, locale, scheme, viewport)`: as Cho sees them; answers the window."""

    def at(addresses: list[str], locale: str, scheme: str, viewport: dict[str, Any]) -> Page:
        with working_for(cast.acme.id):
            Membership.objects.update(language=locale[:2])
        page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
        sign_in(page, cast.acme.users["Cho"])
        for address in addresses:
            page.goto(address)
            assert_fits(page, locale)
            assert_accessible(page)
        return page

    return at


def assert_fits(page: Page, locale: str) -> None:
    page.wait_for_load_state()  # a page that a button led to may still lack its style sheet
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize(("locale", "scheme", "viewport"), LOOKS)
def test_the_pages_have_no_barriers_and_fit_the_window(
    cast: Cast, look: Callable[..., Page], locale: str, scheme: str, viewport: dict[str, Any]
) -> None:
    look(populate(cast.acme), locale, scheme, viewport)


@pytest.mark.parametrize(("locale", "scheme", "viewport"), LOOKS)
def test_before_the_first_cycle_they_have_none_either(
    cast: Cast, look: Callable[..., Page], locale: str, scheme: str, viewport: dict[str, Any]
) -> None:
    look(list(BEFORE_THE_FIRST_CYCLE), locale, scheme, viewport)


@pytest.mark.parametrize(("locale", "scheme", "viewport"), LOOKS)
def test_a_refused_principle_says_why_without_barriers(
    look: Callable[..., Page],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, Any],
) -> None:
    page = look([f"{PRINCIPLES}2/"], locale, scheme, viewport)
    page.locator("[name=wording_ko]").fill("")
    page.locator("[name=review_on]").fill("2020-01-01")
    page.locator("main form button").click()
    expect(page.locator("[name=wording_ko]")).to_have_attribute("aria-invalid", "true")
    assert_fits(page, locale)
    assert_accessible(page)


def being_made(house: House) -> Claim:
    """The report that whoever asks for one now gets, in the hands of a worker that has just begun."""
    with working_for(house.id):
        row = schedules.request_report(by=house.members["Cho"].pk, moment=timezone.now())
    taken = claim(Report, house.id, row.pk)
    assert taken
    return taken


def title_of(house: House) -> str:
    with working_for(house.id):
        return str(Report.objects.get().documents["en"]["title"])


def test_a_leader_asks_for_a_report_watches_it_grow_reads_it_and_takes_the_file(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    measured(cast.acme)
    worker = being_made(cast.acme)
    page = open_page(locale="en-GB")
    sign_in(page, cast.acme.users["Cho"])
    page.goto(REPORTS)
    page.get_by_role("button", name="Create report").click()
    said = page.get_by_role("status")
    expect(said).to_have_text("Starting…")
    page.evaluate("window.opened = 'once'")  # a reload would forget it
    for progress, words in (("reading", "Step 1 of 4"), ("drawing en", "Step 3 of 4")):
        worker.renew(progress)
        expect(said).to_contain_text(words)
    build.build_report(worker)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(title_of(cast.acme))
    expect(heading).to_be_focused()
    assert page.evaluate("window.opened") == "once"
    expect(page.get_by_role("heading", name="How to read this")).to_be_visible()
    for name, ending in (("PDF in Korean", " ko.pdf"), ("PDF in English", " en.pdf")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name="All reports").click()
    expect(page.locator("main .rows li")).to_have_count(1)


def test_an_owner_says_a_principle_in_own_words_and_everyone_reads_it(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(locale="en-GB")
    sign_in(page, cast.acme.users["Ada"])
    page.goto(PRINCIPLES)
    page.get_by_role("link", name="Write it in your own words").first.click()
    page.get_by_label("Principle (English)").fill("One agenda, for all of us")
    page.get_by_label("Principle (Korean)").fill("우리 모두의 어젠다는 하나")
    page.get_by_label("How we do it (English)").fill("A weekly review\n\nOne shared board")
    page.get_by_label("Owner").select_option("Cho")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(PRINCIPLES)
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    first = page.locator(".principles-three section").first
    expect(first.get_by_role("heading", level=2)).to_have_text("One agenda, for all of us")
    expect(first.get_by_role("listitem")).to_have_text(["A weekly review", "One shared board"])
    expect(first.locator("dd").first).to_have_text("Cho")
    sign_in(page, cast.acme.users["Max"])
    page.reload()
    expect(first.get_by_role("heading", level=2)).to_have_text("One agenda, for all of us")
    expect(page.get_by_role("link", name="Edit wording")).to_have_count(0)
    page.get_by_role("button", name="한국어").click()
    expect(first.get_by_role("heading", level=2)).to_have_text("우리 모두의 어젠다는 하나")


@pytest.mark.parametrize(
    "viewport", [{"width": 360, "height": 740}, {"width": 1440, "height": 900}]
)
def test_a_target_is_chosen_on_its_scale_previewed_and_saved(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    viewport: dict[str, Any],
) -> None:
    """The marks stand above the cells of their numbers, nothing leaves its row, and what is not saved is
    counted without a script."""
    measured(cast.acme)
    page = open_page(locale="en-GB", viewport=viewport, java_script_enabled=False)
    sign_in(page, cast.acme.users["Cho"])
    page.goto(f"/o/acme/targets/{MAIN_RUBRIC}/")
    assert_fits(page, "en")
    row = page.locator(".target").first
    expect(row.locator(".unsaved")).to_be_hidden()
    cells = [box.bounding_box() for box in row.locator(".pick label:not(.as-rated)").all()]
    marks, frame = row.locator(".marks").bounding_box(), row.bounding_box()
    assert marks and frame and all(cells)
    lefts = [cell["x"] for cell in cells if cell]
    assert lefts == sorted(lefts)
    assert abs(marks["x"] - lefts[0]) < 3
    last = cells[-1]
    assert last and last["x"] + last["width"] <= frame["x"] + frame["width"] + 1
    assert abs(marks["x"] + marks["width"] - last["x"] - last["width"]) < 3
    row.get_by_label("5 ·").check(force=True)
    expect(row.locator(".unsaved")).to_be_visible()
    page.get_by_role("button", name="Preview against Autumn").last.click()
    expect(page.get_by_role("heading", name="Preview against Autumn")).to_be_visible()
    expect(row.locator(".unsaved")).to_be_visible()
    page.get_by_role("button", name="Save targets").click()
    expect(page.get_by_role("status")).to_contain_text("1 target saved.")
    expect(row.locator(".unsaved")).to_be_hidden()
    expect(row).to_contain_text("new target 5 from the next survey (Cho,")
    expect(page.get_by_role("heading", name="Who set what")).to_be_visible()
