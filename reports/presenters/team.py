"""The page of one team: what the first page shows of the organization, beside the organization's levels. A
team that may not be shown has a page that says why, and where its answers count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import ResultNode
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import Svg
from reports.presenters import headlines
from reports.presenters.comments import CommentList, team_comment_list
from reports.presenters.evidence import CapabilityCell, OrganizationResults, TeamPageResults
from reports.presenters.home import (
    MAX_CHANGES,
    MAX_SHORTFALLS,
    ChangedCapability,
    HomePage,
    changed_row,
    changes_note,
    clear_changes,
    excesses,
    home_page,
    level_rings,
    shortfalls,
)
from reports.presenters.key_figures import KeyFigure
from reports.presenters.shared import (
    CapabilityRow,
    CapabilityUrl,
    TeamUrl,
    capability_row,
    detail_of,
    level_chart,
    level_names,
    range_note,
)
from reports.presenters.team_comparison import ComparedValue, compared_heading, compared_values
from reports.presenters.trend import level_over_time

AGREE = ("very strong", "strong", "agree")  # words of agreement


@dataclass(frozen=True, slots=True)
class CarriedChange:
    """A capability of a value that changed, itself too small to be tested."""

    name: str
    levels: str  # "3.8 → 3.1"


@dataclass(frozen=True, slots=True)
class LevelStep:
    """The sentence of a capability's level, and that of the next one."""

    name: str
    address: str
    now: str
    now_text: str
    following: str
    following_text: str
    evidence: str


@dataclass(frozen=True, slots=True)
class HiddenTeam:
    """Why a team isn't shown, and where its answers are."""

    reason: str
    above: str  # name of the nearest team above it that is shown; empty where there is none
    above_url: str
    threshold: int


@dataclass(frozen=True, slots=True)
class TeamPage:
    title: str
    team: UUID
    path: tuple[tuple[str, str], ...]  # name and address of the teams above
    cycle: str
    heading: str
    lead: str
    colophon: str
    hidden: HiddenTeam | None = None
    home: HomePage | None = None  # what is shown as of an organization; None of a hidden team
    gaps_note: str = ""
    carried: tuple[CarriedChange, ...] = ()
    steps: tuple[LevelStep, ...] = ()
    compared: tuple[ComparedValue, ...] = ()
    compared_heading: str = ""
    trend: Svg | None = None
    comments: CommentList | None = None
    capabilities: bool = True  # whether the reader may see any
    gaps_compared: bool = False  # whether the organization's levels are beside those of the gaps


def team_page(results: TeamPageResults, *, address: CapabilityUrl, team_url: TeamUrl) -> TeamPage:
    """Return the page. `address` leads to capabilities, `team_url` to other teams."""
    above = results.tree.path(results.node)[:-1]
    page = TeamPage(
        title=results.node.name,
        team=results.node.team_id,
        path=tuple((node.name, team_url(node)) for node in above[1:]),
        cycle=results.now.name,
        heading="",
        lead="",
        colophon=headlines.colophon(results.now, results.closed_on),
    )
    if not results.node.shown:
        return _hidden_page(page, results, team_url)
    return _shown_page(page, results, address)


# --- A hidden team -----------------------------------------------------------------------------


def _hidden_page(page: TeamPage, results: TeamPageResults, team_url: TeamUrl) -> TeamPage:
    path, threshold = results.tree.path(results.node), results.now.threshold
    above = next((node for node in reversed(path) if node.shown), None)
    parameters = {"team": results.node.name, "threshold": threshold}
    lead = _("Results are shown for groups of %(threshold)s or more.") % parameters
    if above is not None:
        where = {"team": above.name, "responses": formatting.response_count(above.n, above.invited)}
        lead = f"{lead} {_hidden_answers(where)}"
    return replace(
        page,
        heading=_("%(team)s isn't shown, to protect the people in it.") % parameters,
        lead=lead,
        hidden=HiddenTeam(
            reason=_hidden_reason(results.node, threshold),
            above=above.name if above else "",
            above_url=team_url(above) if above else "",
            threshold=threshold,
        ),
    )


def _hidden_answers(where: dict[str, str]) -> str:
    if where["responses"]:
        return _("Its answers count in %(team)s (%(responses)s).") % where
    return _("Its answers count in %(team)s.") % where


