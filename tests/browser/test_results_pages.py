"""The results pages in a real browser: in both languages and themes, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from assessments.cycles.closing import close
from assessments.models import Cycle, CycleTeam
from assessments.rubrics import COLLABORATION_RUBRIC, MAIN_RUBRIC
from organizations.jobs import perform
from organizations.models import Team, User
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered, open_cycle
from tests.conftest import Cast, House

ADDRESSES = (
    "",
    "teams/",
    "teams/?value=exchange",
    "trend/",
    "capabilities/?open=growth-agenda",
    "capabilities/quality/",
    f"capabilities/{MAIN_RUBRIC}/growth-agenda/",
)
PHONE, DESK = {"width": 320, "height": 720}, {"width": 1440, "height": 900}


def closed(house: House, name: str, people: int) -> UUID:
    cycle = answered(house, people, name)
    perform(Cycle, house.id, cycle.pk, close)
    return cycle.pk


@pytest.fixture
def acme(cast: Cast) -> House:
    """Two closed cycles, so that there is an older ring."""
    closed(cast.acme, "Spring", 7)
    autumn = closed(cast.acme, "Autumn", 12)
    _add_hidden_team(cast.acme, autumn)
    return cast.acme


def _add_hidden_team(house: House, cycle: UUID) -> None:
    with working_for(house.id):
        team = Team.objects.create(name="Hidden", parent=house.teams[""])
        above = CycleTeam.objects.get(cycle=cycle, place=0)
        CycleTeam.objects.create(
            cycle_id=cycle, team=team, name="Hidden", parent=above, place=3, depth=1, headcount=3
        )
    house.teams["Hidden"] = team


def widest(page: Page) -> int:
    """By how much the page itself scrolls sideways."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


