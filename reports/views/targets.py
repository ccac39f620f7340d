"""View of the targets: the levels that leaders ask for."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments import rubric_editions, targets
from assessments.results.team_history import team_cells
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import submit_form
from organizations.languages import current_language
from organizations.models import Team
from organizations.team_tree import TeamNode, TeamTree
from organizations.teams import load_tree
from reports.forms import TargetsForm, with_all_set
from reports.presenters.targets import TargetResults, targets_page


@requires(Ability.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_targets(request: TenantRequest, rubric: str) -> HttpResponse:
    """Edit the targets of a team, chosen by the query parameter `team`; by default of the whole
    organization. The buttons `preview` and `all` store nothing and show what is chosen."""
    edition = rubric_editions.current_rubric(rubric)
    if edition is None:
        raise Http404
    tree, language = load_tree(), current_language()
    team = _selected_team(request, tree)
    current_targets = targets.team_targets(rubric, tree, team.id)
    data = with_all_set(request.POST, edition) if request.method == "POST" else None
    form = TargetsForm(data, rubric=edition, aims=current_targets, language=language)
    is_preview = not {"preview", "all"}.isdisjoint(request.POST)
    changed: list[str] = []

    def verb() -> None:
        row = get_object_or_404(Team, pk=team.id)
        changed.extend(
            targets.set_targets(row, edition, form.levels, by=request.access.membership_id)
        )

    if not is_preview and submit_form(form, verb):
        _add_change_message(request, len(changed))
        return redirect(f"{request.path}?{urlencode({'team': team.id})}")
    cycle, cells = team_cells(rubric, team.id)
    changes = targets.target_changes(rubric, [team.id, *targets.teams_above(tree, team.id)])
    results = TargetResults(edition, team.id, cycle, cells, current_targets, changes, language)
    context = {
        "form": form,
        "rubric": edition.name.in_(language),
        "team": team,
        "teams": tree.nodes,
        "page": targets_page(results, form, preview=is_preview),
        "is_preview": is_preview,
    }
    refused = form.is_bound and not (is_preview and form.is_valid())
    return render(request, "reports/targets.html", context, status=422 if refused else 200)


def _selected_team(request: TenantRequest, tree: TeamTree) -> TeamNode:
    team_id = request.GET.get("team", "")
    matches = (node for node in tree.nodes if team_id in ("", str(node.id)))
    team = next(matches, None)
    if team is None:
        raise Http404
    return team


def _add_change_message(request: TenantRequest, changed_count: int) -> None:
    message = ngettext(
        "%(count)s target saved. It applies to surveys that close from now on.",
        "%(count)s targets saved. They apply to surveys that close from now on.",
        changed_count,
    )
    if changed_count:
        messages.success(request, message % {"count": changed_count})
    else:
        messages.info(request, _("Nothing was changed."))
