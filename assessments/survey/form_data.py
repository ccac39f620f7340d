"""What a survey page sends: fields named `kind.subject` for ratings, `comment.subject` and
`evidence.subject` for remarks, and beside each a `seen.…` that says what the page showed.

A rating's `seen` is `version:value`, so that a whole section can be sent and only what was changed
counts; a remark's `seen` is its digest; either is `none` where this device gave nothing. The last field
of every form is `end`: without it the form has lost what came after its last whole field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.rubrics import Rubric
from assessments.survey.answers import ALLOWED_CODES, SentAnswer
from assessments.survey.progress import StoredAnswers, WrittenComment
from assessments.survey.questionnaire import EXPOSURE, Kind, answer_count
from assessments.survey.respondents import comment_digest

NOTHING_SEEN = "none"
_LONGEST_NUMBER = 5


@dataclass(frozen=True, slots=True)
class SentComment:
    """A remark as it was sent."""

    capability: str
    text: str
    evidence: str
    seen: str


@dataclass(frozen=True, slots=True)
class SentChanges:
    """What is to be stored: only what differs from what the page showed."""

    answers: tuple[SentAnswer, ...]
    remarks: tuple[SentComment, ...]


def read_changes(form: QueryDict, *, unchanged: bool = False) -> SentChanges:
    """Return what is to be stored; with `unchanged` also what equals what the page showed.

    A whole section holds much that nobody touched. The script sends what was touched: an answer that
    was changed and changed back stands against a save whose reply was lost, and must be stored too.
    Raises ValidationError for what no page of ours would send.
    """
    return SentChanges(
        tuple(_answers(form, unchanged=unchanged)), tuple(_remarks(form, unchanged=unchanged))
    )


def _answers(form: QueryDict, *, unchanged: bool) -> Iterator[SentAnswer]:
    cleared = _on_card(form.get("clear", ""))
    names = [name for name in form if name.partition(".")[0] in ALLOWED_CODES and "." in name]
    names += [name for name in cleared if f"seen.{name}" in form]
    for name in dict.fromkeys(names):
        kind, _dot, subject = name.partition(".")
        raw = "" if name in cleared else str(form.get(name, ""))
        version, was = _seen_answer(_seen(form, name))
        if unchanged or was != raw:
            yield SentAnswer(cast("Kind", kind), subject, _code(raw), version)


def _on_card(name: str) -> tuple[str, ...]:
    """What is answered on the card of this question."""
    kind, _dot, subject = name.partition(".")
    kinds = (EXPOSURE,) if kind == EXPOSURE else ("performance", "importance")
    return tuple(f"{one}.{subject}" for one in kinds) if subject else ()


def _seen(form: QueryDict, name: str) -> str:
    """What the page showed. Without it a save could hide that the answer was changed meanwhile."""
    if f"seen.{name}" not in form:
        raise ValidationError(_("This page is out of date. Reload it and answer again."))
    return str(form[f"seen.{name}"])


def _seen_answer(raw: str) -> tuple[int, str]:
    """The version and the value that the page showed; 0 where it showed nothing."""
    version, _colon, value = raw.partition(":")
    number = 0 if raw == NOTHING_SEEN else _number(version)
    if number is None:
        raise _unfit()
    return number, value


def _code(raw: str) -> int | None:
    """The chosen code; nothing chosen is None. What is no number is no answer."""
    number = _number(raw)
    if raw and number is None:
        raise _unfit()
    return number


def _number(raw: str) -> int | None:
    """A small whole number, or None for everything else."""
    digits = raw.removeprefix("-")
    fits = digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER
    return int(raw) if fits else None


def _unfit() -> ValidationError:
    return ValidationError(_("This is not one of the answers. Choose one that is offered."))


def _remarks(form: QueryDict, *, unchanged: bool) -> Iterator[SentComment]:
    for name in form:
        kind, _dot, subject = name.partition(".")
        if kind != "comment":
            continue
        text = str(form.get(name, "")).replace("\r\n", "\n").strip()
        evidence = str(form.get(f"evidence.{subject}", "")).strip()
        seen = _seen(form, name).replace(NOTHING_SEEN, "")
        if unchanged or comment_digest(WrittenComment(text, evidence)) != seen:
            yield SentComment(subject, text, evidence, seen)


def overlay_typed(form: QueryDict, rubric: Rubric, given: StoredAnswers) -> StoredAnswers:
    """What is stored, overlaid with what was typed: a refused page comes back as it was left."""
    values = {kind: list(row) for kind, row in given.values.items()}
    for kind, place, name in _questions(rubric):
        number = _number(str(form.get(name, "")))
        if name in form and number in ALLOWED_CODES[kind]:
            values[kind][place] = number
    said = {
        item.slug: WrittenComment(
            str(form[f"comment.{item.slug}"]), str(form.get(f"evidence.{item.slug}", ""))
        )
        for item in rubric.capabilities
        if f"comment.{item.slug}" in form
    }
    rows: Mapping[str, tuple[int | None, ...]] = {kind: tuple(row) for kind, row in values.items()}
    return replace(given, values=rows, remarks={**given.remarks, **said})


def _questions(rubric: Rubric) -> Iterator[tuple[str, int, str]]:
    for place, item in enumerate(rubric.capabilities):
        for kind in ("performance", "importance"):
            yield kind, place, f"{kind}.{item.slug}"
    for place in range(answer_count(rubric, EXPOSURE)):
        yield EXPOSURE, place, f"{EXPOSURE}.{place}"
