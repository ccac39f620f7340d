"""Answers are written down here, and only here. Whoever comes by a personal link or signed in, with
or without JavaScript, ends in these verbs.

No line is left of who answered when: no audit, no time, no person in a response.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils.translation import gettext as _

from assessments import keys
from assessments.editions import rubric_of
from assessments.models import Comment, Cycle, Participation, Response, RubricEdition
from assessments.rubric import Rubric
from organizations.models import Organization
from organizations.tenancy import bound_organization

Kind = Literal["performance", "importance", "exposure"]
RATING = frozenset({1, 2, 3, 4, 5, 0, -1, None})
CODES: dict[str, frozenset[int | None]] = {
    "performance": RATING,
    "importance": frozenset({1, 2, 3, 4, 5, None}),
    "exposure": frozenset({1, 2, 3, 4, 5, -1, None}),
}
LONGEST_COMMENT, LONGEST_LINK = 2000, 500


class SurveyClosed(Exception):
    """The cycle takes no more answers; what was typed is shown again, not stored."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One rating. `subject` is a capability's slug, or the place of an exposure question."""

    kind: Kind
    subject: str
    value: int | None
    seen: int | None = None  # the version that the page showed; None: whatever is there


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody, perhaps in another tab, has changed this answer meanwhile."""

    answer: Answer
    value: int | None
    version: int


class AnswersStale(Exception):
    """Nothing was stored, because at least one answer is newer than the page."""

    def __init__(self, stale: list[Stale]) -> None:
        self.stale = stale
        super().__init__(f"{len(stale)} answers are newer than the page")


@dataclass(frozen=True, slots=True)
class Seat:
    """Someone's place in a cycle: all that is needed to show and store their answers."""

    cycle: Cycle
    rubric: Rubric
    secret: bytes
    membership: UUID
    participation: UUID
    node: UUID
    speaks: str
    named: bool | None
    finished: bool

    @property
    def key(self) -> bytes:
        return keys.response_key(self.secret, self.membership)

    @property
    def leads(self) -> bool:
        return self.speaks == Participation.Speaks.LEAD

    @property
    def must_decide(self) -> bool:
        """A lead is asked first whether their ratings may be shown by name."""
        return self.leads and self.named is None


_SEAT = """
SELECT c.id, c.organization_id, c.name, c.rubric, c.segment, c.stage, c.mode, c.threshold,
       c.comment_threshold, c.salt, c.opened_at, c.closes_at, c.closed_at, c.edition_id,
       e.digest AS edition_digest, o.salt AS organization_salt, p.id AS participation,
       p.node_id AS node, p.speaks, p.named, p.finished
  FROM assessments_cycle c
  JOIN assessments_rubricedition e ON e.organization_id = c.organization_id AND e.id = c.edition_id
  JOIN assessments_participation p
    ON p.organization_id = c.organization_id AND p.cycle_id = c.id AND p.membership_id = %s
  JOIN organizations_organization o ON o.id = c.organization_id
 WHERE c.organization_id = %s AND c.id = %s
"""


def seat(cycle: UUID, membership: UUID, *, writing: bool = False) -> Seat:
    """1 statement. Whoever writes shares the cycle's row: the close waits for them, they do not
    wait for each other. Raises Http404 for a cycle that does not ask this person."""
    lock = " FOR SHARE OF c" if writing else ""
    found: list[Any] = list(
        Cycle.objects.raw(_SEAT + lock, [membership, bound_organization(), cycle])
    )
    if not found:
        raise Http404
    row = found[0]
    # The content stays behind; it is fetched only if no one has asked for this digest before.
    edition = RubricEdition.from_db(
        None,
        ["organization_id", "id", "digest"],
        [row.organization_id, row.edition_id, row.edition_digest],
    )
    organization = Organization(id=row.organization_id, salt=row.organization_salt)
    return Seat(
        cycle=row,
        rubric=rubric_of(edition),
        secret=keys.secret_of(row, organization),
        membership=membership,
        participation=row.participation,
        node=row.node,
        speaks=row.speaks,
        named=row.named,
        finished=row.finished,
    )


