"""Read what a survey page sends: fields named `kind.subject` for ratings, `comment.subject` and
`evidence.subject` for comments, and for each a `seen.…` field with what the page showed.

A rating's `seen` is `version:value`, so that a whole section can be sent and only what was changed
counts; a comment's `seen` is its digest; either is `none` where this device gave nothing. The last field
of every form is `end`: a form without it was cut off after its last complete field.
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
    """A comment as a page sent it."""

    capability: str
    text: str
    evidence: str
    seen: str


@dataclass(frozen=True, slots=True)
class SentChanges:
    """The answers and comments to store: only what differs from what the page showed."""

    answers: tuple[SentAnswer, ...]
    comments: tuple[SentComment, ...]


def read_changes(form: QueryDict, *, unchanged: bool = False) -> SentChanges:
    """Return what is to be stored; with `unchanged` also what equals what the page showed.

    A form without JavaScript sends a whole section, most of it untouched. The script sends only what
    was touched, with `unchanged`: an answer that was changed and changed back must be stored too,
    because the reply to the save in between may be lost. Raises ValidationError for what none of our
    pages sends.
    """
    return SentChanges(
        tuple(_read_answers(form, unchanged=unchanged)),
        tuple(_read_comments(form, unchanged=unchanged)),
    )


def _read_answers(form: QueryDict, *, unchanged: bool) -> Iterator[SentAnswer]:
    cleared = _names_on_card(form.get("clear", ""))
    names = [name for name in form if name.partition(".")[0] in ALLOWED_CODES and "." in name]
    names += [name for name in cleared if f"seen.{name}" in form]
    for name in dict.fromkeys(names):
        kind, _dot, subject = name.partition(".")
        raw = "" if name in cleared else str(form.get(name, ""))
        version, shown = _parse_seen_answer(_read_seen(form, name))
        if unchanged or shown != raw:
            yield SentAnswer(cast("Kind", kind), subject, _parse_code(raw), version)


def _names_on_card(name: str) -> tuple[str, ...]:
    """Return the names of all ratings on the card of this question."""
    card_kind, _dot, subject = name.partition(".")
    kinds = (EXPOSURE,) if card_kind == EXPOSURE else ("performance", "importance")
    return tuple(f"{kind}.{subject}" for kind in kinds) if subject else ()


def _read_seen(form: QueryDict, name: str) -> str:
    """Return what the page showed. Without it a save could hide that the answer was changed meanwhile."""
    if f"seen.{name}" not in form:
        raise ValidationError(_("This page is out of date. Reload it and answer again."))
    return str(form[f"seen.{name}"])


def _parse_seen_answer(raw: str) -> tuple[int, str]:
    """Return the version and the value that the page showed; version 0 where it showed nothing."""
    version, _colon, value = raw.partition(":")
    number = 0 if raw == NOTHING_SEEN else _parse_number(version)
    if number is None:
        raise _invalid_answer()
    return number, value


def _parse_code(raw: str) -> int | None:
    """Return the chosen code, None if nothing is chosen. Raises ValidationError for what is no number."""
    number = _parse_number(raw)
    if raw and number is None:
        raise _invalid_answer()
    return number


def _parse_number(raw: str) -> int | None:
    """Return a small whole number, or None for everything else."""
    digits = raw.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER
    return int(raw) if is_number else None


def _invalid_answer() -> ValidationError:
    return ValidationError(_("That's not one of the options. Choose one from the list."))


def _read_comments(form: QueryDict, *, unchanged: bool) -> Iterator[SentComment]:
    for name in form:
        kind, _dot, subject = name.partition(".")
        if kind != "comment":
            continue
        text = str(form.get(name, "")).replace("\r\n", "\n").strip()
        evidence = str(form.get(f"evidence.{subject}", "")).strip()
        seen = _read_seen(form, name).replace(NOTHING_SEEN, "")
        if unchanged or comment_digest(WrittenComment(text, evidence)) != seen:
            yield SentComment(subject, text, evidence, seen)


def overlay_typed(form: QueryDict, rubric: Rubric, stored: StoredAnswers) -> StoredAnswers:
    """Return what is stored, overlaid with what was typed: a refused page comes back as it was left."""
    values = {kind: list(row) for kind, row in stored.values.items()}
    for kind, index, name in _questions(rubric):
        number = _parse_number(str(form.get(name, "")))
        if name in form and number in ALLOWED_CODES[kind]:
            values[kind][index] = number
    typed_comments = {
        item.slug: WrittenComment(
            str(form[f"comment.{item.slug}"]), str(form.get(f"evidence.{item.slug}", ""))
        )
        for item in rubric.capabilities
        if f"comment.{item.slug}" in form
    }
    rows: Mapping[str, tuple[int | None, ...]] = {kind: tuple(row) for kind, row in values.items()}
    return replace(stored, values=rows, comments={**stored.comments, **typed_comments})


def _questions(rubric: Rubric) -> Iterator[tuple[str, int, str]]:
    for index, item in enumerate(rubric.capabilities):
        for kind in ("performance", "importance"):
            yield kind, index, f"{kind}.{item.slug}"
    for index in range(answer_count(rubric, EXPOSURE)):
        yield EXPOSURE, index, f"{EXPOSURE}.{index}"
