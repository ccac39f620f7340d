"""What level is needed: each capability with what was found, and the level that is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.forms import BoundField, Form
from django.utils.translation import gettext as _

from assessments.rubrics import Capability, Rubric
from assessments.scoring.cell import Cell
from assessments.targets import LEVELS, CapabilityTarget
from reports import formatting

CellsByKind = Mapping[
    tuple[str, str], Cell
]  # capability, kind -> what the latest cycle shows of one team


@dataclass(frozen=True, slots=True)
class TargetRow:
    field: BoundField  # the choice
    name: str
    level: str
    honest: str
    importance: str


@dataclass(frozen=True, slots=True)
class TargetGroup:
    name: str
    lines: tuple[TargetRow, ...]


def target_groups(
    rubric: Rubric, found: CellsByKind, form: Form, language: str
) -> tuple[TargetGroup, ...]:
    return tuple(
        TargetGroup(
            one.name.in_(language),
            tuple(_line(item, found, form, language) for item in one.capabilities),
        )
        for one in rubric.dimensions
    )


def _line(item: Capability, found: CellsByKind, form: Form, language: str) -> TargetRow:
    level = found.get((item.slug, "performance"))
    return TargetRow(
        field=form[item.slug],
        name=item.name.in_(language),
        level=formatting.score(level),
        honest=formatting.interval(level),
        importance=formatting.score(found.get((item.slug, "importance"))),
    )


def level_choices(
    rubric: Rubric, aim: CapabilityTarget | None, language: str
) -> list[tuple[str, str]]:
    """What can be asked of one capability; the first choice leaves it to those above, or to the
    rated importance."""
    above = aim.inherited if aim else None
    left = (
        _("as rated: the importance")
        if above is None
        else _("as asked above: %(level)s") % {"level": above}
    )
    names = {step.level: step.name.in_(language) for step in rubric.scale}
    return [("", left), *((str(level), f"{level} · {names[level]}") for level in LEVELS)]
