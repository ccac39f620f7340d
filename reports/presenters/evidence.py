"""Input of the pages about one rubric: its closed cycles and the cells of the whole organization, or of one
team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode, ResultTree
from assessments.results.team_history import TeamComment, TeamHistory
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell, stage_subject
from assessments.scoring.summary import LeaderAlignment

CapabilityCell = tuple[Capability, Cell | None]


@dataclass(frozen=True, slots=True)
class OrganizationResults:
    """Everything the first page is computed from."""

    cycles: tuple[ClosedCycle, ...]  # of the main rubric, the newest first; never empty
    collaboration: ClosedCycle | None  # the latest cycle about collaboration
    cells: PublishedCells  # of the whole organization, in all of these cycles
    alignments: Mapping[UUID, LeaderAlignment]  # by cycle, of the whole organization
    closed_on: str
    language: str

    @property
    def now(self) -> ClosedCycle:
        return self.cycles[0]

    @property
    def before(self) -> ClosedCycle | None:
        return self.cycles[1] if len(self.cycles) > 1 else None

    @property
    def year_before(self) -> ClosedCycle | None:
        """The cycle about a year before, if it is another than the one before."""
        return next((cycle for cycle in self.cycles if cycle.id == self.now.year_before), None)

    def alignment(self, cycle: ClosedCycle | None) -> LeaderAlignment | None:
        """Return how leader and team align; None where they ranked nothing together."""
        alignment = self.alignments.get(cycle.id) if cycle else None
        return alignment if alignment and alignment.shared is not None else None

    def overall(self, cycle: ClosedCycle | None) -> Cell | None:
        return self.cells.get(cycle.root, "overall") if cycle else None

    def value(self, slug: str, cycle: ClosedCycle) -> Cell | None:
        return self.cells.get(cycle.root, "value", slug)

    def stage(self, value: str, stage: str) -> Cell | None:
        return self.cells.get(self.now.root, "stage", stage_subject(value, stage))

    def item(self, slug: str, cycle: ClosedCycle) -> Cell | None:
        return self.cells.get(cycle.root, "capability", slug)

    def importance(self, slug: str) -> Cell | None:
        return self.cells.get(self.now.root, "capability", slug, "importance")

    def value_cells(self) -> list[tuple[Dimension, Cell | None]]:
        return [(value, self.value(value.slug, self.now)) for value in self.now.rubric.dimensions]

    def capability_cells(self) -> list[CapabilityCell]:
        return [(item, self.item(item.slug, self.now)) for item in self.now.rubric.capabilities]

    @property
    def needs_known(self) -> bool:
        """Whether anything has a needed level beside its own."""
        cells = [cell for _item, cell in self.capability_cells()]
        cells += [cell for _value, cell in self.value_cells()]
        return any(cell is not None and cell.gap is not None for cell in cells)


@dataclass(frozen=True, slots=True)
class TeamPageResults:
    """Everything the page of a team is made of."""

    cycles: tuple[
        ClosedCycle, ...
    ]  # those whose results of the team the reader may see, newest first
    tree: ResultTree
    node: ResultNode
    history: TeamHistory
    comments: tuple[TeamComment, ...]
    closed_on: str
    language: str
    capabilities: bool = True  # whether the reader may see any

    @property
    def now(self) -> ClosedCycle:
        return self.cycles[0]

    @property
    def is_whole(self) -> bool:
        return self.node.id == self.now.root

    def as_organization(self) -> OrganizationResults:
        """Return the team's results in the form of an organization's: both are shown in the same way."""
        nodes = self.history.nodes
        cycles = (replace(row, root=nodes[row.id]) for row in self.cycles if row.id in nodes)
        cells = self.history.cells
        return OrganizationResults(tuple(cycles), None, cells, {}, self.closed_on, self.language)

    def organization(self, subject_type: str, subject: str = "") -> Cell | None:
        """Return a cell of the whole organization; None on the page of the organization itself."""
        cell = self.history.cells.get(self.now.root, subject_type, subject)
        return None if self.is_whole else cell

    def organization_score(self, subject_type: str, subject: str = "") -> float | None:
        cell = self.organization(subject_type, subject)
        return cell.score if cell else None
