"""What a program can read about cycles: which there are, what they ask, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from assessments import editions, published, results
from assessments.models import Cycle
from assessments.published import Published, Team
from organizations.access import Scope
from organizations.programs import asking, paging
from organizations.programs.asking import Parameter
from organizations.programs.door import ProgramView, mark
from organizations.tables import Cell as TableCell
from organizations.tables import lines
from organizations.tenancy import working_for

A_PART = 1000  # rows of a table that are held at once
COLUMNS = (
    "id",
    "team",
    "team_id",
    "subject_type",
    "subject",
    "kind",
    "score",
    "bound",
    "low",
    "high",
    "n",
    "invited",
    "level",
    "state",
    "need",
    "need_bound",
    "fit",
    "fit_bound",
    "suppressed",
)

# --- Cycles -----------------------------------------------------------------------------------


def moment(**more: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(default_timezone=UTC, **more)


class CycleSerializer(serializers.Serializer[Cycle]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    rubric = serializers.SlugField(help_text=gettext_lazy("What it asks: a slug of “rubrics”."))
    state = serializers.ChoiceField(
        source="stage",
        choices=Cycle.Stage.choices,
        help_text=gettext_lazy("Results exist when it is closed."),
    )
    opened = moment(source="opened_at", allow_null=True)
    closed = moment(source="closed_at", allow_null=True)


class CyclesView(ProgramView):
    scope = Scope.CYCLES
    parameters = asking.PAGED
    operation, tag = "cycles", "Cycles"
    summary = gettext_lazy("Cycles, the newest first")
    meaning = gettext_lazy("Every wave of a survey: planned, open, closing or closed.")
    item = CycleSerializer
    example = {
        "items": [
            {
                "id": "019b3c53-02aa-7d4f-b6a3-91f0c27e5d03",
                "name": "2026 Q3",
                "rubric": "marketing-value",
                "state": "closed",
                "opened": "2026-09-14T00:00:00Z",
                "closed": "2026-09-28T00:00:00Z",
            }
        ],
        "next": None,
    }

    def get(self, request: Request, organization: str) -> HttpResponse:
        where = paging.place(request, self.asked(request))
        rows = Cycle.objects.order_by("-pk").only(
            "name", "rubric", "stage", "opened_at", "closed_at", "organization_id"
        )
        if where.after:
            rows = rows.filter(pk__lt=UUID(where.after[0]))
        found = list(rows[: where.limit + 1])
        return self.listed(request, where, where.cut(found, lambda cycle: (str(cycle.pk),)))


# --- Rubrics ----------------------------------------------------------------------------------


class TextSerializer(serializers.Serializer[Any]):
    en = serializers.CharField()
    ko = serializers.CharField()


class SubjectSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = TextSerializer()


class CapabilitySerializer(SubjectSerializer):
    value = serializers.SlugField(help_text=gettext_lazy("The value that it belongs to."))


class RubricSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    version = serializers.CharField()
    name = TextSerializer()
    values = SubjectSerializer(
        many=True, help_text=gettext_lazy("Subjects of results of the type “value”.")
    )
    capabilities = CapabilitySerializer(
        many=True, help_text=gettext_lazy("Subjects of results of the type “capability”.")
    )


class RubricsView(ProgramView):
    scope = Scope.CYCLES
    parameters = asking.PAGED
    operation, tag = "rubrics", "Cycles"
    summary = gettext_lazy("Rubrics, with the names of all subjects")
    meaning = gettext_lazy(
        "In the edition that a new cycle would ask. A slug means the same in every edition."
    )
    item = RubricSerializer
    example = {
        "items": [
            {
                "slug": "marketing-value",
                "version": "1.0",
                "name": {"en": "Marketing value", "ko": "마케팅 가치"},
                "values": [{"slug": "exchange", "name": {"en": "Exchange", "ko": "교환 가치"}}],
                "capabilities": [
                    {
                        "slug": "growth-agenda",
                        "name": {"en": "Shared growth agenda", "ko": "공동의 성장 어젠다"},
                        "value": "operational",
                    }
                ],
            }
        ],
        "next": None,
    }

    def get(self, request: Request, organization: str) -> HttpResponse:
        where = paging.place(request, self.asked(request))
        after = where.after[0] if where.after else ""
        found = sorted(editions.asked_now(), key=lambda rubric: rubric.slug)
        rows = [rubric for rubric in found if rubric.slug > after][: where.limit + 1]
        page = where.cut(rows, lambda rubric: (rubric.slug,))
        told = paging.Page([_told(rubric) for rubric in page.items], page.last)
        return self.listed(request, where, told)


def _told(rubric: Any) -> dict[str, Any]:
    return {
        "slug": rubric.slug,
        "version": rubric.version,
        "name": rubric.name,
        "values": rubric.dimensions,
        "capabilities": [
            {"slug": one.slug, "name": one.name, "value": dimension.slug}
            for dimension in rubric.dimensions
            for one in dimension.capabilities
        ],
    }


# --- Results ----------------------------------------------------------------------------------


BOUNDS = [
    ("at_least", gettext_lazy("it is this or more")),
    ("at_most", gettext_lazy("it is this or less")),
]


class ResultSerializer(serializers.Serializer[Published]):
    id = serializers.UUIDField()
    team = serializers.CharField(
        help_text=gettext_lazy("Its path when the cycle opened; the root is the organization.")
    )
    team_id = serializers.UUIDField(help_text=gettext_lazy("The same in every cycle."))
    subject_type = serializers.ChoiceField(
        source="cell.subject_type",
        choices=[
            ("overall", gettext_lazy("all values together")),
            ("value", gettext_lazy("a value, principle or stage")),
            ("capability", gettext_lazy("one capability")),
        ],
    )
    subject = serializers.CharField(
        source="cell.subject", help_text=gettext_lazy("A slug; empty for overall.")
    )
    kind = serializers.ChoiceField(
        source="cell.kind",
        choices=[
            ("performance", gettext_lazy("the present level")),
            ("importance", gettext_lazy("the importance")),
        ],
    )
    score = serializers.FloatField(
        source="cell.score", allow_null=True, help_text=gettext_lazy("1 to 5, one decimal.")
    )
    bound = serializers.ChoiceField(
        allow_null=True,
        choices=BOUNDS,
        help_text=gettext_lazy("Set where the exact score would tell single answers."),
    )
    low = serializers.FloatField(
        source="cell.low",
        allow_null=True,
        help_text=gettext_lazy("The interval's lower end; null where none can be told."),
    )
    high = serializers.FloatField(source="cell.high", allow_null=True)
    n = serializers.IntegerField(
        source="cell.n", allow_null=True, help_text=gettext_lazy("How many have rated.")
    )
    invited = serializers.IntegerField(source="cell.invited", allow_null=True)
    level = serializers.IntegerField(source="cell.level", allow_null=True, min_value=1, max_value=5)
    state = serializers.ChoiceField(
        source="cell.state",
        allow_null=True,
        choices=[
            ("reached", gettext_lazy("the level is reached")),
            ("borderline", gettext_lazy("too close to tell from the level beside it")),
            ("held", gettext_lazy("held back by one capability below it")),
        ],
    )
    need = serializers.FloatField(
        source="cell.need", allow_null=True, help_text=gettext_lazy("The level that is needed.")
    )
    need_bound = serializers.ChoiceField(allow_null=True, choices=BOUNDS)
    fit = serializers.IntegerField(
        source="cell.fit",
        allow_null=True,
        help_text=gettext_lazy("How closely level and need agree, in per cent."),
    )
    fit_bound = serializers.ChoiceField(allow_null=True, choices=BOUNDS)
    suppressed = serializers.ChoiceField(
        source="cell.suppressed",
        allow_null=True,
        choices=[
            ("below_threshold", gettext_lazy("too few people: a number would show single answers")),
            ("not_asked", gettext_lazy("this was not asked in the cycle")),
            ("not_enough_weight", gettext_lazy("asked, but too little was rated to speak of it")),
        ],
        help_text=gettext_lazy("Why there is no score; null if there is one."),
    )


TEAM = Parameter("team", gettext_lazy("A team by its path or its id; without those below it."))
SUBJECT = Parameter("subject", gettext_lazy("The slug of a value or a capability."))
KIND = Parameter(
    "kind", gettext_lazy("Present level or importance."), choices=("performance", "importance")
)
RUBRIC = Parameter("rubric", gettext_lazy("The slug of a rubric."))
FILTERS = (TEAM, SUBJECT, KIND)


class TableRenderer(BaseRenderer):
    """Tells that results are offered as CSV too; the table itself is written part by part."""

    media_type = "text/csv"
    format = "csv"


class ResultsView(ProgramView):
    scope = Scope.RESULTS
    parameters: ClassVar[tuple[Parameter, ...]] = (*FILTERS, *asking.PAGED)
    renderer_classes = [JSONRenderer, TableRenderer]
    operation, tag = "results", "Results"
    summary = gettext_lazy("Results of a closed cycle")
    meaning = gettext_lazy(
        "The same numbers as on the pages, and no others: what may not be shown was never stored."
        " With “Accept: text/csv” all of them at once as a table."
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
                "bound": None,
                "low": 3.1,
                "high": 3.7,
                "n": 8,
                "invited": 10,
                "level": 3,
                "state": "reached",
                "need": 4.0,
                "need_bound": None,
                "fit": 80,
                "fit_bound": None,
                "suppressed": None,
            }
        ],
        "next": None,
    }

    def get(
        self, request: Request, organization: str, cycle: UUID | None = None
    ) -> HttpResponseBase:
        as_table = request.accepted_renderer.format == TableRenderer.format
        offered = [one for one in self.parameters if not as_table or one not in asking.PAGED]
        asked = asking.read(request.GET, offered)
        closed = cycle or newest(asked.get(RUBRIC.name))
        tag = self.mark(request, closed)
        if (same := self.unchanged(request, tag)) is not None:
            return same
        return (self.table if as_table else self.page)(request, closed, asked, tag)

    def mark(self, request: Request, cycle: UUID) -> str:
        """Made from the close and the question: the rows need not be read to know it."""
        state = published.state_of(cycle)
        if state is None:
            raise Http404
        address = request.build_absolute_uri()
        return mark(request.accepted_renderer.media_type, address, state)

    def page(
        self, request: Request, cycle: UUID, asked: dict[str, str], tag: str
    ) -> HttpResponseBase:
        where = paging.place(request, asked)
        teams = published.teams_of(cycle)
        rows = published.part(
            cycle, teams, wanted=chosen(asked, teams), after=where.after, most=where.limit + 1
        )
        return self.listed(request, where, where.cut(rows, lambda row: row.place), tag)

    def table(
        self, request: Request, cycle: UUID, asked: dict[str, str], tag: str
    ) -> HttpResponseBase:
        teams = published.teams_of(cycle)
        wanted = chosen(asked, teams)
        rows = table_rows(self.program.organization_id, cycle, teams, wanted)
        answer = StreamingHttpResponse(lines(COLUMNS, rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="results.csv"'
        return self.kept(answer, tag)


class ResultsTableView(ResultsView):
    """The same at an address of its own, for a spreadsheet that can only be given an address."""

    parameters: ClassVar[tuple[Parameter, ...]] = FILTERS
    renderer_classes = [TableRenderer]
    operation, as_table = "results_table", "only"
    summary = gettext_lazy("Results of a closed cycle as a table")
    meaning = gettext_lazy(
        "CSV in UTF-8 with its mark, as Excel opens it; every text is harmless as a formula."
    )


class LatestResultsView(ResultsView):
    """An address that stays the same from cycle to cycle."""

    parameters = (RUBRIC, *ResultsView.parameters)
    operation = "latest_results"
    summary = gettext_lazy("Results of the latest closed cycle")
    meaning = gettext_lazy(
        "Of the cycle that the first page shows, or of another rubric. The address stays the same"
        " from cycle to cycle."
    )


class LatestResultsTableView(ResultsTableView):
    parameters = (RUBRIC, *FILTERS)
    operation = "latest_results_table"
    summary = gettext_lazy("Results of the latest closed cycle as a table")


def newest(rubric: str | None) -> UUID:
    """The latest closed cycle, of the main rubric unless told."""
    if rubric is None:
        found = results.latest_each()
        latest = found.get(results.main_rubric(found))
    else:
        latest = results.latest(rubric)
    if latest is None:
        raise Http404
    return latest.id


def chosen(asked: dict[str, str], teams: dict[UUID, Team]) -> dict[str, Any]:
    """The filters in the words of the database."""
    wanted: dict[str, Any] = {name: asked[name] for name in ("subject", "kind") if name in asked}
    if (named := asked.get("team")) is not None:
        nodes = [team.node for team in teams.values() if named in (team.path, str(team.id))]
        if not nodes:
            message = _("There is no such team in this cycle. Give its path or its id.")
            raise asking.refuse("team", message)
        wanted["node_id__in"] = nodes
    return wanted


def table_rows(
    organization: UUID, cycle: UUID, teams: dict[UUID, Team], wanted: dict[str, Any]
) -> Iterator[list[TableCell]]:
    """Read after the request is over, so each part enters the organization again."""
    after: published.Place | None = None
    while True:
        with working_for(organization):
            rows = published.part(cycle, teams, wanted=wanted, after=after, most=A_PART)
        for row in rows:
            told = ResultSerializer(row).data
            yield [told[name] for name in COLUMNS]
        if len(rows) < A_PART:
            return
        after = rows[-1].place
