"""Turn published numbers into words, for every page, mail and document.

A number is never shown alone: who answered and how sure it is are shown with it, and where it may not
be shown the reason is given instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.scoring.cell import Cell, Change, PriorityGroup, Verdict

Side = Literal["below", "above", "none"]
NEGLIGIBLE_GAP = 0.2  # points; a smaller difference is not reported


def points(value: float) -> str:
    """Return a level or a difference of levels with one decimal."""
    return f"{value + 0.0:.1f}"


def level_number(value: float, *, coarse: bool) -> str:
    """Return a level: 3.4, or in half levels 3 or 3.5."""
    return f"{value:g}" if coarse else points(value)


def score(cell: Cell | None) -> str:
    """Return the level, or why there is none."""
    if cell is None or cell.score is None:
        return missing_reason(cell)
    return level_number(cell.score, coarse=cell.coarse)


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


def interval(cell: Cell | None) -> str:
    """Return 3.1–3.7, in half levels 3–4; empty where it has no width."""
    if cell is None or cell.low is None or cell.high is None or cell.low == cell.high:
        return ""
    low, high = (level_number(limit, coarse=cell.coarse) for limit in (cell.low, cell.high))
    return f"{low}–{high}"


def score_with_interval(cell: Cell | None) -> str:
    """Return 3.4 (3.1–3.7); of a small team with a best estimate 3.6, likely 3.1–3.8."""
    margin = interval(cell)
    if cell is None or not margin:
        return score(cell)
    values = {"level": score(cell), "range": margin}
    return (
        _("%(level)s, likely %(range)s") if cell.is_estimated else _("%(level)s (%(range)s)")
    ) % values


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
    return join_parts(score_with_interval(cell), cell_responses(cell))


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
    size = points(abs(cell.gap))
    return (
        _("%(size)s below") % {"size": size}
        if cell.gap < 0
        else _("%(size)s above") % {"size": size}
    )


def distance(size: float) -> str:
    """Return the distance of two numbers without its direction: 1.7 apart."""
    return _("%(size)s gap") % {"size": points(abs(size))}


def signed_gap(cell: Cell) -> str:
    """Return −0.2 or +1.1, for a heat map without space for words."""
    return "" if cell.gap is None else signed(cell.gap)


def need_level(cell: Cell | None) -> str:
    """Return the level of the need alone, for a table column."""
    if cell is None or cell.need is None:
        return ""
    return level_number(cell.need, coarse=cell.coarse)


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
    """Return 85%."""
    return "" if cell is None or cell.fit is None else percent(cell.fit)


def fit_interval(cell: Cell | None) -> str:
    """Return 83–87; empty where the interval is narrower than a whole per cent."""
    if cell is None or cell.fit_low is None or cell.fit_high is None:
        return ""
    if cell.fit_low == cell.fit_high:
        return ""
    return f"{whole_percent(cell.fit_low)}–{whole_percent(cell.fit_high)}"


def response_share(n: int | None, invited: int | None) -> str:
    """Return the answered share of those invited, in whole per cent without its sign."""
    return whole_percent(100 * n / invited) if n is not None and invited else ""


def change_side(verdict: Verdict | None) -> Literal["up", "down", "none"]:
    """Return the colour of a change: only what is really up or down has one."""
    return verdict if verdict in ("up", "down") else "none"


def since_last() -> str:
    return _("since the last survey")


def change_sentence(change: Change | None, since: str = "") -> str:
    """Return a change in words; empty where nothing is compared or tested. `since`: such as "in a year";
    by default since the last survey."""
    if change is None:
        return ""
    if change.is_clear:
        values = {"moved": change_size(change), "since": since or since_last()}
        return _("%(moved)s %(since)s") % values
    words: dict[Verdict, str] = {
        "few": _("not enough responses to detect a change"),
        "other_people": _("different people answered"),
        "none": _("no significant change"),
    }
    return words.get(change.verdict, "")


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


def priority_group(group: PriorityGroup) -> str:
    """Return what is said of a capability beyond the first five, instead of a rank."""
    words: dict[PriorityGroup, str] = {
        "no_clear_order": _("no clear order"),
        "clearly_lower": _("clearly lower"),
    }
    return words.get(group, "")


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
        "leader_higher": _("Leaders rate this higher than their teams"),
        "leader_lower": _("Teams rate this higher than their leaders"),
        "no_clear_difference": _("No clear difference between leaders and teams"),
    }
    return words.get(word, "")


def suggestion(word: str) -> str:
    """Return a decision worded as a suggestion, because a person decides."""
    decision_text = decision(word)
    return _("Suggested: %(decision)s") % {"decision": decision_text} if decision_text else ""


def leave_reason(word: str) -> str:
    """Return why nothing needs to be done about a shortfall; empty for every other decision."""
    return _("importance below average") if word == "leave" else ""


def change_size(change: Change) -> str:
    """Return up 0.6 or down 0.5, for a clear change."""
    size = {"size": points(abs(change.size))}
    return _("up %(size)s") % size if change.verdict == "up" else _("down %(size)s") % size


def signed(size: float) -> str:
    """Return +0.4 or −0.5; 0.0 has no sign."""
    sign = "" if abs(size) < 0.05 else "−" if size < 0 else "+"
    return f"{sign}{points(abs(size))}"


def too_few_answers() -> str:
    return _("not enough responses")
