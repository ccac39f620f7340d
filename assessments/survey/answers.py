"""Store, change, send and withdraw answers. Nothing else writes them.

No trace is left of who answered when: no audit line, no time, no person in a response. Every verb is one
statement with a shared lock on the cycle's row: the close waits for it, or it finds the cycle closed.
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
_ATTEMPTS = 3  # of a write that another tab of the same device got in the way of


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """One rating as sent. `subject` is a capability's slug, or the index of an exposure question."""

    kind: Kind
    subject: str
    value: int | None
    seen: int | None = None  # the version that the page showed; None: replace any version


@dataclass(frozen=True, slots=True)
class StaleAnswer:
    """An answer that another window of the device has changed meanwhile, with what is stored."""

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

    def __init__(self, capability: str, comment: WrittenComment) -> None:
        self.capability, self.comment = capability, comment
        super().__init__(f"the comment on {capability} is newer than the page")


# The one row that says whether this person may write now: shared until the transaction ends. It stands
# in every statement below for the comment that names it.
_OPEN = """(
    SELECT p.organization_id, p.cycle_id, p.membership_id, p.node_id, p.answers_as
      FROM assessments_cycle c
      JOIN assessments_participation p
        ON p.organization_id = c.organization_id AND p.cycle_id = c.id
     WHERE c.organization_id = %(organization)s AND c.id = %(cycle)s
       AND c.stage = 'open' AND c.closes_at > %(moment)s AND p.membership_id = %(membership)s
       FOR SHARE OF c)"""


def _write(
    respondent: SurveyRespondent, moment: datetime, statement: str, **values: Any
) -> list[tuple[Any, ...]]:
    """Run the statement if the person may write now; return its rows, none where they may not."""
    parameters: dict[str, Any] = {
        "organization": bound_organization(),
        "cycle": respondent.cycle,
        "membership": respondent.membership,
        "moment": moment,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("/* open */", _OPEN), parameters | values)
        return list(cursor.fetchall())


def _refuse_unless_open(respondent: SurveyRespondent, moment: datetime) -> None:
    """Raise SurveyClosed, or Http404 for someone whom the cycle does not ask (any more)."""
    if not respondents.find_participation(respondent.cycle, respondent.membership).is_open_at(
        moment
    ):
        respondents.forget_secret(respondent.cycle)
        raise SurveyClosed


# --- Ratings ----------------------------------------------------------------------------------

MAX_CHANGES = 32_000  # of one answer, before its version begins again: it is stored as a smallint


def _merged(column: str, its_versions: str) -> str:
    """Return SQL for a stored column in which what is given now, with version 1, replaces what was."""
    return f"""ARRAY(
           SELECT CASE WHEN given = 1 THEN new ELSE old END
             FROM unnest(r.{column}, excluded.{column}, excluded.versions[{its_versions}])
                      WITH ORDINALITY AS every (old, new, given, place)
            ORDER BY place)"""  # noqa: S608  # our own columns


