"""Someone's place in a survey, and what they have answered so far.

The place is known by two numbers, the cycle and the membership; the answers are found by a key that
only the organization's secret makes (`keys`), so that no row says whose they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404

from assessments.models import Cycle, Participation
from assessments.rubric_editions import rubric_by_digest
from assessments.rubrics import Rubric
from assessments.survey import response_keys
from assessments.survey.devices import SurveyVisitor, giver_mark
from assessments.survey.progress import StoredAnswers, WrittenComment
from assessments.survey.questionnaire import answer_count
from organizations.models import Organization
from organizations.pseudonyms import keyed_hash
from organizations.tenancy.scope import bound_organization

KINDS = ("performance", "importance", "exposure")
# What was frozen when a cycle opened is read once a minute and process; the secret of an unlinked
# cycle, which is destroyed at the close, is not kept longer than that.
CACHE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SurveyRespondent:
    """All that is needed to find someone's answers, and to write them from one device."""

    cycle: UUID
    membership: UUID
    visitor: SurveyVisitor
    digest: str  # of the edition
    rubric: Rubric
    secret: bytes

    @property
    def key(self) -> bytes:
        return response_keys.response_key(self.secret, self.membership)

    def comment_key(self, capability: str) -> bytes:
        return response_keys.comment_key(self.secret, self.membership, self.cycle, capability)

    @property
    def comment_keys(self) -> list[bytes]:
        return [self.comment_key(item.slug) for item in self.rubric.capabilities]

    @property
    def devices(self) -> tuple[str, ...]:
        """The secrets of whose answers may be shown to this visitor, the writing one first."""
        return self.visitor.devices(self.secret, self.cycle)

    def marks(self, row: bytes) -> list[int]:
        """The marks of this visitor in a row of that key, the writing device's first."""
        return [giver_mark(self.secret, device, row) for device in self.devices]

    @property
    def consent_marks(self) -> list[int]:
        return self.marks(keyed_hash(self.secret, "consent", str(self.membership), str(self.cycle)))

    @property
    def shelf(self) -> str:
        """Where a browser keeps what is not saved yet: another one for every person and device."""
        parts = (str(self.membership), str(self.cycle), *self.devices[:1])
        return keyed_hash(self.secret, "shelf", *parts).hex()[:16]


@dataclass(frozen=True, slots=True)
class SurveyParticipation:
    """How someone stands in a cycle."""

    cycle: Cycle
    membership: UUID
    language: str
    speaks: str
    rubric: Rubric
    digest: str
    salt: bytes | None  # of the organization

    @property
    def leads(self) -> bool:
        return self.speaks == Participation.Speaks.LEAD

    def is_open_at(self, moment: datetime) -> bool:
        return self.cycle.takes_answers_at(moment)

    def seat(self, visitor: SurveyVisitor) -> SurveyRespondent:
        """Only while the cycle is open: the secret may be destroyed afterwards."""
        secret = response_keys.cycle_secret(self.cycle, Organization(salt=self.salt))
        return SurveyRespondent(
            self.cycle.pk, self.membership, visitor, self.digest, self.rubric, secret
        )


_STANDING = """
SELECT c.id, c.organization_id, c.name, c.rubric, c.segment, c.stage, c.mode, c.threshold,
       c.comment_threshold, c.salt, c.opened_at, c.closes_at, c.edition_id,
       e.digest AS edition_digest, o.salt AS organization_salt,
       p.membership_id AS membership, m.language, p.speaks
  FROM assessments_participation p
  JOIN assessments_cycle c ON c.organization_id = p.organization_id AND c.id = p.cycle_id
  JOIN assessments_rubricedition e ON e.organization_id = c.organization_id AND e.id = c.edition_id
  JOIN organizations_membership m
    ON m.organization_id = p.organization_id AND m.id = p.membership_id AND m.suspended_at IS NULL
  JOIN organizations_organization o ON o.id = p.organization_id
 WHERE p.organization_id = %s AND p.cycle_id = %s AND
"""


def find_participation(cycle: UUID, membership: UUID) -> SurveyParticipation:
    """1 statement. Raises Http404 for a cycle that does not ask this person."""
    return _standing("p.membership_id = %s", cycle, membership)


def find_participation_by_link(cycle: UUID, token_hash: bytes) -> SurveyParticipation:
    """1 statement. Raises Http404 for a link that does not hold any more."""
    return _standing("p.token_hash = %s", cycle, token_hash)


