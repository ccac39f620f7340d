"""The result by personal link in a real browser: from the mail to the result, in both languages and themes, on a phone
and at a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from assessments.models import Scorecard
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from tests.browser.survey_steps import DESK, NARROW, widest
from tests.conftest import Cast
from tests.reports.result_links import invite
from tests.reports.views.test_results import closed


@pytest.mark.parametrize(
    ("locale", "scheme", "viewport"),
    [("en-GB", "light", NARROW), ("ko-KR", "dark", NARROW), ("ko-KR", "light", DESK)],
)
def test_the_way_to_the_result_has_no_barriers(
    cast: Cast,
    open_page: Callable[..., Page],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    closed(cast.acme, "Spring")
    cycle = closed(cast.acme, "Autumn", 24)
    link = invite(cast.acme, cycle, "Max")
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
    page.goto(link)
    assert_accessible(page)
    for world in ("open", "capabilities closed", "hidden", "nothing shown"):
        with working_for(cast.acme.id):
            _become(world, cast)
        page.goto(link)
        page.click("main form button")
        expect(page.locator("h1")).to_be_visible()
        for opened in page.locator("summary").all():
            opened.click()
        assert_accessible(page)
        assert widest(page) <= 0, world
        reasons = 1 if world in ("hidden", "nothing shown") else 0
        expect(page.locator(".why-hidden")).to_have_count(reasons)


def _become(world: str, cast: Cast) -> None:
    card = Scorecard.objects.get(cycle__name="Autumn", current=True)
    by_name = {team.name: str(team.pk) for team in card.cycle.teams.all()}
    if world == "capabilities closed":
        Organization.objects.update(members_see_capabilities=False)
    if world in ("hidden", "nothing shown"):
        card.summary["shown"] = [by_name["Acme"]] if world == "hidden" else []
        card.save()


def test_language_theme_and_signing_out_work_from_the_result(
    cast: Cast, open_page: Callable[..., Page]
) -> None:
    cycle = closed(cast.acme)
    page = open_page(java_script_enabled=False, viewport=NARROW)
    page.goto(invite(cast.acme, cycle, "Max"))
    page.get_by_role("button", name="See your team's result").click()
    expect(page).to_have_title("Your team's result · Naite")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="한국어").click()
    expect(page).to_have_title("우리 팀 결과 · 나이테")
    page.get_by_role("button", name="여럿이 쓰는 기기인가요").click()
    expect(page.locator("h1")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page).not_to_have_title("우리 팀 결과 · 나이테")
