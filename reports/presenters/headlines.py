"""Headlines: one sentence on top of a page that a director could repeat, only as strong as the numbers
allow."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.results.queries import ClosedCycle

MAX_NAMES = 2  # names in one headline


def join_names(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    named, more = ", ".join(names[:MAX_NAMES]), len(names) - MAX_NAMES
    if more <= 0:
        return named
    text = ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more)
    return text % {"names": named, "count": more}


def home(
    short: Sequence[str], over: Sequence[str], *, level: str, known: bool, needs_known: bool
) -> str:
    """Return the headline of the first page.

    `short` and `over` are names of capabilities below and above the need, those to name first in front;
    `known` is whether any level is shown, `needs_known` whether any need is: without one the overall
    `level` is the finding.
    """
    if not known:
        return _("Not enough responses yet.")
    if not needs_known:
        return _("Current level: %(level)s of 5") % {"level": level}
    if short:
        return _("Gaps to close first: %(names)s") % {"names": join_names(short[:MAX_NAMES])}
    if over:
        return _("No gaps. Above needed level: %(names)s.") % {
            "names": join_names(over[:MAX_NAMES])
        }
    return _("All capabilities shown are close to their needed level.")


def lead(short: Sequence[str], over: Sequence[str], changes: Sequence[str]) -> str:
    """Return the line under the headline: values clearly below and above the need, each with its gap,
    and sentences on those that really changed."""
    sentences = []
    if short:
        sentences.append(_("Below needed level: %(names)s.") % {"names": join_names(short)})
    if over:
        sentences.append(_("Above needed level: %(names)s.") % {"names": join_names(over)})
    return " ".join([*sentences, *changes])


def moved(up: Sequence[str], down: Sequence[str], since: str) -> list[str]:
    """Return sentences on what really went up and down, the largest change first. `since`: such as "in
    a year"."""
    sentences = []
    if up:
        values = {"since": since, "names": join_names(up)}
        sentences.append(_("Significantly up %(since)s: %(names)s.") % values)
    if down:
        values = {"since": since, "names": join_names(down)}
        sentences.append(_("Significantly down %(since)s: %(names)s.") % values)
    return sentences


def teams(
    worst: tuple[str, str, str] | None,
    everywhere: Sequence[str],
    *,
    known: bool,
    needs_known: bool = True,
) -> str:
    """Return the headline of the heat map. `worst` is team, value and gap of the cell furthest below
    its need, if it clearly is; `everywhere` the values below it in all teams; `known` and `needs_known`
    whether any level and any need is shown."""
    if not known:
        return _("Not enough responses yet to compare teams.")
    if not needs_known:
        return _("Levels by team, without needed levels")
    if worst is None and everywhere:
        return _("Below the needed level in all teams: %(values)s.") % {
            "values": join_names(everywhere)
        }
    if worst is None:
        return _("No team is clearly below its needed level.")
    return _("Largest gap: %(team)s, %(value)s (%(gap)s).") % dict(
        zip(("team", "value", "gap"), worst, strict=True)
    )


def team(
    name: str,
    short: Sequence[str],
    over: Sequence[str],
    *,
    level: str,
    known: bool,
    of_values: bool = False,
) -> str:
    """Return the headline of one team. `known`: whether any gap is; without, its `level` is the finding.
    `of_values`: the names are those of values, not of capabilities."""
    if not known:
        return _("%(team)s: level %(level)s of 5") % {"team": name, "level": level}
    words = {"team": name, "names": join_names((short or over)[:MAX_NAMES])}
    if short:
        gaps = pgettext("values", "Biggest gaps in %(team)s: %(names)s")
        return (gaps if of_values else _("Biggest gaps in %(team)s: %(names)s")) % words
    if over:
        above = pgettext("values", "No gaps in %(team)s. Above needed level: %(names)s.")
        return (
            above if of_values else _("No gaps in %(team)s. Above needed level: %(names)s.")
        ) % words
    close = pgettext("values", "%(team)s is close to its needed level everywhere.")
    return (close if of_values else _("%(team)s is close to its needed level everywhere.")) % words


def compared(higher: Sequence[str], lower: Sequence[str]) -> str:
    """Return the line over the comparison of a team with the organization."""
    sentences = []
    if higher:
        sentences.append(
            _("Higher than the organization: %(names)s.") % {"names": join_names(higher)}
        )
    if lower:
        sentences.append(
            _("Lower than the organization: %(names)s.") % {"names": join_names(lower)}
        )
    return " ".join(sentences) or _("No clear difference from the organization.")


def capabilities(first: Sequence[str], *, known: bool, needs_known: bool = True) -> str:
    if not needs_known:
        return _("Levels without priorities: needed levels aren't known.")
    if not known:
        return _("Not enough responses yet to set priorities.")
    if not first:
        return _("No capability needs developing first.")
    return _("Top priorities: %(names)s") % {"names": join_names(first[:MAX_NAMES])}


def colophon(cycle: ClosedCycle, closed_on: str) -> str:
    return _(
        "%(cycle)s · closed %(closed)s · version %(version)s · shown for groups of "
        "%(threshold)s or more; leader responses are kept separate"
    ) % {
        "cycle": cycle.name,
        "closed": closed_on,
        "version": cycle.rubric.version,
        "threshold": cycle.threshold,
    }


def trend(changes: Sequence[str], *, compared: bool, first: bool) -> str:
    """Return the headline of the trend page, from the sentences on what really changed."""
    if first:
        return _("This is your first survey. Trends start with the next one.")
    if not compared:
        return _("These results can't be compared with the last survey.")
    return " ".join(changes) or _("No significant change since the last survey.")


def still_far(names: Sequence[str]) -> str:
    """Return the sentence on values a level or more below the need that did not change."""
    if not names:
        return ""
    return _("Still a level or more below what's needed: %(names)s.") % {"names": join_names(names)}