@dataclass(frozen=True, slots=True)
class Remark:
    text: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Given:
    """What one person has answered so far, in the order of the edition."""

    performance: tuple[int | None, ...]
    importance: tuple[int | None, ...]
    exposure: tuple[int | None, ...]
    versions: tuple[int, ...]  # performance, importance, exposure, one after the other
    remarks: Mapping[str, Remark] = field(default_factory=dict)  # by capability

    def value(self, kind: str, place: int) -> int | None:
        values: tuple[int | None, ...] = getattr(self, kind)
        return values[place]

    def version(self, rubric: Rubric, kind: str, place: int) -> int:
        return self.versions[_offset(rubric, kind) + place]

    @property
    def is_empty(self) -> bool:
        return not any(self.versions)


def _width(rubric: Rubric, kind: str) -> int:
    if kind == "exposure":
        return len(rubric.exposure.questions) if rubric.exposure else 0
    return len(rubric.capabilities)


def offsets(rubric: Rubric) -> dict[str, int]:
    """Where the versions of each kind begin."""
    count = len(rubric.capabilities)
    return {"performance": 0, "importance": count, "exposure": 2 * count}


def _offset(rubric: Rubric, kind: str) -> int:
    return offsets(rubric)[kind]


_GIVEN = """
SELECT r.performance, r.importance, r.exposure, r.versions,
       (SELECT json_agg(json_build_array(encode(c.key, 'hex'), c.text, c.evidence))
          FROM assessments_comment c
         WHERE c.organization_id = %s AND c.cycle_id = %s AND c.key = ANY(%s))
  FROM (SELECT 1) AS always
  LEFT JOIN assessments_response r
    ON r.organization_id = %s AND r.cycle_id = %s AND r.key = %s
"""


def given(seat: Seat) -> Given:
    """Everything of one's own, comments included. 1 statement."""
    mine = {_comment_key(seat, item.slug): item.slug for item in seat.rubric.capabilities}
    where = [seat.cycle.organization_id, seat.cycle.pk]
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [*where, list(mine), *where, seat.key])
        *answers, remarks = cursor.fetchone()
    row = Response(
        **dict(zip(("performance", "importance", "exposure", "versions"), answers, strict=True))
    )
    return replace(
        _given(seat.rubric, row),
        remarks={mine[bytes.fromhex(key)]: Remark(*said) for key, *said in remarks or ()},
    )


def _given(rubric: Rubric, row: Response | None) -> Given:
    def filled(values: list[Any] | None, width: int, gap: Any) -> tuple[Any, ...]:
        whole = list(values or ())[:width]
        return tuple(whole + [gap] * (width - len(whole)))

    widths = {kind: _width(rubric, kind) for kind in CODES}
    values = {kind: filled(getattr(row, kind, None), width, None) for kind, width in widths.items()}
    versions = filled(getattr(row, "versions", None), sum(widths.values()), 0)
    return Given(values["performance"], values["importance"], values["exposure"], versions)


# --- Writing ----------------------------------------------------------------------------------


def save(seat: Seat, answers: Iterable[Answer], *, moment: datetime) -> dict[tuple[str, str], int]:
    """Store answers, all or none; the new version of each by (kind, subject).

    Raises SurveyClosed, ValidationError for what cannot be an answer, AnswersStale.
    """
    wanted = list(answers)
    _must_take_answers(seat, moment)
    places = [(answer, _place(seat.rubric, answer)) for answer in wanted]
    row = _locked(seat)
    if row is None:
        row = _first(seat, places)
        if row is not None:
            return _versions(seat.rubric, row, places)
        row = _locked(seat)  # another tab was a moment earlier
    assert row is not None
    _merge(seat.rubric, row, places)
    row.save(update_fields=["performance", "importance", "exposure", "versions"])
    return _versions(seat.rubric, row, places)


def _must_take_answers(seat: Seat, moment: datetime) -> None:
    if not seat.cycle.takes_answers_at(moment):
        raise SurveyClosed


def _place(rubric: Rubric, answer: Answer) -> int:
    """Where the answer is stored. Whatever is not asked or not on the scale is refused."""
    if answer.value not in CODES.get(answer.kind, ()):
        raise ValidationError(_("This is not one of the answers. Choose one that is offered."))
    if answer.kind == "exposure":
        if answer.subject.isdecimal() and int(answer.subject) < _width(rubric, "exposure"):
            return int(answer.subject)
    elif rubric.capability(answer.subject) is not None:
        return rubric.index_of(answer.subject)
    raise ValidationError(_("This question is not part of the survey. Reload the page."))


