"""The page of one capability: its level, the next step in the rubric's words, teams, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.comments import PublishedComment
from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.rubrics import Capability
from assessments.scoring.cell import Agreement, Cell, LeaderRating, Priority
from reports import caveats, formatting
from reports.charts import Side, Svg, bar, sparkline
from reports.presenters import headlines
from reports.presenters.comments import CommentList, comment_list
from reports.presenters.shared import (
    detail_of,
    level_chart,
    range_note,
    unlinked_note,
    unrated_share,
)


@dataclass(frozen=True, slots=True)
class CapabilityResults:
    """The results of one capability in the cycles that asked it, the newest first."""

    item: Capability
    cycles: tuple[ClosedCycle, ...]
    cells: PublishedCells  # this capability, both kinds: newest cycle at every node, older ones at the root
    nodes: Sequence[ResultNode]  # those of the newest cycle the reader may see, in tree order
    closed_on: str
    language: str
    comments: Sequence[PublishedComment] = ()  # of the newest cycle, of groups in these nodes
    has_large_group: bool = False  # whether any of these groups is large enough for its comments

    @property
    def now(self) -> ClosedCycle:
        return self.cycles[0]

    def at(self, cycle: ClosedCycle, kind: str = "performance") -> Cell | None:
        return self.cells.get(cycle.root, "capability", self.item.slug, kind)


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One of the five levels: its sentence, the answers on it, and a note such as "The need"."""

    level: int
    text: str
    note: str = ""
    current: bool = False
    count: str = ""
    bar: Svg | None = None


@dataclass(frozen=True, slots=True)
class CapabilityHistoryRow:
    cycle: str
    score: str
    interval: str
    responses: str
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
    responses: str
    gap: str
    hidden: bool
    result: UUID | None


@dataclass(frozen=True, slots=True)
class CapabilityDetail:
    """What is shown of an opened capability on every page: measurement line, ladder, suggestion."""

    side: str
    measurement: str
    ladder: tuple[LadderStep, ...]
    leader: str
    comparison_note: str  # a note on how to read the change
    need_source: str
    suggestion: str
    reasons: str
    result: UUID | None  # id for the page that explains the level
    ladder_note: str = ""  # why it isn't shown how many chose each level


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
    detail: CapabilityDetail
    sparkline: Svg
    history: tuple[CapabilityHistoryRow, ...]
    teams: tuple[CapabilityTeamRow, ...]
    teams_note: str  # how small groups are shown
    comments: CommentList
    colophon: str

    @property
    def has_intervals(self) -> bool:
        """Return whether the chart of a team shows one, for the legend."""
        return any(row.interval for row in self.teams)


def capability_page(results: CapabilityResults) -> CapabilityPage:
    cell = results.at(results.now)
    name = results.item.name.in_(results.language)
    texts = level_texts(results.item, results.language)
    quoted = cell is not None and cell.level is not None
    leader = detail_of(cell).leader_rating
    past_cells = [results.at(cycle) for cycle in reversed(results.cycles)]
    return CapabilityPage(
        rubric=results.now.rubric.slug,
        slug=results.item.slug,
        name=name,
        value=results.now.rubric.dimension_of(results.item.slug).name.in_(results.language),
        eyebrow=f"{name} · {results.now.name}",
        heading=texts[cell.level] if cell and cell.level else formatting.missing_reason(cell),
        quoted=quoted,
        lead=results.item.description.in_(results.language),
        picture=level_chart(cell, leader=leader.level if leader else None, width=420),
        gap=formatting.gap(cell),
        detail=capability_detail(
            results.item,
            cell,
            results.at(results.now, "importance"),
            results.language,
            results.cells.result(cell),
        ),
        sparkline=sparkline(
            [past_cell.score if past_cell else None for past_cell in past_cells], _change_side(cell)
        ),
        history=tuple(_history_row(cycle, results) for cycle in results.cycles),
        teams=tuple(_team_row(node, results) for node in results.nodes),
        teams_note=range_note(
            results.cells.get(node.id, "capability", results.item.slug) for node in results.nodes
        ),
        comments=comment_list(
            results.comments, results.now.comment_threshold, allowed=results.has_large_group
        ),
        colophon=headlines.colophon(results.now, results.closed_on),
    )


def _change_side(cell: Cell | None) -> Side:
    change = detail_of(cell).change
    return formatting.change_side(change.verdict if change else None)


def level_texts(item: Capability, language: str) -> dict[int, str]:
    return {step.level: step.in_(language) for step in item.levels}


