"""Answers are written down here, and only here: whoever comes by a personal link or signed in, with or
without JavaScript, ends in these verbs.

No line is left of who answered when: no audit, no time, no person in a response. Every verb is one
statement that shares the cycle's row: the close waits for it, or it finds the cycle closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from assessments.rubrics import Rubric
from assessments.survey import respondents
from assessments.survey.progress import WrittenComment
from assessments.survey.questionnaire import (
    EXPOSURE,
    Kind,
    answer_count,
    version_offsets,
)
from assessments.survey.respondents import KINDS, SurveyClosed, SurveyRespondent
from organizations.tenancy.scope import bound_organization
from organizations.text import is_web_link

ALLOWED_CODES: dict[str, frozenset[int | None]] = {
    "performance": frozenset({1, 2, 3, 4, 5, 0, -1, None}),
    "importance": frozenset({1, 2, 3, 4, 5, None}),
    "exposure": frozenset({1, 2, 3, 4, 5, -1, None}),
}
MAX_COMMENT_LENGTH, MAX_LINK_LENGTH = 2000, 500
_ATTEMPTS = 3  # of a write that a twin in another tab got in the way of


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """One rating. `subject` is a capability's slug, or the place of an exposure question."""

    kind: Kind
    subject: str
    value: int | None
    seen: int | None = None  # the version that the page showed; None: whatever is there


@dataclass(frozen=True, slots=True)
class StaleAnswer:
    """Another window of the same device has changed this answer meanwhile."""

    answer: SentAnswer
    value: int | None
    version: int


class AnswersStale(Exception):
    """Nothing was stored, because at least one answer is newer than the page."""

    def __init__(self, stale: Sequence[StaleAnswer]) -> None:
        self.stale = stale
        super().__init__(f"{len(stale)} answers are newer than the page")


class CommentStale(Exception):
    """Nothing was stored, because the comment was changed elsewhere meanwhile."""

    def __init__(self, capability: str, remark: WrittenComment) -> None:
        self.capability, self.remark = capability, remark
        super().__init__(f"the comment on {capability} is newer than the page")


# The one row that says whether this person may write now: shared until the transaction ends.
_OPEN = """
WITH open AS (
    SELECT p.organization_id, p.cycle_id, p.membership_id, p.node_id, p.speaks
      FROM assessments_cycle c
      JOIN assessments_participation p
        ON p.organization_id = c.organization_id AND p.cycle_id = c.id
     WHERE c.organization_id = %(organization)s AND c.id = %(cycle)s
       AND c.stage = 'open' AND c.closes_at > %(moment)s AND p.membership_id = %(membership)s
       FOR SHARE OF c)
"""


def _write(
    seat: SurveyRespondent, moment: datetime, statement: str, **values: Any
) -> list[tuple[Any, ...]]:
    """What the statement returned; nothing where the person may not write now, or nothing fitted."""
    where: dict[str, Any] = {
        "organization": bound_organization(),
        "cycle": seat.cycle,
        "membership": seat.membership,
        "moment": moment,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN + statement, where | values)
        return list(cursor.fetchall())


def _refuse_unless_open(seat: SurveyRespondent, moment: datetime) -> None:
    """Raises SurveyClosed, or Http404 for someone who is not asked (any more)."""
    if not respondents.find_participation(seat.cycle, seat.membership).is_open_at(moment):
        respondents.forget_secret(seat.cycle)
        raise SurveyClosed


# --- Ratings ----------------------------------------------------------------------------------

