"""The targets page: each capability with its published level and the choice of its target, a preview of what
is chosen, and who set what before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.forms import Form
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.rubrics import Capability, Dimension, Rubric
from assessments.scoring.cell import Cell
from assessments.targets import LEVELS, CapabilityTarget, TargetChange
from reports import formatting
from reports.charts import Svg, target_marks

CellsByKind = Mapping[tuple[str, str], Cell]
"""(Slug of a capability, kind) -> cell of one team in the latest cycle."""
FAR = 0.5  # points: half a level, from which the preview counts a gap


@dataclass(frozen=True, slots=True)
class TargetResults:
    """What the page is made of."""

    rubric: Rubric
    team: UUID
    cycle: str  # the newest survey that was closed, "" without one
    cells: CellsByKind
    targets: Mapping[str, CapabilityTarget]
    changes: Sequence[TargetChange]  # the newest first
    language: str

    def score(self, slug: str, kind: str = "performance") -> float | None:
        cell = self.cells.get((slug, kind))
        return cell.score if cell else None

    def published_need(self, slug: str) -> float | None:
        cell = self.cells.get((slug, "performance"))
        return cell.need if cell else None

    def need(self, slug: str, own: int | None) -> float | None:
        """Return what would be needed with this target of the team's own, or without one."""
        target = self.targets.get(slug)
        level = own or (target.inherited if target else None)
        return float(level) if level else self.score(slug, "importance")

    def gap(self, slug: str, need: float | None) -> float | None:
        level = self.score(slug)
        return None if level is None or need is None else round(level - need, 1)


@dataclass(frozen=True, slots=True)
class TargetChoice:
    value: str
    label: str  # in the cell
    name: str  # for screen readers
    checked: bool
    saved: bool


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One capability: its choices and, in words, what they are set against."""

    slug: str
    name: str
    facts: str
    gap: str
    side: formatting.Side
    picture: Svg
    choices: tuple[TargetChoice, ...]
    errors: Sequence[str]


@dataclass(frozen=True, slots=True)
class TargetGroup:
    slug: str
    name: str
    rows: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True)
class TargetSide:
    """The values under one heading, such as value to the customer; "" where the rubric has none."""

    name: str
    groups: tuple[TargetGroup, ...]


@dataclass(frozen=True, slots=True)
class PreviewFigure:
    label: str
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of the history."""

    at: datetime
    by: str
    name: str
    change: str


@dataclass(frozen=True, slots=True)
class TargetsPage:
    heading: str
    cycle: str
    sides: tuple[TargetSide, ...]
    preview: tuple[PreviewFigure, ...]  # () unless it was asked for
    history: tuple[ChangeLine, ...]


def targets_page(results: TargetResults, form: Form, *, preview: bool) -> TargetsPage:
    """Return the page. The form holds what is chosen; `preview` sets it against the newest survey."""
    rubric, language = results.rubric, results.language
    chosen = {item.slug: _chosen(form, item.slug) for item in rubric.capabilities}
    names = {side.slug: side.name.in_(language) for side in rubric.sides}
    return TargetsPage(
        heading=_heading(results),
        cycle=results.cycle,
        sides=tuple(
            TargetSide(
                names.get(side or "", ""),
                tuple(_group(dimension, results, form) for dimension in members),
            )
            for side, members in groupby(rubric.dimensions, key=lambda value: value.side)
        ),
        preview=_preview(results, chosen) if preview and results.cycle else (),
        history=_history(results),
    )


def _chosen(form: Form, slug: str) -> int | None:
    """Return the target that the form shows as chosen."""
    value = str(form[slug].value() or "")
    return int(value) if value in map(str, LEVELS) else None


def _heading(results: TargetResults) -> str:
    count = sum(target.level is not None for target in results.targets.values())
    if not count:
        return _("No targets set. The importance your people gave counts as the needed level.")
    return ngettext(
        "%(count)s target set. Elsewhere the importance your people gave counts as the needed level.",
        "%(count)s targets set. Elsewhere the importance your people gave counts as the needed level.",
        count,
    ) % {"count": count}


def _group(dimension: Dimension, results: TargetResults, form: Form) -> TargetGroup:
    return TargetGroup(
        dimension.slug,
        dimension.name.in_(results.language),
        tuple(_row(item, results, form) for item in dimension.capabilities),
    )


def _row(item: Capability, results: TargetResults, form: Form) -> TargetRow:
    slug, chosen = item.slug, _chosen(form, item.slug)
    need = results.need(slug, chosen)
    gap, side = _gap(results, slug, need)
    return TargetRow(
        slug=slug,
        name=item.name.in_(results.language),
        facts=_facts(results, slug, need),
        gap=gap,
        side=side,
        picture=target_marks(results.score(slug), results.score(slug, "importance"), need, side),
        choices=_choices(results, slug, str(form[slug].value() or "")),
        errors=[str(error) for error in form[slug].errors],
    )


