"""Check whether a closed cycle, computed again, gives what was published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.cycles.scoring_run import compute_results, fetch_input
from assessments.models import Cycle, Result, Scorecard
from assessments.scoring.publish.publish import METHOD_VERSION

INPUT_FIELDS = ("edition_digest", "input_digest")  # the same in every version of the method
SCORECARD_FIELDS = (*INPUT_FIELDS, "method", "discarded", "participation", "summary")
CELL_FIELDS = tuple(
    field.attname
    for field in Result._meta.concrete_fields
    if field.attname not in ("id", "organization_id", "cycle_id")
)
MAX_DIFFERENCES = 20  # of one cycle; more would not help to find the cause


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The outcome of checking one cycle."""

    answers_removed: bool = False
    older_method: str = ""  # the method of the close, where it is not today's
    differences: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        return not (self.answers_removed or self.older_method or self.differences)


def verify(cycle: Cycle) -> VerificationResult:
    """Compute again what the close computed, and return the differences. Changes nothing. What an older
    method published stays as it was: only whether its answers are still the same can be checked."""
    card = Scorecard.objects.get(cycle=cycle)
    scoring_input = fetch_input(cycle)
    response_counts = zip(scoring_input.responses, card.summary["responses"], strict=True)
    if any(count_now < count_then for count_now, count_then in response_counts):
        return VerificationResult(answers_removed=True)
    recomputed = compute_results(cycle, scoring_input)
    if card.method != METHOD_VERSION:
        changed = tuple(_card_differences(card, recomputed.scorecard, INPUT_FIELDS))
        return VerificationResult(older_method=card.method, differences=changed)
    differences = [*_card_differences(card, recomputed.scorecard, SCORECARD_FIELDS)]
    differences += _cell_differences(cycle, {_key(row): row for row in recomputed.results})
    shown = differences[:MAX_DIFFERENCES]
    if len(differences) > MAX_DIFFERENCES:
        shown.append(f"and {len(differences) - MAX_DIFFERENCES} more differences")
    return VerificationResult(differences=tuple(shown))


def _card_differences(
    published: Scorecard, recomputed: Scorecard, names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        if name == "input_digest" and not recomputed.input_digest:
            continue  # the organization's salt is gone: nobody can compute the digest again
        if _to_json(getattr(published, name)) != _to_json(getattr(recomputed, name)):
            yield f"scorecard: {name} differs"


def _cell_differences(cycle: Cycle, recomputed: dict[tuple[Any, ...], Result]) -> Iterator[str]:
    published = {_key(row): row for row in Result.objects.filter(cycle=cycle)}
    for key in sorted({*published, *recomputed}, key=str):
        yield from _row_differences(key, published.get(key), recomputed.get(key))


def _row_differences(
    key: tuple[Any, ...], published: Result | None, recomputed: Result | None
) -> Iterator[str]:
    name = " ".join(map(str, key))
    if published is None or recomputed is None:
        yield f"{name}: {'was not published' if published is None else 'is not found again'}"
        return
    for column in CELL_FIELDS:
        old, new = _to_json(getattr(published, column)), _to_json(getattr(recomputed, column))
        if old != new:
            yield f"{name}: {column} was published as {old}, computed again as {new}"


def _key(row: Result) -> tuple[UUID, str, str, str]:
    return (row.node_id, row.subject_type, row.subject, row.kind)


def _to_json(value: Any) -> str:
    """Return the value as JSON, so that decimals, lists and tuples compare equal to what is stored."""
    return json.dumps(value, sort_keys=True, default=str)
