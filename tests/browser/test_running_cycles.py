"""The administrator's pages of cycles and rubrics, in both languages, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments import rubric_editions
from assessments.cycles import lifecycle, nightly_counts
from assessments.models import Cycle, Participation
from assessments.rubrics import MAIN_RUBRIC
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import confirmed, fill, opened, planned
from tests.assessments.test_rubric_editions import reworded
from tests.assessments.views.test_cycles import address
from tests.conftest import Cast, House

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 900}
AT_NIGHT = [("ko-KR", "light", DESK), ("ko-KR", "dark", PHONE), ("en-GB", "dark", DESK)]
# Each language, colour and width once; how else they go together is looked at at night.
LOOKS = [
    ("en-GB", "light", PHONE),
    ("ko-KR", "dark", DESK),
    *(pytest.param(*look, marks=pytest.mark.nightly) for look in AT_NIGHT),
]


def populate(house: House) -> dict[str, str]:
    """A page of every kind: its name and its address."""
    fill(house, "Brand", 7)
    fill(house, "Growth", 5)
    yesterday = timezone.now() - timedelta(days=1)
    plan = planned(house, timezone.now(), name="Autumn 2027", rubric="cmo-collaboration")
    closing = opened(house, yesterday, name="Winter 2026", mode="unlinked")
    with working_for(house.id):
        lifecycle.start_closing(closing, by=None, moment=timezone.now())
    closed = opened(house, yesterday, name="Autumn 2026")
    with working_for(house.id):
        Cycle.objects.filter(pk=closed.pk).update(
            stage=Cycle.Stage.CLOSED, closed_at=timezone.now(), due_at=None
        )
    running = opened(house, yesterday, name="Spring 2027")
    with working_for(house.id):
        parts = Participation.objects.filter(cycle=running).order_by("pk")
        Participation.objects.filter(pk__in=[p.pk for p in parts[3:12]]).update(finished=True)
        Participation.objects.filter(pk=parts[0].pk).update(bounced=True)
        nightly_counts.count(running, house.organization, moment=timezone.now())
        asked, draft = (
            rubric_editions.get_or_create_latest(MAIN_RUBRIC),
            rubric_editions.save_draft(reworded("2.0.0"), by=None),
        )
    return {
        "cycles": address(house, "cycles"),
        "plan": address(house, "cycle_plan"),
        "planned": address(house, "cycle", plan.pk),
        "open": address(house, "cycle", running.pk),
        "close": address(house, "cycle_close", running.pk),
        "closing": address(house, "cycle", closing.pk),
        "closed": address(house, "cycle", closed.pk),
        "rubrics": address(house, "rubrics"),
        "upload": address(house, "rubric_upload"),
        "edition": address(house, "rubric_edition", asked.pk),
        "draft": address(house, "rubric_edition", draft.pk),
        "preview": address(house, "rubric_preview", draft.pk),
    }


@pytest.mark.parametrize(("locale", "scheme", "viewport"), LOOKS)
def test_the_pages_have_no_barriers_and_fit_the_window(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, Any],
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.update(language=locale[:2])
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
    sign_in(page, cast.acme.users["Adam"])
    for name, path in populate(cast.acme).items():
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert_accessible(page)


def test_a_first_cycle_is_planned_and_opened_by_hand(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    cast.acme.add("Mia")
    page = open_page(locale="en-GB")
    sign_in(page, cast.acme.users["Adam"])
    page.goto(address(cast.acme, "cycles"))
    page.get_by_role("link", name="Plan a survey").click()
    page.get_by_label("Survey name").fill("Our first")
    page.get_by_label("Anonymity threshold").fill("5")
    page.get_by_role("button", name="Continue").click()
    expect(
        page.get_by_role("heading", name="An owner needs to confirm the groups first")
    ).to_be_visible()
    with working_for(cast.acme.id):
        confirmed(cast.acme, Cycle.objects.get())
    page.reload()
    page.get_by_role("button", name="Launch and invite 6 people").click()
    expect(page.get_by_role("status")).to_contain_text("Survey launched.")
    expect(page.get_by_role("region", name="Response rate")).to_contain_text("First count")


def test_the_page_of_a_closing_cycle_follows_the_count(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    cycle = opened(cast.acme, timezone.now() - timedelta(days=1))
    page = open_page(locale="en-GB")
    sign_in(page, cast.acme.users["Adam"])
    with working_for(cast.acme.id):
        lifecycle.start_closing(cycle, by=None, moment=timezone.now())
    page.goto(address(cast.acme, "cycle", cycle.pk))
    with working_for(cast.acme.id):
        Cycle.objects.update(progress="scoring")
    expect(page.locator("#closing")).to_contain_text("Calculating results…")
    with working_for(cast.acme.id):
        Cycle.objects.update(stage="closed", closed_at=timezone.now(), progress="")
    expect(page.get_by_text("Results are published")).to_be_visible()
