"""The four key figures of the first page: fit, level, answered share, agreement of leader and team."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.results.queries import ClosedCycle
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import detail_of, leading_change, level_names, since_year


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the four numbers, with its change and what it is based on."""

    name: str
    figure: str
    unit: str
    change: str
    side: str  # up, down, none, plain
    basis: str
    result: UUID | None = None
    warning: str = ""
    notes: tuple[str, ...] = ()  # caveats, in sentences


def key_figures(results: OrganizationResults) -> tuple[KeyFigure, ...]:
    cell, before = results.overall(results.now), results.overall(results.before)
    figures = (
        _fit_figure(cell, before, results),
        _level_figure(cell, results),
        _response_figure(cell, before),
    )
    result = results.cells.result(cell)
    return (
        *(replace(figure, result=result) for figure in figures),
        _alignment_figure(results),
    )


def _last_cycle_text(text: str) -> str:
    return _("last survey: %(number)s") % {"number": text} if text else ""


def _fit_figure(cell: Cell | None, before: Cell | None, results: OrganizationResults) -> KeyFigure:
    if cell is None or cell.fit is None:
        return KeyFigure(_("Fit"), "–", "", "", "plain", formatting.missing_reason(cell))
    basis = formatting.join_parts(
        formatting.fit_interval(cell), _fitting_capabilities(results) or formatting.based_on(cell)
    )
    earlier = _last_cycle_text(formatting.fit(before))
    return KeyFigure(_("Fit"), formatting.whole_percent(cell.fit), "%", earlier, "plain", basis)


def _fitting_capabilities(results: OrganizationResults) -> str:
    """Return how many capabilities fit, because the share alone does not tell: 29 of 36 capabilities."""
    sides = [
        formatting.need_side(cell)
        for _item, cell in results.capability_cells()
        if cell and cell.gap is not None
    ]
    if not sides:
        return ""
    return ngettext(
        "%(count)s of %(all)s capability close to its needed level",
        "%(count)s of %(all)s capabilities close to their needed level",
        len(sides),
    ) % {"count": sides.count("none"), "all": len(sides)}


def _level_figure(cell: Cell | None, results: OrganizationResults) -> KeyFigure:
    if cell is None or cell.score is None:
        return KeyFigure(_("Level"), "–", "", "", "plain", formatting.missing_reason(cell))
    leading = leading_change(cell, since_year(results.now, results.year_before))
    names = level_names(results.now.rubric, results.language)
    weakest = part_name(cell.held_by, results.now, results.language)
    basis = formatting.join_parts(
        formatting.interval(cell), formatting.level(cell, names, weakest), formatting.based_on(cell)
    )
    return KeyFigure(
        _("Level"),
        formatting.score(cell),
        _("of 5"),
        leading.sentence if leading else "",
        leading.side if leading else "plain",
        basis,
        notes=(note,) if (note := caveats.straight_lining(results.now.straight_share)) else (),
    )


def part_name(slug: str | None, cycle: ClosedCycle, language: str) -> str:
    """Return the name of a value or a capability of this cycle's rubric; empty if it has none such."""
    if not slug:
        return ""
    names = {item.slug: item.name for item in cycle.rubric.capabilities}
    names |= {dimension.slug: dimension.name for dimension in cycle.rubric.dimensions}
    return names[slug].in_(language) if slug in names else ""


def _response_figure(cell: Cell | None, before: Cell | None) -> KeyFigure:
    share, previous_share = (
        formatting.response_share(each_cell.n, each_cell.invited) if each_cell else ""
        for each_cell in (cell, before)
    )
    effect = caveats.nonresponse_effect(detail_of(cell).non_response)
    notes = (effect, caveats.not_covered(cell))
    earlier = _last_cycle_text(formatting.percent(float(previous_share))) if previous_share else ""
    return KeyFigure(
        pgettext("share of people", "Response rate"),
        share or "–",
        "%" if share else "",
        earlier,
        "plain",
        formatting.cell_responses(cell),
        warning=caveats.low_response(cell.n, cell.invited) if cell else "",
        notes=tuple(note for note in notes if note),
    )


def _alignment_figure(results: OrganizationResults) -> KeyFigure:
    current, previous = results.alignment(results.now), results.alignment(results.before)
    name = _("Shared priorities")
    if current is None or not current.of:
        reason = _("leaders are shown by name if they agree, or together from %(threshold)s")
        return KeyFigure(name, "–", "", "", "plain", reason % {"threshold": results.now.threshold})
    earlier = (
        _last_cycle_text(_("%(shared)s of %(of)s") % {"shared": previous.shared, "of": previous.of})
        if previous
        else ""
    )
    unit = _("of %(of)s") % {"of": current.of}
    return KeyFigure(name, str(current.shared), unit, earlier, "plain", leader_bias(current.bias))


def leader_bias(value: float | None) -> str:
    """Return how much higher or lower the leader rates; `value` is leader minus team, in points."""
    if value is None:
        return ""
    size = {"size": formatting.points(abs(value))}
    if abs(value) < formatting.NEGLIGIBLE_GAP:
        return _("leader and teams score about the same")
    if value > 0:
        return _("leader scores %(size)s higher on average") % size
    return _("leader scores %(size)s lower on average") % size
