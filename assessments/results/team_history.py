"""Read what is published of one team: its cells through the cycles beside the organization's newest ones, and
the comments under its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Func, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast, JSONObject

from assessments.models import Comment, Cycle, CycleTeam, Result, Scorecard
from assessments.results import queries
from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode, ResultTree
from assessments.results.storage import COLUMNS, cell_from_row
from assessments.scoring.cell import Cell

MAX_COMMENTS = 200
SUBJECT_TYPES = ("overall", "value", "capability")


@dataclass(frozen=True, slots=True)
class TeamHistory:
    """Published cells of one team, and of the organization in the newest cycle."""

    cells: PublishedCells
    nodes: Mapping[
        UUID, UUID
    ]  # cycle -> the team's node in it; without a cycle that had no such team


@dataclass(frozen=True, slots=True)
class TeamComment:
    """A comment without its author, in a team that is large enough."""

    capability: str
    text: str
    evidence: str


def team_history(cycles: Sequence[ClosedCycle], node: ResultNode) -> TeamHistory:
    """Return the cells of a team in these cycles, the newest first; `node` is the team in the newest.
    1 statement."""
    now, cycle_ids = cycles[0], {cycle.scorecard: cycle.id for cycle in cycles}
    newest = Q(scorecard=now.scorecard)
    rows = Result.objects.filter(
        Q(node__team=node.team_id) & (newest | Q(kind="performance")) | newest & Q(node=now.root),
        scorecard__in=list(cycle_ids),
        subject_type__in=SUBJECT_TYPES,
    )
    cells, scorecards = queries.read_cells(rows)
    nodes = {cycle_ids[card]: of_team for of_team, card in scorecards.items()}
    return TeamHistory(cells, {**nodes, now.id: node.id})


def team_cells(rubric: str, team: UUID) -> tuple[str, dict[tuple[str, str], Cell]]:
    """Return the name of the latest cycle of a rubric and a team's cells in it, by capability and kind; ""
    without one. 1 statement."""
    cards = Scorecard.objects.current().filter(
        cycle__stage=Cycle.Stage.CLOSED, cycle__rubric=rubric
    )
    newest = cards.order_by("-shows", "-cycle__closed_at", "-cycle_id").values("pk")[:1]
    rows = Result.objects.filter(scorecard__in=newest, node__team=team, subject_type="capability")
    cycle, by_key = "", {}
    for name, *values in rows.values_list("scorecard__cycle__name", *COLUMNS):
        cycle, row = name, dict(zip(COLUMNS, values, strict=True))
        by_key[row["subject"], row["kind"]] = cell_from_row(row)
    return cycle, by_key


def without_leaders(history: TeamHistory) -> TeamHistory:
    """Return the history without what leaders rated: those who consented did so before the leadership of
    the organization, not before other leads."""
    cells = {
        key: replace(cell, detail=replace(cell.detail, leader=None, leaders=None))
        for key, cell in history.cells.by_key.items()
    }
    return replace(history, cells=PublishedCells(cells, history.cells.ids))


def for_respondents(history: TeamHistory, *, capabilities: bool) -> TeamHistory:
    """Return what everyone who was asked may see of their team: beside it the organization's values and its
    level, of single capabilities the own ones alone, and these only where they are open. Nothing leads to an
    explanation, which a personal link does not open."""
    own = set(history.nodes.values()) if capabilities else set()
    cells = {
        key: cell
        for key, cell in without_leaders(history).cells.by_key.items()
        if key[1] != "capability" or key[0] in own
    }
    return replace(history, cells=PublishedCells(cells))


def tree_with_comments(
    cycle: ClosedCycle, team: UUID
) -> tuple[ResultTree, tuple[TeamComment, ...]]:
    """Return the frozen tree, and the comments that are shown under the name of this team. 1 statement."""
    node = CycleTeam.objects.filter(cycle=cycle.id, team=team).values("pk")[:1]
    summary = Scorecard.objects.filter(pk=cycle.scorecard).values("summary")[:1]
    block = Func(
        Subquery(summary),
        Value("comment_blocks"),
        Cast("node", TextField()),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    comments = Comment.objects.filter(cycle=cycle.id)
    shown = comments.annotate(block=block).filter(block=Cast(Subquery(node), TextField()))
    fields = {name: name for name in ("capability", "text", "evidence")}
    listed = ArraySubquery(shown.order_by("key").values(data=JSONObject(**fields))[:MAX_COMMENTS])
    rows: list[Any] = list(
        queries.tree_rows(cycle).annotate(comments=Case(When(place=0, then=listed)))
    )
    return queries.tree_from_rows(rows), tuple(TeamComment(**each) for each in rows[0].comments)
