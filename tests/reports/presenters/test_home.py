"""What the pages make of published cells: changes, leaders, holes and rubrics of another shape."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from assessments.scoring.cell import Cell, CellDetail, Change, LeaderRating, NonResponse
from assessments.scoring.summary import LeaderAlignment
from reports.presenters import capabilities, home
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import short_names
from tests.reports.presenters.test_trend_and_capability import way
from tests.reports.published_cells import (
    BEFORE,
    COLLABORATION,
    NOW,
    RUBRIC,
    TOGETHER,
    cell,
    changed,
    cycle,
    evidence,
    of,
)


def first_page(seen: OrganizationResults) -> home.HomePage:
    with translation.override(seen.language):
        return home.home_page(
            seen, address=lambda slug: f"/{slug}/", collaboration_address=lambda slug: f"/c/{slug}/"
        )


def test_the_heading_names_what_matters_most_first() -> None:
    seen = evidence(
        *of("agile-execution", 2.0, rank=2, need=3.5),
        *of("growth-agenda", 2.0, need=4.5),
        *of("brand-storytelling", 4.4, need=3.0),
    )
    page = first_page(seen)
    assert page.heading == "Gaps to close first: Shared growth agenda, Agile execution"
    assert [row.slug for row in page.gaps] == [
        "growth-agenda",
        "agile-execution",
        "brand-storytelling",
    ]
    assert [row.gap for row in page.gaps] == ["2.5 below", "1.5 below", "1.4 above"]


def test_in_korean_names_stand_behind_a_colon_and_take_no_particle() -> None:
    page = first_page(evidence(*of("growth-agenda", 2.0, need=4.5), language="ko"))
    assert page.heading == "먼저 키울 역량: 성장 어젠다 공유"


@pytest.mark.parametrize(
    ("cells", "heading"),
    [
        ((), "Not enough responses yet."),
        (of("growth-agenda", 3.0), "All capabilities shown are close to their needed level."),
        (
            of("growth-agenda", 4.0),
            "No gaps. Above needed level: Shared growth agenda.",
        ),
    ],
)
def test_the_heading_says_no_more_than_the_numbers_bear(
    cells: tuple[Cell, ...], heading: str
) -> None:
    assert first_page(evidence(*cells)).heading == heading


def test_only_real_changes_are_shown_and_the_largest_first() -> None:
    seen = evidence(
        *of("agile-execution", 3.0, detail=changed("up", 0.4)),
        *of("growth-agenda", 2.0, detail=changed("down", -0.5)),
        *of("brand-storytelling", 3.0, detail=changed("none", 0.1)),
        cycles=(NOW, BEFORE),
    )
    page = first_page(seen)
    assert [(one.name, one.change) for one in page.changes] == [
        ("Shared growth agenda", "down 0.5 since the last survey (0.3–0.7)"),
        ("Agile execution", "up 0.4 since the last survey (0.2–0.6)"),
    ]
    assert page.changes_note == "No significant change in 1 other."


def test_where_nothing_changed_there_is_no_other() -> None:
    seen = evidence(*of("agile-execution", 3.0, detail=changed("none", 0.1)), cycles=(NOW, BEFORE))
    assert first_page(seen).changes_note == "No significant change since the last survey."


def test_every_changed_capability_is_linked_those_that_changed_most_with_their_history() -> None:
    slugs = [item.slug for item in RUBRIC.capabilities][:6]
    cells = [
        one
        for place, slug in enumerate(slugs)
        for one in of(slug, 3.0, detail=changed("up" if place else "none", 0.9 - place / 10))
    ]
    page = first_page(evidence(*cells, cycles=(NOW, BEFORE)))
    linked = [row.address for row in page.changes] + [row.address for row in page.more_changes]
    assert linked == [f"/{slug}/" for slug in slugs[1:]]
    assert len(page.changes) == 3


def test_what_changed_over_a_year_alone_leads() -> None:
    year = replace(cycle("Last autumn"), closed_at=NOW.closed_at - timedelta(days=360))
    now = replace(NOW, year_before=year.id)
    grown = Change("up", before=2.6, size=0.4, low=0.2, high=0.6)
    detail = replace(changed("none", 0.1), year_change=grown)
    value = cell(NOW.root, "value", "exchange", 3.0, detail=detail)
    seen = evidence(*of("growth-agenda", 3.0, detail=detail), value, cycles=(now, BEFORE, year))
    page = first_page(seen)
    (row,) = page.changes
    assert (row.earlier_level, row.change) == ("2.6", "up 0.4 in a year (0.2–0.6)")
    assert "Significantly up in a year: Exchange value." in page.lead
    assert way(seen).heading == "Significantly up in a year: Exchange value."


def test_a_headline_names_the_largest_changes_and_counts_the_others() -> None:
    sizes = {"exchange": 0.2, "experience": 0.5, "engagement": 0.3}
    cells = [
        cell(NOW.root, "value", slug, 3.0, detail=changed("up", size))
        for slug, size in sizes.items()
    ]
    heading = way(evidence(*cells, cycles=(NOW, BEFORE))).heading
    assert heading == (
        "Significantly up since the last survey: Experience value, Engagement value and 1 more."
    )


@pytest.mark.parametrize(("linked", "said"), [(False, True), (True, False)])
def test_where_nobody_was_recognised_the_test_is_called_conservative(
    linked: bool, said: bool
) -> None:
    detail = changed("none", 0.1, is_linked=linked)
    seen = evidence(*of("growth-agenda", 3.0, detail=detail), cycles=(NOW, BEFORE))
    assert ("a real change may go unnoticed" in first_page(seen).changes_note) is said
    overall = cell(NOW.root, "overall", "", 3.0, detail=detail)
    notes = " ".join(way(evidence(overall, cycles=(NOW, BEFORE))).notes)
    assert ("unnoticed" in notes) is said


def test_the_first_ring_promises_changes_and_claims_none() -> None:
    page = first_page(evidence(*of("growth-agenda", 2.0)))
    assert page.changes == ()
    assert page.changes_note.startswith("This is your first survey.")


def test_the_pair_answers_each_level_with_the_rubrics_own_sentence() -> None:
    leader = LeaderRating(4.0, gap=1.7, flag="higher", story="blind_spot")
    page = first_page(
        evidence(*of("growth-agenda", 2.3, need=4.0, detail=CellDetail(leader=leader)))
    )
    agenda, rights = page.role_clarity
    texts = {
        one.level: one.in_("en")
        for one in RUBRIC.capabilities[RUBRIC.index_of("growth-agenda")].levels
    }
    assert agenda.verdict == "Leaders rate this higher than their teams: 1.7 gap"
    assert [(voice.name, voice.text) for voice in agenda.statements] == [
        ("Team, 2.3", texts[2]),
        ("Leader, 4.0", texts[4]),
    ]
    assert rights.missing_reason.startswith("Not measured yet.")


@pytest.mark.parametrize(
    ("detail", "verdict", "voice"),
    [
        (
            CellDetail(leader=LeaderRating(2.0, gap=-0.3, story="shared_gap")),
            "Leaders and teams agree: this is a gap",
            "Leader, 2.0",
        ),
        (CellDetail(leaders=LeaderRating(3.4, gap=1.1, n=6)), "1.1 gap", "All leaders, 3.4"),
    ],
)
def test_leaders_who_are_not_named_speak_as_one(
    detail: CellDetail, verdict: str, voice: str
) -> None:
    page = first_page(evidence(*of("growth-agenda", 2.3, need=4.0, detail=detail)))
    assert page.role_clarity[0].verdict == verdict
    assert page.role_clarity[0].statements[1].name == voice


def test_the_other_half_comes_from_the_rubric_about_collaboration() -> None:
    level, _ = of("decision-rights", 2.0, node=TOGETHER.root)
    page = first_page(evidence(*of("growth-agenda", 2.0), level, collaboration=TOGETHER))
    assert [(half.name, half.address) for half in page.role_clarity] == [
        ("Shared growth agenda", "/growth-agenda/"),
        ("Clear decision rights", "/c/decision-rights/"),
    ]


def test_the_four_numbers_say_what_they_rest_on() -> None:
    overall = cell(
        NOW.root,
        "overall",
        "",
        3.1,
        fit=85,
        fit_low=83,
        fit_high=87,
        based_on=36,
        asked_capabilities=36,
        held_by="exchange",
        state="held",
        detail=changed("none", 0.1),
    )
    before = cell(BEFORE.root, "overall", "", 3.0, fit=81, n=15)
    alignments = {
        NOW.id: LeaderAlignment(36, 0.6, 0.8, None, None, shared=2, of=5),
        BEFORE.id: LeaderAlignment(36, 0.1, 0.8, None, None, shared=3, of=5),
    }
    page = first_page(evidence(overall, before, cycles=(NOW, BEFORE), alignments=alignments))
    assert [(n.name, n.figure + n.unit, n.change, n.basis) for n in page.key_figures] == [
        ("Fit", "85%", "last survey: 81%", "83–87 · 36 of 36 capabilities"),
        (
            "Level",
            "3.1of 5",
            "no significant change",
            "2.9–3.3 · level 3, Defined (held back by Exchange value) · 36 of 36 capabilities",
        ),
        ("Response rate", "80%", "last survey: 60%", "20 of 25 answered"),
        (
            "Shared priorities",
            "2of 5",
            "last survey: 3 of 5",
            "leader scores 0.6 higher on average",
        ),
    ]


def test_who_did_not_answer_is_not_forgotten() -> None:
    """What they could make of it, teams that nobody answers_as for, and a warning below one half."""
    detail = CellDetail(non_response=NonResponse(60, 0.3, (1.9, 4.3)), not_covered=7)
    overall = cell(NOW.root, "overall", "", 3.1, n=10, detail=detail)
    (answered,) = (
        one for one in first_page(evidence(overall)).key_figures if one.name == "Response rate"
    )
    assert answered.warning == "Fewer than half answered, so treat all numbers with caution."
    assert answered.notes == (
        "If the 60% who didn't answer had scored half a level lower, the level would be 0.3 lower.",
        "Not included: 7 people in teams where nobody answered.",
    )
    few = first_page(evidence(cell(NOW.root, "overall", "", 3.1))).key_figures[2]
    assert (few.warning, few.notes) == ("", ())


def test_a_missing_head_count_leaves_no_share() -> None:
    detail = CellDetail(headcount_missing=True)
    overall = cell(NOW.root, "overall", "", 3.0, n=6, invited=None, detail=detail)
    answered = first_page(evidence(overall)).key_figures[2]
    assert (answered.figure, answered.basis) == ("–", "6 answered, team size not provided")


@pytest.mark.parametrize(("share", "noted"), [(9, False), (10, True)])
def test_many_equal_answers_are_said_beside_the_level(share: int, *, noted: bool) -> None:
    now = replace(NOW, straight_share=share)
    seen = evidence(cell(NOW.root, "overall", "", 3.1), cycles=(now,))
    level = first_page(seen).key_figures[1]
    assert level.notes == (
        (f"{share}% gave everything the same level, which hides differences.",) if noted else ()
    )


def test_without_numbers_the_four_say_why() -> None:
    hidden = Cell(str(NOW.root), "overall", "", "performance", suppressed="below_threshold")
    page = first_page(evidence(hidden))
    assert [number.figure for number in page.key_figures] == ["–"] * 4
    assert page.key_figures[0].basis == "not enough responses"


def test_a_rubric_of_three_dimensions_has_rings_and_one_of_two_a_table() -> None:
    three = evidence(cycles=(TOGETHER,))
    assert first_page(three).rings is not None
    small = RUBRIC.model_copy(update={"dimensions": RUBRIC.dimensions[:2]})
    two = first_page(evidence(cycles=(cycle("Autumn", small),)))
    assert two.rings is None
    assert len(two.values) == 2


def test_a_word_that_all_names_share_is_left_off_the_axes() -> None:
    assert short_names(RUBRIC.dimensions, "en")["exchange"] == "Exchange"
    assert short_names(RUBRIC.dimensions, "ko")["exchange"] == "교환"
    assert (
        short_names(COLLABORATION.dimensions, "en")["principles-methods"] == "Principles & methods"
    )


# --- Capabilities -----------------------------------------------------------------------------


def listed(seen: OrganizationResults, opened: str = "") -> capabilities.CapabilitiesPage:
    with translation.override("en"):
        return capabilities.capabilities_page(seen, address=str, toggle=str, opened=opened)


def test_the_list_goes_by_priority_and_ends_with_what_is_hidden() -> None:
    hidden = Cell(
        str(NOW.root), "capability", "agile-execution", "performance", suppressed="not_asked"
    )
    alone = cell(NOW.root, "capability", "brand-storytelling", 2.0)
    seen = evidence(
        *of("growth-agenda", 3.8, rank=2), *of("journey-management", 2.0), alone, hidden
    )
    first, others = listed(seen).groups
    assert [one.row.slug for one in first.items] == ["journey-management", "growth-agenda"]
    assert (first.heading, others.heading) == ("First, in order", "Without a priority")
    assert "agile-execution" in [one.row.slug for one in others.items]


def test_beyond_the_first_five_there_are_groups_and_no_order() -> None:
    cells = [
        *of("growth-agenda", 2.0),
        *of("journey-management", 3.0, rank=None, group="clearly_lower"),
        *of("agile-execution", 2.5, rank=None, group="no_clear_order"),
    ]
    groups = listed(evidence(*cells)).groups
    assert [(one.heading, [item.row.slug for item in one.items]) for one in groups[:3]] == [
        ("First, in order", ["growth-agenda"]),
        ("Next, in no clear order", ["agile-execution"]),
        ("Clearly lower", ["journey-management"]),
    ]


def test_only_the_opened_row_is_open_and_closes_again() -> None:
    page = listed(evidence(*of("growth-agenda", 2.0, need=4.0)), opened="growth-agenda")
    (row,) = (one for group in page.groups for one in group.items if one.detail)
    assert (row.row.slug, row.toggle_address) == ("growth-agenda", "")
    assert [(step.level, step.note) for step in row.detail.ladder if step.note] == [  # type: ignore[union-attr]  # it is open
        (4, "Needed level"),
        (3, "Next step"),
        (2, "Current level"),
    ]


def test_the_board_is_left_out_while_no_importance_is_shown() -> None:
    assert listed(evidence(cell(NOW.root, "capability", "growth-agenda", 2.0))).matrix is None


def test_fit_says_how_many_capabilities_are_close_to_their_need() -> None:
    seen = evidence(
        cell(NOW.root, "overall", "", 3.0, fit=81, fit_low=78, fit_high=84),
        *of("growth-agenda", 2.0, need=4.5),
        *of("agile-execution", 3.0),
    )
    fit = first_page(seen).key_figures[0]
    assert fit.basis == "78–84 · 1 of 2 capabilities close to their needed level"


def test_a_list_of_priorities_says_why_something_may_stay_as_it_is() -> None:
    pairs = of("growth-agenda", 2.0, need=4.5, rank=1)
    cells = [
        replace(each, detail=replace(each.detail, priority=replace(priority, suggestion="leave")))
        if (priority := each.detail.priority)
        else each
        for each in pairs
    ]
    (row,) = first_page(evidence(*cells)).gaps
    assert row.suggestion == "Suggested: leave as it is · importance below average"
    assert row.decision == "leave as it is · importance below average"


def test_a_legend_names_an_interval_only_where_one_is_shown() -> None:
    bare = of("growth-agenda", 2.0, need=4.5)
    narrow = [replace(each, low=each.score, high=each.score) for each in bare]
    assert not first_page(evidence(*narrow)).has_intervals
    wide = [replace(each, low=1.8, high=2.2) for each in bare]
    assert first_page(evidence(*wide)).has_intervals
