"""Who answers a survey, and what they have answered so far.

A respondent is known by two ids, the cycle and the membership; the answers are found by a key that
only the organization's secret makes (`response_keys`), so that no row says whose they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404

from assessments.models import Cycle, Participation
from assessments.results.shared_results import SharedResults
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
# What was frozen when a cycle opened is read once a minute and process. The secret of an unlinked
# cycle is destroyed at the close, and stays in memory no longer than that.
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
        """The device secrets whose answers may be shown to this visitor, the writing device's first."""
        return self.visitor.devices(self.secret, self.cycle)

    def marks(self, row: bytes) -> list[int]:
        """Return the marks of this visitor's devices in the row with that key, the writing one's first."""
        return [giver_mark(self.secret, device, row) for device in self.devices]

    @property
    def consent_marks(self) -> list[int]:
        return self.marks(keyed_hash(self.secret, "consent", str(self.membership), str(self.cycle)))

    @property
    def storage_key(self) -> str:
        """The name under which a browser stores what is not saved yet; differs by person and device."""
        parts = (str(self.membership), str(self.cycle), *self.devices[:1])
        return keyed_hash(self.secret, "storage_key", *parts).hex()[:16]


@dataclass(frozen=True, slots=True)
class SurveyParticipation:
    """That a cycle asks someone, and all that is needed to show them the survey."""

    cycle: Cycle
    membership: UUID
    language: str
    answers_as: str
    rubric: Rubric
    digest: str
    salt: bytes | None  # of the organization
    organization: str  # its name
    zone: str  # its time zone
    shared: SharedResults

    @property
    def leads(self) -> bool:
        return self.answers_as == Participation.AnswersAs.LEAD

    def is_open_at(self, moment: datetime) -> bool:
        return self.cycle.takes_answers_at(moment)

    def seat(self, visitor: SurveyVisitor) -> SurveyRespondent:
        """Return the respondent. Only while the cycle is open: the secret may be destroyed afterwards."""
        secret = response_keys.cycle_secret(self.cycle, Organization(salt=self.salt))
        return SurveyRespondent(
            self.cycle.pk, self.membership, visitor, self.digest, self.rubric, secret
        )


_SELECT_PARTICIPATION = """
SELECT c.id, c.organization_id, c.name, c.rubric, c.segment, c.stage, c.mode, c.threshold,
       c.comment_threshold, c.salt, c.opened_at, c.closes_at, c.closed_at, c.edition_id,
       e.digest AS edition_digest, o.salt AS organization_salt,
       o.name AS organization_name, o.time_zone, o.results_by_link, o.members_see_capabilities,
       p.membership_id AS membership, m.language, p.answers_as
  FROM assessments_participation p
  JOIN assessments_cycle c ON c.organization_id = p.organization_id AND c.id = p.cycle_id
  JOIN assessments_rubricedition e ON e.organization_id = c.organization_id AND e.id = c.edition_id
  JOIN organizations_membership m
    ON m.organization_id = p.organization_id AND m.id = p.membership_id AND m.suspended_at IS NULL
  JOIN organizations_organization o ON o.id = p.organization_id
 WHERE p.organization_id = %s AND p.cycle_id = %s AND
"""


def find_participation(cycle: UUID, membership: UUID) -> SurveyParticipation:
    """Return the participation. 1 statement. Raises Http404 for a cycle that does not ask this person."""
    return _find_participation("p.membership_id = %s", cycle, membership)


def find_participation_by_link(cycle: UUID, token_hash: bytes) -> SurveyParticipation:
    """Return the participation. 1 statement. Raises Http404 for a link that is not valid any more."""
    return _find_participation("p.token_hash = %s", cycle, token_hash)


def _find_participation(condition: str, cycle: UUID, value: UUID | bytes) -> SurveyParticipation:
    rows: list[Any] = list(
        Cycle.objects.raw(_SELECT_PARTICIPATION + condition, [bound_organization(), cycle, value])
    )
    if not rows:
        raise Http404
    row = rows[0]
    return SurveyParticipation(
        cycle=row,
        membership=row.membership,
        language=row.language,
        answers_as=row.answers_as,
        rubric=rubric_by_digest(row.organization_id, row.edition_id, row.edition_digest),
        digest=row.edition_digest,
        salt=row.organization_salt,
        organization=row.organization_name,
        zone=row.time_zone,
        shared=SharedResults(
            row.closed_at,
            by_link=row.results_by_link,
            capabilities=row.members_see_capabilities
            or row.answers_as == Participation.AnswersAs.LEAD,
        ),
    )


