"""How one published number came about: what it is made of, what each part weighs, how many people
stand behind it, and which edition, answers and method it rests on.

Made from what is published and from nothing else. Whoever works the chain out again learns no more
than the pages already say, and no group of people in it is smaller than the cycle's threshold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from assessments.models import Result
from assessments.results import queries
from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode, ResultTree
from assessments.scoring.cell import Cell

ROUNDING_ERROR = (
    0.05  # half a tenth: how far a printed number may lie from what it was rounded from
)
PART_SUBJECT_TYPE = {"overall": "value", "value": "capability"}


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
    """One value of the whole, or one capability of a value, at the same node."""

    result: UUID | None
    subject: str
    score: float | None
    bound: str
    n: int | None
    missing: str  # below_threshold, not_asked, not_enough_weight; empty where there is a score
    weight: float  # in the rubric
    share: float  # of the composite, over the parts that are shown; 0 where it is missing
    need: float | None
    need_bound: str
    gap: float | None
    gap_bound: str


@dataclass(frozen=True, slots=True)
class WeightedMean:
    """The weighted mean of the parts as they are printed. It meets the published number to within
    `allowed`: every part is rounded, and so is the number."""

    value: float
    bound: str  # at_least, at_most: some parts are printed with a bound; both: from either side
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
class UnratedShares:
    """Shares of those who were asked and gave no rating: they count neither way."""

    not_seen: float
    not_applicable: float


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
    unrated: UnratedShares | None  # of a capability, where ten or more answers stand behind it
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
    """What an explanation is made from."""

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
) -> Explanation | None:
    """None where the cycle has no such number, or it stands at none of `nodes` (all, if they are not
    named). At most 4 statements, 2 with a tree."""
    row = Result.objects.filter(cycle=cycle.id, pk=result)
    key = row.values_list("node_id", "subject_type", "subject", "kind").first()
    tree = tree or queries.tree(cycle)
    may_see = frozenset(node.id for node in tree.nodes) if nodes is None else frozenset(nodes)
    if key is None or key[0] not in may_see:
        return None
    node, number = tree.by_id()[key[0]], key[1:]
    near = (*tree.path(node), *tree.below(node))
    cells = queries.neighbourhood(cycle, node.id, number, [one.id for one in near])
    seen = _Sources(cycle, tree, cells, may_see)
    cell = seen.cells.get(*key)
    return None if cell is None else _explained(seen, node, cell, result)


def _explained(seen: _Sources, node: ResultNode, cell: Cell, result: UUID) -> Explanation:
    parts = tuple(_parts(seen, node, cell))
    found = tuple(answer_blocks(seen.tree, node, seen.cells, cell, seen.cycle.threshold))
    return Explanation(
        result=result,
        cycle=seen.cycle.id,
        cell=cell,
        teams=tuple(one.name for one in seen.tree.path(node)),
        parts=parts,
        mean=weighted_mean(parts) if cell.score is not None else None,
        blocks=found if all(block.node in seen.nodes for block in found) else (),
        block_count=len(found),
        unrated=_unrated(cell),
        need=_need(seen, node, cell),
        chain=tuple(_chain(seen, node, cell)),
        above=tuple(_above(seen, node, cell)),
        threshold=seen.cycle.threshold,
        edition=f"{seen.cycle.rubric.slug} {seen.cycle.rubric.version}",
        method=seen.cycle.method,
        edition_digest=seen.cycle.edition_digest,
        input_digest=seen.cycle.input_digest,
    )


# --- What a composite is made of ----------------------------------------------------------------


def _parts(seen: _Sources, node: ResultNode, cell: Cell) -> Iterator[ExplanationPart]:
    weights = _weights(seen, cell)
    cells = {
        slug: seen.cells.get(node.id, PART_SUBJECT_TYPE[cell.subject_type], slug, cell.kind)
        for slug in weights
    }
    shown = {slug for slug, one in cells.items() if one is not None and one.score is not None}
    whole = sum(weights[slug] for slug in shown) if cell.score is not None else 0
    for slug, weight in weights.items():
        one = cells[slug]
        share = weight / whole if whole and slug in shown else 0.0
        yield _part(slug, one, seen.cells.result(one), weight, round(share, 4))


def _weights(seen: _Sources, cell: Cell) -> dict[str, float]:
    rubric = seen.cycle.rubric
    if cell.subject_type == "overall":
        return {one.slug: one.weight for one in rubric.dimensions}
    if cell.subject_type == "value":
        inside = next((one for one in rubric.dimensions if one.slug == cell.subject), None)
        return {one.slug: one.weight for one in inside.capabilities} if inside else {}
    return {}


def _part(
    slug: str, cell: Cell | None, result: UUID | None, weight: float, share: float
) -> ExplanationPart:
    if cell is None:
        return ExplanationPart(
            None, slug, None, "", None, "not_asked", weight, 0.0, None, "", None, ""
        )
    return ExplanationPart(
        result=result,
        subject=slug,
        score=cell.score,
        bound=cell.bound,
        n=cell.n,
        missing=cell.suppressed or "",
        weight=weight,
        share=share,
        need=cell.need,
        need_bound=cell.detail.get("need_bound", ""),
        gap=cell.gap,
        gap_bound=cell.gap_bound,
    )


def weighted_mean(parts: Collection[ExplanationPart]) -> WeightedMean | None:
    """Of the printed parts. A part of which only a bound is printed bounds the mean too."""
    used = [part for part in parts if part.share and part.score is not None]
    if not used:
        return None
    total = sum(part.weight for part in used)
    value = sum(part.weight * (part.score or 0) for part in used) / total
    bounds = {part.bound for part in used} - {""}
    return WeightedMean(
        value=round(value, 3),
        bound="both" if len(bounds) > 1 else (bounds.pop() if bounds else ""),
        allowed=round(2 * ROUNDING_ERROR, 2),
    )


# --- Whom a capability rests on -----------------------------------------------------------------


def answer_blocks(
    tree: ResultTree, node: ResultNode, cells: PublishedCells, cell: Cell, threshold: int
) -> Iterator[AnswerBlock]:
    """The groups whose answers add up to this number (method 2): each shown team without the shown
    teams below it. Nothing where one would be too small, which no published form allows."""
    if cell.subject_type != "capability" or cell.score is None:
        return
    inside = tree.below(node)
    shown = {one.id: same.n for one in inside if (same := _same(cells, one, cell)) and same.n}
    owner = _owners(inside, node, shown)
    found = [_block(one, inside, shown, owner) for one in inside if one.id in shown]
    there = [block for block in found if block.n]
    if all(block.n >= threshold for block in there):
        yield from _weighed(there)


def _weighed(found: list[AnswerBlock]) -> Iterator[AnswerBlock]:
    """A block counts by its heads, times the share of them that have an opinion."""
    heads = [block.invited for block in found]
    whole = sum(head for head in heads if head is not None)
    for block in found:
        known = block.invited if whole and None not in heads else None
        yield replace(block, share=None if known is None else round(known / whole, 4))


def _same(cells: PublishedCells, node: ResultNode, cell: Cell) -> Cell | None:
    found = cells.get(node.id, cell.subject_type, cell.subject, cell.kind)
    return found if found is not None and found.score is not None else None


def _owners(
    inside: tuple[ResultNode, ...], top: ResultNode, shown: Mapping[UUID, int]
) -> dict[UUID, UUID]:
    """Each node's nearest shown one, itself or above."""
    found: dict[UUID, UUID] = {}
    for one in inside:
        above = found.get(one.parent, top.id) if one.parent else top.id
        found[one.id] = one.id if one.id in shown else above
    return found


