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
    """Where the versions of each kind begin, in the one row of versions."""
    count = len(rubric.capabilities)
    return {"performance": 0, "importance": count, "exposure": 2 * count}


def answer_count(rubric: Rubric, kind: str) -> int:
    """How many answers of a kind the edition asks for."""
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
    """One question as it stands on the page, without anyone's answer."""

    kind: Kind  # performance, or exposure
    slug: str  # of the capability; the place of an exposure question
    place: int  # where its answers are stored
    section: str
    number: int  # within its section, from 1
    of: int
    name: str
    sentence: str
    levels: tuple[AnswerChoice, ...]

    @property
    def ident(self) -> str:
        """Its name within the page."""
        return f"{'q' if self.is_exposure else 'c'}-{self.slug}"

    @property
    def is_exposure(self) -> bool:
        return self.kind == EXPOSURE

    @property
    def scale(self) -> tuple[AnswerChoice, ...]:
        return tuple(choice for choice in self.levels if choice.value not in OPT_OUTS)

    @property
    def opt_outs(self) -> tuple[AnswerChoice, ...]:
        """Of an exposure question; those of a capability are the same for all (`Words`)."""
        return tuple(choice for choice in self.levels if choice.value in OPT_OUTS)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is answered on it."""
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
    """What is the same on every card."""

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
        """An answer in the words of the page; empty for none."""
        offered = self.words.importances if kind == "importance" else card.levels
        if kind == "performance":
            offered += (
                AnswerChoice(NOT_SEEN, self.words.not_seen),
                AnswerChoice(NOT_APPLICABLE, self.words.not_applicable),
            )
        return next((choice.text for choice in offered if choice.value == value), "")

    def has(self, slug: str) -> bool:
        return any(section.slug == slug for section in self.sections)

    def beside(self, slug: str, step: int) -> str:
        """The section so many steps on; empty where there is none."""
        slugs = [section.slug for section in self.sections]
        place = slugs.index(slug) + step
        return slugs[place] if 0 <= place < len(slugs) else ""


_kept = ProcessCache[tuple[str, str], Questionnaire](500)


def cached_questionnaire(
    digest: str, rubric: Rubric, language: str, exposure: str
) -> Questionnaire:
    """The questionnaire of the edition with this digest, made once a process."""
    return _kept.get_or_compute(
        (digest, language), lambda: build_questionnaire(rubric, language, exposure)
    )


def build_questionnaire(rubric: Rubric, language: str, exposure: str) -> Questionnaire:
    """`exposure` is how the section of exposure questions is called in this language."""
    sections = [_section(rubric, dimension, language) for dimension in rubric.dimensions]
    if rubric.exposure:
        sections.append(_exposure(rubric, language, exposure))
    return Questionnaire(_words(rubric, language), tuple(sections))


def _words(rubric: Rubric, language: str) -> CardTexts:
    opt_outs = {one.slug: one.name.in_(language) for one in rubric.opt_out_answers}
    return CardTexts(
        rule=rubric.answer_rule.in_(language),
        importance=rubric.importance.question.in_(language),
        importances=tuple(
            AnswerChoice(place, option.name.in_(language))
            for place, option in enumerate(rubric.importance.options, 1)
        ),
        not_seen=opt_outs["not-observed"],
        not_applicable=opt_outs["not-applicable"],
    )


def _section(rubric: Rubric, dimension: Dimension, language: str) -> Section:
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


def _exposure(rubric: Rubric, language: str, name: str) -> Section:
    """Compared with what else the customer could do; stored as value + 3, "don't know" as -1."""
    asked = rubric.exposure
    assert asked is not None
    choices = tuple(
        AnswerChoice(
            NOT_SEEN if option.value is None else option.value + 3, option.name.in_(language)
        )
        for option in asked.options
    )
    stages = {dimension.slug: dimension.name.in_(language) for dimension in rubric.dimensions}
    cards = tuple(
        Card(
            kind="exposure",
            slug=str(place),
            place=place,
            section=name,
            number=place + 1,
            of=len(asked.questions),
            name=question.in_(language),
            sentence=stages.get(question.stage, ""),
            levels=choices,
        )
        for place, question in enumerate(asked.questions)
    )
    return Section(EXPOSURE_SECTION, name, asked.note.in_(language) if asked.note else "", cards)


def estimated_minutes(asked: Questionnaire) -> int:
    """How long all of it takes, about."""
    return max(1, int(sum(SECONDS_PER_CARD[card.kind] for card in asked.cards) / 60 + 0.5))