# Insert the respondent's row, or change only the given elements of it, unless the same device changed one
# of them since the page was made. A version counts the changes of one device and begins again with the
# next, so that a device learns nothing about others. An answer that is given again by a page that knows
# it counts too: a save that is still on its way is older then.
_UPSERT = f"""
INSERT INTO assessments_response AS r (organization_id, id, cycle_id, node_id, key, answers_as,
                                       performance, importance, exposure, versions, givers, sent)
SELECT organization_id, %(id)s, cycle_id, node_id, %(key)s, answers_as,
       %(performance)s::smallint[], %(importance)s::smallint[], %(exposure)s::smallint[],
       %(versions)s::smallint[], %(givers)s::bigint[], false
  FROM /* open */ AS open
    ON CONFLICT (organization_id, cycle_id, key) DO UPDATE
   SET performance = {_merged("performance", ":%(count)s")},
       importance = {_merged("importance", "%(count)s + 1 : 2 * %(count)s")},
       exposure = {_merged("exposure", "2 * %(count)s + 1 :")},
       givers = {_merged("givers", ":")},
       versions = ARRAY(
           SELECT CASE WHEN given = 0 THEN coalesce(version, 0)
                       WHEN (giver = ANY(%(marks)s::bigint[])) IS NOT TRUE THEN 1
                       WHEN new IS DISTINCT FROM old OR seen = version
                       THEN coalesce(version, 0) %% 32000 + 1
                       ELSE version END
             FROM unnest(r.performance || r.importance || r.exposure, r.versions, r.givers,
                         excluded.performance || excluded.importance || excluded.exposure,
                         excluded.versions, %(seen)s::smallint[]) WITH ORDINALITY
                      AS every (old, version, giver, new, given, seen, place)
            ORDER BY place)
 WHERE r.organization_id = %(organization)s AND NOT EXISTS (
       SELECT FROM unnest(r.performance || r.importance || r.exposure, r.versions, r.givers,
                          excluded.performance || excluded.importance || excluded.exposure,
                          %(seen)s::smallint[]) AS every (old, version, giver, new, seen)
        WHERE giver = ANY(%(marks)s::bigint[]) AND seen <> coalesce(version, 0)
          AND new IS DISTINCT FROM old)
RETURNING versions
"""  # noqa: S608  # our own columns


def save(
    respondent: SurveyRespondent, answers: Iterable[SentAnswer], *, moment: datetime
) -> dict[tuple[str, str], int]:
    """Store answers, all or none, and return the version of each now, by (kind, subject). 1 statement.
    What another device gave is replaced silently. Raises SurveyClosed, AnswersStale, ValidationError."""
    by_question = {(answer.kind, answer.subject): answer for answer in answers}
    if not by_question:
        _refuse_unless_open(respondent, moment)
        return {}
    by_index = {_answer_index(respondent.rubric, answer): answer for answer in by_question.values()}
    row = {"id": uuid4(), "key": respondent.key, **_row_parameters(respondent, by_index)}
    for _attempt in range(_ATTEMPTS):
        rows = _write(respondent, moment, _UPSERT, **row)
        if rows:
            [[versions]] = rows
            return dict(zip(by_question, (versions[index] for index in by_index), strict=True))
        _refuse_unless_open(respondent, moment)
        if stale := _find_stale(respondent, by_index):
            raise AnswersStale(stale)
    raise AnswersStale([])


def _answer_index(rubric: Rubric, answer: SentAnswer) -> int:
    """Return the index of the answer among all. Raises ValidationError for a wrong question or value."""
    version_is_valid = answer.seen is None or 0 <= answer.seen <= MAX_CHANGES
    if answer.value not in ALLOWED_CODES.get(answer.kind, ()) or not version_is_valid:
        raise ValidationError(_("That's not one of the options. Choose one from the list."))
    offset, subject = version_offsets(rubric)[answer.kind], answer.subject
    if answer.kind != EXPOSURE and rubric.capability(subject) is not None:
        return offset + rubric.index_of(subject)
    if answer.kind == EXPOSURE and subject in map(str, range(answer_count(rubric, EXPOSURE))):
        return offset + int(subject)
    raise ValidationError(_("This question isn't part of the survey. Reload the page."))


def _row_parameters(
    respondent: SurveyRespondent, answers: Mapping[int, SentAnswer]
) -> dict[str, Any]:
    """Return the parameters of `_UPSERT`: a row that holds only these answers, given by index."""
    count, marks = len(respondent.rubric.capabilities), respondent.marks(respondent.key)
    giver = marks[0] if marks else None
    indexes = range(2 * count + answer_count(respondent.rubric, EXPOSURE))
    given = [answers.get(index) for index in indexes]
    values = [answer.value if answer else None for answer in given]
    return {
        "count": count,
        "performance": _array_literal(values[:count]),
        "importance": _array_literal(values[count : 2 * count]),
        "exposure": _array_literal(values[2 * count :]),
        "versions": _array_literal(int(answer is not None) for answer in given),
        "givers": _array_literal(giver if answer else None for answer in given),
        "seen": _array_literal(answer.seen if answer else None for answer in given),
        "marks": marks,
    }


