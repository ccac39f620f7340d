"""API: the explanation of one published number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from assessments.api.serializers import BOUNDS, SUPPRESSED, NullableChoiceField
from assessments.results import queries
from assessments.results.explanation import Explanation, explain
from organizations.access import Scope
from organizations.api.base import ProgramView


class PlaceSerializer(serializers.Serializer[Any]):
    result = serializers.UUIDField(help_text=gettext_lazy("Can be explained in turn."))
    team = serializers.CharField()
    subject_type = serializers.CharField()
    subject = serializers.CharField()
    kind = serializers.CharField()


class PartSerializer(serializers.Serializer[Any]):
    result = serializers.UUIDField(allow_null=True)
    subject = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    bound = NullableChoiceField(choices=BOUNDS, allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    need = serializers.FloatField(allow_null=True)
    need_bound = NullableChoiceField(choices=BOUNDS, allow_null=True)
    gap = serializers.FloatField(
        allow_null=True, help_text=gettext_lazy("The score minus the need, from printed numbers.")
    )
    gap_bound = NullableChoiceField(choices=BOUNDS, allow_null=True)
    suppressed = NullableChoiceField(source="missing", choices=SUPPRESSED, allow_null=True)
    weight = serializers.FloatField(help_text=gettext_lazy("In the rubric."))
    share = serializers.FloatField(
        help_text=gettext_lazy("Of the whole, over the parts that are shown.")
    )


class MeanSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    bound = NullableChoiceField(
        allow_null=True,
        choices=[*BOUNDS, ("both", gettext_lazy("it may be more or less"))],
    )
    allowed = serializers.FloatField(
        help_text=gettext_lazy("How far it may lie from the score, because every part is rounded.")
    )


class BlockSerializer(serializers.Serializer[Any]):
    team = serializers.CharField()
    with_teams = serializers.ListField(
        child=serializers.CharField(),
        help_text=gettext_lazy("Teams below that are too small to be told apart from it."),
    )
    n = serializers.IntegerField()
    invited = serializers.IntegerField(
        allow_null=True, help_text=gettext_lazy("Its head-count, where it may be told.")
    )
    share = serializers.FloatField(
        allow_null=True,
        help_text=gettext_lazy(
            "Of the heads of all blocks. A block weighs its heads, times the share of them who rated."
        ),
    )


class UnratedSerializer(serializers.Serializer[Any]):
    not_seen = serializers.FloatField()
    not_applicable = serializers.FloatField()


class ExplanationSerializer(serializers.Serializer[Explanation]):
    result = serializers.UUIDField()
    cycle = serializers.UUIDField()
    teams = serializers.ListField(
        child=serializers.CharField(),
        help_text=gettext_lazy("From the whole organization down to the team."),
    )
    subject_type = serializers.CharField(source="cell.subject_type")
    subject = serializers.CharField(source="cell.subject")
    kind = serializers.CharField(source="cell.kind")
    score = serializers.FloatField(source="cell.score", allow_null=True)
    bound = NullableChoiceField(source="cell.bound", choices=BOUNDS, allow_null=True)
    low = serializers.FloatField(source="cell.low", allow_null=True)
    high = serializers.FloatField(source="cell.high", allow_null=True)
    n = serializers.IntegerField(
        source="cell.n", allow_null=True, help_text=gettext_lazy("How many have rated.")
    )
    invited = serializers.IntegerField(source="cell.invited", allow_null=True)
    need = serializers.FloatField(source="cell.need", allow_null=True)
    need_bound = NullableChoiceField(
        source="cell.need_bound", choices=BOUNDS, default=None, allow_null=True
    )
    need_source = NullableChoiceField(
        source="cell.need_source",
        choices=[
            ("target", gettext_lazy("a leader asked for it")),
            ("importance", gettext_lazy("the rated importance")),
        ],
        allow_null=True,
    )
    gap = serializers.FloatField(source="cell.gap", allow_null=True)
    gap_bound = NullableChoiceField(source="cell.gap_bound", choices=BOUNDS, allow_null=True)
    based_on = serializers.IntegerField(
        source="cell.based_on", help_text=gettext_lazy("Capabilities that it rests on.")
    )
    asked_capabilities = serializers.IntegerField(
        source="cell.asked_capabilities", help_text=gettext_lazy("Capabilities that were asked.")
    )
    headcount_missing = serializers.BooleanField(
        source="cell.detail.headcount_missing",
        default=False,
        help_text=gettext_lazy(
            "Nobody said how many people there are in a team: the interval shows no sampling margin"
            " for it."
        ),
    )
    suppressed = NullableChoiceField(source="cell.suppressed", choices=SUPPRESSED, allow_null=True)
    parts = PartSerializer(
        many=True, help_text=gettext_lazy("What a value or the whole is made of.")
    )
    mean = MeanSerializer(
        allow_null=True, help_text=gettext_lazy("The weighted mean of the parts as printed.")
    )
    blocks = BlockSerializer(
        many=True,
        help_text=gettext_lazy("People who count together, never fewer than the threshold."),
    )
    block_count = serializers.IntegerField()
    unrated = UnratedSerializer(
        allow_null=True,
        help_text=gettext_lazy(
            "Shares of those asked who gave no rating, where no subtraction leaves fewer than ten"
            " answers. They count neither way."
        ),
    )
    need_from = PlaceSerializer(
        source="need",
        allow_null=True,
        help_text=gettext_lazy("The importance that the need is read from; null for a target."),
    )
    chain = PlaceSerializer(
        many=True, help_text=gettext_lazy("From the capability to its value to the whole.")
    )
    above = PlaceSerializer(
        many=True, help_text=gettext_lazy("The same number of the teams above.")
    )
    threshold = serializers.IntegerField()
    edition = serializers.CharField(help_text=gettext_lazy("Rubric and version."))
    method = serializers.CharField()
    edition_digest = serializers.CharField()
    input_digest = serializers.CharField(
        help_text=gettext_lazy("Changes if anything that was counted does.")
    )


EXAMPLE_PLACE = {
    "result": "019b3c53-44c1-7a20-8f5e-6b7d1e903c05",
    "team": "Brand",
    "subject_type": "value",
    "subject": "operational",
    "kind": "performance",
}


class ExplanationView(ProgramView):
    scope = Scope.RESULTS
    operation, tag, is_list = "explanation", "Results", False
    summary = gettext_lazy("How a result came about")
    meaning = gettext_lazy(
        "What it is made of, what each part weighs, how many people stand behind it, and what it"
        " rests on. Made from what is published and from nothing else."
    )
    item = ExplanationSerializer
    example = {
        "result": "019b3c53-44c1-7a20-8f5e-6b7d1e903c04",
        "cycle": "019b3c53-02aa-7d4f-b6a3-91f0c27e5d03",
        "teams": ["Hanbit Living", "Growth", "Brand"],
        "subject_type": "capability",
        "subject": "growth-agenda",
        "kind": "performance",
        "score": 3.4,
        "bound": None,
        "low": 3.1,
        "high": 3.7,
        "n": 8,
        "invited": 10,
        "need": 4.0,
        "need_bound": None,
        "need_source": "importance",
        "gap": -0.6,
        "gap_bound": None,
        "based_on": 1,
        "asked_capabilities": 1,
        "headcount_missing": False,
        "suppressed": None,
        "parts": [],
        "mean": None,
        "blocks": [
            {"team": "Brand", "with_teams": ["Events"], "n": 8, "invited": 10, "share": 1.0}
        ],
        "block_count": 1,
        "unrated": None,
        "need_from": EXAMPLE_PLACE | {"subject_type": "capability", "kind": "importance"},
        "chain": [EXAMPLE_PLACE],
        "above": [],
        "threshold": 5,
        "edition": "marketing-value 1.0",
        "method": "1.1",
        "edition_digest": "0f5c…",
        "input_digest": "9a1e…",
    }

    def get(self, request: Request, organization: str, cycle: UUID, result: UUID) -> HttpResponse:
        self.read_query(request)
        closed = queries.find(cycle)
        explanation = explain(closed, result) if closed else None
        if explanation is None:
            raise Http404
        return self.json_response(request, self.item(explanation).data)
