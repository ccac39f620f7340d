"""Someone's place in a survey, and what they have answered so far.

The place is known by two numbers, the cycle and the membership; the answers are found by a key that
only the organization's secret makes (`keys`), so that no row says whose they are.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404

from assessments import keys
from assessments.editions import rubric_known_by
from assessments.models import Cycle, Participation
from assessments.questionnaire import Given, Remark, width
from assessments.rubric import Rubric
from organizations.models import Organization
from organizations.pseudonyms import keyed
from organizations.tenancy import bound_organization

KINDS = ("performance", "importance", "exposure")
# What was frozen when a cycle opened is read once a minute and process; the secret of an unlinked
# cycle, which is destroyed at the close, is not kept longer than that.
KEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seat:
    """All that is needed to find and to write someone's own answers."""

    cycle: UUID
    membership: UUID
    digest: str  # of the edition
    rubric: Rubric
    secret: bytes

    @property
    def key(self) -> bytes:
        return keys.response_key(self.secret, self.membership)

    def comment_key(self, capability: str) -> bytes:
        return keys.comment_key(self.secret, self.membership, self.cycle, capability)

    @property
    def shelf(self) -> str:
        """Where a device keeps what is not saved yet: another one for everyone who shares it."""
        return keyed(self.secret, "shelf", str(self.membership), str(self.cycle)).hex()[:16]


@dataclass(frozen=True, slots=True)
class Standing:
    """How someone stands in a cycle."""

    cycle: Cycle
    membership: UUID
    language: str
    speaks: str
    named: bool | None
    finished: bool
    rubric: Rubric
    digest: str
    salt: bytes | None  # of the organization

    @property
    def leads(self) -> bool:
        return self.speaks == Participation.Speaks.LEAD

    @property
    def must_decide(self) -> bool:
        """A lead is asked first whether their ratings may be shown by name."""
        return self.leads and self.named is None

    def is_open_at(self, moment: datetime) -> bool:
        return self.cycle.takes_answers_at(moment)

    @property
    def seat(self) -> Seat:
        """Only while the cycle is open: the secret may be destroyed afterwards."""
        secret = keys.secret_of(self.cycle, Organization(salt=self.salt))
        return Seat(self.cycle.pk, self.membership, self.digest, self.rubric, secret)


_STANDING = """
SELECT c.id, c.organization_id, c.name, c.rubric, c.segment, c.stage, c.mode, c.threshold,
       c.comment_threshold, c.salt, c.opened_at, c.closes_at, c.edition_id,
       e.digest AS edition_digest, o.salt AS organization_salt,
       p.membership_id AS membership, m.language, p.speaks, p.named, p.finished
  FROM assessments_participation p
  JOIN assessments_cycle c ON c.organization_id = p.organization_id AND c.id = p.cycle_id
  JOIN assessments_rubricedition e ON e.organization_id = c.organization_id AND e.id = c.edition_id
  JOIN organizations_membership m
    ON m.organization_id = p.organization_id AND m.id = p.membership_id AND m.suspended_at IS NULL
  JOIN organizations_organization o ON o.id = p.organization_id
 WHERE p.organization_id = %s AND p.cycle_id = %s AND
"""


def standing(cycle: UUID, membership: UUID) -> Standing:
    """1 statement. Raises Http404 for a cycle that does not ask this person."""
    return _standing("p.membership_id = %s", cycle, membership)


def standing_by_link(cycle: UUID, token_hash: bytes) -> Standing:
    """1 statement. Raises Http404 for a link that does not hold any more."""
    return _standing("p.token_hash = %s", cycle, token_hash)


def _standing(which: str, cycle: UUID, whose: UUID | bytes) -> Standing:
    found: list[Any] = list(
        Cycle.objects.raw(_STANDING + which, [bound_organization(), cycle, whose])
    )
    if not found:
        raise Http404
    row = found[0]
    return Standing(
        cycle=row,
        membership=row.membership,
        language=row.language,
        speaks=row.speaks,
        named=row.named,
        finished=row.finished,
        rubric=rubric_known_by(row.organization_id, row.edition_id, row.edition_digest),
        digest=row.edition_digest,
        salt=row.organization_salt,
    )


# (organization, cycle) -> until when, digest, rubric, secret
_kept: dict[tuple[UUID, UUID], tuple[float, str, Rubric, bytes]] = {}


def seat(cycle: UUID, membership: UUID) -> Seat:
    """Mostly without a statement. Does not say that the cycle asks this person or is open: the
    statement that writes does."""
    now, place = time.monotonic(), (bound_organization(), cycle)
    for old in [one for one, (until, *_rest) in list(_kept.items()) if until < now]:
        _kept.pop(old, None)
    kept = _kept.get(place)
    if kept is not None:
        return Seat(cycle, membership, *kept[1:])
    stands = standing(cycle, membership)
    if stands.cycle.stage != Cycle.Stage.OPEN:
        raise SurveyClosed
    found = stands.seat
    _kept[place] = (now + KEEP_SECONDS, found.digest, found.rubric, found.secret)
    return found


class SurveyClosed(Exception):
    """The cycle takes no more answers; what was typed is shown again, not stored."""


def forget(cycle: UUID) -> None:
    """The cycle is over: its secret is not kept here either."""
    _kept.pop((bound_organization(), cycle), None)


# --- What was answered ------------------------------------------------------------------------

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
    mine = {seat.comment_key(item.slug): item.slug for item in seat.rubric.capabilities}
    where = [bound_organization(), seat.cycle]
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [*where, list(mine), *where, seat.key])
        *stored, versions, remarks = cursor.fetchone()
    widths = [width(seat.rubric, kind) for kind in KINDS]
    values = zip(KINDS, stored, widths, strict=True)
    return Given(
        values={kind: _whole(row, count, None) for kind, row, count in values},
        versions=_whole(versions, sum(widths), 0),
        remarks={mine[bytes.fromhex(key)]: Remark(*said) for key, *said in remarks or ()},
    )


def nothing(rubric: Rubric) -> Given:
    """Before the first answer."""
    widths = {kind: width(rubric, kind) for kind in KINDS}
    empty: Mapping[str, tuple[int | None, ...]] = {
        kind: (None,) * count for kind, count in widths.items()
    }
    return Given(empty, (0,) * sum(widths.values()), {})


def _whole(row: list[Any] | None, count: int, gap: Any) -> tuple[Any, ...]:
    found = [gap if value is None else value for value in (row or [])[:count]]
    return tuple(found + [gap] * (count - len(found)))


def mark(remark: Remark) -> str:
    """Recognises a remark without repeating it. The database makes the same (`answering`)."""
    if remark == Remark():
        return ""
    whole = f"{remark.text}\x1f{remark.evidence}"
    return sha256(whole.encode()).hexdigest()[:16]
