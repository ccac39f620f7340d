"""Turn published numbers into words, for every page, mail and document.

A number is never shown alone: who answered and how sure it is are shown with it, and where it may not
be shown the reason is given instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.scoring.cell import Bound, Cell, Change, Verdict

Side = Literal["below", "above", "none"]
OPPOSITE_BOUND: dict[Bound, Bound] = {"at_least": "at_most", "at_most": "at_least", "": ""}
"""The bound of a negated number, or of one that is subtracted from another."""
NEGLIGIBLE_GAP = 0.2  # points; a smaller difference is not reported


def points(value: float) -> str:
    """Return a level or a difference of levels with one decimal."""
    return f"{value + 0.0:.1f}"


def with_bound(value: float, bound: str | None) -> str:
    """Return 3.4, or with a bound: at least 4.8, at most 1.1."""
    return _add_bound(points(value), bound)


def _add_bound(number: str, bound: str | None) -> str:
    if bound == "at_least":
        return _("at least %(number)s") % {"number": number}
    if bound == "at_most":
        return _("at most %(number)s") % {"number": number}
    return number


def score(cell: Cell | None) -> str:
    """Return the level, or why there is none."""
    if cell is None or cell.score is None:
        return missing_reason(cell)
    return with_bound(cell.score, cell.bound)


def missing_reason(cell: Cell | None) -> str:
    """Return why a cell has no number."""
    return suppression_reason((cell.suppressed or "") if cell is not None else "")


def suppression_reason(suppressed: str) -> str:
    """Return the words for a reason of suppression: hidden and never asked are not the same."""
    reasons = {
        "below_threshold": _("not enough responses"),
        "not_asked": _("not asked"),
        "not_enough_weight": _("too few parts to show"),
    }
    return reasons.get(suppressed, _("no data"))


def is_hidden(cell: Cell | None) -> bool:
    """Return whether there are answers that may not be shown; else a cell without a number is empty."""
    return cell is not None and cell.suppressed in ("below_threshold", "not_enough_weight")


def level_range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"{points(low)}–{points(high)}"


def interval(cell: Cell | None) -> str:
    """Return 3.1–3.7; empty where everyone answered, because then there is no sampling error. Where the
    head-count is missing, an interval without width would be false certainty."""
    if cell is None or cell.bound or cell.everyone or cell.low is None:
        return ""
    if cell.low == cell.high and is_headcount_missing(cell):
        return _("margin of error not available")
    if cell.low == cell.high:  # narrower than what is printed
        return _("±%(size)s") % {"size": points(0.1)}
    return level_range(cell.low, cell.high)


def is_headcount_missing(cell: Cell) -> bool:
    """Return whether a team in the cell has no head-count: there, those who answered count as all."""
    return cell.detail.headcount_missing


def cell_responses(cell: Cell | None) -> str:
    """Return who answered: 8 of 10 answered; 6 answered, head-count missing."""
    if cell is None or cell.n is None:
        return ""
    if is_headcount_missing(cell):
        text = ngettext(
            "%(n)s answered, team size not provided",
            "%(n)s answered, team size not provided",
            cell.n,
        )
        return text % {"n": cell.n}
    return response_count(cell.n, cell.invited, everyone=cell.everyone)


def response_count(n: int | None, invited: int | None, *, everyone: bool = False) -> str:
    """Return 8 of 10 answered, or all 9 answered; empty where the number may not be shown."""
    if n is None:
        return ""
    if everyone or n == invited:
        return ngettext("all %(n)s answered", "all %(n)s answered", n) % {"n": n}
    if invited is None:
        return ngettext("%(n)s answered", "%(n)s answered", n) % {"n": n}
    return _("%(n)s of %(invited)s answered") % {"n": n, "invited": invited}


def cell_summary(cell: Cell | None) -> str:
    """Return level, interval and responses of a cell: 3.4 (3.1–3.7) · 8 of 10 answered."""
    if cell is None or cell.score is None:
        return missing_reason(cell)
    margin = interval(cell)
    number = f"{score(cell)} ({margin})" if margin else score(cell)
    return join_parts(number, cell_responses(cell))


def based_on(cell: Cell | None) -> str:
    """Return how many of the asked capabilities a composite is based on: 34 of 36 capabilities."""
    if cell is None or cell.score is None or not cell.based_on:
        return ""
    return ngettext(
        "%(shown)s of %(asked)s capability",
        "%(shown)s of %(asked)s capabilities",
        cell.asked_capabilities,
    ) % {"shown": cell.based_on, "asked": max(cell.asked_capabilities, cell.based_on)}


def join_parts(*parts: str) -> str:
    """Join the parts of one line that are not empty."""
    return " · ".join(part for part in parts if part)


def need_side(cell: Cell | None) -> Side:
    """Return whether the level is below the need, above it, or neither."""
    if cell is None or cell.gap is None or cell.fits or abs(cell.gap) < NEGLIGIBLE_GAP:
        return "none"
    return "below" if cell.gap < 0 else "above"


def gap(cell: Cell | None) -> str:
    """Return 1.9 short, 1.2 over, or about right; empty where level or need is not known."""
    if cell is None or cell.gap is None:
        return ""
    if need_side(cell) == "none":
        return _("about right")
    size = _bounded_gap(abs(cell.gap), cell.gap_bound, short=cell.gap < 0)
    return (
        _("%(size)s below") % {"size": size}
        if cell.gap < 0
        else _("%(size)s above") % {"size": size}
    )


def distance(size: float, bound: Bound | None) -> str:
    """Return the distance of two numbers without its direction: at least 1.7 apart."""
    return _("%(size)s gap") % {"size": _bounded_gap(abs(size), bound, short=size < 0)}


def _bounded_gap(size: float, bound: Bound | None, *, short: bool) -> str:
    """Return the absolute size of a gap with its bound: a gap of at most -2.8 is short by at least 2.8."""
    if not bound:
        return points(size)
    return with_bound(size, OPPOSITE_BOUND[bound] if short else bound)


def signed_gap(cell: Cell) -> str:
    """Return −0.2 or +1.1, for a heat map without space for words; at most −2.9 where it is a bound."""
    return "" if cell.gap is None else signed(cell.gap, cell.gap_bound)


def need_level(cell: Cell | None) -> str:
    """Return the level of the need alone, for a table column."""
    if cell is None or cell.need is None:
        return ""
    return with_bound(cell.need, cell.need_bound)


def need(cell: Cell | None) -> str:
    level = need_level(cell)
    return _("need %(level)s") % {"level": level} if level else ""


def need_source(source: str | None) -> str:
    """Return where a need comes from: a leader's target, or the importance that people rated."""
    words = {
        "target": _("The needed level is the target that leaders set."),
        "importance": _("The needed level is the importance people gave."),
    }
    return words.get(source or "", "")


