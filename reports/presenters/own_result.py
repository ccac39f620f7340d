"""The result of the team in which someone was asked, as their personal link opens it: the page of the team, or of
the nearest team above it that is shown, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assessments.results.queries import ResultNode
from reports import formatting
from reports.presenters.evidence import TeamPageResults
from reports.presenters.shared import CapabilityRow, capability_row
from reports.presenters.team import TeamPage, team_page


@dataclass(frozen=True, slots=True)
class OpenedValue:
    """A value of the team with all its capabilities."""

    name: str
    score: str
    rows: tuple[CapabilityRow, ...]


@dataclass(frozen=True, slots=True)
class OwnResultPage:
    team: TeamPage  # the team that is shown; the own one where nothing is
    hidden: TeamPage | None  # the own team, where another one is shown in its place
    values: tuple[OpenedValue, ...]  # none where nothing, or no capability, is shown

    @property
    def colophon(self) -> str:
        return self.team.colophon


def own_result_page(results: TeamPageResults, own: ResultNode) -> OwnResultPage:
    """Return the page of what `results` show. `own` is where the reader was asked. Nothing on it is a link."""
    shown = _page(results)
    hidden = None if own.id == results.node.id else _page(replace(results, node=own))
    opens = results.node.shown and results.capabilities
    return OwnResultPage(shown, hidden, tuple(_opened_values(results)) if opens else ())


def _opened_values(results: TeamPageResults) -> Iterator[OpenedValue]:
    team = results.as_organization()
    for value, cell in team.value_cells():
        rows = [
            capability_row(
                item,
                team.item(item.slug, team.now),
                team.now.rubric,
                language=team.language,
                address=_no_address,
            )
            for item in value.capabilities
        ]
        score = formatting.score(cell) or formatting.missing_reason(cell)
        yield OpenedValue(value.name.in_(team.language), score, tuple(rows))


def _no_address(_subject: object) -> str:
    return ""


def _page(results: TeamPageResults) -> TeamPage:
    """Return the page of the team without what is suggested to those who decide."""
    page = team_page(results, address=_no_address, team_url=_no_address)
    if page.home is None:
        return page
    gaps = tuple(replace(row, suggestion="") for row in page.home.gaps)
    return replace(page, home=replace(page.home, gaps=gaps))
