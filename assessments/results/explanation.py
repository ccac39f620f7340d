"""Explain one published number: what it is made of, what each part weighs, how many people it is based
on, and which edition, answers and method were used.

Made only from what is published. Someone who computes the chain again learns no more than the pages
already show, and no group of people in it is smaller than the cycle's threshold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from assessments.models import Result
from assessments.results import queries
from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode, ResultTree
from assessments.scoring.cell import Cell, SubjectType, UnratedShares

# How far a printed number may lie from what it was rounded from, in points
TENTH_ERROR, HALF_LEVEL_ERROR = 0.05, 0.25
PART_SUBJECT_TYPE: dict[str, SubjectType] = {"overall": "value", "value": "capability"}


@dataclass(frozen=True, slots=True)
class ResultReference:
    """A published number elsewhere in the chain."""

    result: UUID
    node: UUID
    team: str
    subject_type: str
    subject: str
    kind: str


@dataclass(frozen=True, slots=True)
class ExplanationPart:
    """One value of the overall result, or one capability of a value, at the same node."""

    cell: Cell
    result: UUID | None  # None where nothing was published
    weight: float  # in the rubric
    share: float  # of the composite, over the parts that are shown; 0 where it is missing


@dataclass(frozen=True, slots=True)
class WeightedMean:
    """The weighted mean of the parts as printed. It differs from the published number by at most
    `allowed`: every part is rounded, and so is the number."""

    value: float
    allowed: float


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """People whose answers count together, under one name: never fewer than the threshold."""

    node: UUID
    team: str
    with_teams: tuple[str, ...]  # teams below that are too small to be told apart from it
    n: int
    invited: int | None  # None where it may not be told
    share: float | None  # of the heads of all blocks; None where one of them may not be told


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one cell. Lists are empty where there is nothing of the kind."""

    result: UUID
    cycle: UUID
    cell: Cell
    teams: tuple[str, ...]  # from the whole organization down to the node
    parts: tuple[ExplanationPart, ...]  # of a composite
    mean: WeightedMean | None
    blocks: tuple[AnswerBlock, ...]  # of a capability
    block_count: int  # also where the reader may not see each of them
    unrated: UnratedShares | None  # of a capability that is based on ten or more answers
    need: ResultReference | None  # the importance that the need is read from
    chain: tuple[ResultReference, ...]  # same node: from the capability to its value to the whole
    above: tuple[ResultReference, ...]  # same number: from the team above up to the organization
    threshold: int
    edition: str  # rubric and version
    method: str
    edition_digest: str
    input_digest: str


@dataclass(frozen=True, slots=True)
class _Sources:
    """The published data that an explanation is made from."""

    cycle: ClosedCycle
    tree: ResultTree
    cells: PublishedCells
    nodes: frozenset[UUID]  # what the reader may see

    def place(
        self, node: ResultNode, subject_type: str, subject: str, kind: str
    ) -> ResultReference | None:
        cell = self.cells.get(node.id, subject_type, subject, kind)
        result = self.cells.result(cell)
        if cell is None or result is None or node.id not in self.nodes:
            return None
        return ResultReference(result, node.id, node.name, subject_type, subject, kind)


def explain(
    cycle: ClosedCycle,
    result: UUID,
    *,
    tree: ResultTree | None = None,
    nodes: Collection[UUID] | None = None,
    capabilities: bool = True,
) -> Explanation | None:
    """Return the explanation; None where the cycle has no such number, or not at one of `nodes` (all, if
    not given), or where it is a capability's and the reader may not see these. A value is then explained
    without its parts. At most 4 statements, 2 with a tree."""
    row = Result.objects.filter(scorecard=cycle.scorecard, pk=result).exclude(subject_type="stage")
    key = row.values_list("node_id", "subject_type", "subject", "kind").first()
    tree = tree or queries.tree(cycle)
    may_see = frozenset(node.id for node in tree.nodes) if nodes is None else frozenset(nodes)
    if key is None or key[0] not in may_see or (key[1] == "capability" and not capabilities):
        return None
    node, number = tree.by_id()[key[0]], key[1:]
    nearby = (*tree.path(node), *tree.below(node))
    cells = queries.neighbourhood(cycle, node.id, number, [other.id for other in nearby])
    sources = _Sources(cycle, tree, cells, may_see)
    cell = sources.cells.get(*key)
    if cell is None:
        return None
    explanation = _build_explanation(sources, node, cell, result)
    has_capabilities = PART_SUBJECT_TYPE.get(cell.subject_type) == "capability"
    return (
        explanation
        if capabilities or not has_capabilities
        else replace(explanation, parts=(), mean=None)
    )