def level(cell: Cell | None, names: Mapping[int, str], held_by: str = "") -> str:
    """Return the named level: level 3, Defined. Also whether it is borderline (level 2–3), or held back
    by its weakest part `held_by`."""
    if cell is None or cell.level is None:
        return ""
    number = cell.level
    if cell.state == "borderline" and number > 1:
        return _("level %(lower)s–%(upper)s, borderline") % {"lower": number - 1, "upper": number}
    text = _("level %(number)s, %(name)s") % {"number": number, "name": names.get(number, "")}
    if cell.state == "held" and held_by:
        return _("%(level)s (held back by %(part)s)") % {"level": text, "part": held_by}
    return text


def percent(value: float) -> str:
    return _("%(number)s%%") % {"number": whole_percent(value)}


def whole_percent(value: float) -> str:
    """Return a percentage without its sign, rounded to a whole number, halves up."""
    return str(int(value + 0.5 + 1e-9))


def two_decimals(value: float) -> str:
    """Return a number with two decimals, as for a mean recomputed from printed numbers."""
    return f"{value:.2f}"


def weight(value: float) -> str:
    """Return a weight as it is in the rubric: 1, 0.5."""
    return f"{value:g}"


def fit(cell: Cell | None) -> str:
    """Return 85%, or at least 85% where a part of it is a bound."""
    if cell is None or cell.fit is None:
        return ""
    return _add_bound(percent(cell.fit), cell.fit_bound)


