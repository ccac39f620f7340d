"""Every rubric has the same pages, and every closed cycle can be chosen on them; no other one can."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import uuid4

import pytest

from assessments import rubric_editions
from assessments.models import Cycle, Scorecard
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, built_in
from organizations.organization_settings import set_main_rubric
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import MOMENT, answered, ask
from tests.assessments.test_rubric_editions import file_of
from tests.conftest import Cast
from tests.reports.views.test_results import QUALITY, RESULTS, closed, page, without_picker

COLLABORATION, DISRUPTION = "cmo-collaboration", "customer-driven-disruption"
EMPTY = re.compile("[Aa]fter your (first|second) survey")


def chosen(html: str) -> list[str]:
    return re.findall(r'<option value="([^"]+)" selected', html)


def offered(html: str) -> list[tuple[str, list[str]]]:
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', html, re.DOTALL)
    return [(name, re.findall(r"<option[^>]*>(\w+) ·", options)) for name, options in groups]


@pytest.mark.parametrize("rubric", BUILT_IN)
def test_whichever_rubric_was_measured_alone_is_on_every_page(cast: Cast, rubric: str) -> None:
    closed(cast.acme, "Autumn", rubric=rubric)
    for address in (*RESULTS, QUALITY):
        html = page(cast.acme.browser("Cho"), cast.acme, address)
        assert "Autumn" in html and not EMPTY.search(html)
        assert "cycle-picker" not in html  # there is nothing else to choose


def test_an_own_rubric_that_was_measured_alone_is_on_every_page(cast: Cast) -> None:
    with working_for(cast.acme.id):
        draft = rubric_editions.save_draft(file_of(slug="acme-way", version="1.0.0"), by=None)
        rubric_editions.publish(draft, by=None, moment=MOMENT)
        rubric_editions.rubric_of(draft)  # read once a process, here as in any other
    closed(cast.acme, "Ours", rubric="acme-way")
    cho = cast.acme.browser("Cho")
    for address in (*RESULTS, QUALITY, f"teams/{cast.acme.teams['Brand'].pk}/"):
        html = page(cho, cast.acme, address)
        assert "Ours" in html and not EMPTY.search(html)


def test_the_reader_chooses_among_all_closed_cycles_by_rubric(cast: Cast) -> None:
    spring = closed(cast.acme, "Spring")
    autumn = closed(cast.acme, "Autumn")
    together = closed(cast.acme, "Together", rubric=COLLABORATION)
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, "")
    assert offered(html) == [
        (built_in(MAIN_RUBRIC).name.in_("en"), ["Autumn", "Spring"]),
        (built_in(COLLABORATION).name.in_("en"), ["Together"]),
    ]
    assert chosen(html) == [str(autumn.pk)]
    for cycle in (spring, together):
        for address in (*RESULTS, QUALITY):
            html = page(cho, cast.acme, f"{address}?cycle={cycle.pk}")
            assert chosen(html) == [str(cycle.pk)]
            assert cycle.name in without_picker(html)


def test_the_choice_is_kept_from_page_to_page(cast: Cast) -> None:
    spring = closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    cho, query = cast.acme.browser("Cho"), f"?cycle={spring.pk}"
    for address in RESULTS:
        html = page(cho, cast.acme, address + query)
        for other in RESULTS:
            assert f'href="/o/acme/{other}{query}"' in html
        assert f'href="/o/acme/principles/{query}"' in html
    html = page(cho, cast.acme, f"capabilities/{query}")
    links = set(re.findall(r'href="(\?[^"#]+)', html))
    assert links and all(link.startswith(query) for link in links)
    (capability,) = {
        link
        for link in re.findall(r'href="(/o/acme/capabilities/[^"]+)', page(cho, cast.acme, query))
        if "growth-agenda" in link
    }
    assert capability.endswith(query)
    html = cho.get(capability).text
    assert re.findall(r'<th scope="row">(\w+)</th>', html) == ["Spring"]
    assert f'href="/o/acme/trend/{query}"' in html


def test_an_earlier_cycle_is_shown_as_it_was_then(cast: Cast) -> None:
    first = closed(cast.acme, "First")
    closed(cast.acme, "Second")
    closed(cast.acme, "Third")
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, f"?cycle={first.pk}")
    assert "1 survey so far" in html and "Third" not in without_picker(html)
    assert "3 surveys so far" in page(cho, cast.acme, "")
    assert "Trends start with the next one." in page(cho, cast.acme, f"trend/?cycle={first.pk}")


def test_no_other_cycle_can_be_chosen(cast: Cast) -> None:
    mine = closed(cast.acme, "Mine")
    closed(cast.acme, "Older", rubric=DISRUPTION)
    unclosed = answered(cast.acme, 8, "Unclosed")
    with working_for(cast.rival.id):
        edition = rubric_editions.get_or_create_latest(MAIN_RUBRIC)
        theirs = Cycle.objects.create(
            name="Theirs", edition=edition, rubric=MAIN_RUBRIC, stage="closed", closed_at=MOMENT
        )
        Scorecard.objects.create(cycle=theirs)
    cho = cast.acme.browser("Cho")
    for other in (unclosed.pk, theirs.pk, uuid4(), "x%27"):
        html = page(cho, cast.acme, f"?cycle={other}")
        assert chosen(html) == [str(mine.pk)]
        results = re.sub(r'<section class="running".*?</section>', "", html, flags=re.DOTALL)
        assert "Unclosed" not in results and "Theirs" not in html
        assert not re.search(r'href="[^"]*\?cycle=', html)


def test_a_cycle_without_results_can_be_chosen_and_says_so(cast: Cast) -> None:
    closed(cast.acme, "Spoken")
    silent = closed(cast.acme, "Silent", people=2)
    html = page(cast.acme.browser("Cho"), cast.acme, f"?cycle={silent.pk}")
    assert chosen(html) == [str(silent.pk)]
    assert "Not enough responses yet." in html and "hushed" not in html


def test_a_cycle_that_is_being_counted_is_announced(cast: Cast) -> None:
    cycle = answered(cast.acme, 8, "Autumn")
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSING)
    told = "Autumn has closed. Its results aren&#x27;t ready yet."
    cho = cast.acme.browser("Cho")
    for address in (*RESULTS, QUALITY):
        assert told in page(cho, cast.acme, address)
    closed(cast.acme, "Spring", rubric=DISRUPTION)
    assert told in page(cho, cast.acme, f"?cycle={cycle.pk}")
    assert "Autumn" not in page(cast.acme.browser("Max"), cast.acme, "teams/")


def test_the_main_rubric_is_the_one_that_is_shown_first(cast: Cast) -> None:
    closed(cast.acme, "Spring", rubric=DISRUPTION)
    closed(cast.acme, "Autumn")
    cho = cast.acme.browser("Cho")
    assert "Autumn" in without_picker(page(cho, cast.acme, "trend/"))
    with working_for(cast.acme.id):
        set_main_rubric(DISRUPTION, by=None)
    html = page(cho, cast.acme, "trend/")
    assert "Spring" in without_picker(html)
    assert offered(html)[0] == (built_in(DISRUPTION).name.in_("en"), ["Spring"])


def test_a_member_is_offered_the_cycles_that_show_them_something(cast: Cast) -> None:
    first = closed(cast.acme, "First", people=24)
    second = closed(cast.acme, "Second", people=24)
    third = closed(cast.acme, "Third", people=24, rubric=COLLABORATION)
    ask(cast.acme, first.pk, "Max")
    ask(cast.acme, third.pk, "Max")
    max_ = cast.acme.browser("Max")
    html = page(max_, cast.acme, f"teams/?cycle={third.pk}")
    assert chosen(html) == [str(third.pk)]
    assert [names for _rubric, names in offered(html)] == [["First"], ["Third"]]
    assert "data-gap" in html
    assert "data-gap" not in page(max_, cast.acme, f"teams/?cycle={second.pk}")
    page(max_, cast.acme, f"trend/?cycle={first.pk}", HTTPStatus.FORBIDDEN)


def test_see_results_after_a_close_leads_to_that_cycle(cast: Cast) -> None:
    old = closed(cast.acme, "Old")
    closed(cast.acme, "New")
    html = page(cast.acme.browser("Ada"), cast.acme, f"cycles/{old.pk}/")
    assert f'href="/o/acme/?cycle={old.pk}"' in html