MAX_CHANGES = 32_000  # of one answer, before its version begins again: it is a small number
# The respondent's own row: made, or changed in just the given elements, unless one of them was changed
# by the same device since the page was made. A version counts the changes of one device and begins
# anew with the next, so that what is told to a device does not depend on what others did. An answer that
# is given again by a page that knows it counts too: a save that is still on its way is older then.
_UPSERT = """
INSERT INTO assessments_response AS r (organization_id, id, cycle_id, node_id, key, speaks,
                                       performance, importance, exposure, versions, givers, sent)
SELECT organization_id, %(id)s, cycle_id, node_id, %(key)s, speaks,
       %(performance)s::smallint[], %(importance)s::smallint[], %(exposure)s::smallint[],
       %(versions)s::smallint[], %(givers)s::bigint[], false
  FROM open
    ON CONFLICT (organization_id, cycle_id, key) DO UPDATE
   SET (performance, importance, exposure, versions, givers) = (
       SELECT merged[:%(count)s], merged[%(count)s + 1 : 2 * %(count)s],
              merged[2 * %(count)s + 1:], counted, givers
         FROM (SELECT array_agg(CASE WHEN given THEN new ELSE old END ORDER BY place) AS merged,
                      array_agg(CASE WHEN given THEN new_giver ELSE giver END ORDER BY place)
                          AS givers,
                      array_agg(CASE WHEN NOT given THEN coalesce(version, 0)
                                     WHEN (giver = ANY(%(marks)s::bigint[])) IS NOT TRUE THEN 1
                                     WHEN new IS DISTINCT FROM old OR seen = version
                                     THEN coalesce(version, 0) %% 32000 + 1
                                     ELSE version END ORDER BY place) AS counted
                 FROM unnest(r.performance || r.importance || r.exposure, r.versions, r.givers,
                             excluded.performance || excluded.importance || excluded.exposure,
                             excluded.givers, %(given)s::boolean[], %(seen)s::smallint[])
                      WITH ORDINALITY
                          AS every (old, version, giver, new, new_giver, given, seen, place)
              ) AS whole)
 WHERE NOT EXISTS (
       SELECT FROM unnest(r.performance || r.importance || r.exposure, r.versions, r.givers,
                          excluded.performance || excluded.importance || excluded.exposure,
                          %(seen)s::smallint[]) AS every (old, version, giver, new, seen)
        WHERE giver = ANY(%(marks)s::bigint[]) AND seen <> coalesce(version, 0)
          AND new IS DISTINCT FROM old)
RETURNING versions
"""


def save(
    seat: SurveyRespondent, answers: Iterable[SentAnswer], *, moment: datetime
) -> dict[tuple[str, str], int]:
    """Store answers, all or none; the version of each now, by (kind, subject). 1 statement.

    What another device gave is replaced without a word of it. Raises SurveyClosed, AnswersStale, and
    ValidationError for what cannot be an answer.
    """
    wanted = {(answer.kind, answer.subject): answer for answer in answers}
    if not wanted:
        _refuse_unless_open(seat, moment)
        return {}
    places = {_place(seat.rubric, answer): answer for answer in wanted.values()}
    row = {"id": uuid4(), "key": seat.key, **_row(seat, places)}
    for _attempt in range(_ATTEMPTS):
        rows = _write(seat, moment, _UPSERT, **row)
        if rows:
            [[versions]] = rows
            return dict(zip(wanted, (versions[place] for place in places), strict=True))
        _refuse_unless_open(seat, moment)
        if stale := _stale(seat, places):
            raise AnswersStale(stale)
    raise AnswersStale([])


def _place(rubric: Rubric, answer: SentAnswer) -> int:
    """Where the answer stands among all. Whatever is not asked or not on the scale is refused."""
    fits = answer.seen is None or 0 <= answer.seen <= MAX_CHANGES
    if answer.value not in ALLOWED_CODES.get(answer.kind, ()) or not fits:
        raise ValidationError(_("This is not one of the answers. Choose one that is offered."))
    begin, subject = version_offsets(rubric)[answer.kind], answer.subject
    if answer.kind != EXPOSURE and rubric.capability(subject) is not None:
        return begin + rubric.index_of(subject)
    if answer.kind == EXPOSURE and subject in map(str, range(answer_count(rubric, EXPOSURE))):
        return begin + int(subject)
    raise ValidationError(_("This question is not part of the survey. Reload the page."))


def _row(seat: SurveyRespondent, answers: Mapping[int, SentAnswer]) -> dict[str, Any]:
    """The answers by place, as the row that would hold them alone."""
    count, marks = len(seat.rubric.capabilities), seat.marks(seat.key)
    giver = marks[0] if marks else None
    everyone = range(2 * count + answer_count(seat.rubric, EXPOSURE))
    given = [answers.get(place) for place in everyone]
    values = [answer.value if answer else None for answer in given]
    return {
        "count": count,
        "performance": _array(values[:count]),
        "importance": _array(values[count : 2 * count]),
        "exposure": _array(values[2 * count :]),
        "versions": _array(int(answer is not None) for answer in given),
        "givers": _array(giver if answer else None for answer in given),
        "given": _array(int(answer is not None) for answer in given),
        "seen": _array(answer.seen if answer else None for answer in given),
        "marks": marks,
    }


