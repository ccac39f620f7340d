"""API: the explanation of one published number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from assessments.api.serializers import SUPPRESSED, NullableChoiceField
from assessments.results import queries
from assessments.results.explanation import Explanation, explain
from organizations.access import Scope
from organizations.api.base import ProgramView


class PlaceSerializer(serializers.Serializer[Any]):
    result = serializers.UUIDField(help_text=gettext_lazy("Has an explanation of its own."))
    team = serializers.CharField()
    subject_type = serializers.CharField()
    subject = serializers.CharField()
    kind = serializers.CharField()


class PartSerializer(serializers.Serializer[Any]):
    result = serializers.UUIDField(allow_null=True)
    subject = serializers.CharField(source="cell.subject")
    score = serializers.FloatField(source="cell.score", allow_null=True)
    n = serializers.IntegerField(source="cell.n", allow_null=True)
    need = serializers.FloatField(source="cell.need", allow_null=True)
    gap = serializers.FloatField(
        source="cell.gap",
        allow_null=True,
        help_text=gettext_lazy("Score minus needed level, both as shown."),
    )
    suppressed = NullableChoiceField(source="cell.suppressed", choices=SUPPRESSED, allow_null=True)
    weight = serializers.FloatField(help_text=gettext_lazy("As set in the rubric."))
    share = serializers.FloatField(
        help_text=gettext_lazy("Share of the total, counting only parts that are shown.")
    )


class MeanSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    allowed = serializers.FloatField(
        help_text=gettext_lazy(
            "How much it may differ from the score, because each part is rounded."
        )
    )


class BlockSerializer(serializers.Serializer[Any]):
    team = serializers.CharField()
    with_teams = serializers.ListField(
        child=serializers.CharField(),
        help_text=gettext_lazy("Sub-teams too small to be shown separately."),
    )
    n = serializers.IntegerField()
    invited = serializers.IntegerField(
        allow_null=True, help_text=gettext_lazy("Team size, where it can be shown.")
    )
    share = serializers.FloatField(
        allow_null=True,
        help_text=gettext_lazy(
            "Share of people across all blocks. A block is weighted by its size, times the "
            "share of people who gave a rating."
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
    estimate = serializers.FloatField(source="cell.estimate", allow_null=True)
    low = serializers.FloatField(source="cell.low", allow_null=True)
    high = serializers.FloatField(source="cell.high", allow_null=True)
    is_estimated = serializers.BooleanField(
        source="cell.is_estimated",
        help_text=gettext_lazy("Low and high are a likely range, which uses the best estimate."),
    )
    if_all = serializers.ListField(
        source="cell.detail.if_all",
        child=serializers.FloatField(),
        allow_null=True,
        help_text=gettext_lazy("The interval had everyone answered; null where everyone has."),
    )
    coarse = serializers.BooleanField(
        source="cell.coarse",
        help_text=gettext_lazy("Fewer than ten people gave a rating: shown in half levels."),
    )
    everyone = serializers.BooleanField(source="cell.everyone")
    n = serializers.IntegerField(
        source="cell.n",
        allow_null=True,
        help_text=gettext_lazy("Number of people who gave a rating."),
    )
    invited = serializers.IntegerField(source="cell.invited", allow_null=True)
    need = serializers.FloatField(source="cell.need", allow_null=True)
    need_source = NullableChoiceField(
        source="cell.need_source",
        choices=[
            ("target", gettext_lazy("target set by a leader")),
            ("importance", gettext_lazy("importance people gave")),
        ],
        allow_null=True,
    )
    gap = serializers.FloatField(source="cell.gap", allow_null=True)
    based_on = serializers.IntegerField(
        source="cell.based_on", help_text=gettext_lazy("Number of capabilities it is based on.")
    )
    asked_capabilities = serializers.IntegerField(
        source="cell.asked_capabilities", help_text=gettext_lazy("Number of capabilities asked.")
    )
    headcount_missing = serializers.BooleanField(
        source="cell.detail.headcount_missing",
        default=False,
        help_text=gettext_lazy(
            "A team's size wasn't provided: those who answered count as the whole team."
        ),
    )
    suppressed = NullableChoiceField(source="cell.suppressed", choices=SUPPRESSED, allow_null=True)
    parts = PartSerializer(
        many=True, help_text=gettext_lazy("The parts of a value or of the overall score.")
    )
    mean = MeanSerializer(
        allow_null=True, help_text=gettext_lazy("Weighted average of the parts as shown.")
    )
    blocks = BlockSerializer(
        many=True,
        help_text=gettext_lazy(
            "People counted together, never fewer than the anonymity threshold."
        ),
    )
    block_count = serializers.IntegerField()
    unrated = UnratedSerializer(
        allow_null=True,
        help_text=gettext_lazy(
            "Shares of people asked who gave no rating. Shown only where no subtraction leaves "
            "fewer than ten answers. They aren't scored."
        ),
    )
    need_from = PlaceSerializer(
        source="need",
        allow_null=True,
        help_text=gettext_lazy(
            "The importance result that the needed level comes from; null for a target."
        ),
    )
    chain = PlaceSerializer(
        many=True, help_text=gettext_lazy("From the capability to its value to the overall score.")
    )
    above = PlaceSerializer(many=True, help_text=gettext_lazy("The same score of the teams above."))
    threshold = serializers.IntegerField()
    edition = serializers.CharField(help_text=gettext_lazy("Rubric and version."))
    method = serializers.CharField()
    edition_digest = serializers.CharField()
    input_digest = serializers.CharField(
        help_text=gettext_lazy("Changes if anything that was counted changes.")
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
    summary = gettext_lazy("How a result is calculated")
    meaning = gettext_lazy(
        "Its parts, their weights, how many people answered, and its source. Calculated from "
        "published results only."
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
        "estimate": None,
        "low": 3.1,
        "high": 3.7,
        "is_estimated": False,
        "if_all": [3.3, 3.5],
        "coarse": False,
        "everyone": False,
        "n": 12,
        "invited": 15,
        "need": 4.0,
        "need_source": "importance",
        "gap": -0.6,
        "based_on": 1,
        "asked_capabilities": 1,
        "headcount_missing": False,
        "suppressed": None,
        "parts": [],
        "mean": None,
        "blocks": [
            {"team": "Brand", "with_teams": ["Events"], "n": 12, "invited": 15, "share": 1.0}
        ],
        "block_count": 1,
        "unrated": None,
        "need_from": EXAMPLE_PLACE | {"subject_type": "capability", "kind": "importance"},
        "chain": [EXAMPLE_PLACE],
        "above": [],
        "threshold": 5,
        "edition": "marketing-value 1.0",
        "method": "2",
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
