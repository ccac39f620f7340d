"""Which nodes, capabilities and people of two cycles are the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assessments.scoring.blocks import Blocks
from assessments.scoring.composites import Composites, composites
from assessments.scoring.cycle_scores import CycleScores
from assessments.scoring.survey import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class WaveMatch:
    """An earlier and a later cycle, and what of them can be compared. `same`: later node -> the same team's
    earlier node. `unchanged`: capabilities whose levels are worded as in the earlier cycle."""

    earlier: CycleScores
    later: CycleScores
    same: Mapping[str, str]
    unchanged: Collection[str]

    @cached_property
    def blocks(self) -> tuple[Blocks, Blocks]:
        """Performance in the earlier and in the later cycle."""
        return self.earlier.performance.blocks, self.later.performance.blocks

    @cached_property
    def earlier_node(self) -> Ints:
        """(later nodes,): index of the same team's earlier node, -1 without."""
        node_of = self.earlier.survey.tree.index_of
        names = [self.same.get(node.id, "") for node in self.later.survey.tree.nodes]
        return np.array([node_of.get(name, -1) for name in names], dtype=np.int64)

    @cached_property
    def column(self) -> Ints:
        """(later capabilities,): their earlier columns, -1 where they cannot be compared."""
        column_of = {
            capability.id: column
            for column, capability in enumerate(self.earlier.survey.capabilities)
        }
        names = [capability.id for capability in self.later.survey.capabilities]
        return np.array(
            [column_of.get(name, -1) if name in self.unchanged else -1 for name in names]
        )

    @cached_property
    def common(self) -> Bools:
        """(later nodes, later capabilities): shown in both cycles."""
        then = self.then(self.blocks[0].score)
        shown_in_both: Bools = ~np.isnan(then) & ~np.isnan(self.blocks[1].score)
        return shown_in_both

    def then(self, values: Floats) -> Floats:
        """Return values (nodes, capabilities) of the earlier cycle at the later cycle's nodes and columns;
        NaN without."""
        values_then = values[np.maximum(self.earlier_node, 0)][
            :, np.maximum(self.column, 0)
        ].astype(np.float64)
        known = (self.earlier_node >= 0)[:, None] & (self.column >= 0)
        return np.where(known, values_then, np.nan)

    @cached_property
    def link(self) -> Ints:
        """(later members,): index of the same person among the earlier members, -1 without."""
        first, second = self.earlier, self.later
        if not first.survey.persons or not second.survey.persons:
            return np.full(second.members.rows.size, -1, dtype=np.int64)
        rows = first.members.rows.tolist()
        member_of = {first.survey.persons[row]: member for member, row in enumerate(rows)}
        people = [second.survey.persons[row] for row in second.members.rows.tolist()]
        member_of.pop(b"", None)
        return np.array([member_of.get(person, -1) for person in people], dtype=np.int64)

    def linked(self, node: int) -> tuple[Ints, Ints]:
        """Return the people below a node in both cycles: their indices among its people in the earlier cycle,
        and in the later one."""
        now, then = (
            self.later.members.below(node),
            self.earlier.members.below(self.earlier_node[node]),
        )
        partner = self.link[now]
        inside = (partner >= then.start) & (partner < then.stop)
        return partner[inside] - then.start, np.flatnonzero(inside)

    @cached_property
    def composites(self) -> tuple[Composites, Composites]:
        """The composites of both cycles at the later nodes: of capabilities shown in both, with the later
        weights."""
        asked = np.broadcast_to(self.later.survey.asked("performance"), self.common.shape)
        first, second = self.blocks
        now, then = (
            composites(self.later.survey, asked, self.common, score)
            for score in (second.score, self.then(first.score))
        )
        return then, now
