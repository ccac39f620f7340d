"""The forms of an administrator: the plan of a cycle, and a rubric as a file or as text."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.cycles.lifecycle import HIGHEST_THRESHOLD, LOWEST_THRESHOLD, closing_time_refusal
from assessments.models import Cycle
from assessments.rubric_editions import RubricChoice, choices
from assessments.rubrics.problems import MAX_BYTES

MODE_CHOICES = (
    (
        Cycle.Mode.CONFIDENTIAL,
        gettext_lazy(
            "Confidential: responses are linked from survey to survey by a key that isn't a "
            "name, so change is measured more exactly. Names and answers are kept apart."
        ),
    ),
    (
        Cycle.Mode.UNLINKED,
        gettext_lazy(
            "Unlinked: the key is destroyed when the survey closes, so answers can never be "
            "linked to another survey. Change is measured less exactly."
        ),
    ),
)
_DAY: dict[str, Any] = {"type": "date", "aria-label": gettext_lazy("Day")}
_TIME: dict[str, Any] = {"type": "time", "aria-label": gettext_lazy("Time")}


class OpenCycleForm(forms.Form):
    """What can be changed while a survey is open."""

    name = forms.CharField(
        label=gettext_lazy("Survey name"),
        max_length=80,
        help_text=gettext_lazy("Everyone invited sees it, for example “Spring 2027”."),
    )
    closes_at = forms.SplitDateTimeField(
        label=gettext_lazy("Closes on"),
        widget=forms.SplitDateTimeWidget(
            date_attrs=_DAY,
            time_attrs=_TIME,
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].help_text = _("Time zone: %(zone)s.") % {"zone": zone}


class RubricSelect(forms.RadioSelect):
    """Marks the rubrics that ask for a customer segment: only with one of them its field is shown."""

    asking: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.asking:
            option["attrs"]["data-asks-segment"] = ""
        return option


class PlanForm(OpenCycleForm):
    field_order = ("name", "rubric", "segment", "closes_at", "mode", "threshold")

    rubric = forms.ChoiceField(label=gettext_lazy("Rubric"), widget=RubricSelect)
    segment = forms.CharField(
        label=gettext_lazy("Customer segment"),
        max_length=120,
        required=False,
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("How answers are handled"),
        widget=forms.RadioSelect,
        choices=MODE_CHOICES,
        initial=Cycle.Mode.CONFIDENTIAL,
        help_text=gettext_lazy("Shown to respondents; can't be changed after launch."),
    )
    threshold = forms.IntegerField(
        label=gettext_lazy("Anonymity threshold"),
        min_value=LOWEST_THRESHOLD,
        max_value=HIGHEST_THRESHOLD,
        help_text=gettext_lazy(
            "Results are shown only for groups with at least this many responses (5 to 20). "
            "Shown to respondents; can't be changed after launch."
        ),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, zone=zone, **kwargs)
        rows = choices()
        self.fields["rubric"].choices = [(row.slug, _choice_label(row)) for row in rows]  # type: ignore[attr-defined]  # a ChoiceField
        self.asking = frozenset(row.slug for row in rows if row.asks_segment)
        self.fields["rubric"].widget.asking = self.asking
        self.fields["segment"].help_text = _(
            "Which customers does it rate? Only for this rubric: %(rubrics)s"
        ) % {"rubrics": ", ".join(row.name for row in rows if row.asks_segment)}
        self.fields["closes_at"].help_text = _("Time zone: %(zone)s. Up to 90 days from now.") % {
            "zone": zone
        }

    def clean_segment(self) -> str:
        """Drop the segment that was typed before another rubric was chosen: its field is hidden then."""
        segment: str = self.cleaned_data["segment"]
        return segment if self.cleaned_data.get("rubric") in self.asking else ""

    def clean_closes_at(self) -> datetime:
        closes_at: datetime = self.cleaned_data["closes_at"]
        if refusal := closing_time_refusal(closes_at, timezone.now()):
            raise ValidationError(refusal)
        return closes_at


def _choice_label(choice: RubricChoice) -> str:
    count = ngettext("%(number)s capability", "%(number)s capabilities", choice.capabilities) % {
        "number": choice.capabilities
    }
    length = ngettext("about %(number)s minute", "about %(number)s minutes", choice.minutes) % {
        "number": choice.minutes
    }
    return f"{choice.name} {choice.version} · {count} · {length}"


def default_closing_time(moment: datetime) -> datetime:
    """Return the closing time that a new plan suggests: the evening of the day in two weeks."""
    local = timezone.localtime(moment)
    day = local.date() + timedelta(days=14)
    return timezone.make_aware(datetime.combine(day, time(18)))


class RubricForm(forms.Form):
    """A rubric as a file, or pasted; a refused file is shown as text, to be corrected there."""

    file = forms.FileField(
        label=gettext_lazy("YAML file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
        help_text=gettext_lazy("Up to 512 KB."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "wrap": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file, text = cleaned.get("file"), cleaned.get("text") or ""
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", _("The file is larger than 512 KB. Shorten it."))
        elif file is not None:
            cleaned["raw"] = file.read()
        elif text.strip():
            cleaned["raw"] = text.encode()
        elif "file" not in self.errors:
            self.add_error("file", _("Choose a file, or paste its text below."))
        return cleaned

    def with_file_text(self, raw: bytes) -> RubricForm:
        """Return the form with the refused file's text in it; this form if the text cannot be read."""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self
        return RubricForm(initial={"text": text}) if "\x00" not in text else self