def _hidden_reason(node: ResultNode, threshold: int) -> str:
    """Return the reason, as far as it is published: how many answered, or else only that either holds."""
    parameters = {"threshold": threshold}
    if node.n is None:
        return (
            _("Hidden: fewer than %(threshold)s people, or others could be worked out") % parameters
        )
    if node.n < threshold:
        return _("Hidden: fewer than %(threshold)s responses") % parameters
    return _("Hidden: another team's answers could be worked out")


# --- A team that is shown ------------------------------------------------------------------------


def _shown_page(page: TeamPage, results: TeamPageResults, address: CapabilityUrl) -> TeamPage:
    team = results.as_organization()
    home = home_page(team, address=address, collaboration_address=address)
    compared = () if results.is_whole else compared_values(team, results)
    return replace(
        page,
        heading=_heading(results, team),
        lead=home.lead,
        home=replace(
            home,
            rings=level_rings(team, _organization_levels(results)),
            key_figures=_key_figures(home.key_figures, team, results),
            gaps=_gaps(team, results, address),
            changes=_changes(team, home),
            changes_note=_changes_note(team),
            role_clarity=(),
        ),
        gaps_note=_gaps_note(team),
        carried=_carried(team),
        steps=_steps(team, address),
        compared=compared,
        compared_heading=compared_heading(team, results) if compared else "",
        trend=level_over_time(team, results.node.name) if team.before else None,
        comments=_comments(results),
        capabilities=results.capabilities,
        gaps_compared=any(
            results.organization_score("capability", item.slug) is not None
            for item in results.now.rubric.capabilities
        ),
    )


def _heading(results: TeamPageResults, team: OrganizationResults) -> str:
    """Return what is furthest from its needed level: capabilities, or values where no capability is shown."""
    cells: list[tuple[Capability | Dimension, Cell | None]] = (
        [*team.capability_cells()] if results.capabilities else _values_by_gap(team)
    )
    names = [
        [item.label.in_(team.language) for item, _cell in group]
        for group in (shortfalls(cells), excesses(cells))
    ]
    level = formatting.score(team.overall(team.now))
    return headlines.team(
        results.node.name,
        *names,
        level=level,
        known=team.needs_known,
        of_values=not results.capabilities,
    )


def _values_by_gap(
    team: OrganizationResults,
) -> list[tuple[Capability | Dimension, Cell | None]]:
    """Return the values with their cells, the one furthest below its needed level first."""
    return sorted(team.value_cells(), key=lambda pair: (pair[1] and pair[1].gap) or 0)


def _organization_levels(results: TeamPageResults) -> tuple[float | None, ...] | None:
    if results.is_whole:
        return None
    values = results.now.rubric.dimensions
    return tuple(results.organization_score("value", value.slug) for value in values)


def _key_figures(
    figures: Sequence[KeyFigure], team: OrganizationResults, results: TeamPageResults
) -> tuple[KeyFigure, ...]:
    """Return fit, level and response rate, each beside the organization's, and how far people agree."""
    whole = results.organization("overall")
    shares = (
        formatting.fit(whole),
        formatting.score(whole) if whole and whole.score is not None else "",
        formatting.percent(float(share))
        if whole and (share := formatting.response_share(whole.n, whole.invited))
        else "",
    )
    beside = [_("organization: %(number)s") % {"number": text} if text else "" for text in shares]
    return (
        *(
            replace(figure, notes=tuple(note for note in (text, *figure.notes) if note))
            for figure, text in zip(figures[:3], beside, strict=True)
        ),
        *([_agreement_figure(team)] if results.capabilities else []),
    )


def _agreement_figure(team: OrganizationResults) -> KeyFigure:
    """Return on how many capabilities people agree, and on which opinions differ most."""
    agreements = [
        (item, agreement)
        for item, cell in team.capability_cells()
        if (agreement := detail_of(cell).agreement) and agreement.word
    ]
    if not agreements:
        return KeyFigure(_("Agreement"), "–", "", "", "plain", formatting.too_few_answers())
    agree = sum(agreement.word in AGREE for _item, agreement in agreements)
    apart = [pair for pair in agreements if pair[1].word not in AGREE]
    apart.sort(key=lambda pair: -(pair[1].distance or 0))
    basis = (
        _("opinions differ most: %(name)s") % {"name": apart[0][0].label.in_(team.language)}
        if apart
        else ""
    )
    unit = ngettext("of %(of)s capability", "of %(of)s capabilities", len(agreements))
    return KeyFigure(_("Agreement"), str(agree), unit % {"of": len(agreements)}, "", "plain", basis)


