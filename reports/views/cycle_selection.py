"""Which cycle the results pages show: the one that the address names, else the newest that shows results of
the organization's main rubric. The choice stays in the address from page to page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.utils import formats, timezone

from assessments.results import queries
from assessments.results.queries import AnyClosedCycle, ClosedCycleSummary, OpenCycle
from assessments.rubric_editions import rubric_by_digest
from organizations.access import TenantRequest
from organizations.languages import current_language
from organizations.tenancy.scope import bound_organization
from reports import formatting
from reports.views.shared import too_few_note

PARAMETER = "cycle"


@dataclass(frozen=True, slots=True)
class CycleOption:
    id: UUID
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class RubricOptions:
    """The closed cycles of one rubric, under its name."""

    name: str
    cycles: tuple[CycleOption, ...]


@dataclass(frozen=True, slots=True)
class CycleSelection:
    """The cycles that a page shows, and what else there is to choose from."""

    closed: tuple[ClosedCycleSummary, ...]  # every closed cycle, the newest first
    awaited: tuple[str, ...]  # names of those that are being counted
    open: tuple[OpenCycle, ...]  # those that take answers, the first to close in front
    # The chosen cycle, and those of its rubric before it that show results; empty where none is closed.
    cycles: tuple[ClosedCycleSummary, ...]
    query: str  # "?cycle=..." that leads to the same cycle elsewhere, "" where it is shown anyway

    @property
    def parameters(self) -> dict[str, str]:
        return {PARAMETER: str(self.cycles[0].id)} if self.query else {}

    @property
    def too_few_note(self) -> str:
        """Why the newest cycle of the rubric is not the one that is shown."""
        rubric = [row for row in self.closed if row.rubric == self.cycles[0].rubric]
        return "" if self.query else too_few_note(rubric)

    @property
    def upcoming(self) -> OpenCycle | None:
        """The open cycle whose results follow those that are shown; None beside an earlier cycle."""
        rubric = self.cycles[0].rubric if self.cycles and not self.query else ""
        return next((row for row in self.open if row.rubric == rubric), None)

    def options(self, offered: Collection[UUID] | None = None) -> tuple[RubricOptions, ...]:
        """Return what can be chosen: by rubric, the newest first, the rubric that is shown by default in
        front. `offered`: the cycles that the reader is offered; None: all."""
        chosen, main = self.cycles[0], queries.main_rubric(self.closed)
        cycles = [
            row for row in self.closed if offered is None or row.id in offered or row == chosen
        ]
        rubrics = sorted(dict.fromkeys(row.rubric for row in cycles), key=lambda slug: slug != main)
        return tuple(
            _rubric_options([row for row in cycles if row.rubric == slug], chosen)
            for slug in rubrics
        )


def select_cycle(request: TenantRequest, rubric: str = "") -> CycleSelection:
    """Return what this request shows; an unknown cycle in the address counts as none. 1 statement.

    `rubric`: of a page about one rubric. There a cycle of another one is not shown, but stays in the
    addresses of the other pages.
    """
    overview = queries.overview()
    main = rubric or queries.main_rubric(overview.closed)
    cycles = queries.with_results([row for row in overview.closed if row.rubric == main])
    query, picked = "", picked_cycles(request, overview.closed)
    if picked and rubric and picked[0].rubric != rubric:
        return CycleSelection(*overview, cycles, query)
    if picked and picked[0] != cycles[0]:
        cycles = tuple(row for row in picked if row.rubric == picked[0].rubric)
        query = cycle_query(cycles[0].id)
    request.cycle_query = query  # type: ignore[attr-defined]  # for the navigation
    return CycleSelection(*overview, cycles, query)


def picked_cycles(
    request: TenantRequest, closed: tuple[AnyClosedCycle, ...]
) -> tuple[AnyClosedCycle, ...]:
    """Return the cycle that the address names and those after it in `closed` that show results; () where
    it names none."""
    wanted = request.GET.get(PARAMETER, "")
    index = next((n for n, row in enumerate(closed) if str(row.id) == wanted), len(closed))
    picked = closed[index : index + 1]
    if picked:
        request.cycle_query = cycle_query(picked[0].id)  # type: ignore[attr-defined]  # for the navigation
    return picked + tuple(row for row in closed[index + 1 :] if row.shows)


def cycle_query(cycle: UUID) -> str:
    return f"?{urlencode({PARAMETER: cycle})}"


def _rubric_options(cycles: list[ClosedCycleSummary], chosen: ClosedCycleSummary) -> RubricOptions:
    newest = cycles[0]
    rubric = rubric_by_digest(bound_organization(), newest.edition, newest.edition_digest)
    return RubricOptions(
        rubric.name.in_(current_language()),
        tuple(CycleOption(row.id, _label(row), row == chosen) for row in cycles),
    )


def _label(cycle: ClosedCycleSummary) -> str:
    closed_on = formats.date_format(timezone.localtime(cycle.closed_at), "DATE_FORMAT")
    few = "" if cycle.shows else formatting.too_few_answers()
    return formatting.join_parts(cycle.name, closed_on, few)
