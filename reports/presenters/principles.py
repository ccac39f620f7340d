"""The three principles in the organization's own words, each with its owner and the level it reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.rubrics import Dimension
from organizations.models import Principle
from organizations.text import in_language
from reports.presenters.practices import Practices

FIRST_VERSION = 1  # of a principle that nobody has changed


@dataclass(frozen=True, slots=True)
class PrincipleSection:
    """One principle: its wording, its methods, its owner."""

    number: int
    name: str
    level: str  # of its practices; "" where it is not shown
    wording: str
    is_own: bool  # in other words than those that every organization begins with
    methods: tuple[str, ...]
    owner: str
    review_on: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class PrinciplesPage:
    eyebrow: str
    heading: str
    sections: tuple[PrincipleSection, ...]
    practices: Practices | None  # None before the first cycle about collaboration
    colophon: str


def principles_page(
    principles: Sequence[Principle],
    dimensions: Sequence[Dimension],
    practices: Practices | None,
    *,
    today: date,
    language: str,
) -> PrinciplesPage:
    """Return the page. `dimensions` are those of the collaboration rubric, in the order of the
    principles; without `practices` the page shows the wording alone."""
    levels = [group.score for group in practices.groups] if practices else [""] * len(dimensions)
    return PrinciplesPage(
        eyebrow=_("Three principles · %(cycle)s") % {"cycle": practices.cycle}
        if practices
        else _("Three principles"),
        heading=practices.heading if practices else _("How our teams want to work together."),
        sections=tuple(
            _principle_section(principle, dimension, level, today, language)
            for principle, dimension, level in zip(principles, dimensions, levels, strict=False)
        ),
        practices=practices,
        colophon=practices.colophon if practices else "",
    )


def _principle_section(
    principle: Principle, dimension: Dimension, level: str, today: date, language: str
) -> PrincipleSection:
    return PrincipleSection(
        number=principle.number,
        name=dimension.name.in_(language),
        level=level,
        wording=in_language(principle.wording, language),
        is_own=principle.version > FIRST_VERSION,
        methods=tuple(
            line for line in in_language(principle.methods, language).splitlines() if line.strip()
        ),
        owner=principle.owner.name if principle.owner else "",
        review_on=principle.review_on,
        overdue=principle.review_on is not None and principle.review_on < today,
    )
