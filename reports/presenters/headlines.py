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
        return _("Too few answers to say anything yet.")
    if short:
        return _("What holds us back most: %(names)s.") % {"names": join_names(short)}
    if over:
        return _("Nothing falls short. More than we need: %(names)s.") % {"names": join_names(over)}
    return _("Everywhere we can see, level and need match.")


def lead(short: Sequence[str], over: Sequence[str], up: Sequence[str]) -> str:
    """Return the line under the headline: values furthest below and above the need, each with its gap,
    and those that really went up."""
    sentences = []
    if short:
        sentences.append(_("Furthest below the need: %(names)s.") % {"names": join_names(short)})
    if over:
        sentences.append(_("Furthest above it: %(names)s.") % {"names": join_names(over)})
    if up:
        sentences.append(
            _("Really up since the last cycle: %(names)s.") % {"names": join_names(up)}
        )
    return " ".join(sentences)


def teams(worst: tuple[str, str, str] | None, *, known: bool) -> str:
    """Return the headline of the heat map. `worst` is team, value and gap of the cell furthest below
    its need."""
    if not known:
        return _("Too few answers to compare teams yet.")
    if worst is None:
        return _("No team stands clearly below the need.")
    return _("The widest gap: %(team)s, %(value)s, %(gap)s.") % dict(
        zip(("team", "value", "gap"), worst, strict=True)
    )


def capabilities(first: Sequence[str], *, known: bool) -> str:
    if not known:
        return _("Too few answers to rank anything yet.")
    if not first:
        return _("Nothing needs to be developed first.")
    return _("To be developed first: %(names)s.") % {"names": join_names(first)}


def colophon(*, cycle: str, closed: str, version: str, threshold: int) -> str:
    return _(
        "%(cycle)s · closed %(closed)s · edition %(version)s · results are shown from %(threshold)s "
        "people upward, leaders never mixed in"
    ) % {"cycle": cycle, "closed": closed, "version": version, "threshold": threshold}


def trend(up: Sequence[str], down: Sequence[str], *, compared: bool, first: bool) -> str:
    """Return the headline of the trend page: the values that really went up and down."""
    if first:
        return _("The first ring. The next cycle shows what changes.")
    if not compared:
        return _("Nothing can be compared with the last cycle.")
    sentences = []
    if up:
        sentences.append(
            _("Really up since the last cycle: %(names)s.") % {"names": join_names(up)}
        )
    if down:
        sentences.append(_("Really down: %(names)s.") % {"names": join_names(down)})
    return " ".join(sentences) or _("No clear change since the last cycle.")
