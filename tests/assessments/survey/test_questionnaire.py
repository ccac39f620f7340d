"""What is asked, in both languages, and how far someone has come."""

from __future__ import annotations

import pytest

from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, Rubric, built_in, digest
from assessments.survey.progress import (
    QuestionnaireProgress,
    StoredAnswers,
    WrittenComment,
    with_answers,
)
from assessments.survey.questionnaire import (
    answer_count,
    build_questionnaire,
    cached_questionnaire,
    estimated_minutes,
    version_offsets,
)

DISRUPTION = "customer-driven-disruption"


def given(rubric: Rubric, **rows: dict[int, int]) -> StoredAnswers:
    """Answers at these places, nothing elsewhere."""
    kinds = ("performance", "importance", "exposure")
    values = {
        kind: tuple(rows.get(kind, {}).get(place) for place in range(answer_count(rubric, kind)))
        for kind in kinds
    }
    return StoredAnswers(values, (0,) * sum(map(len, values.values())), {})


def progress(rubric: Rubric, **rows: dict[int, int]) -> QuestionnaireProgress:
    asked = build_questionnaire(rubric, "en", "Compared with other options")
    return with_answers(asked, given(rubric, **rows), version_offsets(rubric))


def states(progress: QuestionnaireProgress) -> list[str]:
    return [card.state for section in progress.sections for card in section.cards]


@pytest.mark.parametrize("slug", BUILT_IN)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_question_is_asked_once_where_its_answer_is_stored(slug: str, language: str) -> None:
    rubric = built_in(slug)
    asked = build_questionnaire(rubric, language, "Compared with other options")
    rated = [card for card in asked.cards if card.kind == "performance"]
    compared = [card for card in asked.cards if card.kind == "exposure"]
    assert [(card.slug, card.place) for card in rated] == [
        (item.slug, place) for place, item in enumerate(rubric.capabilities)
    ]
    assert [card.place for card in compared] == list(range(answer_count(rubric, "exposure")))
    assert len({card.ident for card in asked.cards}) == len(asked.cards)
    for card in rated:
        assert [choice.value for choice in card.levels] == [1, 2, 3, 4, 5]
    korean = any("가" <= letter <= "힣" for card in asked.cards for letter in card.name)
    assert korean == (language == "ko")


def test_exposure_is_stored_as_value_plus_three_and_dont_know_as_minus_one() -> None:
    asked = build_questionnaire(built_in(DISRUPTION), "en", "Compared with other options")
    (section,) = [one for one in asked.sections if one.name == "Compared with other options"]
    assert {choice.value: choice.text for choice in section.cards[0].levels} == {
        5: "Much more",
        4: "Somewhat more",
        3: "About the same",
        2: "Somewhat less",
        1: "Much less",
        -1: "Don't know",
    }


def test_a_section_of_exposure_never_meets_one_of_the_rubric() -> None:
    """A rubric may call its own section anything; none of them begins with an underscore."""
    asked = build_questionnaire(built_in(DISRUPTION), "en", "Compared with other options")
    assert [one.slug for one in asked.sections if one.slug.startswith("_")] == ["_exposure"]


def test_it_is_made_once_for_an_edition_and_a_language() -> None:
    rubric = built_in(MAIN_RUBRIC)
    first = cached_questionnaire(digest(rubric), rubric, "en", "")
    assert cached_questionnaire(digest(rubric), rubric, "en", "") is first
    assert cached_questionnaire(digest(rubric), rubric, "ko", "") is not first


def test_a_level_wants_its_importance_and_an_opt_out_wants_nothing() -> None:
    rubric = built_in(MAIN_RUBRIC)
    found = progress(rubric, performance={0: 3, 1: 3, 2: -1, 3: 0}, importance={0: 5, 4: 2})
    assert states(found)[:6] == ["done", "skipped", "seen", "seen", "skipped", ""]
    assert (found.done, found.open, found.total) == (3, 33, 36)


def test_what_is_open_is_named_in_order_and_the_first_comes_first() -> None:
    rubric = built_in(MAIN_RUBRIC)
    found = progress(rubric, performance={0: 3, 2: -1}, importance={0: 5})
    slugs = [filled.card.slug for _section, filled in found.open_cards()]
    assert slugs == [
        item.slug
        for item in rubric.capabilities
        if item.slug not in (rubric.capabilities[0].slug, rubric.capabilities[2].slug)
    ]
    assert found.first_open is not None
    assert found.first_open[1].card.slug == rubric.capabilities[1].slug
    every = dict.fromkeys(range(36), 4)
    assert progress(rubric, performance=every, importance=every).first_open is None


@pytest.mark.parametrize(
    ("open_cards", "left"), [(36, 14), (18, 7), (4, 2), (3, 1), (1, 1), (0, 0)]
)
def test_minutes_left_count_what_is_open(open_cards: int, left: int) -> None:
    rubric = built_in(MAIN_RUBRIC)
    done = dict.fromkeys(range(36 - open_cards), 4)
    assert progress(rubric, performance=done, importance=done).minutes_left == left


def test_the_promise_counts_exposure_questions_as_shorter() -> None:
    asked = build_questionnaire(built_in(DISRUPTION), "en", "")
    assert estimated_minutes(asked) == round((16 * 24 + 12 * 10) / 60 + 1e-9)


def test_ones_own_profile_leaves_opt_outs_out() -> None:
    rubric = built_in(MAIN_RUBRIC)
    found = progress(rubric, performance={0: 2, 1: 5, 2: -1, 3: 0}, importance={0: 4, 1: 5})
    assert (found.sections[0].level, found.sections[0].importance) == (3.5, 4.5)
    assert (found.sections[1].level, found.sections[1].importance) == (None, None)


def test_what_could_not_be_saved_is_shown_over_what_is_stored() -> None:
    rubric = built_in(MAIN_RUBRIC)
    asked = build_questionnaire(rubric, "en", "")
    stored = given(rubric, performance={0: 2})
    typed = given(rubric, performance={0: 5})
    card = with_answers(asked, stored, version_offsets(rubric), typed).sections[0].cards[0]
    assert (card.values["performance"], card.stored["performance"]) == (5, 2)
    assert card.comment == card.stored_comment == WrittenComment()


def test_an_answer_is_said_in_the_words_of_the_page() -> None:
    rubric = built_in(MAIN_RUBRIC)
    asked = build_questionnaire(rubric, "en", "")
    card = asked.cards[0]
    assert asked.words_for("performance", card, 3) == card.levels[2].text
    assert asked.words_for("performance", card, -1) == asked.words.not_seen
    assert asked.words_for("importance", card, 5) == asked.words.importances[4].text
    assert asked.words_for("importance", card, None) == ""
