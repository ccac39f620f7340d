"""Render the cards of an edition: once as a template with gaps, which a respondent's answers fill.

An edition never changes, so the templates are cached for as long as the process lives, per language.
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
from assessments.survey.respondents import comment_digest
from organizations.process_cache import ProcessCache

# Marks a gap in the template: the author of a rubric cannot guess it.
_GAP = secrets.token_hex(12)
_GAPS = re.compile(_GAP + r"([a-z]+)(?::(-?\d+|[a-z]+))?;")

CardTemplate = tuple[str, tuple[tuple[str, str], ...]]  # the markup, and its gaps in their order
_cache = ProcessCache[tuple[str, str], dict[str, CardTemplate]](500)


def render_cards(
    digest: str,
    language: str,
    questionnaire: Questionnaire,
    shown: Iterable[AnsweredCard],
    *,
    comments: int,
) -> list[SafeString]:
    """Return the markup of these cards. `comments` is how many must have answered before any comment
    is shown."""
    templates = _cache.get_or_compute(
        (digest, language),
        lambda: {card.ident: _render_template(questionnaire, card) for card in questionnaire.cards},
    )
    cards = list(shown)
    current = next((answered for answered in cards if answered.is_open), cards[0])
    return [
        _fill(templates[answered.card.ident], answered, comments, is_now=answered is current)
        for answered in cards
    ]


def _render_template(questionnaire: Questionnaire, card: Card) -> CardTemplate:
    context = {
        "card": card,
        "words": questionnaire.words,
        "gap": _GAP,
        "comments": f"{_GAP}comments;",
    }
    pieces = _GAPS.split(render_to_string("assessments/_survey_card.html", context))
    gaps = tuple((name, key or "") for name, key in zip(pieces[1::3], pieces[2::3], strict=True))
    plain = (piece.replace("{", "{{").replace("}", "}}") for piece in pieces[0::3])
    return "{}".join(plain), gaps


def _fill(
    template: CardTemplate, answered: AnsweredCard, comments: int, *, is_now: bool
) -> SafeString:
    """Return the card's markup. Every text that comes from a person is escaped here; the rest is numbers
    and our own words."""
    markup, gaps = template
    chosen = {(kind, str(value)): " checked" for kind, value in answered.values.items()}
    seen = {
        ("seen", kind): f"{answered.versions[kind]}:{'' if value is None else value}"
        if answered.versions[kind]
        else NOTHING_SEEN
        for kind, value in answered.stored.items()
    }
    comment, has_comment = answered.comment, answered.comment.text or answered.comment.evidence
    others = {
        ("seen", "comment"): comment_digest(answered.stored_comment) or NOTHING_SEEN,
        ("text", ""): escape(comment.text) if comment.text else "",
        ("evidence", ""): escape(comment.evidence) if comment.evidence else "",
        ("open", ""): " open" if has_comment else "",
        ("untouched", ""): "" if answered.is_touched else " hidden",
        ("comments", ""): str(comments),
        ("now", ""): " data-now" if is_now else "",
    }
    values = chosen | seen | others
    return SafeString(markup.format(*[values.get(gap, "") for gap in gaps]))