def _block(
    own: ResultNode,
    inside: tuple[ResultNode, ...],
    shown: Mapping[UUID, int],
    owner: Mapping[UUID, UUID],
) -> AnswerBlock:
    under = [
        one
        for one in inside
        if one.id in shown and one.parent is not None and owner.get(one.parent) == own.id
    ]
    heads = [own.invited, *(one.invited for one in under)]
    known = [head for head in heads if head is not None]
    n = shown[own.id] - sum(shown[one.id] for one in under)
    invited = known[0] - sum(known[1:]) if len(known) == len(heads) else None
    return AnswerBlock(
        node=own.id,
        team=own.name,
        with_teams=tuple(
            one.name
            for one in inside
            if owner[one.id] == own.id and one.id != own.id and one.n != 0
        ),
        n=n,
        invited=invited if invited is not None and invited >= n else None,
        share=None,
    )


def _unrated(cell: Cell) -> UnratedShares | None:
    unseen, not_applicable = (cell.detail.get(name) for name in ("not_seen", "not_applicable"))
    return (
        None if unseen is None or not_applicable is None else UnratedShares(unseen, not_applicable)
    )


# --- Where the chain goes on --------------------------------------------------------------------


def _need(seen: _Sources, node: ResultNode, cell: Cell) -> ResultReference | None:
    if cell.subject_type != "capability" or cell.kind != "performance":
        return None
    read = cell.need is not None and cell.need_source == "importance"
    return seen.place(node, "capability", cell.subject, "importance") if read else None


def _chain(seen: _Sources, node: ResultNode, cell: Cell) -> Iterator[ResultReference]:
    steps = []
    if cell.subject_type == "capability":
        steps.append(("value", seen.cycle.rubric.dimension_of(cell.subject).slug))
    if cell.subject_type != "overall":
        steps.append(("overall", ""))
    for subject_type, subject in steps:
        place = seen.place(node, subject_type, subject, cell.kind)
        if place is not None:
            yield place


def _above(seen: _Sources, node: ResultNode, cell: Cell) -> Iterator[ResultReference]:
    for above in reversed(seen.tree.path(node)[:-1]):
        place = seen.place(above, cell.subject_type, cell.subject, cell.kind)
        if place is not None:
            yield place
