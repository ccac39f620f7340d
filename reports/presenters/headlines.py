"""Headlines: one sentence on top of a page that a director could repeat, only as strong as the numbers
allow."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

MAX_NAMES = 2  # names in one headline


def join_names(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_NAMES])


def home(short: Sequence[str], over: Sequence[str], *, known: bool) -> str:
    """Return the headline of the first page.

    `short` and `over` are names of capabilities below and above the need, those to name first in front;
    `known` is whether any level is shown.
    """
    if not known:
        return _("Not enough responses yet.")
    if short:
        return _("Biggest gaps: %(names)s") % {"names": join_names(short)}
    if over:
        return _("No gaps. Above needed level: %(names)s.") % {"names": join_names(over)}
    return _("All capabilities shown are close to their needed level.")


def lead(short: Sequence[str], over: Sequence[str], up: Sequence[str]) -> str:
    """Return the line under the headline: values furthest below and above the need, each with its gap,
    and those that really went up."""
    sentences = []
    if short:
        sentences.append(_("Largest shortfalls: %(names)s.") % {"names": join_names(short)})
    if over:
        sentences.append(_("Above needed level: %(names)s.") % {"names": join_names(over)})
    if up:
        sentences.append(
            _("Significantly up since the last survey: %(names)s.") % {"names": join_names(up)}
        )
    return " ".join(sentences)


def teams(worst: tuple[str, str, str] | None, *, known: bool) -> str:
    """Return the headline of the heat map. `worst` is team, value and gap of the cell furthest below
    its need."""
    if not known:
        return _("Not enough responses yet to compare teams.")
    if worst is None:
        return _("No team is clearly below its needed level.")
    return _("Largest gap: %(team)s, %(value)s (%(gap)s).") % dict(
        zip(("team", "value", "gap"), worst, strict=True)
    )


def capabilities(first: Sequence[str], *, known: bool) -> str:
    if not known:
        return _("Not enough responses yet to set priorities.")
    if not first:
        return _("No capability needs developing first.")
    return _("Top priorities: %(names)s") % {"names": join_names(first)}


def colophon(*, cycle: str, closed: str, version: str, threshold: int) -> str:
    return _(
        "%(cycle)s · closed %(closed)s · version %(version)s · shown for groups of "
        "%(threshold)s or more; leader responses are kept separate"
    ) % {"cycle": cycle, "closed": closed, "version": version, "threshold": threshold}


def trend(up: Sequence[str], down: Sequence[str], *, compared: bool, first: bool) -> str:
    """Return the headline of the trend page: the values that really went up and down."""
    if first:
        return _("This is your first survey. Trends start with the next one.")
    if not compared:
        return _("These results can't be compared with the last survey.")
    sentences = []
    if up:
        sentences.append(
            _("Significantly up since the last survey: %(names)s.") % {"names": join_names(up)}
        )
    if down:
        sentences.append(_("Significantly down: %(names)s.") % {"names": join_names(down)})
    return " ".join(sentences) or _("No significant change since the last survey.")
