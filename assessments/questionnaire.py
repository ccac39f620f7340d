"""How the survey looks to one person: parts, cards, and how far they have come. No Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.rubric import Capability, Dimension, Rubric

EXPOSURE = "exposure"
SECONDS = {"capability": 25, "question": 12}
NOT_SEEN, NOT_APPLICABLE = -1, 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One question as it stands on the page, without anyone's answer."""

    slug: str
    place: int  # where its answers are stored
    name: str
    sentence: str
    levels: tuple[Choice, ...]
    exposure: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the rubric, or the questions about exposure."""

    slug: str
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is the same on every card."""

    rule: str
    importance: str
    importances: tuple[Choice, ...]
    not_seen: str
    not_applicable: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """An edition in one language. Made once and kept: neither ever changes."""

    words: Words
    parts: tuple[Part, ...]

    def part(self, slug: str) -> Part | None:
        return next((part for part in self.parts if part.slug == slug), None)

    def beside(self, part: Part, step: int) -> Part | None:
        place = self.parts.index(part) + step
        return self.parts[place] if 0 <= place < len(self.parts) else None


_kept: dict[tuple[str, str], Questionnaire] = {}


def kept(digest: str, rubric: Rubric, language: str) -> Questionnaire:
    """The questionnaire of the edition with this digest, made once a process."""
    if (digest, language) not in _kept:
        _kept[digest, language] = questionnaire(rubric, language)
    return _kept[digest, language]


def questionnaire(rubric: Rubric, language: str) -> Questionnaire:
    parts = [_part(rubric, dimension, language) for dimension in rubric.dimensions]
    if rubric.exposure:
        parts.append(_exposure(rubric, language))
    return Questionnaire(_words(rubric, language), tuple(parts))


def _words(rubric: Rubric, language: str) -> Words:
    opt_outs = {one.slug: one.name.in_(language) for one in rubric.opt_out_answers}
    return Words(
        rule=rubric.answer_rule.in_(language),
        importance=rubric.importance.question.in_(language),
        importances=tuple(
            Choice(option.value or place + 1, option.name.in_(language))
            for place, option in enumerate(rubric.importance.options)
        ),
        not_seen=opt_outs["not-observed"],
        not_applicable=opt_outs["not-applicable"],
    )


def _part(rubric: Rubric, dimension: Dimension, language: str) -> Part:
    return Part(
        dimension.slug,
        dimension.name.in_(language),
        tuple(_card(rubric, item, language) for item in dimension.capabilities),
    )


def _card(rubric: Rubric, item: Capability, language: str) -> Card:
    return Card(
        slug=item.slug,
        place=rubric.index_of(item.slug),
        name=item.name.in_(language),
        sentence=item.description.in_(language),
        levels=tuple(Choice(level.level, level.in_(language)) for level in item.levels),
    )


def _exposure(rubric: Rubric, language: str) -> Part:
    """Compared with what else the customer could do; stored as value + 3, "don't know" as -1."""
    asked = rubric.exposure
    assert asked is not None
    choices = tuple(
        Choice(NOT_SEEN if option.value is None else option.value + 3, option.name.in_(language))
        for option in asked.options
    )
    stages = {dimension.slug: dimension.name.in_(language) for dimension in rubric.dimensions}
    cards = tuple(
        Card(
            str(place),
            place,
            question.in_(language),
            stages[question.stage],
            choices,
            exposure=True,
        )
        for place, question in enumerate(asked.questions)
    )
    return Part(EXPOSURE, "", cards)


# --- With one person's answers ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """A card with the answers of the one who looks at it."""

    card: Card
    value: int | None
    version: int
    importance: int | None
    importance_version: int
    text: str = ""
    evidence: str = ""

    @property
    def state(self) -> str:
        """done, seen (an opt-out), open. A level wants its importance; an opt-out is enough."""
        if self.value in (NOT_SEEN, NOT_APPLICABLE):
            return "seen"
        rated = self.value is not None and (self.importance is not None or self.card.exposure)
        return "done" if rated else "open"


@dataclass(frozen=True, slots=True)
class FilledPart:
    part: Part
    cards: tuple[Filled, ...]

    @property
    def done(self) -> int:
        return sum(card.state != "open" for card in self.cards)

    @property
    def is_done(self) -> bool:
        return self.done == len(self.cards)

    @property
    def level(self) -> float | None:
        """The mean of one's own levels; opt-outs do not count."""
        return _mean([one.value for one in self.cards if one.value is not None and one.value >= 1])

    @property
    def weight(self) -> float | None:
        """The mean of one's own importance."""
        return _mean([one.importance for one in self.cards if one.importance is not None])


def _mean(values: list[int]) -> float | None:
    return sum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class Progress:
    """The outline beside the cards."""

    parts: tuple[FilledPart, ...]

    @property
    def done(self) -> int:
        return sum(part.done for part in self.parts)

    @property
    def total(self) -> int:
        return sum(len(part.cards) for part in self.parts)

    @property
    def open(self) -> int:
        return self.total - self.done

    @property
    def minutes_left(self) -> int:
        seconds = sum(
            SECONDS["question" if filled.card.exposure else "capability"]
            for part in self.parts
            for filled in part.cards
            if filled.state == "open"
        )
        return -(-seconds // 60)

    @property
    def first_open(self) -> FilledPart | None:
        return next((part for part in self.parts if not part.is_done), None)

    def at(self, slug: str) -> FilledPart | None:
        return next((part for part in self.parts if part.part.slug == slug), None)

    def open_cards(self) -> Iterator[tuple[Part, Filled]]:
        for part in self.parts:
            for filled in part.cards:
                if filled.state == "open":
                    yield part.part, filled


def filled(asked: Questionnaire, given: Any, offsets: Mapping[str, int]) -> Progress:
    """`given` has performance, importance, exposure, versions and remarks; `offsets` says where the
    versions of each kind begin."""

    def card(one: Card) -> Filled:
        kind = "exposure" if one.exposure else "performance"
        remark = given.remarks.get(one.slug) if not one.exposure else None
        return Filled(
            card=one,
            value=given.value(kind, one.place),
            version=given.versions[offsets[kind] + one.place],
            importance=None if one.exposure else given.value("importance", one.place),
            importance_version=(
                0 if one.exposure else given.versions[offsets["importance"] + one.place]
            ),
            text=remark.text if remark else "",
            evidence=remark.evidence if remark else "",
        )

    return Progress(
        tuple(FilledPart(part, tuple(card(one) for one in part.cards)) for part in asked.parts)
    )
