"""Whether a closed cycle, computed again, says the same as what was published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.cycles.scoring_run import compute_results, fetch_input
from assessments.models import Cycle, Result, Scorecard
from assessments.scoring.publish.publish import METHOD_VERSION

INPUT_FIELDS = ("edition_digest", "input_digest")  # what every method begins with
SCORECARD_FIELDS = (*INPUT_FIELDS, "method", "discarded", "participation", "summary")
CELL_FIELDS = tuple(
    field.attname
    for field in Result._meta.concrete_fields
    if field.attname not in ("id", "organization_id", "cycle_id")
)
MAX_DIFFERENCES = 20  # differences of one cycle; what is wrong is seen by then


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What came of checking one cycle."""

    answers_removed: bool = False
    older_method: str = ""  # that the close computed by, where it is not today's
    differences: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        return not (self.answers_removed or self.older_method or self.differences)


def verify(cycle: Cycle) -> VerificationResult:
    """Compute again what the close computed. Changes nothing. What an older method published stays
    as it was: only that its answers are still the same can be checked."""
    card = Scorecard.objects.get(cycle=cycle)
    ballots = fetch_input(cycle)
    counted = zip(ballots.responses, card.summary["responses"], strict=True)
    if any(now < then for now, then in counted):
        return VerificationResult(answers_removed=True)
    again = compute_results(cycle, ballots)
    if card.method != METHOD_VERSION:
        changed = tuple(_card_differences(card, again.scorecard, INPUT_FIELDS))
        return VerificationResult(older_method=card.method, differences=changed)
    differences = [*_card_differences(card, again.scorecard, SCORECARD_FIELDS)]
    differences += _cell_differences(cycle, {_key(row): row for row in again.results})
    told = differences[:MAX_DIFFERENCES]
    if len(differences) > MAX_DIFFERENCES:
        told.append(f"and {len(differences) - MAX_DIFFERENCES} more differences")
    return VerificationResult(differences=tuple(told))


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
    for column in CELL_FIELDS:
        old, new = _plain(getattr(published, column)), _plain(getattr(again, column))
        if old != new:
            yield f"{name}: {column} was published as {old}, computed again as {new}"


def _key(row: Result) -> tuple[UUID, str, str, str]:
    return (row.node_id, row.subject_type, row.subject, row.kind)


def _plain(value: Any) -> str:
    """As it is stored: decimals, lists and tuples in one spelling."""
    return json.dumps(value, sort_keys=True, default=str)
