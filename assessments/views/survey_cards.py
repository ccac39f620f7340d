"""The cards of an edition as they are printed once, with gaps; a respondent's answers fill the gaps.

An edition never changes, so the printing is kept for as long as the process lives, per language.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from assessments.survey.form_data import NOTHING_SEEN
from assessments.survey.progress import AnsweredCard
from assessments.survey.questionnaire import Card, Questionnaire
from assessments.survey.respondents import comment_digest as remark_digest
from organizations.process_cache import ProcessCache

# Begins a gap in the template: nobody who writes a rubric can guess it.
_GAP = secrets.token_hex(12)
_GAPS = re.compile(_GAP + r"([a-z]+)(?::(-?\d+|[a-z]+))?;")

CardTemplate = tuple[str, tuple[tuple[str, str], ...]]  # the markup, and its gaps in their order
_kept = ProcessCache[tuple[str, str], dict[str, CardTemplate]](500)


def render_cards(
    digest: str,
    language: str,
    asked: Questionnaire,
    shown: Iterable[AnsweredCard],
    *,
    comments: int,
) -> list[SafeString]:
    """The markup of these cards; `comments` is how many must have answered before any is shown."""
    known = _kept.get_or_compute(
        (digest, language), lambda: {card.ident: _print(asked, card) for card in asked.cards}
    )
    some = list(shown)
    now = next((filled for filled in some if filled.is_open), some[0])
    return [
        _fill(known[filled.card.ident], filled, comments, is_now=filled is now) for filled in some
    ]


def _print(asked: Questionnaire, card: Card) -> CardTemplate:
    told = {"card": card, "words": asked.words, "gap": _GAP, "comments": f"{_GAP}comments;"}
    pieces = _GAPS.split(render_to_string("assessments/_survey_card.html", told))
    gaps = tuple((name, at or "") for name, at in zip(pieces[1::3], pieces[2::3], strict=True))
    plain = (piece.replace("{", "{{").replace("}", "}}") for piece in pieces[0::3])
    return "{}".join(plain), gaps


def _fill(
    printed: CardTemplate, filled: AnsweredCard, comments: int, *, is_now: bool
) -> SafeString:
    """Every text that comes from a person is escaped on its way into its gap; the rest is numbers
    and words of ours."""
    markup, gaps = printed
    chosen = {(kind, str(value)): " checked" for kind, value in filled.values.items()}
    seen = {
        ("seen", kind): f"{filled.versions[kind]}:{'' if value is None else value}"
        if filled.versions[kind]
        else NOTHING_SEEN
        for kind, value in filled.stored.items()
    }
    own, is_said = filled.remark, filled.remark.text or filled.remark.evidence
    others = {
        ("seen", "comment"): remark_digest(filled.stored_remark) or NOTHING_SEEN,
        ("text", ""): escape(own.text) if own.text else "",
        ("evidence", ""): escape(own.evidence) if own.evidence else "",
        ("open", ""): " open" if is_said else "",
        ("untouched", ""): "" if filled.is_touched else " hidden",
        ("comments", ""): str(comments),
        ("now", ""): " data-now" if is_now else "",
    }
    known = chosen | seen | others
    return SafeString(markup.format(*[known.get(gap, "") for gap in gaps]))