def _build_explanation(
    sources: _Sources, node: ResultNode, cell: Cell, result: UUID
) -> Explanation:
    parts = tuple(_parts(sources, node, cell))
    blocks = tuple(answer_blocks(sources.tree, node, sources.cells, cell, sources.cycle.threshold))
    return Explanation(
        result=result,
        cycle=sources.cycle.id,
        cell=cell,
        teams=tuple(team.name for team in sources.tree.path(node)),
        parts=parts,
        mean=weighted_mean(cell, parts) if cell.score is not None else None,
        blocks=blocks if all(block.node in sources.nodes for block in blocks) else (),
        block_count=len(blocks),
        unrated=cell.detail.unrated if cell.subject_type == "capability" else None,
        need=_need(sources, node, cell),
        chain=tuple(_chain(sources, node, cell)),
        above=tuple(_same_number_above(sources, node, cell)),
        threshold=sources.cycle.threshold,
        edition=f"{sources.cycle.rubric.slug} {sources.cycle.rubric.version}",
        method=sources.cycle.method,
        edition_digest=sources.cycle.edition_digest,
        input_digest=sources.cycle.input_digest,
    )


# --- What a composite is made of ----------------------------------------------------------------


def _parts(sources: _Sources, node: ResultNode, cell: Cell) -> Iterator[ExplanationPart]:
    parts = [
        (_part_cell(sources, node, cell, slug), weight)
        for slug, weight in _weights(sources, cell).items()
    ]
    shown = [weight for part, weight in parts if part.score is not None]
    total = sum(shown) if cell.score is not None else 0
    for part, weight in parts:
        share = weight / total if total and part.score is not None else 0.0
        yield ExplanationPart(part, sources.cells.result(part), weight, round(share, 4))


def _part_cell(sources: _Sources, node: ResultNode, cell: Cell, slug: str) -> Cell:
    subject_type = PART_SUBJECT_TYPE[cell.subject_type]
    part = sources.cells.get(node.id, subject_type, slug, cell.kind)
    return part or Cell(cell.node, subject_type, slug, cell.kind, suppressed="not_asked")


def _weights(sources: _Sources, cell: Cell) -> dict[str, float]:
    rubric = sources.cycle.rubric
    if cell.subject_type == "overall":
        return {dimension.slug: dimension.weight for dimension in rubric.dimensions}
    if cell.subject_type == "value":
        value = next((row for row in rubric.dimensions if row.slug == cell.subject), None)
        return {item.slug: item.weight for item in value.capabilities} if value else {}
    return {}


def weighted_mean(cell: Cell, parts: Collection[ExplanationPart]) -> WeightedMean | None:
    """Return the mean of the printed parts; nothing where one is a best estimate and the whole isn't."""
    used = [part for part in parts if part.share and part.cell.score is not None]
    estimates = {_is_estimate(one) for one in (cell, *(part.cell for part in used))}
    if not used or len(estimates) > 1:
        return None
    total = sum(part.weight for part in used)
    value = sum(part.weight * (part.cell.score or 0) for part in used) / total
    errors = sum(part.weight * _rounding_error(part.cell) for part in used) / total
    return WeightedMean(round(value, 3), allowed=round(errors + _rounding_error(cell), 2))


def _is_estimate(cell: Cell) -> bool:
    """Return whether the score is a best estimate in half levels."""
    return cell.coarse and cell.is_estimated


