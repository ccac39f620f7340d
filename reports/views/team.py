"""Views of one team: its page, and the same as a PDF. They open to those who see all results, and to whoever
was asked as the lead of the team or of one above it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.results import queries
from assessments.results.queries import ClosedCycleSummary
from assessments.results.team_history import team_history, tree_with_comments, without_leaders
from assessments.results.visible_teams import Position
from organizations.access import Ability, Access, TenantRequest, requires
from organizations.languages import current_language, language_codes
from reports.documents.document import Document
from reports.documents.team import team_document
from reports.presenters.evidence import TeamPageResults
from reports.presenters.team import TeamPage, team_page
from reports.views.cycle_selection import CycleSelection, select_cycle
from reports.views.page_cache import cached_for, render_page
from reports.views.shared import (
    capability_urls,
    closing_date,
    reader_positions,
    team_urls,
    visible_nodes,
)

MAX_RING_CYCLES = 8


@dataclass(frozen=True, slots=True)
class ReadableTeam:
    """A team as this reader may see it: in which cycles, and from which position."""

    access: Access
    team: UUID
    selection: CycleSelection
    cycles: tuple[ClosedCycleSummary, ...]  # the selected one, and earlier ones
    position: Position | None  # None: the reader sees all results
    offered: Collection[UUID] | None  # cycles to choose from; None: all

    def load(self) -> tuple[TeamPageResults, TeamPage]:
        """Read the results and make the page of them. 3 statements. Raises Http404 for a team that the
        cycle does not have, or that the reader may not see."""
        cycles = queries.by_ids(row.id for row in self.cycles)
        shown = tuple(cycles[row.id] for row in self.cycles)
        tree, comments = tree_with_comments(shown[0], self.team)
        nodes = visible_nodes(self.access, tree, self.position)
        node = next((node for node in nodes if node.team_id == self.team), None)
        if node is None:
            raise Http404
        if self.position and node not in tree.below(tree.by_id()[self.position.node]):
            comments = ()  # shown in place of the own team, which is below it
        history = team_history(shown, node)
        if self.position:
            history = without_leaders(history)
        results = TeamPageResults(
            cycles=shown,
            tree=tree,
            node=node,
            history=history,
            comments=comments,
            closed_on=closing_date(shown[0]),
            language=current_language(),
        )
        query, rubric = self.selection.query, shown[0].rubric.slug
        page = team_page(
            results,
            address=capability_urls(self.access, rubric, query),
            team_url=team_urls(self.access, nodes, query),
        )
        return results, page


def _readable_team(request: TenantRequest, team: UUID) -> ReadableTeam:
    """Return the team as the reader may see it. Raises Http404 for those who lead no team in the cycle.
    Of earlier cycles a lead sees those in which they led this very team."""
    access, selection = request.access, select_cycle(request)
    cycles = selection.cycles[:MAX_RING_CYCLES]
    positions = reader_positions(access, [row.id for row in selection.closed])
    if not cycles:
        raise Http404
    if positions is None:
        return ReadableTeam(access, team, selection, cycles, None, None)
    led = {cycle: position for cycle, position in positions.items() if position.leads}
    if cycles[0].id not in led:
        raise Http404
    earlier = (row for row in cycles[1:] if row.id in led and led[row.id].team == team)
    return ReadableTeam(
        access, team, selection, (cycles[0], *earlier), led[cycles[0].id], frozenset(led)
    )


@requires(Ability.ENTER)
@require_safe
def team(request: TenantRequest, team: UUID) -> HttpResponse:
    """Show one team; in a cycle that had no such team, all teams of that cycle."""
    readable = _readable_team(request, team)
    selection = readable.selection
    try:
        return render_page(
            request,
            "team",
            _("Team"),
            lambda: readable.load()[1],
            readable.cycles,
            str(team),
            position=readable.position,
            selection=selection,
            offered=readable.offered,
        )
    except Http404:
        if not selection.query:
            raise
        return redirect(reverse("reports:teams", args=[readable.access.slug]) + selection.query)


@requires(Ability.ENTER)
@require_safe
def team_pdf(request: TenantRequest, team: UUID, language: str) -> HttpResponse:
    """Return the page of a team that is shown as a PDF in this language."""
    if language not in language_codes():
        raise Http404
    readable = _readable_team(request, team)
    with translation.override(language):
        name, content = cached_for(
            readable.access,
            readable.position,
            readable.cycles,
            lambda: _render_team_pdf(readable),
            "team_pdf",
            str(team),
        )
    file_name = f"{name} {readable.cycles[0].name} {language}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, file_name) or ""},  # noqa: FBT003  # Django's own
    )


def _render_team_pdf(readable: ReadableTeam) -> tuple[str, bytes]:
    """Return the name of the team and its PDF. Raises Http404 for one that is not shown."""
    results, page = readable.load()
    if page.hidden:
        raise Http404
    # By name: Typst is large, and a process that draws no PDF does without it.
    render_pdf: Callable[[Document], bytes] = import_string("reports.documents.pdf.render_pdf")
    return page.title, render_pdf(team_document(page, results, readable.access.name))