def _gaps(
    team: OrganizationResults, results: TeamPageResults, address: CapabilityUrl
) -> tuple[CapabilityRow, ...]:
    """Return the first shortfalls and the widest excess, each with the organization's level."""
    cells = team.capability_cells()
    pairs = [*shortfalls(cells)[:MAX_SHORTFALLS], *excesses(cells)[:1]]
    return tuple(_gap_row(pair, team, results, address) for pair in pairs)


def _gap_row(
    pair: CapabilityCell,
    team: OrganizationResults,
    results: TeamPageResults,
    address: CapabilityUrl,
) -> CapabilityRow:
    item, cell = pair
    row = capability_row(
        item,
        cell,
        team.now.rubric,
        language=team.language,
        address=address,
        result=team.cells.result(cell),
    )
    whole = results.organization_score("capability", item.slug)
    return replace(row, picture=level_chart(cell, organization=whole))


def _gaps_note(team: OrganizationResults) -> str:
    """Return how small teams are shown, and which capabilities of this one aren't."""
    cells = team.capability_cells()
    names = [item.label.in_(team.language) for item, cell in cells if formatting.is_hidden(cell)]
    hidden = (
        _("Hidden for anonymity: %(names)s.") % {"names": headlines.join_names(names)}
        if names
        else ""
    )
    return " ".join(text for text in (range_note(cell for _item, cell in cells), hidden) if text)


def _changes(team: OrganizationResults, home: HomePage) -> tuple[ChangedCapability, ...]:
    """Return the values that really changed, then the capabilities."""
    values = [
        changed_row(
            value.name.in_(team.language),
            leading,
            [team.value(value.slug, cycle) for cycle in team.cycles],
            result=team.cells.result(team.value(value.slug, team.now)),
        )
        for value, leading in clear_changes(team.value_cells(), team)
    ]
    return (*values[:MAX_CHANGES], *home.changes)


def _changes_note(team: OrganizationResults) -> str:
    """Return how many of values and capabilities together did not really change."""
    cells = [*team.value_cells(), *team.capability_cells()]
    clear = clear_changes(cells, team)
    return changes_note([cell for _subject, cell in cells], len(clear), team)


def _carried(team: OrganizationResults) -> tuple[CarriedChange, ...]:
    """Return the levels of the capabilities in a changed value, where they are too small to be tested."""
    rows = []
    for value, _leading in clear_changes(team.value_cells(), team):
        for item in value.capabilities:
            cell = team.item(item.slug, team.now)
            change = detail_of(cell).change
            if cell is None or cell.score is None or change is None or change.is_clear:
                continue
            before = formatting.level_number(change.before, coarse=cell.coarse)
            levels = f"{before} → {formatting.score(cell)}"
            rows.append(CarriedChange(item.name.in_(team.language), levels))
    return tuple(rows)


def _steps(team: OrganizationResults, address: CapabilityUrl) -> tuple[LevelStep, ...]:
    """Return the next step of the first shortfalls, in the rubric's own sentences."""
    names, language = level_names(team.now.rubric, team.language), team.language
    proofs = {
        level.level: level.evidence.in_(language)
        for level in team.now.rubric.scale
        if level.evidence
    }
    steps = []
    for item, cell in shortfalls(team.capability_cells())[:MAX_SHORTFALLS]:
        if cell is None or cell.level is None or cell.level >= len(item.levels):
            continue
        texts = {text.level: text.in_(language) for text in item.levels}
        following = cell.level + 1
        steps.append(
            LevelStep(
                name=item.name.in_(language),
                address=address(item.slug),
                now=_("Now, %(level)s") % {"level": formatting.level(cell, names)},
                now_text=texts[cell.level],
                following=_("Next, level %(number)s") % {"number": following},
                following_text=texts[following],
                evidence=proofs.get(following, ""),
            )
        )
    return tuple(steps)


def _comments(results: TeamPageResults) -> CommentList:
    return team_comment_list(
        results.comments,
        results.now.rubric,
        results.now.comment_threshold,
        results.language,
        allowed=results.node.id in results.tree.comment_blocks.values(),
    )
