"""The three principles: read by everyone, beside the levels one may see; rewritten by those who decide."""

from __future__ import annotations

import re
from typing import Any

import pytest

from assessments.cycles.closing import close
from assessments.models import Cycle
from assessments.rubrics import MAIN_RUBRIC, built_in
from organizations import principles
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered, ask
from tests.conftest import Cast

PAGE = "/o/acme/principles/"
STATEMENTS = 8 + 2  # one of them: where one was asked; a savepoint is two more in a test
COLLABORATION = "cmo-collaboration"
TYPED = {
    "wording_en": "One agenda for all",
    "wording_ko": "모두를 위한 하나의 어젠다",
    "methods_en": "Weekly review\n\n  Shared board ",
    "methods_ko": "매주 점검",
    "owner": "",
    "review_on": "2099-01-31",
    "version": "1",
}


def rewritten(cast: Cast, name: str = "Cho", number: int = 1, **other: Any) -> Any:
    return cast.acme.browser(name).post(f"{PAGE}{number}/", {**TYPED, **other})


@pytest.mark.parametrize("name", ["Ada", "Cho", "Adam", "Ana", "Max"])
def test_everyone_reads_the_principles(cast: Cast, name: str) -> None:
    answer = cast.acme.browser(name).get(PAGE)
    assert answer.status_code == 200
    for one in built_in("cmo-collaboration").dimensions:
        assert one.description.in_("en") in answer.text
    assert ("Write it in your own words" in answer.text) == (name in ("Ada", "Cho"))


def test_a_leader_says_it_in_other_words(cast: Cast) -> None:
    cho = cast.acme.members["Cho"]
    assert rewritten(cast, owner=str(cho.pk)).status_code == 302
    text = cast.acme.browser("Max").get(PAGE).text
    assert "One agenda for all" in text
    assert "<li>Weekly review</li><li>Shared board</li>" in text
    assert "Jan. 31, 2099" in text
    assert "모두를 위한" not in text


@pytest.mark.parametrize("name", ["Adam", "Ana", "Max"])
def test_only_those_who_decide_rewrite(cast: Cast, name: str) -> None:
    assert rewritten(cast, name).status_code == 403
    with working_for(cast.acme.id):
        assert principles.list_principles()[0].version == 1


def test_what_was_typed_stays_where_it_is_refused(cast: Cast) -> None:
    answer = rewritten(cast, wording_ko="", review_on="2020-01-01")
    assert answer.status_code == 422
    assert "One agenda for all" in answer.text
    assert "2020-01-01" in answer.text


def test_the_second_window_sees_what_the_first_has_written(cast: Cast) -> None:
    rewritten(cast)
    answer = rewritten(cast, wording_en="Something else")
    assert answer.status_code == 422
    assert "Someone else just changed this." in answer.text
    assert "<blockquote>One agenda for all</blockquote>" in answer.text
    assert "Something else" in answer.text


@pytest.mark.parametrize("number", [0, 4])
def test_there_are_three(cast: Cast, number: int) -> None:
    assert cast.acme.browser("Cho").get(f"{PAGE}{number}/").status_code == 404


def test_the_page_costs_the_same_with_many_teams(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    acme = cast.acme
    perform(Cycle, acme.id, answered(acme, rubric="cmo-collaboration").pk, close)
    for name in ("Cho", "Person 000"):
        browser = acme.browser(name)
        browser.get(PAGE)
        with django_assert_max_num_queries(STATEMENTS):
            text = browser.get(PAGE).text
        assert "Weakest practice" in text or "Not enough responses" in text


def closed(cast: Cast, name: str, rubric: str = COLLABORATION, people: int = 12) -> Cycle:
    row = answered(cast.acme, people, name, rubric=rubric)
    perform(Cycle, cast.acme.id, row.pk, close)
    with working_for(cast.acme.id):
        return Cycle.objects.get(pk=row.pk)


def offered(text: str) -> list[str]:
    return re.findall(r'<option value="[^"]+"[^>]*>(\w+) · ', text)


def test_an_earlier_survey_about_collaboration_can_be_chosen(cast: Cast) -> None:
    first = closed(cast, "Spring")
    closed(cast, "Autumn")
    closed(cast, "Market", MAIN_RUBRIC)
    cho = cast.acme.browser("Cho")
    text = cho.get(PAGE).text
    assert offered(text) == ["Autumn", "Spring"]  # and none of another rubric
    assert "Three principles · Autumn" in text
    text = cho.get(f"{PAGE}?cycle={first.pk}").text
    assert "Three principles · Spring" in text
    assert f'href="/o/acme/trend/?cycle={first.pk}"' in text


def test_a_survey_of_another_rubric_stays_chosen_for_the_other_pages(cast: Cast) -> None:
    market = closed(cast, "Market", MAIN_RUBRIC)
    closed(cast, "Fair", MAIN_RUBRIC)
    closed(cast, "Autumn")
    text = cast.acme.browser("Cho").get(f"{PAGE}?cycle={market.pk}").text
    assert "Three principles · Autumn" in text
    assert f'href="/o/acme/?cycle={market.pk}"' in text


def test_one_team_is_highlighted_in_every_practice(cast: Cast) -> None:
    closed(cast, "Autumn", people=24)
    cho = cast.acme.browser("Cho")
    plain = cho.get(PAGE).text
    assert 'class="team on"' not in plain
    (team, name), *_others = re.findall(r'<option value="([0-9a-f-]{36})">(\w+)</option>', plain)
    text = cho.get(f"{PAGE}?highlight={team}").text
    assert text.count('class="team on"') == 12
    assert text.count(f"<b>{name} ") == 12
    assert 'class="team on"' not in cho.get(f"{PAGE}?highlight=x").text


def test_a_member_is_offered_the_surveys_that_they_were_asked_in(cast: Cast) -> None:
    first = closed(cast, "Spring", people=24)
    closed(cast, "Autumn", people=24)
    ask(cast.acme, first.pk, "Max")
    max_ = cast.acme.browser("Max")
    assert 'class="plot"' not in max_.get(PAGE).text  # not asked in the newest
    text = max_.get(f"{PAGE}?cycle={first.pk}").text
    assert 'class="plot"' in text
    assert "/capabilities/" not in text


def test_default_wording_is_no_quotation_and_asks_for_own_words(cast: Cast) -> None:
    text = cast.acme.browser("Cho").get(PAGE).text
    assert text.count("Write it in your own words") == 3
    assert "<q>" not in text
    rewritten(cast)
    text = cast.acme.browser("Cho").get(PAGE).text
    assert "<q>One agenda for all</q>" in text
    assert text.count("Write it in your own words") == 2
