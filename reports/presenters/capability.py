"""Everything about one capability: where it is, the next step in the rubric's words, teams, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import ClosedCycle, PublishedCells, PublishedComment, ResultNode
from assessments.rubrics import Capability
from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import Side, Svg, bar, sparkline
from reports.presenters import headlines
from reports.presenters.comments import CommentList, comment_list
from reports.presenters.shared import (
    CellPriority,
    LeaderAnswer,
    answer_spread,
    cell_change,
    cell_priority,
    leader_answer,
    level_chart,
    unlinked_note,
    unrated_share,
)


@dataclass(frozen=True, slots=True)
class CapabilityResults:
    """One capability in the cycles that asked it, the newest first."""

    item: Capability
    cycles: tuple[ClosedCycle, ...]
    cells: PublishedCells  # this capability, both kinds: newest cycle at every node, older ones at the root
    nodes: Sequence[ResultNode]  # what the reader may see of the newest cycle, in tree order
    closed_on: str
    language: str
    said: Sequence[PublishedComment] = ()  # in the newest cycle, in the groups among these nodes
    heard: bool = False  # whether any of these groups is large enough for its comments

    @property
    def now(self) -> ClosedCycle:
        return self.cycles[0]

    def at(self, cycle: ClosedCycle, kind: str = "performance") -> Cell | None:
        return self.cells.get(cycle.root, "capability", self.item.slug, kind)


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One of the five levels, with what it means here."""

    level: int
    text: str
    note: str = ""
    here: bool = False
    count: str = ""
    bar: Svg | None = None


@dataclass(frozen=True, slots=True)
class CapabilityHistoryRow:
    cycle: str
    score: str
    interval: str
    honest: str
    unrated: str  # not seen, not applicable
    need: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class CapabilityTeamRow:
    name: str
    depth: int
    picture: Svg
    side: str
    score: str
    interval: str
    honest: str
    gap: str
    hidden: bool
    result: UUID | None


@dataclass(frozen=True, slots=True)
class CapabilityDetail:
    """What stands under a capability wherever it is opened: honesty, ladder, suggestion."""

    side: str
    honest: str
    ladder: tuple[LadderStep, ...]
    leader: str
    careful: str  # how to read the change
    source: str  # of the need
    suggestion: str
    reasons: str
    result: UUID | None  # how the level came about can be asked of it


@dataclass(frozen=True, slots=True)
class CapabilityPage:
    rubric: str
    slug: str
    name: str
    value: str
    eyebrow: str
    heading: str
    quoted: bool  # the heading is the rubric's own sentence
    lead: str
    picture: Svg
    gap: str
    opening: CapabilityDetail
    way: Svg
    history: tuple[CapabilityHistoryRow, ...]
    teams: tuple[CapabilityTeamRow, ...]
    remarks: CommentList
    colophon: str