def fit_interval(cell: Cell | None) -> str:
    """Return 83–87; empty where the fit is a bound, or the interval narrower than a whole per cent."""
    if cell is None or cell.fit_low is None or cell.fit_high is None:
        return ""
    if cell.fit_bound or cell.fit_low == cell.fit_high:
        return ""
    return f"{whole_percent(cell.fit_low)}–{whole_percent(cell.fit_high)}"


def response_share(n: int | None, invited: int | None) -> str:
    """Return the answered share of those invited, in whole per cent without its sign."""
    return whole_percent(100 * n / invited) if n is not None and invited else ""


def change_side(verdict: Verdict | None) -> Literal["up", "down", "none"]:
    """Return the colour of a change: only what is really up or down has one."""
    return verdict if verdict in ("up", "down") else "none"


def change_sentence(change: Change | None) -> str:
    """Return the change since the last cycle in words; empty where nothing is compared."""
    if change is None:
        return ""
    if change.is_clear:
        return _("%(moved)s since the last survey") % {"moved": change_size(change)}
    if change.verdict == "few":
        return _("not enough responses to detect a change")
    return _("no significant change")


def agreement(word: str) -> str:
    words = {
        "very strong": _("very strong agreement"),
        "strong": _("strong agreement"),
        "moderate": _("moderate agreement"),
        "weak": _("weak agreement"),
        "lacking": _("no agreement"),
        "agree": _("people agree"),  # of fewer than ten answers there are these two words alone
        "opinions differ": _("opinions differ"),
        "split": _("opinions are split"),
    }
    return words.get(word.replace("_", " "), "")


def rank_stability(word: str) -> str:
    """Return how surely a capability is among the first five priorities."""
    words = {
        "firm": pgettext("place in the list", "high confidence"),
        "likely": pgettext("place in the list", "medium confidence"),
        "contender": pgettext("place in the list", "low confidence"),
    }
    return words.get(word, "")


def decision(word: str) -> str:
    words = {
        "develop": pgettext("decision", "develop"),
        "sustain": pgettext("decision", "sustain"),
        "scale_down": pgettext("decision", "scale down"),
        "outsource": pgettext("decision", "outsource"),
        "automate": pgettext("decision", "automate"),
        "leave": pgettext("decision", "leave as it is"),
    }
    return words.get(word.replace("-", "_"), "")


def leader_comparison(word: str) -> str:
    """Return how the leader's answer compares with the team's."""
    words = {
        "shared_strength": _("Leaders and teams agree: this is a strength"),
        "shared_gap": _("Leaders and teams agree: this is a gap"),
        "blind_spot": _("Leaders rate this higher than their teams"),
        "hidden_strength": _("Teams rate this higher than their leaders"),
    }
    return words.get(word, "")


def suggestion(word: str) -> str:
    """Return a decision worded as a suggestion, because a person decides."""
    decision_text = decision(word)
    return _("Suggested: %(decision)s") % {"decision": decision_text} if decision_text else ""


def change_size(change: Change) -> str:
    """Return up 0.6 or down 0.5, for a clear change; without a size where bounds leave none."""
    up = change.verdict == "up"
    if change.size is None:
        return _("up") if up else _("down")
    size = {"size": _bounded_gap(abs(change.size), change.bound, short=not up)}
    return _("up %(size)s") % size if up else _("down %(size)s") % size


def signed_change(change: Change) -> str:
    """Return +0.6 or −0.5, where there is no space for words; up or down where bounds leave no size."""
    return change_size(change) if change.size is None else signed(change.size, change.bound)


def expected_by_chance(size: float | None) -> str:
    """Return how much of a change chance explains: extremes regress to the mean by themselves."""
    return _("%(size)s of it could be chance") % {"size": signed(size)} if size else ""


def signed(size: float, bound: str | None = None) -> str:
    """Return +0.4 or −0.5; 0.0 has no sign."""
    sign = "" if abs(size) < 0.05 else "−" if size < 0 else "+"
    return _add_bound(f"{sign}{points(abs(size))}", bound)


def too_few_answers() -> str:
    return _("not enough responses")
