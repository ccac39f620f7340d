"""Sentences on the limits of a number: who did not answer, missing head-counts, and chance. The numbers
in them are formatted by reports.formatting.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.scoring.cell import Cell, NonResponse
from assessments.scoring.visibility import DETAIL_THRESHOLD
from reports import formatting

MOVED_RESPONSE = 0.15  # share of those invited
MANY_STRAIGHT = 10  # whole per cent of those who answered


def headcount_missing(cell: Cell | None) -> str:
    """Return what a missing head-count means, as a sentence."""
    if cell is None or cell.low is None or not formatting.is_headcount_missing(cell):
        return ""
    return _("Some team sizes not provided: there, those who answered count as the whole team.")


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


def straight_lining(share: int) -> str:
    """Return a note where at least a tenth gave one level to everything: it flattens the profile."""
    if share < MANY_STRAIGHT:
        return ""
    return _("%(share)s gave everything the same level, which hides differences.") % {
        "share": formatting.percent(share)
    }


def no_distribution(cell: Cell | None) -> str:
    """Return why it isn't shown how many of the organization chose each level, though enough answered."""
    if cell is None or (cell.n or 0) < DETAIL_THRESHOLD or cell.low is None:
        return ""
    if cell.detail.agreement and cell.detail.agreement.histogram:
        return ""
    return _(
        "How many people chose each level isn't shown: too few people joined or left since an earlier survey, so comparing"
        " the two would reveal single answers."
    )


def team_nonresponse(n: int | None, invited: int | None) -> str:
    """Return the effect on a team's levels, had those who did not answer rated half a level lower."""
    if n is None or not invited or n >= invited:
        return ""
    silent = 1 - n / invited
    half_level = int(10 * silent / 2 + 0.5 + 1e-9) / 10
    return nonresponse_effect(NonResponse(round(100 * silent), half_level, (1.0, 5.0)))


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
    """Return the change that chance alone explains: extremes regress to the mean by themselves."""
    if not size:
        return ""
    values = {"size": formatting.points(abs(size))}
    if size > 0:
        return _("Scores this low usually rise by %(size)s on their own.") % values
    return _("Scores this high usually fall by %(size)s on their own.") % values


def small_groups() -> str:
    """Return how small groups are shown: said once on a page that shows any."""
    return _("Groups under 10 are shown in half levels.")


def best_estimates() -> str:
    return _(
        "Small teams vary by chance, so the likely range also uses what the whole organization "
        "answered."
    )


def moved_response(now: Cell | None, before: Cell | None) -> str:
    """Return a note where the response rate moved by 15 points or more: different people may have answered."""
    current, earlier = _response_rate(now), _response_rate(before)
    if current is None or earlier is None or abs(current - earlier) < MOVED_RESPONSE - 1e-9:
        return ""
    return _(
        "The response rate changed from %(before)s to %(now)s, so differences may partly come "
        "from different people answering."
    ) % {
        "before": formatting.percent(100 * earlier),
        "now": formatting.percent(100 * current),
    }


def _response_rate(cell: Cell | None) -> float | None:
    return cell.n / cell.invited if cell and cell.n is not None and cell.invited else None


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
