"""What is scored: a tree with head-counts, a rubric's weights, and ratings as matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from assessments.scoring.cell import stage_subject
from assessments.scoring.visibility import DETAIL_THRESHOLD, cut_tree, subtree_ends

UNANSWERED, NOT_SEEN, NOT_APPLICABLE = -2, -1, 0
MODERATION = 2.0  # nu: how many answers the pooled spread of all cells counts for in each cell
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, slots=True)
class SurveyNode:
    id: str
    parent: str | None
    headcount: int  # members invited directly here; leads are not counted


@dataclass(frozen=True, slots=True)
class SurveyDimension:
    id: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SurveyCapability:
    id: str
    dimension: str
    weight: float = 1.0
    differentiating: bool = True
    routine: bool = False
    market: bool = False
    stage: str = ""  # of the customer


@dataclass(frozen=True, eq=False)
class SurveyTree:
    """Nodes in preorder: the nodes below node v have the indices v+1 ... end[v]-1."""

    nodes: tuple[SurveyNode, ...]
    parent: Ints  # index of the parent, -1 for the root
    end: Ints

    @classmethod
    def of(cls, nodes: tuple[SurveyNode, ...]) -> SurveyTree:
        """Put nodes into preorder; siblings keep their order."""
        children: dict[str | None, list[SurveyNode]] = {}
        for node in nodes:
            children.setdefault(node.parent, []).append(node)
        ordered: list[SurveyNode] = []
        waiting = list(reversed(children.get(None, [])))
        while waiting:
            node = waiting.pop()
            ordered.append(node)
            waiting.extend(reversed(children.get(node.id, [])))
        index_of = {node.id: index for index, node in enumerate(ordered)}
        parent = [index_of.get(node.parent or "", -1) for node in ordered]
        end = np.array(subtree_ends(parent), dtype=np.int64)
        return cls(tuple(ordered), np.array(parent, dtype=np.int64), end)

    @cached_property
    def index_of(self) -> dict[str, int]:
        """The index of each node by its id."""
        return {node.id: index for index, node in enumerate(self.nodes)}

    @cached_property
    def headcount(self) -> Ints:
        return np.array([node.headcount for node in self.nodes], dtype=np.int64)

    def below(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return sums over each node's subtree; `values` has one row a node. Children are added up:
        a difference of running sums would carry a large team's rounding into a small one."""
        summed, parent = values.copy(), self.parent.tolist()
        for node in range(len(parent) - 1, 0, -1):
            summed[parent[node]] += summed[node]
        return summed

    def visible(self, n: Ints, k: int) -> Bools:
        """Return which nodes (nodes,) may be shown with `n` answers given directly in each.

        Every visible node's block (its answers in no visible descendant) has none or at least k.
        """
        names = [node.id for node in self.nodes]
        return np.array(cut_tree(self.parent.tolist(), n.tolist(), k, names), dtype=bool)

    def detail_visible(self, n: Ints, k: int) -> Bools:
        """Return for which nodes (nodes,) a distribution may be shown: the cut with max(10, k), so that
        no subtraction leaves a distribution of few people. A node must be visible too to show it."""
        return self.visible(n, max(DETAIL_THRESHOLD, k))

    def nearest_visible(self, visible: Bools) -> Ints:
        """Return for each node the index of the nearest visible node at or above it, which names its
        block; -1 where there is none."""
        block = np.full(len(self.nodes), -1, dtype=np.int64)
        for node, parent in enumerate(self.parent.tolist()):
            block[node] = node if visible[node] else (block[parent] if parent >= 0 else -1)
        return block


@dataclass(frozen=True, eq=False)
class Survey:
    """The answers of one cycle. Rows of the matrices are respondents, columns the capabilities in
    order; codes are 1 to 5, 0 not applicable, -1 not seen, -2 unanswered."""

    nodes: tuple[SurveyNode, ...]
    dimensions: tuple[SurveyDimension, ...]
    capabilities: tuple[SurveyCapability, ...]
    node_of: tuple[str, ...]  # id of each respondent's node
    performance: Codes
    importance: Codes
    is_lead: Bools
    named: Bools  # leads who agreed to be shown by name
    persons: tuple[bytes, ...] = ()  # pseudonyms; empty bytes for who cannot be recognised
    k: int = 5
    stages: tuple[str, ...] = ()  # of the customer, in order
    level_rule: str = "held"
    nu: float = MODERATION  # 0 compares with the textbook's formulas
    targets: Mapping[tuple[str, str], float] = field(default_factory=dict)  # (node, capability)
    performance_asked: Bools | None = None  # (capabilities,); None: all were asked
    importance_asked: Bools | None = None

    @cached_property
    def tree(self) -> SurveyTree:
        return SurveyTree.of(self.nodes)

    def asked(self, kind: str) -> Bools:
        """Return which capabilities (capabilities,) were asked for a kind."""
        given = self.performance_asked if kind == "performance" else self.importance_asked
        return np.ones(len(self.capabilities), dtype=bool) if given is None else given

    def ratings(self, kind: str) -> Codes:
        """Return the codes of the questions that were asked; the rest as unanswered."""
        codes = self.performance if kind == "performance" else self.importance
        return np.where(self.asked(kind), codes, np.int8(UNANSWERED)).astype(np.int8)

    @cached_property
    def counts(self) -> Bools:
        """(respondents,): whether at least half of the asked questions are answered (method 1)."""
        answered = sum(
            (self.ratings(kind) > UNANSWERED).sum(axis=1) for kind in ("performance", "importance")
        )
        asked = self.asked("performance").sum() + self.asked("importance").sum()
        enough: Bools = (np.asarray(answered) * 2 >= asked) & (asked > 0)
        return enough

    @cached_property
    def subjects(self) -> list[str]:
        """Column names of all results: capabilities, values, and an empty name for the whole."""
        capabilities = [capability.id for capability in self.capabilities]
        return [*capabilities, *(dimension.id for dimension in self.dimensions), ""]

    @cached_property
    def stage_parts(self) -> dict[str, list[int]]:
        """Columns of the capabilities of each value at each stage, by `stage_subject`; only values with a
        capability at any stage."""
        columns: dict[str, list[int]] = {}
        for value in self.dimensions:
            inside = [
                (column, capability.stage)
                for column, capability in enumerate(self.capabilities)
                if capability.dimension == value.id and capability.stage in self.stages
            ]
            for stage in self.stages if inside else ():
                name = stage_subject(value.id, stage)
                columns[name] = [column for column, own_stage in inside if own_stage == stage]
        return columns

    @property
    def discarded(self) -> int:
        """How many members answered too little to be counted."""
        return int((~self.counts & ~self.is_lead).sum())