def _array(values: Iterable[int | None]) -> str:
    """As PostgreSQL reads an array; much quicker than one parameter an element."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _stale(seat: SurveyRespondent, answers: Mapping[int, SentAnswer]) -> list[StaleAnswer]:
    """The answers that this device gave since the page was made, with what is stored."""
    now = respondents.fetch_answers(seat)
    stored = [value for kind in KINDS for value in now.values[kind]]
    return [
        StaleAnswer(answer, stored[place], now.versions[place])
        for place, answer in answers.items()
        if now.versions[place]
        and answer.seen not in (None, now.versions[place])
        and stored[place] != answer.value
    ]


# --- Comments ---------------------------------------------------------------------------------

_UPSERT_COMMENT = """
INSERT INTO assessments_comment AS r (organization_id, id, cycle_id, node_id, key, capability,
                                      text, evidence, giver, sent)
SELECT organization_id, %(id)s, cycle_id, node_id, %(key)s, %(capability)s, %(text)s, %(evidence)s,
       %(giver)s, EXISTS (
           SELECT FROM assessments_response w
            WHERE w.organization_id = open.organization_id AND w.cycle_id = open.cycle_id
              AND w.key = %(response)s AND w.sent)
  FROM open
    ON CONFLICT (organization_id, cycle_id, key) DO UPDATE
   SET text = excluded.text, evidence = excluded.evidence, giver = excluded.giver,
       sent = excluded.sent
 WHERE (r.text, r.evidence) = (excluded.text, excluded.evidence) OR -- seen
RETURNING 1
"""
_DELETE_COMMENT = """
DELETE FROM assessments_comment r USING open
 WHERE r.organization_id = open.organization_id AND r.cycle_id = open.cycle_id AND r.key = %(key)s
   AND -- seen
RETURNING 1
"""
# What another device wrote is replaced; the same digest as `respondents.digest`, of what is stored.
_SEEN = """((r.giver = ANY(%(marks)s::bigint[])) IS NOT TRUE OR %(seen)s::text IS NULL
    OR %(seen)s::text = left(encode(sha256(convert_to(
    r.text || chr(31) || r.evidence, 'UTF8')), 'hex'), 16))"""


def save_comment(
    seat: SurveyRespondent,
    *,
    capability: str,
    text: str,
    evidence: str = "",
    seen: str | None = None,
    moment: datetime,
) -> str:
    """Store, change or (with nothing in it) remove one's remark on a capability; its digest now.

    `seen` is the digest of what the page showed. Raises SurveyClosed, CommentStale, ValidationError.
    """
    remark, key = _checked(seat.rubric, capability, text, evidence), seat.comment_key(capability)
    if seen == respondents.comment_digest(remark):
        _refuse_unless_open(seat, moment)
        return _unless_newer(seat, capability, remark)
    marks = seat.marks(key)
    statement = _DELETE_COMMENT if remark == WrittenComment() else _UPSERT_COMMENT
    values = {
        "id": uuid4(),
        "key": key,
        "response": seat.key,
        "capability": capability,
        "text": remark.text,
        "evidence": remark.evidence,
        "seen": seen,
        "giver": marks[0] if marks else None,
        "marks": marks,
    }
    for _attempt in range(_ATTEMPTS):
        if _write(seat, moment, statement.replace("-- seen", _SEEN), **values):
            return respondents.comment_digest(remark)
        _refuse_unless_open(seat, moment)
        there = respondents.fetch_answers(seat).remarks.get(capability, WrittenComment())
        if there == remark:
            return respondents.comment_digest(remark)
        if there != WrittenComment():
            raise CommentStale(capability, there)
    raise CommentStale(capability, WrittenComment())


def _unless_newer(seat: SurveyRespondent, capability: str, remark: WrittenComment) -> str:
    """The digest of a remark that the page shows already: it was never changed, or changed back. Then
    this device may have written or deleted something in between and not heard of it."""
    there = respondents.fetch_answers(seat).remarks.get(capability, WrittenComment())
    if there != remark:
        raise CommentStale(capability, there)
    return respondents.comment_digest(remark)


def _checked(rubric: Rubric, capability: str, text: str, evidence: str) -> WrittenComment:
    """The remark as it is stored. The error names the capability in its params."""
    if rubric.capability(capability) is None:
        raise ValidationError(_("This question is not part of the survey. Reload the page."))
    where = {"capability": capability, "limit": MAX_COMMENT_LENGTH}
    text, evidence = text.replace("\r\n", "\n").strip(), evidence.strip()
    if len(text) > MAX_COMMENT_LENGTH:
        told = _("A comment may have at most %(limit)s characters. Shorten it.")
        raise ValidationError(told, code="text", params=where)
    if len(evidence) > MAX_LINK_LENGTH or (evidence and not is_web_link(evidence)):
        told = _("A link begins with https://. Correct or delete it.")
        raise ValidationError(told, code="evidence", params=where)
    return WrittenComment(text, evidence)


# --- Being asked ------------------------------------------------------------------------------

# A "no" holds until the device that said it says otherwise: whoever else holds the link cannot have a
# lead shown by name.
_AGREE = """
UPDATE assessments_participation p
   SET (named, named_by) = (
       SELECT CASE WHEN stands THEN p.named ELSE %(named)s END,
              CASE WHEN stands THEN p.named_by ELSE %(by)s END
         FROM (SELECT %(named)s AND p.named IS FALSE
                      AND (p.named_by = ANY(%(marks)s::bigint[])) IS NOT TRUE AS stands) AS other)
  FROM open
 WHERE p.organization_id = open.organization_id AND p.cycle_id = open.cycle_id
   AND p.membership_id = open.membership_id AND p.speaks = 'lead'
