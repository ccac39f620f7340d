"""People, lists, invitations and settings in a real browser: on a phone and at a desk, without a
script, in both languages and themes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from organizations import invitations, people
from organizations.models import User
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House

PHONE, DESK = {"width": 320, "height": 720}, {"width": 1440, "height": 900}
LIST = """name,e-mail,team,role,leads
Noa Kim,noa@acme.example,Growth / CRM,analyst,yes
Max,max@acme.example,Growth,admin,no
"""


def addresses(house: House) -> list[str]:
    member, team = house.members["Max"].pk, house.teams["Growth"].pk
    own = [
        "people/",
        f"people/?team={team}",
        "people/add/",
        f"people/{member}/",
        f"people/{member}/remove/",
        "people/teams/add/",
        f"people/teams/{team}/",
        f"people/teams/{team}/remove/",
        "people/import/",
        "settings/",
        "settings/changes/",
    ]
    return [f"/o/{house.slug}/{address}" for address in own] + ["/new/", "/join/nothing/"]


def widest(page: Page) -> int:
    """By how much the page itself scrolls sideways."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


def bring(page: Page, content: str) -> None:
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a TypedDict
    page.locator("main form.form button").click()


@pytest.mark.parametrize(
    ("locale", "scheme", "viewport"),
    [("en-GB", "light", PHONE), ("ko-KR", "dark", PHONE), ("ko-KR", "light", DESK)],
)
def test_no_page_has_barriers_or_scrolls_sideways(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
    sign_in(page, cast.acme.users["Ada"])
    for address in addresses(cast.acme):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible(page)
        assert widest(page) <= 0, address
    for content in (LIST, LIST.replace("noa@acme.example", "nobody")):
        page.goto("/o/acme/people/import/")
        bring(page, content)
        expect(page.locator("table.map-table").first).to_be_visible()
        assert_accessible(page)
        assert widest(page) <= 0, content


def test_a_list_is_brought_in_without_a_script(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_page(locale="en-GB", java_script_enabled=False)
    sign_in(page, cast.acme.users["Ada"])
    page.goto("/o/acme/people/")
    page.get_by_role("link", name="Import people").click()
    bring(page, LIST)
    expect(page.get_by_role("heading", level=1)).to_have_text("New: 1, changed: 1, unchanged: 0")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 person added. 1 person changed.")).to_be_visible()
    page.get_by_role("link", name="CRM").click()
    expect(page.get_by_role("link", name="Noa Kim")).to_be_visible()


def test_the_tree_stands_beside_the_list_and_folds_on_a_phone(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    address = f"/o/acme/people/?team={cast.acme.teams['Growth'].pk}"
    for viewport, is_there in ((DESK, True), (PHONE, False)):
        page = open_page(locale="en-GB", viewport=viewport)
        sign_in(page, cast.acme.users["Adam"])
        page.goto(address)
        expect(page.locator(".team-tree").get_by_text("Brand")).to_be_visible(visible=is_there)


def test_an_invited_person_chooses_a_password_and_is_in(
    cast: Cast, open_page: Callable[..., Page], assert_accessible: Callable[..., None]
) -> None:
    acme = cast.acme
    with working_for(acme.id):
        ada = acme.members["Ada"].pk
        new = people.Profile("Noa", "noa@acme.example", acme.teams["Growth"].pk, "admin")
        noa = people.add_person(new, by=ada)
        invitation = invitations.invite(noa, by=ada, moment=datetime.now(UTC))
    page = open_page(locale="en-GB", viewport=PHONE)
    page.goto(f"/join/{invitations.token_of(invitation, noa)}/")
    assert_accessible(page)
    page.get_by_label("Password").fill("a long enough sentence")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/o/acme/**")
    page.goto("/o/acme/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("7 people, 2 teams")
