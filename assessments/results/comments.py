"""Read the comments of a closed cycle: each under the name of a group that is large enough, in an order that
reveals nothing about who wrote them or when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from assessments.models import Comment
from assessments.results.queries import ClosedCycle, ResultNode, ResultTree


@dataclass(frozen=True, slots=True)
class PublishedComment:
    """A comment without its author, under the name of a group that is large enough."""

    text: str
    evidence: str
    node: ResultNode


def published_comments(
    cycle: ClosedCycle, tree: ResultTree, capability: str, visible: Iterable[UUID]
) -> tuple[PublishedComment, ...]:
    """Return the comments on one capability in the groups among these nodes. 1 statement."""
    nodes, visible_ids = tree.by_id(), set(visible)
    blocks = {node: block for node, block in tree.comment_blocks.items() if block in visible_ids}
    rows = Comment.objects.filter(cycle=cycle.id, capability=capability, node__in=list(blocks))
    return tuple(
        PublishedComment(text, evidence, nodes[blocks[node]])
        for node, text, evidence in rows.order_by("key").values_list("node", "text", "evidence")
    )
