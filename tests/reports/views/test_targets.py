"""The page on which a leader says what level is needed."""

from __future__ import annotations

import pytest

from assessments.cycles.closing import close
from assessments.models import Cycle, Target
from assessments.rubrics import built_in
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.conftest import Cast

MAIN = built_in("marketing-value")
STATEMENTS = 8 + 2  # the savepoint of the request is two more in a test
FIRST, SECOND = (item.slug for item in MAIN.capabilities[:2])
PAGE = "/o/acme/targets/marketing-value/"


def kept(cast: Cast) -> set[tuple[str, str, int]]:
    with working_for(cast.acme.id):
        return set(Target.objects.values_list("team__name", "capability", "level"))


def test_a_leader_says_what_is_needed_and_reads_it_again(cast: Cast) -> None:
    cho = cast.acme.browser("Cho")
    assert cho.post(PAGE, {FIRST: "4"}).status_code == 302
    growth = str(cast.acme.teams["Growth"].pk)
    answer = cho.post(f"{PAGE}?team={growth}", {SECOND: "2"}, follow=True)
    assert "1 target saved" in answer.text
    assert "Inherit (4)" in answer.text
    assert kept(cast) == {("Acme", FIRST, 4), ("Growth", SECOND, 2)}


def test_a_level_that_is_none_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    answer = cast.acme.browser("Cho").post(PAGE, {FIRST: "9", SECOND: "3"})
    assert answer.status_code == 422
    assert "Please check the fields below" in answer.text
    assert '<option value="3" selected>' in answer.text
    assert kept(cast) == set()


@pytest.mark.parametrize(("name", "status"), [("Adam", 403), ("Ana", 403), ("Max", 403)])
def test_only_those_who_decide_say_it(cast: Cast, name: str, status: int) -> None:
    assert cast.acme.browser(name).post(PAGE, {FIRST: "4"}).status_code == status
    assert kept(cast) == set()


@pytest.mark.parametrize("address", ["/o/acme/targets/no-such/", f"{PAGE}?team=x"])
def test_what_is_not_there_is_not_found(cast: Cast, address: str) -> None:
    assert cast.acme.browser("Cho").get(address).status_code == 404


def test_the_page_costs_the_same_whatever_the_number_of_teams(
    cast: Cast, django_assert_num_queries: object
) -> None:
    acme = cast.acme
    perform(Cycle, acme.id, answered(acme).pk, close)
    cho = acme.browser("Cho")
    cho.get(PAGE)
    with django_assert_num_queries(STATEMENTS):  # type: ignore[operator]
        assert "3.0" in cho.get(PAGE).text
    for number in range(4):
        acme.add_team(f"Team {number}", "Growth")
    with django_assert_num_queries(STATEMENTS):  # type: ignore[operator]
        cho.get(PAGE)