def _array_literal(values: Iterable[int | None]) -> str:
    """Return the values as a PostgreSQL array literal; much quicker than one parameter an element."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _find_stale(
    respondent: SurveyRespondent, answers: Mapping[int, SentAnswer]
) -> list[StaleAnswer]:
    """Return the answers that this device changed since the page was made, with what is stored."""
    current = respondents.fetch_answers(respondent)
    stored = [value for kind in KINDS for value in current.values[kind]]
    return [
        StaleAnswer(answer, stored[index], current.versions[index])
        for index, answer in answers.items()
        if current.versions[index]
        and answer.seen not in (None, current.versions[index])
        and stored[index] != answer.value
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
  FROM /* open */ AS open
    ON CONFLICT (organization_id, cycle_id, key) DO UPDATE
   SET text = excluded.text, evidence = excluded.evidence, giver = excluded.giver,
       sent = excluded.sent
 WHERE r.organization_id = %(organization)s
   AND ((r.text, r.evidence) = (excluded.text, excluded.evidence) OR /* seen */)
RETURNING 1
"""
_DELETE_COMMENT = """
DELETE FROM assessments_comment r USING /* open */ AS open
 WHERE r.organization_id = %(organization)s AND r.cycle_id = open.cycle_id AND r.key = %(key)s
   AND /* seen */
RETURNING 1
"""
# What another device wrote is replaced. Same digest as `respondents.comment_digest`, of the stored row.
_SEEN = """((r.giver = ANY(%(marks)s::bigint[])) IS NOT TRUE OR %(seen)s::text IS NULL
    OR %(seen)s::text = left(md5(r.text || chr(31) || r.evidence), 16))"""


def save_comment(
    respondent: SurveyRespondent,
    *,
    capability: str,
    text: str,
    evidence: str = "",
    seen: str | None = None,
    moment: datetime,
) -> str:
    """Store, change or (when it is empty) delete the comment on a capability; return its digest now.
    `seen` is the digest of what the page showed. Raises SurveyClosed, CommentStale, ValidationError."""
    comment = _clean_comment(respondent.rubric, capability, text, evidence)
    if seen == respondents.comment_digest(comment):
        _refuse_unless_open(respondent, moment)
        return _refuse_if_stale(respondent, capability, comment)
    key = respondent.comment_key(capability)
    marks = respondent.marks(key)
    statement = _DELETE_COMMENT if comment == WrittenComment() else _UPSERT_COMMENT
    values = {
        "id": uuid4(),
        "key": key,
        "response": respondent.key,
        "capability": capability,
        "text": comment.text,
        "evidence": comment.evidence,
        "seen": seen,
        "giver": marks[0] if marks else None,
        "marks": marks,
    }
    for _attempt in range(_ATTEMPTS):
        if _write(respondent, moment, statement.replace("/* seen */", _SEEN), **values):
            return respondents.comment_digest(comment)
        _refuse_unless_open(respondent, moment)
        stored = respondents.fetch_answers(respondent).comments.get(capability, WrittenComment())
        if stored == comment:
            return respondents.comment_digest(comment)
        if stored != WrittenComment():
            raise CommentStale(capability, stored)
    raise CommentStale(capability, WrittenComment())


def _refuse_if_stale(respondent: SurveyRespondent, capability: str, comment: WrittenComment) -> str:
    """Return the digest of a comment that equals what the page shows. Raises CommentStale if this device
    has stored something else in between, whose reply was lost."""
    stored = respondents.fetch_answers(respondent).comments.get(capability, WrittenComment())
    if stored != comment:
        raise CommentStale(capability, stored)
    return respondents.comment_digest(comment)


