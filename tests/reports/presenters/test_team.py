"""One team: what is said of it rests on its own published cells, and a difference only on what intervals tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from assessments.results.queries import ResultNode, ResultTree
from assessments.results.team_history import TeamHistory, without_leaders
from assessments.scoring.cell import Agreement, AgreementWord, Cell, CellDetail, LeaderRating
from reports.presenters.evidence import TeamPageResults
from reports.presenters.team import TeamPage, team_page
from reports.presenters.team_comparison import clear_difference
from tests.reports.published_cells import BEFORE, NOW, RUBRIC, cell, changed, keyed, node

ROOT = node("All", 0)
TEAM = node("Brand", 1, parent=ROOT.id)
FIRST, SECOND = RUBRIC.dimensions[:2]


def shown(*cells: Cell, team: ResultNode = TEAM, before: bool = False) -> TeamPage:
    cycles = (NOW, BEFORE) if before else (NOW,)
    history = TeamHistory(keyed(cells), {NOW.id: team.id, BEFORE.id: BEFORE.root})
    results = TeamPageResults(
        cycles, ResultTree((ROOT, team)), team, history, (), "30 October 2026", "en"
    )
    with translation.override("en"):
        return team_page(results, address=str, team_url=lambda one: f"/{one.name}/")


def value(at: Any, slug: str, score: float, **fields: Any) -> Cell:
    return cell(at, "value", slug, score, **fields)


@pytest.mark.parametrize(
    ("low", "high", "difference"), [(3.3, 3.7, 0.5), (3.2, 3.8, 0.0), (2.9, 4.1, 0.0)]
)
def test_only_what_printed_intervals_tell_apart_is_a_difference(
    low: float, high: float, difference: float
) -> None:
    whole = value(NOW.root, FIRST.slug, 3.0)  # 2.8 to 3.2
    team = value(TEAM.id, FIRST.slug, 3.5, low=low, high=high)
    assert clear_difference(team, whole) == difference
    assert clear_difference(whole, team) == -difference
    assert clear_difference(None, whole) == clear_difference(team, None) == 0.0


def test_a_coarse_difference_has_no_size() -> None:
    page = shown(
        value(NOW.root, FIRST.slug, 3.0),
        value(TEAM.id, FIRST.slug, 4.0, low=3.5, high=4.5, coarse=True),
        value(NOW.root, SECOND.slug, 3.0),
        value(TEAM.id, SECOND.slug, 2.4),
    )
    assert [row.claim for row in page.compared[:3]] == ["higher", "0.6 lower", ""]
    assert page.compared_heading.startswith("Higher than the organization: ")
    assert page.home and page.home.rings and page.home.rings.count("ring-org") == 1


def test_what_a_value_carried_is_listed_without_a_verdict() -> None:
    item, other = FIRST.capabilities[:2]
    page = shown(
        value(TEAM.id, FIRST.slug, 3.2, detail=changed("down", -0.3, before=3.5)),
        cell(TEAM.id, "capability", item.slug, 3.1, detail=changed("few", -0.7, before=3.8)),
        cell(TEAM.id, "capability", other.slug, 3.0),
        value(BEFORE.root, FIRST.slug, 3.5),
        before=True,
    )
    assert page.home is not None
    assert [row.name for row in page.home.changes] == [FIRST.name.in_("en")]
    assert [(row.name, row.levels) for row in page.carried] == [(item.name.in_("en"), "3.8 → 3.1")]
    assert page.trend is not None


def test_the_next_step_is_the_sentence_of_the_next_level() -> None:
    item = FIRST.capabilities[0]
    below = cell(TEAM.id, "capability", item.slug, 2.0, level=2, need=4.0, gap=-2.0, fits=False)
    page = shown(below)
    (step,) = page.steps
    assert step.now_text == item.levels[1].in_("en")
    assert step.following_text == item.levels[2].in_("en")
    assert page.heading == f"Biggest gaps in Brand: {item.label.in_('en')}"
    assert shown(cell(TEAM.id, "overall", "", 3.4)).heading == "Brand: level 3.4 of 5"


def test_agreement_counts_the_words_that_are_published() -> None:
    words: tuple[AgreementWord, ...] = ("strong", "agree", "opinions differ", "")
    page = shown(
        *(
            cell(TEAM.id, "capability", item.slug, detail=CellDetail(agreement=Agreement(word)))
            for item, word in zip(FIRST.capabilities, words, strict=False)
        )
    )
    assert page.home is not None
    figure = page.home.key_figures[-1]
    assert (figure.figure, figure.unit) == ("2", "of 3 capabilities")
    assert figure.basis.startswith("opinions differ most: ")


def test_the_organization_is_not_compared_with_itself() -> None:
    whole = node("All", 0)
    page = shown(value(whole.id, FIRST.slug, 3.0), team=whole)
    assert page.compared == () and page.home and page.home.rings
    assert "ring-org" not in page.home.rings


def test_what_leaders_rated_is_left_out_for_other_leads() -> None:
    rated = LeaderRating(4.0)
    one = value(TEAM.id, FIRST.slug, 3.0, detail=CellDetail(leader=rated, leaders=rated))
    (shown_to_leads,) = without_leaders(TeamHistory(keyed((one,)), {})).cells
    assert shown_to_leads == value(TEAM.id, FIRST.slug, 3.0)
