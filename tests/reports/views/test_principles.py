"""The three principles: read by everyone, beside the levels one may see; rewritten by those who decide."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.cycles.closing import close
from assessments.models import Cycle
from assessments.rubrics import built_in
from organizations import principles
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.conftest import Cast

PAGE = "/o/acme/principles/"
STATEMENTS = 9 + 2  # one of them: where one was asked; a savepoint is two more in a test
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
    assert ("Edit wording" in answer.text) == (name in ("Ada", "Cho"))


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