# (organization, cycle) -> until when, digest, rubric, secret
_kept: dict[tuple[UUID, UUID], tuple[float, str, Rubric, bytes]] = {}


def find_respondent(cycle: UUID, membership: UUID, visitor: SurveyVisitor) -> SurveyRespondent:
    """Return the respondent, mostly without a statement. Does not check that the cycle asks this person
    or is open: the statement that writes does. Raises SurveyClosed if the cycle is known not to be."""
    now, cache_key = time.monotonic(), (bound_organization(), cycle)
    for old in [key for key, (until, *_rest) in list(_kept.items()) if until < now]:
        _kept.pop(old, None)
    cached = _kept.get(cache_key)
    if cached is not None:
        return SurveyRespondent(cycle, membership, visitor, *cached[1:])
    participation = find_participation(cycle, membership)
    if participation.cycle.stage != Cycle.Stage.OPEN:
        raise SurveyClosed
    respondent = participation.seat(visitor)
    _kept[cache_key] = (
        now + CACHE_SECONDS,
        respondent.digest,
        respondent.rubric,
        respondent.secret,
    )
    return respondent


class SurveyClosed(Exception):
    """The cycle takes no more answers; what was typed is shown again, not stored."""


def forget_secret(cycle: UUID) -> None:
    """Drop the secret of a cycle that is over from the memory of this process."""
    _kept.pop((bound_organization(), cycle), None)


# --- What was answered ------------------------------------------------------------------------

_SELECT_ANSWERS = """
SELECT r.performance, r.importance, r.exposure, r.versions, r.givers, r.sent, r.sender,
       (SELECT json_agg(json_build_array(encode(c.key, 'hex'), c.giver, c.text, c.evidence))
          FROM assessments_comment c
         WHERE c.organization_id = %s AND c.cycle_id = %s AND c.key = ANY(%s))
  FROM (SELECT 1) AS always
  LEFT JOIN assessments_response r
    ON r.organization_id = %s AND r.cycle_id = %s AND r.key = %s
"""


def fetch_answers(respondent: SurveyRespondent) -> StoredAnswers:
    """Return everything that this visitor's devices gave, comments included. What another device gave,
    or replaced since, is left out. 1 statement."""
    capability_by_key = {
        respondent.comment_key(item.slug): item.slug for item in respondent.rubric.capabilities
    }
    scope = [bound_organization(), respondent.cycle]
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_ANSWERS, [*scope, list(capability_by_key), *scope, respondent.key])
        *stored, versions, givers, sent, sender, comments = cursor.fetchone()
    widths, marks = (
        [answer_count(respondent.rubric, kind) for kind in KINDS],
        respondent.marks(respondent.key),
    )
    own = [giver in marks for giver in _padded(givers, sum(widths))]
    ownership = iter(own)

    def shown(row: list[Any] | None, count: int) -> tuple[Any, ...]:
        return tuple(value if next(ownership) else None for value in _padded(row, count))

    return StoredAnswers(
        values={
            kind: shown(row, count) for kind, row, count in zip(KINDS, stored, widths, strict=True)
        },
        versions=tuple(
            number or 0 if is_own else 0
            for number, is_own in zip(_padded(versions, len(own)), own, strict=True)
        ),
        comments=dict(_own_comments(respondent, capability_by_key, comments or ())),
        sent=bool(sent) and sender in marks,
    )


def _own_comments(
    respondent: SurveyRespondent, capability_by_key: Mapping[bytes, str], comments: Iterable[Any]
) -> Iterator[tuple[str, WrittenComment]]:
    for hex_key, giver, *written in comments:
        key = bytes.fromhex(hex_key)
        if giver in respondent.marks(key):
            yield capability_by_key[key], WrittenComment(*written)


def _padded(row: list[Any] | None, count: int) -> list[Any]:
    """Return the row in full length: one that was only begun is shorter than the edition."""
    values = list(row or ())[:count]
    return values + [None] * (count - len(values))


def comment_digest(comment: WrittenComment) -> str:
    """Return a digest of a comment, to recognise it. The database makes the same one (`answers._SEEN`)."""
    if comment == WrittenComment():
        return ""
    text = f"{comment.text}\x1f{comment.evidence}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()[:16]