def capability_detail(
    item: Capability,
    cell: Cell | None,
    importance: Cell | None,
    language: str,
    result: UUID | None = None,
) -> CapabilityDetail:
    priority, leader = detail_of(cell).priority, detail_of(cell).leader_rating
    return CapabilityDetail(
        side=formatting.need_side(cell),
        measurement=measurement_line(cell),
        ladder=ladder(item, cell, leader, language),
        leader=_leader_line(leader),
        comparison_note=unlinked_note([cell]),
        need_source=formatting.need_source(cell.need_source if cell else None),
        suggestion=formatting.suggestion(priority.suggestion) if priority else "",
        reasons=_reasons(cell, importance, priority) if priority else "",
        result=result,
        ladder_note=caveats.no_distribution(cell),
    )


def measurement_line(cell: Cell | None) -> str:
    """Return a line: 2.3 (2.1–2.5) · 66 of 69 answered · moderate agreement · no clear change."""
    detail = detail_of(cell)
    change, unrated = detail.change, detail.unrated
    unseen = ""
    if unrated and unrated.not_seen:
        share = {"share": formatting.percent(100 * unrated.not_seen)}
        unseen = _("%(share)s haven't seen it") % share
    return formatting.join_parts(
        formatting.cell_summary(cell),
        unseen,
        *_agreement_parts(detail.agreement),
        formatting.change_sentence(change),
    )


def _agreement_parts(agreement: Agreement | None) -> tuple[str, ...]:
    """Return how far people agree in words, and how far they are from the average."""
    if agreement is None:
        return ()
    words = formatting.agreement("split" if agreement.is_split else agreement.word)
    if agreement.distance is None:
        return (words,)
    size = {"size": formatting.points(agreement.distance)}
    return words, _("%(size)s points from the average") % size


def ladder(
    item: Capability, cell: Cell | None, leader: LeaderRating | None, language: str
) -> tuple[LadderStep, ...]:
    """Return the levels from 5 down to 1, each with its sentence, its answers and its notes."""
    texts, agreement = level_texts(item, language), detail_of(cell).agreement
    counts = agreement.histogram if agreement else ()
    return tuple(
        LadderStep(
            level=level,
            text=texts[level],
            note=_step_note(level, cell, leader),
            current=cell is not None and cell.level == level,
            count=_people_count(counts[level - 1]) if counts else "",
            bar=bar(counts[level - 1], max(counts)) if counts else None,
        )
        for level in range(5, 0, -1)
    )


def _people_count(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _step_note(level: int, cell: Cell | None, leader: LeaderRating | None) -> str:
    if cell is None or cell.level is None:
        return ""
    notes = []
    if level == cell.level:
        notes.append(_("Current level"))
    if cell.need is not None and level == need_level(cell.need):
        notes.append(_("Needed level"))
    if leader is not None and level == round(leader.level):
        notes.append(_("Leader's rating"))
    if level == cell.level + 1 and (cell.gap or 0) < 0:
        notes.append(_("Next step"))
    return " · ".join(notes)


def need_level(need: float) -> int:
    """Return the level from 1 to 5 whose sentence describes the need: the nearest one, halves up."""
    return min(5, max(1, int(need + 0.5)))


def _leader_line(leader: LeaderRating | None) -> str:
    if leader is None:
        return ""
    level = {"level": formatting.points(leader.level)}
    text = _("All leaders: %(level)s") if leader.is_together else _("Leader: %(level)s")
    return formatting.join_parts(text % level, formatting.leader_comparison(leader.story))


def _reasons(cell: Cell | None, importance: Cell | None, priority: Priority) -> str:
    """Return the reasons of a suggestion: importance and level, and whether it was a close call."""
    parts = []
    if importance is not None and importance.score is not None:
        parts.append(_("importance %(number)s") % {"number": formatting.score(importance)})
    if cell is not None and cell.score is not None:
        parts.append(_("level %(number)s") % {"number": formatting.score(cell)})
    if not priority.is_clear:
        parts.append(_("borderline"))
    return formatting.join_parts(*parts)


def _history_row(cycle: ClosedCycle, results: CapabilityResults) -> CapabilityHistoryRow:
    cell = results.at(cycle)
    return CapabilityHistoryRow(
        cycle=cycle.name,
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        responses=formatting.cell_responses(cell),
        unrated=unrated_share(cell),
        need=formatting.need_level(cell),
        result=results.cells.result(cell),
    )


def _team_row(node: ResultNode, results: CapabilityResults) -> CapabilityTeamRow:
    cell = results.cells.get(node.id, "capability", results.item.slug)
    return CapabilityTeamRow(
        name=node.name,
        depth=min(node.depth, 4),
        picture=level_chart(cell, width=200),
        side=formatting.need_side(cell),
        score=formatting.score(cell) if cell else formatting.too_few_answers(),
        interval=formatting.interval(cell),
        responses=formatting.cell_responses(cell),
        gap=formatting.gap(cell),
        hidden=cell is None or formatting.is_hidden(cell),
        result=results.cells.result(cell),
    )