def _rounding_error(cell: Cell) -> float:
    return HALF_LEVEL_ERROR if cell.coarse else TENTH_ERROR


# --- The people a capability is based on --------------------------------------------------------


def answer_blocks(
    tree: ResultTree, node: ResultNode, cells: PublishedCells, cell: Cell, threshold: int
) -> Iterator[AnswerBlock]:
    """Return the groups whose answers add up to this number (method 2): each shown team without the shown
    teams below it. Nothing where one would be too small, which no published form allows."""
    if cell.subject_type != "capability" or cell.score is None:
        return
    inside = tree.below(node)
    shown = {row.id: same.n for row in inside if (same := _shown_cell(cells, row, cell)) and same.n}
    owner = _owners(inside, node, shown)
    blocks = [_block(row, inside, shown, owner) for row in inside if row.id in shown]
    answered = [block for block in blocks if block.n]
    if all(block.n >= threshold for block in answered):
        yield from _with_shares(answered)


def _with_shares(blocks: list[AnswerBlock]) -> Iterator[AnswerBlock]:
    """Return the blocks with their shares of the heads. A block counts by its heads, times the share of
    them that have an opinion."""
    heads = [block.invited for block in blocks]
    total = sum(head for head in heads if head is not None)
    for block in blocks:
        known = block.invited if total and None not in heads else None
        yield replace(block, share=None if known is None else round(known / total, 4))


def _shown_cell(cells: PublishedCells, node: ResultNode, cell: Cell) -> Cell | None:
    same = cells.get(node.id, cell.subject_type, cell.subject, cell.kind)
    return same if same is not None and same.score is not None else None


def _owners(
    inside: tuple[ResultNode, ...], top: ResultNode, shown: Mapping[UUID, int]
) -> dict[UUID, UUID]:
    """Return each node's nearest shown one, itself or above."""
    owners: dict[UUID, UUID] = {}
    for node in inside:
        above = owners.get(node.parent, top.id) if node.parent else top.id
        owners[node.id] = node.id if node.id in shown else above
    return owners


def _block(
    own: ResultNode,
    inside: tuple[ResultNode, ...],
    shown: Mapping[UUID, int],
    owner: Mapping[UUID, UUID],
) -> AnswerBlock:
    under = [
        node
        for node in inside
        if node.id in shown and node.parent is not None and owner.get(node.parent) == own.id
    ]
    heads = [own.invited, *(node.invited for node in under)]
    known = [head for head in heads if head is not None]
    n = shown[own.id] - sum(shown[node.id] for node in under)
    invited = known[0] - sum(known[1:]) if len(known) == len(heads) else None
    return AnswerBlock(
        node=own.id,
        team=own.name,
        with_teams=tuple(
            node.name
            for node in inside
            if owner[node.id] == own.id and node.id != own.id and node.n != 0
        ),
        n=n,
        invited=invited if invited is not None and invited >= n else None,
        share=None,
    )


# --- References to other numbers ----------------------------------------------------------------


def _need(sources: _Sources, node: ResultNode, cell: Cell) -> ResultReference | None:
    if cell.subject_type != "capability" or cell.kind != "performance":
        return None
    has_reference = cell.need is not None and cell.need_source == "importance"
    return sources.place(node, "capability", cell.subject, "importance") if has_reference else None


def _chain(sources: _Sources, node: ResultNode, cell: Cell) -> Iterator[ResultReference]:
    steps = []
    if cell.subject_type == "capability":
        steps.append(("value", sources.cycle.rubric.dimension_of(cell.subject).slug))
    if cell.subject_type != "overall":
        steps.append(("overall", ""))
    for subject_type, subject in steps:
        reference = sources.place(node, subject_type, subject, cell.kind)
        if reference is not None:
            yield reference


def _same_number_above(
    sources: _Sources, node: ResultNode, cell: Cell
) -> Iterator[ResultReference]:
    for above in reversed(sources.tree.path(node)[:-1]):
        reference = sources.place(above, cell.subject_type, cell.subject, cell.kind)
        if reference is not None:
            yield reference
