"""What a respondent is asked, in their language: sections, cards, choices.

Made once for an edition and a language, because neither ever changes. No Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assessments.rubrics import Capability, Dimension, Rubric
from organizations.process_cache import ProcessCache

Kind = Literal["performance", "importance", "exposure"]
EXPOSURE = "exposure"
EXPOSURE_SECTION = "_exposure"  # no section of a rubric is called like this
SECONDS_PER_CARD = {"performance": 24, "exposure": 10}  # what a card takes, about
NOT_SEEN, NOT_APPLICABLE = -1, 0
OPT_OUTS = (NOT_SEEN, NOT_APPLICABLE)


def version_offsets(rubric: Rubric) -> dict[str, int]:
    """Return the index at which the versions of each kind begin in the one row of versions."""
    count = len(rubric.capabilities)
    return {"performance": 0, "importance": count, "exposure": 2 * count}


def answer_count(rubric: Rubric, kind: str) -> int:
    """Return how many answers of a kind the edition asks for."""
    if kind != EXPOSURE:
        return len(rubric.capabilities)
    return len(rubric.exposure.questions) if rubric.exposure else 0


# --- What is asked ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """One thing that can be chosen."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One question as the page shows it, without anyone's answer."""

    kind: Kind  # performance, or exposure
    slug: str  # of the capability; the index of an exposure question
    place: int  # index of its answers within their kind
    section: str
    number: int  # within its section, from 1
    of: int
    name: str
    sentence: str
    levels: tuple[AnswerChoice, ...]

    @property
    def ident(self) -> str:
        """The element's id within the page."""
        return f"{'q' if self.is_exposure else 'c'}-{self.slug}"

    @property
    def is_exposure(self) -> bool:
        return self.kind == EXPOSURE

    @property
    def scale(self) -> tuple[AnswerChoice, ...]:
        return tuple(choice for choice in self.levels if choice.value not in OPT_OUTS)

    @property
    def opt_outs(self) -> tuple[AnswerChoice, ...]:
        """The opt-outs of an exposure question; those of a capability are the same for all (`CardTexts`)."""
        return tuple(choice for choice in self.levels if choice.value in OPT_OUTS)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of answer that the card asks for."""
        return ("exposure",) if self.is_exposure else ("performance", "importance")


@dataclass(frozen=True, slots=True)
class Section:
    """A value of the rubric, or the questions about exposure."""

    slug: str
    name: str
    sentence: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class CardTexts:
    """The texts that are the same on every card."""

    rule: str
    importance: str
    importances: tuple[AnswerChoice, ...]
    not_seen: str
    not_applicable: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """An edition in one language."""

    words: CardTexts
    sections: tuple[Section, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(card for section in self.sections for card in section.cards)

    def words_for(self, kind: str, card: Card, value: int | None) -> str:
        """Return an answer in the words of the page; empty for none."""
        choices = self.words.importances if kind == "importance" else card.levels
        if kind == "performance":
            choices += (
                AnswerChoice(NOT_SEEN, self.words.not_seen),
                AnswerChoice(NOT_APPLICABLE, self.words.not_applicable),
            )
        return next((choice.text for choice in choices if choice.value == value), "")

    def has(self, slug: str) -> bool:
        return any(section.slug == slug for section in self.sections)

    def beside(self, slug: str, step: int) -> str:
        """Return the slug of the section so many steps on; empty where there is none."""
        slugs = [section.slug for section in self.sections]
        index = slugs.index(slug) + step
        return slugs[index] if 0 <= index < len(slugs) else ""


_cache = ProcessCache[tuple[str, str], Questionnaire](500)


def cached_questionnaire(
    digest: str, rubric: Rubric, language: str, exposure: str
) -> Questionnaire:
    """Return the questionnaire of the edition with this digest, made once a process."""
    return _cache.get_or_compute(
        (digest, language), lambda: build_questionnaire(rubric, language, exposure)
    )


def build_questionnaire(rubric: Rubric, language: str, exposure_name: str) -> Questionnaire:
    """Return the questionnaire. `exposure` is the name of the section of exposure questions."""
    sections = [_build_section(rubric, dimension, language) for dimension in rubric.dimensions]
    if rubric.exposure:
        sections.append(_build_exposure_section(rubric, language, exposure_name))
    return Questionnaire(_card_texts(rubric, language), tuple(sections))


def _card_texts(rubric: Rubric, language: str) -> CardTexts:
    opt_outs = {answer.slug: answer.name.in_(language) for answer in rubric.opt_out_answers}
    return CardTexts(
        rule=rubric.answer_rule.in_(language),
        importance=rubric.importance.question.in_(language),
        importances=tuple(
            AnswerChoice(value, option.name.in_(language))
            for value, option in enumerate(rubric.importance.options, 1)
        ),
        not_seen=opt_outs["not-observed"],
        not_applicable=opt_outs["not-applicable"],
    )


def _build_section(rubric: Rubric, dimension: Dimension, language: str) -> Section:
    name, count = dimension.name.in_(language), len(dimension.capabilities)

    def card(number: int, item: Capability) -> Card:
        return Card(
            kind="performance",
            slug=item.slug,
            place=rubric.index_of(item.slug),
            section=name,
            number=number,
            of=count,
            name=item.name.in_(language),
            sentence=item.description.in_(language),
            levels=tuple(AnswerChoice(level.level, level.in_(language)) for level in item.levels),
        )

    cards = tuple(card(number, item) for number, item in enumerate(dimension.capabilities, 1))
    return Section(dimension.slug, name, dimension.description.in_(language), cards)


def _build_exposure_section(rubric: Rubric, language: str, name: str) -> Section:
    """Return the section of exposure questions. An answer is stored as value + 3, "don't know" as -1."""
    exposure = rubric.exposure
    assert exposure is not None
    choices = tuple(
        AnswerChoice(
            NOT_SEEN if option.value is None else option.value + 3, option.name.in_(language)
        )
        for option in exposure.options
    )
    stages = {dimension.slug: dimension.name.in_(language) for dimension in rubric.dimensions}
    cards = tuple(
        Card(
            kind="exposure",
            slug=str(index),
            place=index,
            section=name,
            number=index + 1,
            of=len(exposure.questions),
            name=question.in_(language),
            sentence=stages.get(question.stage, ""),
            levels=choices,
        )
        for index, question in enumerate(exposure.questions)
    )
    return Section(
        EXPOSURE_SECTION, name, exposure.note.in_(language) if exposure.note else "", cards
    )


def estimated_minutes(questionnaire: Questionnaire) -> int:
    """Return about how many minutes the whole questionnaire takes."""
    return max(1, int(sum(SECONDS_PER_CARD[card.kind] for card in questionnaire.cards) / 60 + 0.5))