def _locked(seat: Seat) -> Response | None:
    rows = Response.objects.select_for_update().filter(cycle=seat.cycle.pk, key=seat.key)
    return rows.first()


def _first(seat: Seat, places: list[tuple[Answer, int]]) -> Response | None:
    """The respondent's row, if nobody made it at the same moment."""
    row = Response(
        id=uuid4(), cycle_id=seat.cycle.pk, node_id=seat.node, key=seat.key, speaks=seat.speaks
    )
    _fill(row, _given(seat.rubric, None))
    _merge(seat.rubric, row, places)
    Response.objects.bulk_create([row], ignore_conflicts=True)
    return row if Response.objects.filter(pk=row.pk).exists() else None


def _fill(row: Response, given: Given) -> None:
    row.performance, row.importance = list(given.performance), list(given.importance)
    row.exposure, row.versions = list(given.exposure), list(given.versions)


def _merge(rubric: Rubric, row: Response, places: list[tuple[Answer, int]]) -> None:
    current = _given(rubric, row)
    stale = [
        Stale(answer, current.value(answer.kind, place), version)
        for answer, place in places
        if answer.seen is not None
        and (version := current.version(rubric, answer.kind, place)) != answer.seen
        and current.value(answer.kind, place) != answer.value
    ]
    if stale:
        raise AnswersStale(stale)
    _fill(row, current)
    for answer, place in places:
        getattr(row, answer.kind)[place] = answer.value
        row.versions[_offset(rubric, answer.kind) + place] += 1


def _versions(
    rubric: Rubric, row: Response, places: list[tuple[Answer, int]]
) -> dict[tuple[str, str], int]:
    return {
        (answer.kind, answer.subject): row.versions[_offset(rubric, answer.kind) + place]
        for answer, place in places
    }


def _comment_key(seat: Seat, capability: str) -> bytes:
    return keys.comment_key(seat.secret, seat.membership, seat.cycle.pk, capability)


def save_comment(
    seat: Seat, *, capability: str, text: str, evidence: str = "", moment: datetime
) -> None:
    """Store, change or (with nothing in it) remove one's remark on a capability."""
    _must_take_answers(seat, moment)
    if seat.rubric.capability(capability) is None:
        raise ValidationError(_("This question is not part of the survey. Reload the page."))
    text, evidence = text.strip(), evidence.strip()
    if len(text) > LONGEST_COMMENT:
        told = _("A comment may have at most %(limit)s characters. Shorten it.")
        raise ValidationError({"text": told % {"limit": LONGEST_COMMENT}})
    if evidence and not _is_link(evidence):
        raise ValidationError({"evidence": _("A link begins with https://. Correct or delete it.")})
    key = _comment_key(seat, capability)
    rows = Comment.objects.filter(cycle=seat.cycle.pk, key=key)
    if not text and not evidence:
        rows.delete()
    elif not rows.update(text=text, evidence=evidence):
        row = Comment(
            cycle_id=seat.cycle.pk,
            node_id=seat.node,
            key=key,
            capability=capability,
            text=text,
            evidence=evidence,
        )
        Comment.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["organization", "cycle", "key"],
            update_fields=["text", "evidence"],
        )


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and len(text) <= LONGEST_LINK


def agree(seat: Seat, *, named: bool, moment: datetime) -> None:
    """A lead says whether their ratings may stand by name beside the team's."""
    _must_take_answers(seat, moment)
    if seat.leads:
        Participation.objects.filter(pk=seat.participation).update(named=named)


def submit(seat: Seat, *, moment: datetime) -> None:
    """Finished. Again and again comes to the same; what is open stays open."""
    _must_take_answers(seat, moment)
    Participation.objects.filter(pk=seat.participation).update(finished=True)


def reopen(seat: Seat, *, moment: datetime) -> None:
    """Until the close everything can be changed."""
    _must_take_answers(seat, moment)
    Participation.objects.filter(pk=seat.participation).update(finished=False)


def withdraw(seat: Seat, *, moment: datetime) -> None:
    """Take back all answers and comments. After the close nobody could say whose they are."""
    _must_take_answers(seat, moment)
    Response.objects.filter(cycle=seat.cycle.pk, key=seat.key).delete()
    own = [_comment_key(seat, item.slug) for item in seat.rubric.capabilities]
    Comment.objects.filter(cycle=seat.cycle.pk, key__in=own).delete()
    Participation.objects.filter(pk=seat.participation).update(finished=False)