def _standing(which: str, cycle: UUID, whose: UUID | bytes) -> SurveyParticipation:
    found: list[Any] = list(
        Cycle.objects.raw(_STANDING + which, [bound_organization(), cycle, whose])
    )
    if not found:
        raise Http404
    row = found[0]
    return SurveyParticipation(
        cycle=row,
        membership=row.membership,
        language=row.language,
        speaks=row.speaks,
        rubric=rubric_by_digest(row.organization_id, row.edition_id, row.edition_digest),
        digest=row.edition_digest,
        salt=row.organization_salt,
    )


# (organization, cycle) -> until when, digest, rubric, secret
_kept: dict[tuple[UUID, UUID], tuple[float, str, Rubric, bytes]] = {}


def find_respondent(cycle: UUID, membership: UUID, visitor: SurveyVisitor) -> SurveyRespondent:
    """Mostly without a statement. Does not say that the cycle asks this person or is open: the
    statement that writes does."""
    now, place = time.monotonic(), (bound_organization(), cycle)
    for old in [one for one, (until, *_rest) in list(_kept.items()) if until < now]:
        _kept.pop(old, None)
    kept = _kept.get(place)
    if kept is not None:
        return SurveyRespondent(cycle, membership, visitor, *kept[1:])
    stands = find_participation(cycle, membership)
    if stands.cycle.stage != Cycle.Stage.OPEN:
        raise SurveyClosed
    found = stands.seat(visitor)
    _kept[place] = (now + CACHE_SECONDS, found.digest, found.rubric, found.secret)
    return found


class SurveyClosed(Exception):
    """The cycle takes no more answers; what was typed is shown again, not stored."""


def forget_secret(cycle: UUID) -> None:
    """The cycle is over: its secret is not kept here either."""
    _kept.pop((bound_organization(), cycle), None)


# --- What was answered ------------------------------------------------------------------------

_GIVEN = """
SELECT r.performance, r.importance, r.exposure, r.versions, r.givers, r.sent, r.sender,
       (SELECT json_agg(json_build_array(encode(c.key, 'hex'), c.giver, c.text, c.evidence))
          FROM assessments_comment c
         WHERE c.organization_id = %s AND c.cycle_id = %s AND c.key = ANY(%s))
  FROM (SELECT 1) AS always
  LEFT JOIN assessments_response r
    ON r.organization_id = %s AND r.cycle_id = %s AND r.key = %s
"""


def fetch_answers(seat: SurveyRespondent) -> StoredAnswers:
    """Everything that this visitor gave, comments included; what another device gave, or replaced
    since, is as if it were not there. 1 statement."""
    mine = {seat.comment_key(item.slug): item.slug for item in seat.rubric.capabilities}
    where = [bound_organization(), seat.cycle]
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [*where, list(mine), *where, seat.key])
        *stored, versions, givers, sent, sender, remarks = cursor.fetchone()
    widths, marks = [answer_count(seat.rubric, kind) for kind in KINDS], seat.marks(seat.key)
    own = [giver in marks for giver in _padded(givers, sum(widths))]
    places = iter(own)

    def shown(row: list[Any] | None, count: int) -> tuple[Any, ...]:
        return tuple(value if next(places) else None for value in _padded(row, count))

    return StoredAnswers(
        values={
            kind: shown(row, count) for kind, row, count in zip(KINDS, stored, widths, strict=True)
        },
        versions=tuple(
            number or 0 if is_own else 0
            for number, is_own in zip(_padded(versions, len(own)), own, strict=True)
        ),
        remarks=dict(_own_remarks(seat, mine, remarks or ())),
        sent=bool(sent) and sender in marks,
    )


def _own_remarks(
    seat: SurveyRespondent, mine: Mapping[bytes, str], remarks: Iterable[Any]
) -> Iterator[tuple[str, WrittenComment]]:
    for hexadecimal, giver, *written in remarks:
        key = bytes.fromhex(hexadecimal)
        if giver in seat.marks(key):
            yield mine[key], WrittenComment(*written)


def _padded(row: list[Any] | None, count: int) -> list[Any]:
    """A row that was only begun is shorter than the edition."""
    found = list(row or ())[:count]
    return found + [None] * (count - len(found))


def comment_digest(remark: WrittenComment) -> str:
    """Recognises a remark without repeating it. The database makes the same (`answering`)."""
    if remark == WrittenComment():
        return ""
    whole = f"{remark.text}\x1f{remark.evidence}"
    return sha256(whole.encode()).hexdigest()[:16]
