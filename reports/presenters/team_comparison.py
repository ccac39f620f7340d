"""A team beside the organization: only what their printed intervals tell apart is called a difference."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import Svg
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults, TeamPageResults
from reports.presenters.shared import level_chart


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """One value of the team beside the organization's."""

    name: str
    picture: Svg
    side: str
    score: str
    interval: str
    organization: str
    claim: str
    result: UUID | None


def compared_values(
    team: OrganizationResults, results: TeamPageResults
) -> tuple[ComparedValue, ...]:
    rows = []
    for value, cell in team.value_cells():
        whole = results.organization("value", value.slug)
        rows.append(
            ComparedValue(
                name=value.name.in_(team.language),
                picture=level_chart(cell, organization=whole.score if whole else None, width=320),
                side=formatting.need_side(cell),
                score=formatting.score(cell),
                interval=formatting.interval(cell),
                organization=formatting.score(whole),
                claim=_difference_words(cell, whole),
                result=team.cells.result(cell),
            )
        )
    return tuple(rows)


def compared_heading(team: OrganizationResults, results: TeamPageResults) -> str:
    """Return on which values the team is clearly above and below the organization."""
    differences = [
        (
            value.label.in_(team.language),
            clear_difference(cell, results.organization("value", value.slug)),
        )
        for value, cell in team.value_cells()
    ]
    return headlines.compared(
        [name for name, size in differences if size > 0],
        [name for name, size in differences if size < 0],
    )


def clear_difference(cell: Cell | None, whole: Cell | None) -> float:
    """Return by how much a team is above or below the organization; 0 where their printed intervals meet."""
    team, organization = _interval(cell), _interval(whole)
    if team is None or organization is None:
        return 0.0
    (low, score, high), (whole_low, whole_score, whole_high) = team, organization
    return score - whole_score if low > whole_high or high < whole_low else 0.0


def _interval(cell: Cell | None) -> tuple[float, float, float] | None:
    if cell is None or cell.score is None or cell.low is None or cell.high is None:
        return None
    return cell.low, cell.score, cell.high


def _difference_words(cell: Cell | None, whole: Cell | None) -> str:
    if cell is None or cell.score is None or whole is None or whole.score is None:
        return ""
    difference = clear_difference(cell, whole)
    if not difference:
        return _("no clear difference")
    if cell.coarse:  # in half levels, and so is all that is derived from it
        return _("higher") if difference > 0 else _("lower")
    size = {"size": formatting.points(abs(difference))}
    return _("%(size)s higher") % size if difference > 0 else _("%(size)s lower") % size
