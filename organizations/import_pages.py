"""What the pages of imports share: files that are carried between two requests, choices, and their questions.

Nothing is stored between the steps. A file is carried in the page, signed for this person and this
organization and for one hour, so what is confirmed is what was shown, to the byte.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _

from organizations.access import TenantRequest
from organizations.tables.mapping import LEFT_OUT, MappedColumn
from organizations.tables.table import Question

MAX_AGE_SECONDS = 3600
MAX_SIGNED_LENGTH = 5_500_000  # of all files together, below DATA_UPLOAD_MAX_MEMORY_SIZE
COLUMN, ANSWER = "column-", "answer-"  # what the names of the fields begin with


class _RawSerializer:
    """A serializer that leaves the file as it is, so that the file itself is signed."""

    def dumps(self, content: bytes) -> bytes:
        return content

    def loads(self, content: bytes) -> bytes:
        return content


def _signer(request: TenantRequest, purpose: str) -> signing.TimestampSigner:
    access = request.access
    salt = f"{purpose}:{access.organization_id}:{access.membership_id}"
    return signing.TimestampSigner(salt=salt)


def sign_file(request: TenantRequest, purpose: str, content: bytes) -> str:
    signer = _signer(request, purpose)
    return signer.sign_object(content, serializer=_RawSerializer, compress=True)


def open_file(request: TenantRequest, purpose: str, signed: str) -> bytes:
    """Return the file that was carried. Raises BadSignature if it is old, or not this person's."""
    content: bytes = _signer(request, purpose).unsign_object(
        signed, serializer=_RawSerializer, max_age=MAX_AGE_SECONDS
    )
    return content


def posted(data: QueryDict, beginning: str) -> dict[str, str]:
    """Return the fields whose names begin so, by the rest of their names."""
    return {
        name.removeprefix(beginning): value
        for name, value in data.items()
        if name.startswith(beginning) and isinstance(value, str) and value
    }


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column as it stands on the page: what it may mean, what it means now, and what is to be said."""

    field: str  # of the form
    name: str
    letter: str
    samples: str
    options: Sequence[tuple[str, str, bool]]  # value, label, whether it holds
    state: str
    remark: str


def column_rows(
    columns: Iterable[MappedColumn],
    choices: Sequence[tuple[str, str]],
    *,
    prefix: str = "",
    remarks: Mapping[int, str],
) -> list[ColumnRow]:
    """Return the columns for the page. `choices` are field -> label; `remarks` what is known of a column."""
    labels = {label.casefold(): label for _field, label in choices}
    rows = []
    for column in columns:
        remark = remarks.get(column.index, "")
        if column.is_unknown:
            near = difflib.get_close_matches(
                column.column.name.casefold(), labels, n=1, cutoff=0.75
            )
            remark = _("Not recognized, so it's left out.")
            if near:
                remark = _("Not recognized. Did you mean %(near)s?") % {"near": labels[near[0]]}
        elif column.origin == "remembered":
            remark = remark or _("As in your last file")
        rows.append(_column_row(column, choices, prefix, remark))
    return rows


def _column_row(
    column: MappedColumn, choices: Sequence[tuple[str, str]], prefix: str, remark: str
) -> ColumnRow:
    left_out = not column.field and not column.is_unknown
    options = [("", _("Choose…"), True)] if column.is_unknown else []
    options.append((LEFT_OUT, _("Don't import"), left_out))
    options += [(field, label, field == column.field) for field, label in choices]
    return ColumnRow(
        field=f"{prefix}{COLUMN}{column.key}",
        name=column.column.name,
        letter=column.column.letter,
        samples=", ".join(column.column.samples),
        options=options,
        state=column.state,
        remark=remark,
    )


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question as it stands on the page, with its answers: value, words, whether it holds."""

    field: str
    text: str
    answers: Sequence[tuple[str, str, bool]]
    is_open: bool


def question_rows(
    questions: Iterable[Question], answers: Mapping[str, str], *, prefix: str = ""
) -> list[QuestionRow]:
    return [
        QuestionRow(
            field=f"{prefix}{ANSWER}{question.key}",
            text=question.words.sentence(_),
            answers=[
                (each.value, each.words.sentence(_), each.value == question.answer(answers))
                for each in question.choices
            ],
            is_open=question.is_open(answers),
        )
        for question in questions
    ]


def state_counts(columns: Iterable[MappedColumn]) -> dict[str, int]:
    """Return how many columns are in use, to be checked, and left out."""
    states = [column.state for column in columns]
    return {state: states.count(state) for state in ("auto", "ask", "off")}