@pytest.mark.parametrize(
    ("locale", "scheme", "viewport"),
    [("en-GB", "light", PHONE), ("ko-KR", "dark", PHONE), ("ko-KR", "light", DESK)],
)
def test_no_results_page_has_barriers_or_scrolls_sideways(
    acme: House,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
    sign_in(page, acme.users["Cho"])
    teams = [f"teams/{acme.teams[name].pk}/" for name in ("Brand", "Hidden")]
    for address in (*ADDRESSES, *teams):
        page.goto(f"/o/acme/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible(page)
        assert widest(page) <= 0, address


def test_another_survey_is_chosen_without_a_script(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/trend/")
    page.get_by_label("Survey", exact=True).select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Trends start with the next one.")).to_be_visible()
    page.get_by_role("link", name="Teams", exact=True).click()
    expect(page.locator(".eyebrow")).to_contain_text("Spring")


def test_the_list_of_capabilities_reads_from_rank_to_confidence(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    """In columns on a desk: rank, name, chart, score and confidence, none of them outside of its row."""
    page = open_page(viewport=DESK)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/capabilities/")
    rows = page.locator(".ranked .summary:has(.firm:not(:empty))")
    expect(rows).not_to_have_count(0)
    for row in rows.all():
        edges: list[tuple[float, float]] = row.evaluate(
            """row => ['.rank', '.what', '.dumbbell', '.num', '.firm', null].map(part => {
                const box = (part ? row.querySelector(part) : row).getBoundingClientRect()
                return [box.left, box.right] })"""
        )
        *parts, (start, end) = edges
        assert [left for left, _right in parts] == sorted(left for left, _right in parts)
        assert all(start <= left and right <= end for left, right in parts)


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_nothing_of_the_trend_leaves_its_picture_or_its_row(
    acme: House,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    viewport: dict[str, int],
) -> None:
    """Beside another survey that is open, whose name takes room on the axis, too."""
    open_cycle(acme, "Winter of the long name")
    page = open_page(viewport=viewport)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/trend/")
    expect(page.locator(".multiple")).to_have_count(6)
    assert leaving(page, ".timeline", "text, circle, path") == []
    assert leaving(page, ".multiple header, .changes li, .moved li", "*") == []
    order = page.locator("main :is(h1, h2)").all_inner_texts()
    assert [heading.split(":")[0] for heading in order[1:]] == [
        "Values against what's needed",
        "Capabilities since the last survey",
        "Teams that changed since the last survey",
        "About these numbers",
    ]


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_the_principles_are_read_before_their_practices_and_none_leaves_its_row(
    acme: House,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    viewport: dict[str, int],
) -> None:
    about_collaboration = answered(acme, 24, "Together", rubric=COLLABORATION_RUBRIC)
    perform(Cycle, acme.id, about_collaboration.pk, close)
    page = open_page(viewport=viewport)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/principles/")
    expect(page.locator(".practices li")).to_have_count(12)
    assert leaving(page, ".practices li", "p, svg, circle") == []
    assert leaving(page, ".principles-three section", "*") == []
    assert widest(page) <= 0
    tops: list[float] = page.evaluate(
        """['h1', '.principles-three', '.practices', '.practices li', '.practices .as-table'].map(
            part => document.querySelector(part).getBoundingClientRect().top)"""
    )
    assert tops == sorted(tops)


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_on_a_phone_the_heat_map_and_the_board_are_in_sight_without_scrolling(
    acme: House,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    locale: str,
) -> None:
    page = open_page(locale=locale, viewport={"width": 360, "height": 740})
    sign_in(page, acme.users["Cho"])
    for address, region in (("teams/", ".heat-wrap"), ("capabilities/", ".board-figure .scroll")):
        page.goto(f"/o/acme/{address}")
        scrolled: int = page.locator(region).evaluate("part => part.scrollWidth - part.clientWidth")
        assert scrolled <= 1, address
    page.goto("/o/acme/teams/")
    assert leaving(page, ".heat-wrap td[data-gap]", "b, small") == []
    sizes: list[float] = page.locator(".heat-wrap :is(td b, td small, th)").evaluate_all(
        "parts => parts.map(part => parseFloat(getComputedStyle(part).fontSize))"
    )
    assert min(sizes) >= 12


def leaving(page: Page, boxes: str, parts: str) -> list[str]:
    """Return what of the parts stands outside of its box, to the left or right."""
    outside: list[str] = page.evaluate(
        """([boxes, parts]) => [...document.querySelectorAll(boxes)].flatMap(box => {
            const {left, right} = box.getBoundingClientRect()
            return [...box.querySelectorAll(parts)].filter(part => {
                const inner = part.getBoundingClientRect()
                return inner.width && (inner.left < left - 1 || inner.right > right + 1)
            }).map(part => part.outerHTML) })""",
        [boxes, parts],
    )
    return outside


def test_the_history_of_a_capability_fits_beside_its_levels(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(viewport=DESK)
    sign_in(page, acme.users["Cho"])
    page.goto(f"/o/acme/capabilities/{MAIN_RUBRIC}/growth-agenda/")
    table = page.locator(".ring-history .table-wrap")
    assert table.evaluate("table => table.scrollWidth - table.clientWidth") == 0


def test_before_the_first_cycle_the_pages_have_no_barriers_either(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    assert_accessible: Callable[..., None],
) -> None:
    page = open_page(viewport=PHONE)
    sign_in(page, cast.acme.users["Cho"])
    for address in ADDRESSES[:2]:
        page.goto(f"/o/acme/{address}")
        assert_accessible(page)
        assert widest(page) <= 0


def test_the_heat_map_is_read_in_three_ways_without_a_script(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(locale="en-GB", java_script_enabled=False)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/teams/")
    cell = page.locator("tbody td[data-gap]").first
    level, against = cell.locator("b.v-level"), cell.locator("b.v-need")
    expect(against).to_be_visible()
    expect(level).to_be_hidden()
    page.get_by_label("Level", exact=True).check(force=True)
    expect(level).to_be_visible()
    expect(against).to_be_hidden()


def test_a_cell_and_a_row_open_by_keyboard_alone(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(locale="en-GB", java_script_enabled=False)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/teams/")
    page.locator("tbody td a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cell")).to_be_visible()
    page.goto("/o/acme/capabilities/")
    page.locator("a.summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ladder li")).to_have_count(5)


def test_the_first_page_prints_on_one_sheet(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(locale="en-GB")
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_language_and_colours_change_without_a_script_and_stay(
    acme: House, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(locale="en-GB", java_script_enabled=False)
    sign_in(page, acme.users["Cho"])
    page.goto("/o/acme/capabilities/?open=growth-agenda")
    page.get_by_role("button", name="한국어").click()
    expect(page).to_have_url("/o/acme/capabilities/?open=growth-agenda")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="다크").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/o/acme/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
