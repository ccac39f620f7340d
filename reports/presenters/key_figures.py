"""The four numbers of the first page: fit, level, how many answered, whether leader and team agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.results.queries import ClosedCycle
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import LeaderAlignment, cell_change, level_names, nonresponse_effect


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the four numbers, with its change and what it rests on."""

    name: str
    figure: str
    unit: str
    change: str
    side: str  # up, down, none, plain
    honest: str
    result: UUID | None = None
    warning: str = ""
    notes: tuple[str, ...] = ()  # what it leaves open, in sentences


def key_figures(seen: OrganizationResults) -> tuple[KeyFigure, ...]:
    cell, before = seen.overall(seen.now), seen.overall(seen.before)
    of_the_whole = (_fit(cell, before), _level(cell, seen), _answered(cell, before))
    result = seen.cells.result(cell)
    return (
        *(replace(one, result=result) for one in of_the_whole),
        _alignment(seen.alignment(seen.now), seen.alignment(seen.before)),
    )


def _before(text: str) -> str:
    return _("last cycle: %(number)s") % {"number": text} if text else ""


def _fit(cell: Cell | None, before: Cell | None) -> KeyFigure:
    if cell is None or cell.fit is None:
        return KeyFigure(_("Fit"), "–", "", "", "plain", formatting.missing_reason(cell))
    least = _("at least") if cell.detail.get("fit_bound") else ""
    sure = least or formatting.fit_interval(cell)
    honest = formatting.join_parts(sure, formatting.based_on(cell))
    earlier = _before(formatting.fit(before))
    return KeyFigure(_("Fit"), formatting.whole_percent(cell.fit), "%", earlier, "plain", honest)


def _level(cell: Cell | None, seen: OrganizationResults) -> KeyFigure:
    if cell is None or cell.score is None:
        return KeyFigure(_("Level"), "–", "", "", "plain", formatting.missing_reason(cell))
    moved = cell_change(cell)
    words = (
        formatting.change_sentence(moved.verdict, moved.size, moved.seen, moved.bound)
        if moved
        else ""
    )
    names = level_names(seen.now.rubric, seen.language)
    weakest = part_name(cell.held_by, seen.now, seen.language)
    honest = formatting.join_parts(
        formatting.interval(cell), formatting.level(cell, names, weakest), formatting.based_on(cell)
    )
    side = formatting.change_side(moved.verdict) if moved else "plain"
    return KeyFigure(_("Level"), formatting.score(cell), _("of 5"), words, side, honest)


def part_name(slug: str | None, cycle: ClosedCycle, language: str) -> str:
    """The name of a value or a capability of this cycle's rubric."""
    if not slug:
        return ""
    names = {one.slug: one.name for one in cycle.rubric.capabilities}
    names |= {one.slug: one.name for one in cycle.rubric.dimensions}
    return names[slug].in_(language) if slug in names else ""


def _answered(cell: Cell | None, before: Cell | None) -> KeyFigure:
    share, was = (
        formatting.response_share(one.n, one.invited) if one else "" for one in (cell, before)
    )
    told = replace(cell, everyone=False) if cell else None  # in step with the share
    quiet = nonresponse_effect(cell)
    notes = (quiet.moderate if quiet else "", caveats.not_covered(cell))
    earlier = _before(formatting.percent(float(was))) if was else ""
    return KeyFigure(
        pgettext("share of people", "Answered"),
        share or "–",
        "%" if share else "",
        earlier,
        "plain",
        formatting.cell_responses(told),
        warning=caveats.low_response(cell.n, cell.invited) if cell else "",
        notes=tuple(one for one in notes if one),
    )


def _alignment(now: LeaderAlignment | None, was: LeaderAlignment | None) -> KeyFigure:
    name = _("Leader and team agree")
    if now is None or not now.of:
        return KeyFigure(
            name, "–", "", "", "plain", _("no leader's answer to set beside the team's")
        )
    earlier = (
        _before(_("%(shared)s of %(of)s") % {"shared": was.shared, "of": was.of}) if was else ""
    )
    unit = _("of %(of)s priorities") % {"of": now.of}
    return KeyFigure(name, str(now.shared), unit, earlier, "plain", leader_bias(now.bias))


def leader_bias(value: float | None) -> str:
    """How much higher or lower the leader rates."""
    if value is None:
        return ""
    size = {"size": formatting.points(abs(value))}
    if abs(value) < formatting.NEGLIGIBLE_GAP:
        return _("leader and team rate about the same")
    if value > 0:
        return _("leader rates %(size)s higher on average") % size
    return _("leader rates %(size)s lower on average") % size
