"""One result as a program reads it: every field with its meaning."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from assessments.published import Published

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

# A table has what a reader of reports may expect besides: the score from 0 to 100.
TABLE_COLUMNS = (*COLUMNS, "index")

BOUNDS = [
    ("at_least", gettext_lazy("it is this or more")),
    ("at_most", gettext_lazy("it is this or less")),
]
SUPPRESSED = [
    ("below_threshold", gettext_lazy("too few people: a number would show single answers")),
    ("not_asked", gettext_lazy("this was not asked in the cycle")),
    ("not_enough_weight", gettext_lazy("asked, but too little was rated to speak of it")),
]


class Choice(serializers.ChoiceField):
    """One word out of few; where there is none, null."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


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
        choices=SUPPRESSED,
        help_text=gettext_lazy("Why there is no score; null if there is one."),
    )

    def to_representation(self, instance: Published) -> dict[str, Any]:
        """What the fields above would say of a row, said at once: a page may have 500 of them."""
        cell = instance.cell
        return {
            "id": str(instance.id),
            "team": instance.team,
            "team_id": str(instance.team_id),
            "subject_type": cell.subject_type,
            "subject": cell.subject,
            "kind": cell.kind,
            "score": cell.score,
            "bound": instance.bound,
            "low": cell.low,
            "high": cell.high,
            "n": cell.n,
            "invited": cell.invited,
            "level": cell.level,
            "state": cell.state,
            "need": cell.need,
            "need_bound": instance.need_bound,
            "fit": cell.fit,
            "fit_bound": instance.fit_bound,
            "suppressed": cell.suppressed,
        }
