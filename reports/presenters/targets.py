"""The targets page: each capability with its published level and the choice of its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.forms import BoundField, Form
from django.utils.translation import gettext as _

from assessments.rubrics import Capability, Rubric
from assessments.scoring.cell import Cell
from assessments.targets import LEVELS, CapabilityTarget
from reports import formatting

CellsByKind = Mapping[tuple[str, str], Cell]
"""(Slug of a capability, kind) -> cell of one team in the latest cycle."""


@dataclass(frozen=True, slots=True)
class TargetRow:
    field: BoundField  # the choice of a target
    name: str
    level: str
    interval: str
    importance: str


@dataclass(frozen=True, slots=True)
class TargetGroup:
    name: str
    rows: tuple[TargetRow, ...]


def target_groups(
    rubric: Rubric, cells: CellsByKind, form: Form, language: str
) -> tuple[TargetGroup, ...]:
    return tuple(
        TargetGroup(
            dimension.name.in_(language),
            tuple(_target_row(item, cells, form, language) for item in dimension.capabilities),
        )
        for dimension in rubric.dimensions
    )


def _target_row(item: Capability, cells: CellsByKind, form: Form, language: str) -> TargetRow:
    level = cells.get((item.slug, "performance"))
    return TargetRow(
        field=form[item.slug],
        name=item.name.in_(language),
        level=formatting.score(level),
        interval=formatting.interval(level),
        importance=formatting.score(cells.get((item.slug, "importance"))),
    )


def level_choices(
    rubric: Rubric, target: CapabilityTarget | None, language: str
) -> list[tuple[str, str]]:
    """Return the choices for one capability's target. The first, empty one leaves it to the target of
    a team above, or to the rated importance."""
    inherited = target.inherited if target else None
    default_label = (
        _("Use importance rating")
        if inherited is None
        else _("Inherit (%(level)s)") % {"level": inherited}
    )
    names = {step.level: step.name.in_(language) for step in rubric.scale}
    return [("", default_label), *((str(level), f"{level} · {names[level]}") for level in LEVELS)]
