"""The whole main job in a real browser, in both languages: an organization signs up, brings its
people, asks them, they answer on their phones, and the leader sees the rings."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Cycle, Participation
from assessments.survey import answers, respondents
from assessments.survey.answers import SentAnswer
from assessments.survey.devices import ANONYMOUS_VISITOR
from devstack.mail import MailServer
from devstack.workers import Worker
from organizations.access import organizations_of
from organizations.models import User
from organizations.tenancy.scope import working_for

PHONE = {"width": 360, "height": 740}
PEOPLE = "name,email,team,language,role,leads\n" + "\n".join(
    f"Person {place},person{place}@sunrise.example,{'Growth / Brand' if place % 2 else 'Growth'},{{language}},member,"
    for place in range(1, 9)
)
LINK = re.compile(r"http://testserver(/s/[A-Za-z0-9_-]{20,}/)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("ko-KR", "ko")])
def test_from_signing_up_to_the_rings(
    open_page: Callable[..., Page],
    assert_accessible: Callable[..., None],
    worker_process: Worker,
    mail_server: MailServer,
    tmp_path: Path,
    locale: str,
    language: str,
) -> None:
    desk = open_page(locale=locale)
    sign_up(desk, mail_server)
    assert_accessible(desk)
    bring_people(desk, tmp_path, language, assert_accessible)
    plan_and_open(desk, assert_accessible)
    letters = mail_server.wait_for(9)
    phone = open_page(locale=locale, viewport=PHONE)
    answer_everything(phone, link_for(letters, "person1@"), assert_accessible)
    let_the_others_answer()
    close(desk, assert_accessible)
    see_the_rings(desk, language, assert_accessible)


def sign_up(page: Page, mail_server: MailServer) -> None:
    page.goto("/sign-up/")
    page.fill("[name=email]", "sunny@sunrise.example")
    page.click("main form button[type=submit]")
    (letter,) = mail_server.wait_for(1)
    link = re.search(r"http://testserver(/e-mail/confirm/\S+)", letter.get_content())
    assert link
    mail_server.letters.clear()
    page.goto(link[1])
    page.fill("[name=password]", "rings-grow-slowly")
    page.click("main form button[type=submit]")
    page.fill("[name=name]", "Sunny Ahn")
    page.fill("[name=organization]", "Sunrise")
    page.click("main form button[type=submit]")
    expect(page).to_have_url(re.compile(r"/o/sunrise/"))


def bring_people(
    page: Page, folder: Path, language: str, assert_accessible: Callable[..., None]
) -> None:
    path = folder / "people.csv"
    path.write_text(PEOPLE.format(language=language), encoding="utf-8-sig")
    page.goto("/o/sunrise/people/import/")
    assert_accessible(page)
    page.set_input_files("input[type=file]", path)
    page.click("main form button.button")
    assert_accessible(page)
    page.click("main form button.button:not([formaction])")
    page.goto("/o/sunrise/people/")
    expect(page.get_by_text("Person 8")).to_be_visible()
    assert_accessible(page)


def plan_and_open(page: Page, assert_accessible: Callable[..., None]) -> None:
    page.goto("/o/sunrise/cycles/plan/")
    assert_accessible(page)
    page.fill("[name=name]", "First ring")
    page.check("[name=rubric] >> nth=0")
    page.fill("[name=closes_at_0]", (date.today() + timedelta(days=7)).isoformat())  # noqa: DTZ011  # a day, as typed
    page.fill("[name=threshold]", "5")
    page.click("main form button.button")
    expect(page).to_have_url(re.compile(r"/cycles/[0-9a-f-]{36}/$"))
    assert_accessible(page)
    page.click('form[action$="/confirm/"] button')
    assert_accessible(page)
    page.click('form[action$="/open/"] button')
    expect(page.locator('a[href$="/close/"]')).to_be_visible()
    assert_accessible(page)


def link_for(letters: list[EmailMessage], address: str) -> str:
    (letter,) = [one for one in letters if address in str(one["To"])]
    found = LINK.search(letter.get_content())
    assert found
    return found.group(1)


def answer_everything(page: Page, link: str, assert_accessible: Callable[..., None]) -> None:
    """Every card by hand on a phone; half-way the page is left and opened again."""
    page.goto(link)
    assert_accessible(page)
    page.click("main form button.button")
    for number in range(36):
        card = page.locator("[data-card]:visible")
        expect(card).to_have_count(1)
        name = card.get_attribute("data-card")
        card.locator(f'label:has([name="performance.{name}"][value="{number % 5 + 1}"])').click()
        card.locator(f'label:has([name="importance.{name}"][value="4"])').click()
        if number == 8:
            assert_accessible(page)
            expect(page.locator("[data-status]")).to_have_attribute("data-state", "saved")
            page.goto(link)
            page.click("main form button.button")
            expect(page.locator("h1")).to_contain_text(re.compile(r"\b9 of 36|36개 중 9개"))
            page.click("main a.button")
            continue
        page.click('[data-go="next"]')
    expect(page.locator('form[action$="/submit/"]')).to_be_visible()
    assert_accessible(page)
    page.click('form[action$="/submit/"] button')
    expect(page.locator('a[href="?part=_all"]')).to_be_visible()
    assert_accessible(page)


def let_the_others_answer() -> None:
    """Through the same verbs, as the page would."""
    ((organization, *_),) = organizations_of(User.objects.get(email="sunny@sunrise.example"))
    with working_for(organization):
        cycle = Cycle.objects.get()
        waiting = Participation.objects.filter(finished=False)
        for place, who in enumerate(waiting.values_list("membership_id", flat=True)):
            seat = respondents.find_respondent(cycle.pk, who, ANONYMOUS_VISITOR)
            given = [
                SentAnswer(kind, item.slug, level)  # type: ignore[arg-type]  # one of two kinds
                for item in seat.rubric.capabilities
                for kind, level in (("performance", 2 + place % 3), ("importance", 4))
            ]
            answers.save(seat, given, moment=timezone.now())
            answers.submit(seat, moment=timezone.now())


def close(page: Page, assert_accessible: Callable[..., None]) -> None:
    page.click('a[href$="/close/"]')
    assert_accessible(page)
    page.click("main form button.button")
    page.wait_for_load_state()
    assert_accessible(page)


def see_the_rings(page: Page, language: str, assert_accessible: Callable[..., None]) -> None:
    for _ in range(60):
        page.goto("/o/sunrise/")
        if page.locator("svg.rings .ring-now").count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("svg.rings .ring-now")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    for address in ("", "teams/", "capabilities/", "capabilities/marketing-value/growth-agenda/"):
        page.goto(f"/o/sunrise/{address}")
        assert_accessible(page)
