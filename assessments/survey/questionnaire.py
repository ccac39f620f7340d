"""What a respondent is asked, in their language: sections, cards, choices; and how far they have come.

Made once for an edition and a language, because neither ever changes. No Django.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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


# --- With one person's answers ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WrittenComment:
    """What someone wrote about a capability, and where it can be seen."""

    text: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """What one device has answered so far, in the order of the edition."""

    values: Mapping[str, tuple[int | None, ...]]  # by kind
    versions: tuple[int, ...]  # performance, importance, exposure, one after the other
    remarks: Mapping[str, WrittenComment]  # by capability
    sent: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(self.versions) and not self.remarks


@dataclass(frozen=True, slots=True)
class AnsweredCard:
    """A card with the answers of the one who looks at it."""

    card: Card
    values: Mapping[str, int | None]  # by kind, as they are shown
    stored: Mapping[str, int | None]  # the same, unless something could not be saved
    versions: Mapping[str, int]
    remark: WrittenComment
    stored_remark: WrittenComment
    state: str  # done; seen: opted out, which is enough; skipped; or nothing: still ahead

    @property
    def is_open(self) -> bool:
        return self.state not in ("done", "seen")

    @property
    def is_touched(self) -> bool:
        return any(value is not None for value in self.values.values())


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    section: Section
    cards: tuple[AnsweredCard, ...]

    @property
    def total(self) -> int:
        return len(self.cards)

    @property
    def done(self) -> int:
        return sum(not card.is_open for card in self.cards)

    @property
    def open(self) -> tuple[AnsweredCard, ...]:
        return tuple(card for card in self.cards if card.is_open)

    @property
    def level(self) -> float | None:
        """The mean of one's own levels; opt-outs do not count."""
        return self._mean("performance")

    @property
    def importance(self) -> float | None:
        return self._mean("importance")

    def _mean(self, kind: str) -> float | None:
        rated = [value for card in self.cards if (value := card.values.get(kind) or 0) > 0]
        return sum(rated) / len(rated) if rated else None


@dataclass(frozen=True, slots=True)
class QuestionnaireProgress:
    """The whole questionnaire with one's answers: the outline beside the cards."""

    sections: tuple[AnsweredSection, ...]

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)

    @property
    def open(self) -> int:
        return self.total - self.done

    @property
    def _ratings(self) -> tuple[int, int]:
        """How many of the scored questions are answered, opt-outs included, and how many there are."""
        cards = [card for one in self.sections for card in one.cards if not card.card.is_exposure]
        values = [value for card in cards for value in card.values.values()]
        return sum(value is not None for value in values), len(values)

    @property
    def counts(self) -> bool:
        """At least half is answered, as the scoring asks for (method 1)."""
        answered, asked = self._ratings
        return answered * 2 >= asked

    @property
    def missing(self) -> int:
        """How many more capabilities must be answered in full for the answers to count."""
        answered, asked = self._ratings
        return max(0, -(-(asked - 2 * answered) // 4))

    @property
    def minutes_left(self) -> int:
        """0 when nothing is open, else at least 1."""
        seconds = sum(SECONDS_PER_CARD[filled.card.kind] for _slug, filled in self.open_cards())
        return max(1, int(seconds / 60 + 0.5)) if seconds else 0

    @property
    def first_open(self) -> tuple[str, AnsweredCard] | None:
        """The section and the card to go on with."""
        return next(self.open_cards(), None)

    def at(self, slug: str) -> AnsweredSection:
        return next(one for one in self.sections if one.section.slug == slug)

    def open_cards(self) -> Iterator[tuple[str, AnsweredCard]]:
        for one in self.sections:
            for filled in one.cards:
                if filled.is_open:
                    yield one.section.slug, filled


def estimated_minutes(asked: Questionnaire) -> int:
    """How long all of it takes, about."""
    return max(1, int(sum(SECONDS_PER_CARD[card.kind] for card in asked.cards) / 60 + 0.5))


def with_answers(
    asked: Questionnaire,
    given: StoredAnswers,
    starts: Mapping[str, int],
    typed: StoredAnswers | None = None,
) -> QuestionnaireProgress:
    """The questionnaire with what is stored, or `typed` over it where that could not be saved.
    `starts` says where the versions of a kind begin."""
    shown = typed or given
    touched = [place for place, card in enumerate(asked.cards) if _touched(card, shown)]
    last, count = max(touched, default=-1), iter(range(len(asked.cards)))

    def fill(card: Card) -> AnsweredCard:
        values = _values(card, shown)
        return AnsweredCard(
            card=card,
            values=values,
            stored=_values(card, given),
            versions={kind: given.versions[starts[kind] + card.place] for kind in card.kinds},
            remark=_remark(card, shown),
            stored_remark=_remark(card, given),
            state=_state(values.values(), is_passed=next(count) <= last),
        )

    return QuestionnaireProgress(
        tuple(
            AnsweredSection(section, tuple(fill(card) for card in section.cards))
            for section in asked.sections
        )
    )


def _values(card: Card, given: StoredAnswers) -> dict[str, int | None]:
    return {kind: given.values[kind][card.place] for kind in card.kinds}


def _state(values: Collection[int | None], *, is_passed: bool) -> str:
    """`is_passed`: something was said on the card or after it."""
    if any(value in OPT_OUTS for value in values):
        return "seen"
    if None not in values:
        return "done"
    return "skipped" if is_passed else ""


def _touched(card: Card, given: StoredAnswers) -> bool:
    return any(value is not None for value in _values(card, given).values())


def _remark(card: Card, given: StoredAnswers) -> WrittenComment:
    return WrittenComment() if card.is_exposure else given.remarks.get(card.slug, WrittenComment())
