"""Whether a closed cycle, computed again, says the same as what was published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.counting import count, fetch
from assessments.models import Cycle, Result, Scorecard
from assessments.scoring.publishing import METHOD

INPUT = ("edition_digest", "input_digest")  # what every method begins with
CARD = (*INPUT, "method", "discarded", "participation", "summary")
CELL = tuple(
    field.attname
    for field in Result._meta.concrete_fields
    if field.attname not in ("id", "organization_id", "cycle_id")
)
MOST_NAMED = 20  # differences of one cycle; what is wrong is seen by then


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of checking one cycle."""

    answers_removed: bool = False
    older_method: str = ""  # that the close computed by, where it is not today's
    differences: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        return not (self.answers_removed or self.older_method or self.differences)


def verify(cycle: Cycle) -> Finding:
    """Compute again what the close computed. Changes nothing. What an older method published stays
    as it was: only that its answers are still the same can be checked."""
    card = Scorecard.objects.get(cycle=cycle)
    ballots = fetch(cycle)
    counted = zip(ballots.responses, card.summary["responses"], strict=True)
    if any(now < then for now, then in counted):
        return Finding(answers_removed=True)
    again = count(cycle, ballots)
    if card.method != METHOD:
        changed = tuple(_card_differences(card, again.scorecard, INPUT))
        return Finding(older_method=card.method, differences=changed)
    differences = [*_card_differences(card, again.scorecard, CARD)]
    differences += _cell_differences(cycle, {_key(row): row for row in again.results})
    told = differences[:MOST_NAMED]
    if len(differences) > MOST_NAMED:
        told.append(f"and {len(differences) - MOST_NAMED} more differences")
    return Finding(differences=tuple(told))


def _card_differences(
    published: Scorecard, again: Scorecard, names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        if name == "input_digest" and not again.input_digest:
            continue  # the organization's salt is gone: nobody can compute the digest again
        if _plain(getattr(published, name)) != _plain(getattr(again, name)):
            yield f"scorecard: {name} differs"


def _cell_differences(cycle: Cycle, again: dict[tuple[Any, ...], Result]) -> Iterator[str]:
    published = {_key(row): row for row in Result.objects.filter(cycle=cycle)}
    for key in sorted({*published, *again}, key=str):
        yield from _difference(key, published.get(key), again.get(key))


def _difference(
    key: tuple[Any, ...], published: Result | None, again: Result | None
) -> Iterator[str]:
    name = " ".join(map(str, key))
    if published is None or again is None:
        yield f"{name}: {'was not published' if published is None else 'is not found again'}"
        return
    for column in CELL:
        old, new = _plain(getattr(published, column)), _plain(getattr(again, column))
        if old != new:
            yield f"{name}: {column} was published as {old}, computed again as {new}"


def _key(row: Result) -> tuple[UUID, str, str, str]:
    return (row.node_id, row.subject_type, row.subject, row.kind)


def _plain(value: Any) -> str:
    """As it is stored: decimals, lists and tuples in one spelling."""
    return json.dumps(value, sort_keys=True, default=str)
