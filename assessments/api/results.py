"""API: the results of a cycle, in pages or as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from assessments.api.serializers import TABLE_COLUMNS, ResultSerializer
from assessments.results import export, queries
from assessments.results.export import CellFilter, ExportedTeam
from assessments.results.queries import ClosedCycleSummary
from organizations.access import Scope
from organizations.api import pagination, parameters
from organizations.api.base import ProgramView, make_etag
from organizations.api.errors import InvalidRequest, RequestProblem
from organizations.api.parameters import PAGINATION, Parameter
from organizations.tables.writing import CellValue as TableCell
from organizations.tables.writing import stream_table
from organizations.tenancy.scope import working_for

BATCH_SIZE = 1000  # rows of a table that are in memory at once

TEAM = Parameter("team", gettext_lazy("A team's path or id. Doesn't include sub-teams."))
SUBJECT_TYPE = Parameter(
    "subject_type",
    gettext_lazy("What is scored: the whole, values or capabilities."),
    choices=("overall", "value", "capability"),
)
SUBJECT = Parameter("subject", gettext_lazy("Slug of a value or capability."))
KIND = Parameter(
    "kind", gettext_lazy("Current level or importance."), choices=("performance", "importance")
)
RUBRIC = Parameter("rubric", gettext_lazy("Slug of a rubric."))
FILTERS = (TEAM, SUBJECT_TYPE, SUBJECT, KIND)


class TableRenderer(BaseRenderer):
    """Tells that results are offered as CSV too; the table itself is written part by part."""

    media_type = "text/csv"
    format = "csv"


class ResultsView(ProgramView):
    scope = Scope.RESULTS
    parameters: ClassVar[tuple[Parameter, ...]] = (*FILTERS, *PAGINATION)
    renderer_classes = [JSONRenderer, TableRenderer]
    operation, tag = "results", "Results"
    summary = gettext_lazy("Results of a closed cycle")
    meaning = gettext_lazy(
        "The same numbers as on the pages. Hidden numbers aren't stored. Send “Accept: "
        "text/csv” to get all of them at once as a table."
    )
    item, as_table = ResultSerializer, "also"
    example = {
        "items": [
            {
                "id": "019b3c53-44c1-7a20-8f5e-6b7d1e903c04",
                "team": "Growth / Brand",
                "team_id": "019b3c52-7f12-7b1d-8e07-3f6a9c4d2b02",
                "subject_type": "capability",
                "subject": "growth-agenda",
                "kind": "performance",
                "score": 3.4,
                "estimate": 3.3,
                "low": 3.0,
                "high": 3.6,
                "coarse": False,
                "everyone": False,
                "n": 12,
                "invited": 15,
                "level": 3,
                "state": "reached",
                "need": 4.0,
                "fit": 80,
                "suppressed": None,
                "method": "2",
            }
        ],
        "next": None,
    }

    def get(
        self, request: Request, organization: str, cycle: UUID | None = None
    ) -> HttpResponseBase:
        as_table = request.accepted_renderer.format == TableRenderer.format
        offered = [item for item in self.parameters if not as_table or item not in PAGINATION]
        query = parameters.parse_query(request.GET, offered)
        closed = find_closed_cycle(cycle, query.get(RUBRIC.name))
        # The tag depends only on the published state and the request: no rows are read for it.
        form, address = request.accepted_renderer.media_type, request.build_absolute_uri()
        tag = make_etag(form, address, closed.mark)
        if (same := self.not_modified(request, tag)) is not None:
            return same
        return (self.table if as_table else self.page)(request, closed, query, tag)

    def page(
        self, request: Request, closed: ClosedCycleSummary, query: dict[str, str], tag: str
    ) -> HttpResponseBase:
        page_request = pagination.read_page_request(request, query)
        teams = export.teams_by_node(closed.id)
        rows = export.fetch_cells(
            closed.scorecard,
            teams,
            wanted=parse_filter(closed.id, query, teams),
            after=page_request.after,
            most=page_request.limit + 1,
        )
        return self.page_response(
            request, page_request, page_request.cut(rows, lambda row: row.place), tag
        )

    def table(
        self, request: Request, closed: ClosedCycleSummary, query: dict[str, str], tag: str
    ) -> HttpResponseBase:
        teams = export.teams_by_node(closed.id)
        cell_filter = parse_filter(closed.id, query, teams)
        rows = table_rows(self.program.organization_id, closed.scorecard, teams, cell_filter)
        response = StreamingHttpResponse(
            stream_table(TABLE_COLUMNS, rows), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="results.csv"'
        return self.with_etag(response, tag)


class ResultsTableView(ResultsView):
    """The same at an address of its own, for a spreadsheet that can only be given an address."""

    parameters: ClassVar[tuple[Parameter, ...]] = FILTERS
    renderer_classes = [TableRenderer]
    operation, as_table = "results_table", "only"
    summary = gettext_lazy("Results of a closed cycle as a table")
    meaning = gettext_lazy("UTF-8 CSV with a BOM, ready for Excel. Text can't run as a formula.")


class LatestResultsView(ResultsView):
    """An address that stays the same from cycle to cycle."""

    parameters = (RUBRIC, *ResultsView.parameters)
    operation = "latest_results"
    summary = gettext_lazy("Results of the latest closed cycle")
    meaning = gettext_lazy(
        "The cycle shown on the home page, or the latest of another rubric. This URL stays the "
        "same from cycle to cycle."
    )


class LatestResultsTableView(ResultsTableView):
    parameters = (RUBRIC, *FILTERS)
    operation = "latest_results_table"
    summary = gettext_lazy("Results of the latest closed cycle as a table")


def find_closed_cycle(cycle: UUID | None, rubric: str | None) -> ClosedCycleSummary:
    """Return that closed cycle, or without an id the latest of the rubric, by default the main one.
    1 statement. Raises Http404."""
    closed = queries.closed_cycles()
    if cycle is not None:
        matching = [row for row in closed if row.id == cycle]
    else:
        rubric_slug = queries.main_rubric(closed) if rubric is None else rubric
        matching = list(queries.with_results([row for row in closed if row.rubric == rubric_slug]))
    if not matching:
        raise Http404
    return matching[0]


def parse_filter(cycle: UUID, query: dict[str, str], teams: dict[str, ExportedTeam]) -> CellFilter:
    """Return the filter of a request; 1 statement where a subject is given. Raises InvalidRequest for a
    team or a subject that the cycle does not have."""
    team, subject, faults = query.get(TEAM.name), query.get(SUBJECT.name), []
    nodes = [row.node for row in teams.values() if team in (row.path, row.id)] if team else None
    if nodes == []:
        message = _("This cycle has no such team. Use its path or id.")
        faults.append(RequestProblem("query", TEAM.name, message))
    if subject and subject not in subject_slugs(cycle):
        message = _("This cycle has no such value or capability. See the rubric for names.")
        faults.append(RequestProblem("query", SUBJECT.name, message))
    if faults:
        raise InvalidRequest(faults)
    return CellFilter(nodes, query.get(SUBJECT_TYPE.name), subject, query.get(KIND.name))


def subject_slugs(cycle: UUID) -> set[str]:
    """Return the slugs of values and capabilities of a closed cycle. 1 statement. Raises Http404."""
    closed = queries.find(cycle)
    if closed is None:
        raise Http404
    values = {value.slug for value in closed.rubric.dimensions}
    return values | {capability.slug for capability in closed.rubric.capabilities}


def score_index(score: float | None) -> float | None:
    """Return the printed score on a scale of 0 to 100."""
    return None if score is None else round(25 * (score - 1), 1)


def table_rows(
    organization: UUID, scorecard: UUID, teams: dict[str, ExportedTeam], cell_filter: CellFilter
) -> Iterator[list[TableCell]]:
    """Return the rows of the table. They are read after the request is over, so that each batch binds
    the organization again."""
    after: export.CellPosition | None = None
    while True:
        with working_for(organization):
            rows = export.fetch_cells(
                scorecard, teams, wanted=cell_filter, after=after, most=BATCH_SIZE
            )
        for row in rows:
            yield [*row[1:], score_index(row.score)]
        if len(rows) < BATCH_SIZE:
            return
        after = rows[-1].place
