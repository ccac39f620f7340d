"""API: the fields of one result, each with its meaning."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from assessments.results.export import ExportedCell

COLUMNS = ExportedCell._fields[1:]  # noqa: SLF001  # public, by its documentation
# A table also has the score from 0 to 100, which readers of reports may expect.
TABLE_COLUMNS = (*COLUMNS, "index")

SUPPRESSED = [
    ("below_threshold", gettext_lazy("hidden: a number would reveal single answers")),
    ("not_asked", gettext_lazy("not asked in this cycle")),
    ("not_enough_weight", gettext_lazy("not enough ratings")),
]


class NullableChoiceField(serializers.ChoiceField):
    """One word out of few; where there is none, null."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class ResultSerializer(serializers.Serializer[ExportedCell]):
    id = serializers.UUIDField()
    team = serializers.CharField(
        help_text=gettext_lazy("Its path when the cycle opened; the root is the organization.")
    )
    team_id = serializers.UUIDField(help_text=gettext_lazy("The same in every cycle."))
    subject_type = serializers.ChoiceField(
        choices=[
            ("overall", gettext_lazy("all values together")),
            ("value", gettext_lazy("a value, principle or stage")),
            ("capability", gettext_lazy("one capability")),
        ],
    )
    subject = serializers.CharField(help_text=gettext_lazy("A slug; empty for overall."))
    kind = serializers.ChoiceField(
        choices=[
            ("performance", gettext_lazy("the current level")),
            ("importance", gettext_lazy("the importance")),
        ],
    )
    score = serializers.FloatField(
        allow_null=True,
        help_text=gettext_lazy(
            "1 to 5, one decimal; if coarse, in half levels and of the best estimate where there is one."
        ),
    )
    estimate = serializers.FloatField(
        allow_null=True,
        help_text=gettext_lazy(
            "Best estimate of a small team, which also uses what the whole organization answered."
        ),
    )
    low = serializers.FloatField(
        allow_null=True,
        help_text=gettext_lazy(
            "Lower end, as shown: of the likely range of a small team, else of the 95% "
            "confidence interval."
        ),
    )
    high = serializers.FloatField(allow_null=True)
    coarse = serializers.BooleanField(
        help_text=gettext_lazy("Fewer than ten people gave a rating: shown in half levels.")
    )
    everyone = serializers.BooleanField(help_text=gettext_lazy("Everyone invited has answered."))
    n = serializers.IntegerField(
        allow_null=True, help_text=gettext_lazy("Number of people who gave a rating.")
    )
    invited = serializers.IntegerField(allow_null=True)
    level = serializers.IntegerField(allow_null=True, min_value=1, max_value=5)
    state = serializers.ChoiceField(
        allow_null=True,
        choices=[
            ("reached", gettext_lazy("the level is reached")),
            ("borderline", gettext_lazy("too close to the level next to it")),
            ("held", gettext_lazy("held back by one lower capability")),
        ],
    )
    need = serializers.FloatField(allow_null=True, help_text=gettext_lazy("The needed level."))
    fit = serializers.IntegerField(
        allow_null=True,
        help_text=gettext_lazy("How closely level and needed level match, in percent."),
    )
    suppressed = serializers.ChoiceField(
        allow_null=True,
        choices=SUPPRESSED,
        help_text=gettext_lazy("Why there is no score; null if there is one."),
    )
    method = serializers.CharField(
        help_text=gettext_lazy("Version of the method that calculated the cycle.")
    )

    def to_representation(self, instance: ExportedCell) -> dict[str, Any]:
        """Return what the fields above would give, in one step: a page may have 500 rows."""
        return dict(zip(COLUMNS, instance[1:], strict=True))