def _gap(results: TargetResults, slug: str, need: float | None) -> tuple[str, formatting.Side]:
    """Return the gap in words, and its side: as published where the need is, else from printed numbers."""
    cell, gap = results.cells.get((slug, "performance")), results.gap(slug, need)
    if gap is None:
        return "", "none"
    if cell is not None and need == cell.need:
        return formatting.gap(cell), formatting.need_side(cell)
    if abs(gap) < formatting.NEGLIGIBLE_GAP:
        return _("about right"), "none"
    size = {"size": formatting.points(abs(gap))}
    return (
        (_("%(size)s below") % size, "below") if gap < 0 else (_("%(size)s above") % size, "above")
    )


def _facts(results: TargetResults, slug: str, need: float | None) -> str:
    """Return level, importance, what was needed in the newest survey if that is another, and the target."""
    cell = results.cells.get((slug, "performance"))
    importance = results.cells.get((slug, "importance"))
    published = results.published_need(slug)
    parts = [
        _("level %(level)s") % {"level": formatting.score_with_interval(cell)}
        if results.score(slug) is not None
        else formatting.score(cell),
        _("importance %(level)s") % {"level": formatting.score(importance)}
        if results.score(slug, "importance") is not None
        else "",
        _("need %(level)s in %(cycle)s")
        % {"level": formatting.need_level(cell), "cycle": results.cycle}
        if published is not None and published != need
        else "",
        _target(results, slug),
    ]
    return formatting.join_parts(*parts)


def _target(results: TargetResults, slug: str) -> str:
    """Return the saved target, whether it is new, and who set it when."""
    target, cell = results.targets.get(slug), results.cells.get((slug, "performance"))
    level = target.level if target else None
    was_target = cell is not None and cell.need_source == "target"
    if level is None:
        return _("no target from the next survey on") if was_target else ""
    is_new = cell is not None and not (was_target and cell.need == level)
    words = _("new target %(level)s from the next survey") if is_new else _("target %(level)s")
    text = words % {"level": level}
    changes = (row for row in results.changes if row.capability == slug and row.after == level)
    setting = next(changes, None)
    return f"{text} ({_person(setting)}, {_day(setting.at)})" if setting else text


def _person(change: TargetChange) -> str:
    return change.by or _("Removed member")


def _day(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")


def _choices(results: TargetResults, slug: str, chosen: str) -> tuple[TargetChoice, ...]:
    """Return the choices. The first, empty one leaves it to the target of a team above, or to the rated
    importance."""
    target = results.targets.get(slug)
    saved = str(target.own) if target and target.own else ""
    inherited = target.inherited if target else None
    default = (
        (_("as rated"), _("Use importance rating"))
        if inherited is None
        else (
            _("inherit %(level)s") % {"level": inherited},
            _("Inherit (%(level)s)") % {"level": inherited},
        )
    )
    names = {step.level: step.name.in_(results.language) for step in results.rubric.scale}
    cells = [("", *default), *((str(n), str(n), f"{n} · {names[n]}") for n in LEVELS)]
    return tuple(
        TargetChoice(value, label, name, checked=value == chosen, saved=value == saved)
        for value, label, name in cells
    )


def _preview(results: TargetResults, chosen: Mapping[str, int | None]) -> tuple[PreviewFigure, ...]:
    """Return gaps as published and as they would be with what is chosen, from printed numbers alone."""
    slugs = [item.slug for item in results.rubric.capabilities]
    now = {slug: results.gap(slug, results.published_need(slug)) for slug in slugs}
    then = {slug: results.gap(slug, results.need(slug, chosen[slug])) for slug in slugs}

    def count(gaps: Mapping[str, float | None], sign: int) -> str:
        return str(sum(gap is not None and sign * gap >= FAR for gap in gaps.values()))

    def largest(gaps: Mapping[str, float | None]) -> str:
        known = [(gap, slug) for slug, gap in gaps.items() if gap is not None and gap < 0]
        if not known:
            return "–"
        gap, slug = min(known)
        item = next(item for item in results.rubric.capabilities if item.slug == slug)
        words = _("%(size)s below") % {"size": formatting.points(-gap)}
        return f"{item.name.in_(results.language)}, {words}"

    return (
        PreviewFigure(_("Half a level or more below"), count(now, -1), count(then, -1)),
        PreviewFigure(_("Half a level or more above"), count(now, 1), count(then, 1)),
        PreviewFigure(_("Largest gap"), largest(now), largest(then)),
    )


def _history(results: TargetResults) -> tuple[ChangeLine, ...]:
    names = {item.slug: item.name.in_(results.language) for item in results.rubric.capabilities}

    def words(level: int | None) -> str:
        return _("no target") if level is None else str(level)

    return tuple(
        ChangeLine(
            change.at,
            _person(change),
            names.get(change.capability, change.capability),
            f"{words(change.before)} → {words(change.after)}",
        )
        for change in results.changes
        if change.team == results.team
    )