RETURNING 1
"""
_FINISH = """
UPDATE assessments_participation p
   SET finished = %(finished)s
  FROM open
 WHERE p.organization_id = open.organization_id AND p.cycle_id = open.cycle_id
   AND p.membership_id = open.membership_id
RETURNING 1
"""
_SEND = """,
whole AS (INSERT INTO assessments_response (organization_id, id, cycle_id, node_id, key, speaks,
               performance, importance, exposure, versions, givers, sent, sender)
   SELECT organization_id, %(id)s, cycle_id, node_id, %(key)s, speaks,
          '{}', '{}', '{}', '{}', '{}', true, %(sender)s
     FROM open
       ON CONFLICT (organization_id, cycle_id, key) DO UPDATE
      SET sent = true, sender = excluded.sender),
said AS (UPDATE assessments_comment r SET sent = true FROM open
   WHERE r.organization_id = open.organization_id AND r.cycle_id = open.cycle_id
     AND r.key = ANY(%(own)s))
"""
_WITHDRAW = """,
answered AS (DELETE FROM assessments_response r USING open
   WHERE r.organization_id = open.organization_id AND r.cycle_id = open.cycle_id
     AND r.key = %(key)s),
said AS (DELETE FROM assessments_comment r USING open
   WHERE r.organization_id = open.organization_id AND r.cycle_id = open.cycle_id
     AND r.key = ANY(%(own)s))
"""


def record_consent(seat: SurveyRespondent, *, named: bool, moment: datetime) -> None:
    """A lead says whether their ratings may stand by name beside the team's; until the close."""
    marks = seat.consent_marks
    by = marks[0] if marks else None
    if not _write(seat, moment, _AGREE, named=named, by=by, marks=marks):
        _refuse_unless_open(seat, moment)


def submit(seat: SurveyRespondent, *, moment: datetime) -> None:
    """Send the answers: they count from now on, and so does every change of them until the close."""
    marks = seat.marks(seat.key)
    row = {"id": uuid4(), "key": seat.key, "sender": marks[0] if marks else None}
    if not _write(seat, moment, _SEND + _FINISH, finished=True, own=seat.comment_keys, **row):
        _refuse_unless_open(seat, moment)


def withdraw(seat: SurveyRespondent, *, moment: datetime) -> None:
    """Take back all answers and comments. After the close nobody could say whose they are."""
    taken = {"finished": False, "key": seat.key, "own": seat.comment_keys}
    if not _write(seat, moment, _WITHDRAW + _FINISH, **taken):
        _refuse_unless_open(seat, moment)
