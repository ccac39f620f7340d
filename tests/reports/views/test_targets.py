"""The page on which a leader says what level is needed."""

from __future__ import annotations

import re

import pytest

from assessments.cycles.closing import close
from assessments.models import Cycle, Target
from assessments.rubrics import built_in
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.conftest import Cast

MAIN = built_in("marketing-value")
STATEMENTS = 9 + 2  # one of them: who set what; the savepoint of the request is two more in a test
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
    assert re.search(rf'name="{SECOND}" value="3"[^>]* checked', answer.text)
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


def chosen(text: str, slug: str) -> tuple[str, bool]:
    """Which target a capability shows as chosen, and whether it is saved."""
    found = re.findall(rf'name="{slug}" value="(\d?)"[^>]*?( data-saved)? checked', text)
    ((level, saved),) = found
    return level, bool(saved)


def facts(text: str, slug: str) -> str:
    (found,) = re.findall(rf'id="id_{slug}".*?<small>(.*?)<span', text, re.DOTALL)
    return " ".join(found.split())


def test_a_preview_stores_nothing_and_sets_what_is_chosen_against_the_newest_survey(
    cast: Cast,
) -> None:
    perform(Cycle, cast.acme.id, answered(cast.acme, 8, "Autumn").pk, close)
    cho = cast.acme.browser("Cho")
    assert "Preview against Autumn" in cho.get(PAGE).text
    assert 'class="preview"' not in cho.get(PAGE).text
    answer = cho.post(PAGE, {FIRST: "5", "preview": "1"})
    assert answer.status_code == 200
    assert kept(cast) == set()
    assert 'class="preview"' in answer.text
    assert chosen(answer.text, FIRST) == ("5", False)
    assert "published: " in answer.text


def test_a_preview_of_what_cannot_be_is_refused_in_words(cast: Cast) -> None:
    answer = cast.acme.browser("Cho").post(PAGE, {FIRST: "9", "preview": "1"})
    assert answer.status_code == 422
    assert "Please check the fields below" in answer.text


def test_all_capabilities_of_a_value_are_set_at_once_and_saved_only_then(cast: Cast) -> None:
    cho, value = cast.acme.browser("Cho"), MAIN.dimensions[0]
    other = MAIN.dimensions[1].capabilities[0].slug
    answer = cho.post(PAGE, {FIRST: "2", other: "5", "all": f"{value.slug}:4"})
    assert answer.status_code == 200
    assert kept(cast) == set()
    assert {chosen(answer.text, item.slug) for item in value.capabilities} == {("4", False)}
    assert chosen(answer.text, other) == ("5", False)
    for odd in ("no-such:4", f"{value.slug}:9", "", ":"):
        assert cho.post(PAGE, {"all": odd}).status_code in (200, 422)
    assert kept(cast) == set()


def test_a_new_target_stands_beside_what_was_needed_and_who_set_it(cast: Cast) -> None:
    perform(Cycle, cast.acme.id, answered(cast.acme, 8, "Autumn").pk, close)
    cho = cast.acme.browser("Cho")
    cho.post(PAGE, {FIRST: "5"})
    text = cho.get(PAGE).text
    assert "new target 5 from the next survey (Cho, " in facts(text, FIRST)
    assert " in Autumn" in facts(text, FIRST)
    assert "target" not in facts(text, SECOND)
    assert chosen(text, FIRST) == ("5", True)
    perform(Cycle, cast.acme.id, answered(cast.acme, 8, "Winter").pk, close)
    text = facts(cho.get(PAGE).text, FIRST)
    assert " · target 5 (Cho, " in text and "new" not in text and " in Winter" not in text
    cho.post(PAGE, {})
    assert "no target from the next survey on" in facts(cho.get(PAGE).text, FIRST)


def test_the_history_says_who_set_what_for_this_team_alone(cast: Cast) -> None:
    ada, cho = cast.acme.browser("Ada"), cast.acme.browser("Cho")
    growth = f"{PAGE}?team={cast.acme.teams['Growth'].pk}"
    ada.post(PAGE, {FIRST: "4"})
    cho.post(PAGE, {FIRST: "2"})
    cho.post(growth, {SECOND: "3"})
    rows = re.findall(r"<td>([^<]+ → [^<]+)</td>\s*<td>(\w+)</td>", cho.get(PAGE).text)
    assert rows == [("4 → 2", "Cho"), ("no target → 4", "Ada")]
    assert re.findall(r"<td>([^<]+ → [^<]+)</td>", cho.get(growth).text) == ["no target → 3"]
    assert "Who set what" not in cast.rival.browser("Rita").get(PAGE.replace("acme", "rival")).text