def capability_page(seen: CapabilityResults) -> CapabilityPage:
    cell = seen.at(seen.now)
    name = seen.item.name.in_(seen.language)
    texts = level_texts(seen.item, seen.language)
    quoted = cell is not None and cell.level is not None
    other = leader_answer(cell)
    past = [seen.at(cycle) for cycle in reversed(seen.cycles)]
    return CapabilityPage(
        rubric=seen.now.rubric.slug,
        slug=seen.item.slug,
        name=name,
        value=seen.now.rubric.dimension_of(seen.item.slug).name.in_(seen.language),
        eyebrow=f"{name} · {seen.now.name}",
        heading=texts[cell.level] if cell and cell.level else formatting.missing_reason(cell),
        quoted=quoted,
        lead=seen.item.description.in_(seen.language),
        picture=level_chart(cell, leader=other.level if other else None, width=420),
        gap=formatting.gap(cell),
        opening=capability_detail(
            seen.item,
            cell,
            seen.at(seen.now, "importance"),
            seen.language,
            seen.cells.result(cell),
        ),
        way=sparkline([one.score if one else None for one in past], _side(cell)),
        history=tuple(_past(cycle, seen) for cycle in seen.cycles),
        teams=tuple(_team(node, seen) for node in seen.nodes),
        remarks=comment_list(seen.said, seen.now.comment_threshold, heard=seen.heard),
        colophon=headlines.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=seen.now.rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def _side(cell: Cell | None) -> Side:
    moved = cell_change(cell)
    return formatting.change_side(moved.verdict) if moved else "none"


def level_texts(item: Capability, language: str) -> dict[int, str]:
    return {one.level: one.in_(language) for one in item.levels}


def capability_detail(
    item: Capability,
    cell: Cell | None,
    importance: Cell | None,
    language: str,
    result: UUID | None = None,
) -> CapabilityDetail:
    found, other = cell_priority(cell), leader_answer(cell)
    return CapabilityDetail(
        side=formatting.need_side(cell),
        honest=measurement_line(cell),
        ladder=ladder(item, cell, other, language),
        leader=_leader_line(other),
        careful=unlinked_note([cell]),
        source=formatting.need_source(cell.need_source if cell else None),
        suggestion=formatting.suggestion(found.suggestion) if found else "",
        reasons=_reasons(cell, importance, found) if found else "",
        result=result,
    )


def measurement_line(cell: Cell | None) -> str:
    """2.3 (2.1–2.5) · 66 of 69 answered · moderate agreement · no clear change."""
    how, moved = answer_spread(cell), cell_change(cell)
    distance = ""
    if how.distance is not None:
        size = {"size": formatting.points(how.distance)}
        distance = _("%(size)s points from the average") % size
    unseen = ""
    if how.not_seen:
        unseen = _("%(share)s have not seen it") % {"share": formatting.percent(100 * how.not_seen)}
    return formatting.join_parts(
        formatting.cell_summary(cell),
        unseen,
        formatting.agreement("split" if how.split else how.word),
        distance,
        formatting.change_sentence(moved.verdict, moved.size, moved.seen, moved.bound)
        if moved
        else "",
        formatting.expected_by_chance(moved.chance) if moved and moved.real else "",
    )


def ladder(
    item: Capability, cell: Cell | None, other: LeaderAnswer | None, language: str
) -> tuple[LadderStep, ...]:
    """From level 5 down to 1: the sentence, the answers on it, and what it is for us."""
    texts, counts = level_texts(item, language), answer_spread(cell).counts
    return tuple(
        LadderStep(
            level=level,
            text=texts[level],
            note=_note(level, cell, other),
            here=cell is not None and cell.level == level,
            count=_people(counts[level - 1]) if counts else "",
            bar=bar(counts[level - 1], max(counts)) if counts else None,
        )
        for level in range(5, 0, -1)
    )


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _note(level: int, cell: Cell | None, other: LeaderAnswer | None) -> str:
    if cell is None or cell.level is None:
        return ""
    notes = []
    if level == cell.level:
        notes.append(_("You are here"))
    if cell.need is not None and level == need_level(cell.need):
        notes.append(_("The need"))
    if other is not None and level == round(other.level):
        notes.append(_("The leader's answer"))
    if level == cell.level + 1 and (cell.gap or 0) < 0:
        notes.append(_("The next step"))
    return " · ".join(notes)


def need_level(need: float) -> int:
    """The level whose sentence says what is needed."""
    return min(5, max(1, int(need + 0.5)))


def _leader_line(other: LeaderAnswer | None) -> str:
    if other is None:
        return ""
    level = {"level": formatting.with_bound(other.level, other.bound)}
    said = _("Leaders together: %(level)s") if other.together else _("Leader: %(level)s")
    return formatting.join_parts(said % level, formatting.leader_comparison(other.story))


def _reasons(cell: Cell | None, importance: Cell | None, found: CellPriority) -> str:
    """The two reasons of a suggestion: how much it matters, and where it stands."""
    parts = []
    if importance is not None and importance.score is not None:
        parts.append(_("importance %(number)s") % {"number": formatting.score(importance)})
    if cell is not None and cell.score is not None:
        parts.append(_("level %(number)s") % {"number": formatting.score(cell)})
    if not found.clear:
        parts.append(_("a close call"))
    return formatting.join_parts(*parts)


def _past(cycle: ClosedCycle, seen: CapabilityResults) -> CapabilityHistoryRow:
    cell = seen.at(cycle)
    return CapabilityHistoryRow(
        cycle=cycle.name,
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        honest=formatting.cell_responses(cell),
        unrated=unrated_share([cell]),
        need=formatting.need_level(cell),
        result=seen.cells.result(cell),
    )


def _team(node: ResultNode, seen: CapabilityResults) -> CapabilityTeamRow:
    cell = seen.cells.get(node.id, "capability", seen.item.slug)
    return CapabilityTeamRow(
        name=node.name,
        depth=min(node.depth, 4),
        picture=level_chart(cell, width=200),
        side=formatting.need_side(cell),
        score=formatting.score(cell) if cell else formatting.too_few_answers(),
        interval=formatting.interval(cell),
        honest=formatting.cell_responses(cell),
        gap=formatting.gap(cell),
        hidden=cell is None or formatting.is_hidden(cell),
        result=seen.cells.result(cell),
    )
