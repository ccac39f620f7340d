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
from reports import wording
from reports.charts import Side, Svg, bar, spark
from reports.pages import findings
from reports.pages.parts import (
    Leader,
    Priority,
    change,
    conservative,
    leader,
    picture,
    priority,
    spread,
    unrated,
)
from reports.pages.remarks import Remarks, remarks


@dataclass(frozen=True, slots=True)
class Evidence:
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
class Step:
    """One of the five levels, with what it means here."""

    level: int
    text: str
    note: str = ""
    here: bool = False
    count: str = ""
    bar: Svg | None = None


@dataclass(frozen=True, slots=True)
class Past:
    cycle: str
    score: str
    interval: str
    honest: str
    unrated: str  # not seen, not applicable
    need: str
    result: UUID | None


@dataclass(frozen=True, slots=True)
class TeamLine:
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
class Opening:
    """What stands under a capability wherever it is opened: honesty, ladder, suggestion."""

    side: str
    honest: str
    ladder: tuple[Step, ...]
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
    opening: Opening
    way: Svg
    history: tuple[Past, ...]
    teams: tuple[TeamLine, ...]
    remarks: Remarks
    colophon: str


def capability(seen: Evidence) -> CapabilityPage:
    cell = seen.at(seen.now)
    name = seen.item.name.in_(seen.language)
    texts = level_texts(seen.item, seen.language)
    quoted = cell is not None and cell.level is not None
    other = leader(cell)
    past = [seen.at(cycle) for cycle in reversed(seen.cycles)]
    return CapabilityPage(
        rubric=seen.now.rubric.slug,
        slug=seen.item.slug,
        name=name,
        value=seen.now.rubric.dimension_of(seen.item.slug).name.in_(seen.language),
        eyebrow=f"{name} · {seen.now.name}",
        heading=texts[cell.level] if cell and cell.level else wording.missing(cell),
        quoted=quoted,
        lead=seen.item.description.in_(seen.language),
        picture=picture(cell, leader=other.level if other else None, width=420),
        gap=wording.gap(cell),
        opening=opening(
            seen.item,
            cell,
            seen.at(seen.now, "importance"),
            seen.language,
            seen.cells.result(cell),
        ),
        way=spark([one.score if one else None for one in past], _side(cell)),
        history=tuple(_past(cycle, seen) for cycle in seen.cycles),
        teams=tuple(_team(node, seen) for node in seen.nodes),
        remarks=remarks(seen.said, seen.now.comment_threshold, heard=seen.heard),
        colophon=findings.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=seen.now.rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def _side(cell: Cell | None) -> Side:
    moved = change(cell)
    return wording.side_of_change(moved.verdict) if moved else "none"


def level_texts(item: Capability, language: str) -> dict[int, str]:
    return {one.level: one.in_(language) for one in item.levels}


def opening(
    item: Capability,
    cell: Cell | None,
    importance: Cell | None,
    language: str,
    result: UUID | None = None,
) -> Opening:
    found, other = priority(cell), leader(cell)
    return Opening(
        side=wording.side(cell),
        honest=honest_line(cell),
        ladder=ladder(item, cell, other, language),
        leader=_leader_line(other),
        careful=conservative([cell]),
        source=wording.need_source(cell.need_source if cell else None),
        suggestion=wording.suggested(found.suggestion) if found else "",
        reasons=_reasons(cell, importance, found) if found else "",
        result=result,
    )


def honest_line(cell: Cell | None) -> str:
    """2.3 (2.1–2.5) · 66 of 69 answered · moderate agreement · no clear change."""
    how, moved = spread(cell), change(cell)
    distance = ""
    if how.distance is not None:
        size = {"size": wording.points(how.distance)}
        distance = _("%(size)s points from the average") % size
    unseen = ""
    if how.not_seen:
        unseen = _("%(share)s have not seen it") % {"share": wording.percent(100 * how.not_seen)}
    return wording.line(
        wording.measured(cell),
        unseen,
        wording.agreement("split" if how.split else how.word),
        distance,
        wording.change(moved.verdict, moved.size, moved.seen, moved.bound) if moved else "",
        wording.by_chance(moved.chance) if moved and moved.real else "",
    )


def ladder(
    item: Capability, cell: Cell | None, other: Leader | None, language: str
) -> tuple[Step, ...]:
    """From level 5 down to 1: the sentence, the answers on it, and what it is for us."""
    texts, counts = level_texts(item, language), spread(cell).counts
    return tuple(
        Step(
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


def _note(level: int, cell: Cell | None, other: Leader | None) -> str:
    if cell is None or cell.level is None:
        return ""
    notes = []
    if level == cell.level:
        notes.append(_("You are here"))
    if cell.need is not None and level == needed(cell.need):
        notes.append(_("The need"))
    if other is not None and level == round(other.level):
        notes.append(_("The leader's answer"))
    if level == cell.level + 1 and (cell.gap or 0) < 0:
        notes.append(_("The next step"))
    return " · ".join(notes)


def needed(need: float) -> int:
    """The level whose sentence says what is needed."""
    return min(5, max(1, int(need + 0.5)))


def _leader_line(other: Leader | None) -> str:
    if other is None:
        return ""
    level = {"level": wording.bounded(other.level, other.bound)}
    said = _("Leaders together: %(level)s") if other.together else _("Leader: %(level)s")
    return wording.line(said % level, wording.story(other.story))


def _reasons(cell: Cell | None, importance: Cell | None, found: Priority) -> str:
    """The two reasons of a suggestion: how much it matters, and where it stands."""
    parts = []
    if importance is not None and importance.score is not None:
        parts.append(_("importance %(number)s") % {"number": wording.score(importance)})
    if cell is not None and cell.score is not None:
        parts.append(_("level %(number)s") % {"number": wording.score(cell)})
    if not found.clear:
        parts.append(_("a close call"))
    return wording.line(*parts)


def _past(cycle: ClosedCycle, seen: Evidence) -> Past:
    cell = seen.at(cycle)
    return Past(
        cycle=cycle.name,
        score=wording.score(cell),
        interval=wording.interval(cell),
        honest=wording.counted(cell),
        unrated=unrated([cell]),
        need=wording.need_level(cell),
        result=seen.cells.result(cell),
    )


def _team(node: ResultNode, seen: Evidence) -> TeamLine:
    cell = seen.cells.get(node.id, "capability", seen.item.slug)
    return TeamLine(
        name=node.name,
        depth=min(node.depth, 4),
        picture=picture(cell, width=200),
        side=wording.side(cell),
        score=wording.score(cell) if cell else wording.nothing_shown(),
        interval=wording.interval(cell),
        honest=wording.counted(cell),
        gap=wording.gap(cell),
        hidden=cell is None or wording.is_hidden(cell),
        result=seen.cells.result(cell),
    )
