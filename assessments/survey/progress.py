"""A questionnaire with one person's answers: what each card shows, and how much is answered. No Django."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from assessments.survey.questionnaire import (
    OPT_OUTS,
    SECONDS_PER_CARD,
    Card,
    Questionnaire,
    Section,
)


@dataclass(frozen=True, slots=True)
class WrittenComment:
    """What someone wrote about a capability, and a link to where it can be seen."""

    text: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """What one device has answered so far, in the order of the edition."""

    values: Mapping[str, tuple[int | None, ...]]  # by kind
    versions: tuple[int, ...]  # performance, importance, exposure, one after the other
    comments: Mapping[str, WrittenComment]  # by capability
    sent: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(self.versions) and not self.comments


@dataclass(frozen=True, slots=True)
class AnsweredCard:
    """A card with the answers of its reader."""

    card: Card
    values: Mapping[str, int | None]  # by kind, as they are shown
    stored: Mapping[str, int | None]  # the same, unless something could not be saved
    versions: Mapping[str, int]
    comment: WrittenComment
    stored_comment: WrittenComment
    state: str  # "done"; "seen": opted out, which is enough; "skipped"; or "": not reached yet

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
        """The mean of the reader's own levels; opt-outs do not count."""
        return self._mean("performance")

    @property
    def importance(self) -> float | None:
        return self._mean("importance")

    def _mean(self, kind: str) -> float | None:
        rated = [value for card in self.cards if (value := card.values.get(kind) or 0) > 0]
        return sum(rated) / len(rated) if rated else None


@dataclass(frozen=True, slots=True)
class QuestionnaireProgress:
    """The whole questionnaire with its reader's answers: the outline beside the cards."""

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
        cards = [
            card for section in self.sections for card in section.cards if not card.card.is_exposure
        ]
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
        seconds = sum(SECONDS_PER_CARD[card.card.kind] for _slug, card in self.open_cards())
        return max(1, int(seconds / 60 + 0.5)) if seconds else 0

    @property
    def first_open(self) -> tuple[str, AnsweredCard] | None:
        """The section and the card to go on with."""
        return next(self.open_cards(), None)

    def at(self, slug: str) -> AnsweredSection:
        return next(row for row in self.sections if row.section.slug == slug)

    def open_cards(self) -> Iterator[tuple[str, AnsweredCard]]:
        for section in self.sections:
            for card in section.cards:
                if card.is_open:
                    yield section.section.slug, card


def with_answers(
    questionnaire: Questionnaire,
    stored: StoredAnswers,
    starts: Mapping[str, int],
    typed: StoredAnswers | None = None,
) -> QuestionnaireProgress:
    """Return the questionnaire with the stored answers, or with `typed` where it could not be saved.
    `starts` says at which index the versions of each kind begin."""
    shown = typed or stored
    touched_indexes = [
        index for index, card in enumerate(questionnaire.cards) if _is_touched(card, shown)
    ]
    last_touched, indexes = max(touched_indexes, default=-1), iter(range(len(questionnaire.cards)))

    def fill(card: Card) -> AnsweredCard:
        values = _values(card, shown)
        return AnsweredCard(
            card=card,
            values=values,
            stored=_values(card, stored),
            versions={kind: stored.versions[starts[kind] + card.place] for kind in card.kinds},
            comment=_comment(card, shown),
            stored_comment=_comment(card, stored),
            state=_state(values.values(), is_passed=next(indexes) <= last_touched),
        )

    return QuestionnaireProgress(
        tuple(
            AnsweredSection(section, tuple(fill(card) for card in section.cards))
            for section in questionnaire.sections
        )
    )


def _values(card: Card, stored: StoredAnswers) -> dict[str, int | None]:
    return {kind: stored.values[kind][card.place] for kind in card.kinds}


def _state(values: Collection[int | None], *, is_passed: bool) -> str:
    """Return the state of a card. `is_passed`: something is answered on the card or after it."""
    if any(value in OPT_OUTS for value in values):
        return "seen"
    if None not in values:
        return "done"
    return "skipped" if is_passed else ""


def _is_touched(card: Card, stored: StoredAnswers) -> bool:
    return any(value is not None for value in _values(card, stored).values())


def _comment(card: Card, stored: StoredAnswers) -> WrittenComment:
    return (
        WrittenComment() if card.is_exposure else stored.comments.get(card.slug, WrittenComment())
    )