def _clean_comment(rubric: Rubric, capability: str, text: str, evidence: str) -> WrittenComment:
    """Return the comment as it is stored. Raises ValidationError with the capability in its params."""
    if rubric.capability(capability) is None:
        raise ValidationError(_("This question isn't part of the survey. Reload the page."))
    params = {"capability": capability, "limit": MAX_COMMENT_LENGTH}
    text, evidence = text.replace("\r\n", "\n").strip(), evidence.strip()
    if len(text) > MAX_COMMENT_LENGTH:
        message = _("Comments can have up to %(limit)s characters. Shorten this one.")
        raise ValidationError(message, code="text", params=params)
    if len(evidence) > MAX_LINK_LENGTH or (evidence and not is_web_link(evidence)):
        message = _("Links start with https://. Fix or remove this one.")
        raise ValidationError(message, code="evidence", params=params)
    return WrittenComment(text, evidence)


# --- Consent, sending and withdrawing -----------------------------------------------------------

# A "no" holds until the device that gave it changes it: another holder of the link cannot have a lead
# shown by name.
_RECORD_CONSENT = """
UPDATE assessments_participation p
   SET named = %(named)s, named_by = %(by)s
  FROM /* open */ AS open
 WHERE p.organization_id = %(organization)s AND p.cycle_id = open.cycle_id
   AND p.membership_id = open.membership_id AND p.answers_as = 'lead'
   AND NOT (%(named)s AND p.named IS FALSE
            AND (p.named_by = ANY(%(marks)s::bigint[])) IS NOT TRUE)
RETURNING 1
"""
_FINISH = """
UPDATE assessments_participation p
   SET finished = %(finished)s FROM open
 WHERE p.organization_id = %(organization)s AND p.cycle_id = open.cycle_id
   AND p.membership_id = open.membership_id
RETURNING 1
"""
_SEND = """
WITH open AS /* open */,
whole AS (INSERT INTO assessments_response (organization_id, id, cycle_id, node_id, key, answers_as,
               performance, importance, exposure, versions, givers, sent, sender)
   SELECT organization_id, %(id)s, cycle_id, node_id, %(key)s, answers_as,
          '{}', '{}', '{}', '{}', '{}', true, %(sender)s
     FROM open
       ON CONFLICT (organization_id, cycle_id, key) DO UPDATE
      SET sent = true, sender = excluded.sender),
said AS (UPDATE assessments_comment r SET sent = true FROM open
   WHERE r.organization_id = %(organization)s AND r.cycle_id = open.cycle_id
     AND r.key = ANY(%(own)s))
"""
_WITHDRAW = """
WITH open AS /* open */,
answered AS (DELETE FROM assessments_response r USING open
   WHERE r.organization_id = %(organization)s AND r.cycle_id = open.cycle_id
     AND r.key = %(key)s),
said AS (DELETE FROM assessments_comment r USING open
   WHERE r.organization_id = %(organization)s AND r.cycle_id = open.cycle_id
     AND r.key = ANY(%(own)s))
"""


def record_consent(respondent: SurveyRespondent, *, named: bool, moment: datetime) -> None:
    """Record whether a lead's ratings may be shown by name beside the team's; possible until the close."""
    marks = respondent.consent_marks
    mark = marks[0] if marks else None
    if not _write(respondent, moment, _RECORD_CONSENT, named=named, by=mark, marks=marks):
        _refuse_unless_open(respondent, moment)


def submit(respondent: SurveyRespondent, *, moment: datetime) -> None:
    """Send the answers: they count from now on, as does every change of them until the close."""
    marks = respondent.marks(respondent.key)
    row = {"id": uuid4(), "key": respondent.key, "sender": marks[0] if marks else None}
    if not _write(
        respondent, moment, _SEND + _FINISH, finished=True, own=respondent.comment_keys, **row
    ):
        _refuse_unless_open(respondent, moment)


def withdraw(respondent: SurveyRespondent, *, moment: datetime) -> None:
    """Delete all answers and comments of the person. After the close nobody could say whose they are."""
    parameters = {"finished": False, "key": respondent.key, "own": respondent.comment_keys}
    if not _write(respondent, moment, _WITHDRAW + _FINISH, **parameters):
        _refuse_unless_open(respondent, moment)
