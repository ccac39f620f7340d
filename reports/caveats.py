"""Sentences on the limits of a number: who did not answer, missing head-counts, and chance. The numbers
in them are formatted by reports.formatting.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.scoring.cell import Cell, NonResponse
from reports import formatting


def headcount_missing(cell: Cell | None) -> str:
    """Return how a missing head-count affects the interval, as a sentence."""
    if cell is None or cell.low is None or not formatting.is_headcount_missing(cell):
        return ""
    if cell.low == cell.high:
        return _("Team size not provided: the interval has no sampling margin.")
    return _("Some team sizes not provided: the interval has no sampling margin for them.")


def not_covered(cell: Cell | None) -> str:
    """Return how many people are in teams from which nobody answered: the number does not cover them."""
    people = cell.detail.not_covered if cell is not None else 0
    if not people:
        return ""
    return ngettext(
        "Not included: %(people)s person in teams where nobody answered.",
        "Not included: %(people)s people in teams where nobody answered.",
        people,
    ) % {"people": people}


def low_response(n: int | None, invited: int | None) -> str:
    """Return a warning below half: those who did not answer could reverse every result."""
    if n is None or not invited or 2 * n >= invited:
        return ""
    return _("Fewer than half answered, so treat all numbers with caution.")


def nonresponse_effect(non_response: NonResponse | None) -> str:
    """Return the effect on a level, had those who did not answer rated half a level lower."""
    if non_response is None or non_response.half_level < 0.05:
        return ""
    return _(
        "If the %(share)s who didn't answer had scored half a level lower, the level would be "
        "%(size)s lower."
    ) % {
        "share": formatting.percent(non_response.share),
        "size": formatting.points(non_response.half_level),
    }


def nonresponse_extremes(non_response: NonResponse | None) -> str:
    """Return what a level would be, had those who did not answer all rated 1 or all rated 5."""
    if non_response is None:
        return ""
    low, high = map(formatting.points, non_response.extremes)
    return _("In the most extreme case, the level could be anywhere from %(low)s to %(high)s.") % {
        "low": low,
        "high": high,
    }


def expected_by_chance(size: float | None) -> str:
    """Return the change that chance alone explains, for a cell without a clear change."""
    return (
        _("A change of %(size)s could be chance.") % {"size": formatting.signed(size)}
        if size
        else ""
    )


def response_comparison(answered: Sequence[str], unrated: Sequence[str]) -> str:
    """Return such as: Answered 87% (before: 84%) · no rating 3% (before: 4%).

    Each argument holds the shares now and before, as text; a pair with an empty one is left out.
    """
    parts = []
    if all(answered):
        parameters = {"now": answered[0], "before": answered[1]}
        parts.append(_("Response rate %(now)s (was %(before)s)") % parameters)
    if all(unrated):
        parameters = {"now": unrated[0], "before": unrated[1]}
        parts.append(_("no rating %(now)s (was %(before)s)") % parameters)
    return formatting.join_parts(*parts)


def no_linked_respondents() -> str:
    return _(
        "Responses couldn't be linked to the last survey. If the same people answered again, a "
        "real change may go unnoticed."
    )


def comment_rules(threshold: int) -> str:
    return _(
        "Shown for groups of %(threshold)s or more, with the group's name only, in an order "
        "unrelated to who wrote them or when."
    ) % {"threshold": threshold}


def too_few_for_comments(threshold: int) -> str:
    return _("Hidden: comments are shown for groups of %(threshold)s or more.") % {
        "threshold": threshold
    }


def coefficient(value: float | None) -> str:
    """Return a coefficient of the quality report: 0.72, −0.14."""
    return "" if value is None else formatting.two_decimals(value + 0.0).replace("-", "−")


def coefficient_range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{coefficient(low)}–{coefficient(high)}"
