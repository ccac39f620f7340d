"""Check whether a closed cycle, computed again, gives what was published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.cycles.scoring_run import (
    ScoringInput,
    ScoringOutput,
    compute_results,
    fetch_input,
)
from assessments.models import Cycle, Result, Scorecard
from assessments.scoring.publish.publish import METHOD_VERSION

INPUT_FIELDS = ("edition_digest", "input_digest")  # the same in every version of the method
SCORECARD_FIELDS = (*INPUT_FIELDS, "method", "discarded", "participation", "summary")
CELL_FIELDS = tuple(
    field.attname
    for field in Result._meta.concrete_fields
    if field.attname not in ("id", "organization_id", "scorecard_id")
)
ResultKey = tuple[UUID, str, str, str]  # node, subject type, subject, kind
MAX_DIFFERENCES = 20  # of one cycle; more would not help to find the cause


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The outcome of checking one cycle."""

    answers_removed: bool = False
    older_method: str = ""  # the method of the close, where it is not today's
    differences: tuple[str, ...] = ()
    older_scorecards: int = 0  # kept since the cycle was computed anew, and never shown

    @property
    def is_same(self) -> bool:
        return not (self.answers_removed or self.older_method or self.differences)


def verify(cycle: Cycle) -> VerificationResult:
    """Compute again what is shown, and return the differences. Changes nothing. Of what an older method
    published only whether its answers are still the same can be checked."""
    card = Scorecard.objects.current().get(cycle=cycle)
    older_scorecards = Scorecard.objects.filter(cycle=cycle, current=False).count()
    scoring_input = fetch_input(cycle)
    if answers_removed(card, scoring_input):
        return VerificationResult(answers_removed=True, older_scorecards=older_scorecards)
    recomputed = compute_results(cycle, scoring_input)
    if card.method != METHOD_VERSION:
        return VerificationResult(
            older_method=card.method,
            differences=tuple(input_differences(card, recomputed)),
            older_scorecards=older_scorecards,
        )
    published = Result.objects.filter(scorecard=card)
    differences = tuple(output_differences(card, published, recomputed))
    shown = differences[:MAX_DIFFERENCES]
    if len(differences) > MAX_DIFFERENCES:
        shown += (f"and {len(differences) - MAX_DIFFERENCES} more differences",)
    return VerificationResult(differences=shown, older_scorecards=older_scorecards)


def answers_removed(card: Scorecard, scoring_input: ScoringInput) -> bool:
    """Return whether fewer answers are there than were scored, in the cycle or in those it is compared
    with; an older method knew only the one before."""
    counts = zip(scoring_input.responses, card.summary["responses"], strict=False)
    return any(count_now < count_then for count_now, count_then in counts)


def input_differences(card: Scorecard, recomputed: ScoringOutput) -> Iterator[str]:
    """Yield in what the answers and the edition are not those that were scored."""
    return _card_differences(card, recomputed.scorecard, INPUT_FIELDS)


def output_differences(
    card: Scorecard, published: Iterable[Result], recomputed: ScoringOutput
) -> Iterator[str]:
    """Yield in what the published scorecard and its results differ from those computed again."""
    yield from _card_differences(card, recomputed.scorecard, SCORECARD_FIELDS)
    yield from _cell_differences(
        {result_key(row): row for row in published},
        {result_key(row): row for row in recomputed.results},
    )


def _card_differences(
    published: Scorecard, recomputed: Scorecard, names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        if name == "input_digest" and not recomputed.input_digest:
            continue  # the organization's salt is gone: nobody can compute the digest again
        if _to_json(getattr(published, name)) != _to_json(getattr(recomputed, name)):
            yield f"scorecard: {name} differs"


def _cell_differences(
    published: Mapping[ResultKey, Result], recomputed: Mapping[ResultKey, Result]
) -> Iterator[str]:
    for key in sorted({*published, *recomputed}, key=str):
        yield from _row_differences(key, published.get(key), recomputed.get(key))


def _row_differences(
    key: ResultKey, published: Result | None, recomputed: Result | None
) -> Iterator[str]:
    name = " ".join(map(str, key))
    if published is None or recomputed is None:
        yield f"{name}: {'was not published' if published is None else 'is not found again'}"
        return
    for column in CELL_FIELDS:
        old, new = _to_json(getattr(published, column)), _to_json(getattr(recomputed, column))
        if old != new:
            yield f"{name}: {column} was published as {old}, computed again as {new}"


def result_key(row: Result) -> ResultKey:
    """Return by what the same result is found in another scorecard of the cycle."""
    return (row.node_id, row.subject_type, row.subject, row.kind)


def _to_json(value: Any) -> str:
    """Return the value as JSON, so that decimals, lists and tuples compare equal to what is stored."""
    return json.dumps(value, sort_keys=True, default=str)
