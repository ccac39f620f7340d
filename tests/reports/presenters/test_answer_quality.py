"""How good the questions and answers are: in plain words, with its caveat, and silent where little is known."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from assessments.scoring.cell import Cell, CellDetail, UnratedShares
from assessments.scoring.summary import Alpha, AnswerShares, Icc, QualityReport
from reports.presenters.answer_quality import QualityPage, quality_page
from tests.conftest import Cast
from tests.reports.published_cells import NOW, cell, evidence
from tests.reports.views.test_results import QUALITY, closed, page

REPORT = QualityReport(
    answers=AnswerShares(unanswered=2, not_seen=9, not_applicable=4, straight=3),
    alpha=(
        Alpha(
            value="exchange",
            n=48,
            alpha=0.72,
            low=0.58,
            high=0.83,
            omega=None,
            rest={"needs-insight": 0.11, "segmentation-targeting": 0.54},
            dropped={"needs-insight": 0.79, "segmentation-targeting": 0.66},
        ),
    ),
    icc=(Icc("exchange", groups=6, single=0.12, mean=0.48),),
)


def drawn(*cells: Cell, report: QualityReport = REPORT) -> QualityPage:
    with translation.override("en"):
        return quality_page(evidence(*cells), report, address=str)


def whole(**fields: Any) -> Cell:
    return cell(NOW.root, "overall", "", 3.1, **fields)


def test_the_answers_stand_with_what_they_could_not_rate() -> None:
    facts = {fact.name: fact.text for fact in drawn(whole()).answers}
    assert facts == {
        "Response rate": "80% · 20 of 25 answered",
        "Incomplete": "0 responses",
        "Not seen": "9%",
        "Not applicable": "4%",
        "Unanswered": "2%",
        "Straight-lining": "3%",
    }


def test_few_answers_missing_head_counts_and_silent_teams_are_named() -> None:
    few = drawn(whole(n=9, detail=CellDetail(not_covered=4, headcount_missing=True)))
    assert few.lead == "Fewer than half answered, so treat all numbers with caution."
    said = [fact.text for fact in few.answers if fact.name == "Uncertainty"]
    assert len(said) == 2
    assert said[0] == "Not included: 4 people in teams where nobody answered."
    assert said[1].startswith("Some team sizes not provided")


def test_coefficients_stand_by_value_and_odd_questions_by_name() -> None:
    found = drawn(whole())
    (value,) = found.values
    assert (value.alpha, value.between, value.omega, value.people, value.teams) == (
        "0.72",
        "0.58–0.83",
        "",
        "48",
        "0.12 · 0.48",
    )
    (odd,) = found.poorly_fitting
    assert (odd.address, odd.text) == (
        "needs-insight",
        "correlation with the others 0.11 · alpha without it 0.79",
    )


@pytest.mark.parametrize(("share", "listed"), [(0.12, ["agile-execution"]), (0.09, [])])
def test_work_that_one_in_ten_has_not_seen_is_listed(share: float, listed: list[str]) -> None:
    detail = CellDetail(unrated=UnratedShares(share, 0.0))
    seldom = cell(NOW.root, "capability", "agile-execution", 3.0, detail=detail)
    assert [one.address for one in drawn(whole(), seldom).unseen] == listed


def test_without_a_published_whole_nothing_is_told_of_it() -> None:
    hidden = Cell(str(NOW.root), "overall", "", "performance", suppressed="below_threshold")
    page = drawn(hidden, report=QualityReport())
    assert (page.lead, page.answers, page.values) == ("not enough responses", (), ())


def test_the_page_is_linked_from_the_list_and_says_that_it_is_no_gate(cast: Cast) -> None:
    closed(cast.acme, people=40)
    ana = cast.acme.browser("Ana")
    assert f'href="/o/acme/{QUALITY}"' in page(ana, cast.acme, "capabilities/")
    html = page(ana, cast.acme, QUALITY)
    assert "A low alpha isn't a problem" in html
    assert "Straight-lining" in html
