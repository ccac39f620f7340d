"""What a cycle will probably show, before it opens: from head-counts, and from how many of the whole
organization answered the last time. No team's own response rate is used, or could be read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from assessments.cycles.groups import OpeningPreview
from assessments.results import response_rates
from assessments.results.response_rates import PublishedRates
from assessments.scoring.forecast import ForecastNode, NodeForecast, Reason, forecast

USUAL_RATES = PublishedRates(answered=0.7, rated=0.9)  # expected of an organization without results
UNCERTAIN = 1 / 4  # chance of being shown from which a team is called uncertain
CERTAIN = (Reason.TOO_FEW, Reason.TOO_NEW, Reason.BESIDE_NEW)  # to be hidden, whoever answers


@dataclass(frozen=True, slots=True)
class DoubtfulTeam:
    """A team that will probably stay hidden, and why."""

    team: UUID
    name: str
    people: int  # in it and below
    outlook: Literal["hidden", "likely hidden", "uncertain"]
    reason: Reason
    revealed: str  # the team that it would reveal
    revealed_team: UUID | None
    revealed_people: int  # of them, in a team or directly in it
    above: str  # the nearest team above that will probably be shown


@dataclass(frozen=True, slots=True)
class LonePerson:
    """Someone whose answering would be told by what is hidden after the close."""

    team: UUID
    name: str  # of the team
    is_direct: bool  # placed beside other teams, else the only one in a team


@dataclass(frozen=True, slots=True)
class OpeningForecast:
    """What an administrator reads before a cycle opens. The organization itself is no team."""

    teams: int
    shown: int  # of them, expected
    percent: int  # of those invited who are expected to answer
    is_measured: bool  # the last time so many did; else it is assumed
    suitable_size: int  # people in a team that is shown as a rule
    doubtful: tuple[DoubtfulTeam, ...]  # by reason, in tree order
    alone: tuple[LonePerson, ...]

    @property
    def by_team(self) -> dict[UUID, DoubtfulTeam]:
        return {row.team: row for row in self.doubtful}


def forecast_opening(opening: OpeningPreview, threshold: int, rubric: str) -> OpeningForecast:
    """Return what a cycle on this rubric would show, were it opened as it is now. 1 statement."""
    measured = response_rates.latest(rubric)
    rates = measured or USUAL_RATES
    seats, counting = opening.participants.teams, opening.counting
    index_of = {seat.team: index for index, seat in enumerate(seats)}
    tree = [
        ForecastNode(
            parent=index_of[seat.parent] if seat.parent else -1,
            people=seat.members,
            counts_in=counting.into[index],
            held=index in counting.held,
        )
        for index, seat in enumerate(seats)
    ]
    expected = forecast(tree, threshold, rates.answered * rates.rated)
    people = {node.node: node.people for node in expected.nodes}
    teams = [node for node in expected.nodes if tree[node.node].parent >= 0]
    doubtful = [_doubtful(opening, node, node.reason, people) for node in teams if node.reason]
    return OpeningForecast(
        teams=len(teams),
        shown=round(sum(node.chance for node in teams)),
        percent=round(100 * rates.answered),
        is_measured=measured is not None,
        suitable_size=expected.suitable_size,
        doubtful=tuple(sorted(doubtful, key=lambda team: list(Reason).index(team.reason))),
        alone=tuple(
            LonePerson(seats[index].team, seats[index].name, is_direct=people[index] > 1)
            for index in expected.alone
        ),
    )


def _doubtful(
    opening: OpeningPreview, node: NodeForecast, reason: Reason, people: Mapping[int, int]
) -> DoubtfulTeam:
    seats = opening.participants.teams
    is_direct = reason is Reason.PROTECTS_PEOPLE
    revealed = seats[node.revealed] if node.revealed >= 0 else None
    return DoubtfulTeam(
        team=seats[node.node].team,
        name=seats[node.node].name,
        people=node.people,
        outlook=_outlook(node.chance, reason),
        reason=reason,
        revealed=revealed.name if revealed else "",
        revealed_team=revealed.team if revealed else None,
        revealed_people=(revealed.members if is_direct else people[node.revealed])
        if revealed
        else 0,
        above=seats[node.above].name if node.above >= 0 else "",
    )


def _outlook(chance: float, reason: Reason) -> Literal["hidden", "likely hidden", "uncertain"]:
    if reason in CERTAIN:
        return "hidden"
    return "uncertain" if chance >= UNCERTAIN else "likely hidden"
