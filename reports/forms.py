"""Forms for targets, principles, and the schedule of reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from assessments.rubrics import Rubric
from assessments.targets import LEVELS, CapabilityTarget
from organizations.languages import language_codes, language_names
from organizations.models import Membership, Principle
from organizations.principles import (
    MAX_METHODS_LENGTH,
    MAX_WORDING_LENGTH,
    PrincipleChange,
    PrincipleText,
)
from organizations.text import FALLBACK_LANGUAGE, normalize_line
from reports import schedules
from reports.models import ReportSchedule
from reports.schedules import DEFAULT_HOUR


class TargetsForm(forms.Form):
    """One choice of a target for each capability, named by its slug."""

    def __init__(
        self,
        *args: Any,
        rubric: Rubric,
        aims: Mapping[str, CapabilityTarget],
        language: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for item in rubric.capabilities:
            target = aims.get(item.slug)
            self.fields[item.slug] = forms.ChoiceField(
                label=item.name.in_(language),
                choices=[(value, value) for value in ("", *map(str, LEVELS))],
                initial=str(target.own) if target and target.own else "",
                required=False,
            )

    @property
    def levels(self) -> dict[str, int | None]:
        """Return slug -> target. None leaves it to the target above or to the rated importance."""
        return {slug: int(level) if level else None for slug, level in self.cleaned_data.items()}


def with_all_set(data: QueryDict, rubric: Rubric) -> QueryDict:
    """Return what was typed, with every capability of one value set as its button says: `all` is such as
    "exchange:3", without a level as rated. Anything else changes nothing."""
    value, _colon, level = data.get("all", "").partition(":")
    changed = data.copy()
    for dimension in rubric.dimensions:
        for item in dimension.capabilities:
            if dimension.slug == value:
                changed[item.slug] = level
    return changed


class PrincipleForm(forms.Form):
    """A principle in every language, its owner, and the date of its next review."""

    owner = forms.TypedChoiceField(
        label=pgettext_lazy("owner of a principle", "Owner"),
        coerce=UUID,
        empty_value=None,
        required=False,
    )
    review_on = forms.DateField(
        label=gettext_lazy("Review date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, people: Iterable[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {**_wording_fields(), **_methods_fields(), **self.fields}
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        nobody = ("", pgettext_lazy("owner of a principle", "No owner"))
        owner.choices = [nobody, *((str(id), name) for id, name in people)]

    @staticmethod
    def initial_of(principle: Principle) -> dict[str, Any]:
        texts = {
            f"{part}_{language}": text
            for part in ("wording", "methods")
            for language, text in getattr(principle, part).items()
        }
        return {
            **texts,
            "owner": principle.owner_id,
            "review_on": principle.review_on,
            "version": principle.version,
        }

    @property
    def wanted(self) -> PrincipleChange:
        cleaned = self.cleaned_data
        wording = {
            language: normalize_line(cleaned[f"wording_{language}"])
            for language in language_codes()
        }
        methods = {
            language: _clean_lines(cleaned[f"methods_{language}"]) for language in language_codes()
        }
        text = PrincipleText({code: line for code, line in wording.items() if line}, methods)
        return PrincipleChange(text, cleaned["owner"], cleaned["review_on"])


def _wording_fields() -> dict[str, forms.Field]:
    return {
        f"wording_{language}": forms.CharField(
            label=_("Principle (%(language)s)") % {"language": name},
            max_length=MAX_WORDING_LENGTH,
            required=language == FALLBACK_LANGUAGE,
            widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
        )
        for language, name in language_names().items()
    }


def _methods_fields() -> dict[str, forms.Field]:
    return {
        f"methods_{language}": forms.CharField(
            label=_("How we do it (%(language)s)") % {"language": name},
            max_length=MAX_METHODS_LENGTH,
            required=False,
            widget=forms.Textarea(attrs={"rows": 5, "lang": language}),
            help_text=_("One per line."),
        )
        for language, name in language_names().items()
    }


class ScheduleForm(forms.Form):
    """When the monthly report is made, and who is notified."""

    on = forms.BooleanField(label=gettext_lazy("Create a report every month"), required=False)
    day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=31,
        help_text=gettext_lazy("1 to 31. Shorter months use their last day."),
    )
    at = forms.TimeField(
        label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    recipients = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Recipients"),
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only people who can see results."),
    )

    def __init__(self, *args: Any, readers: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recipients = self.fields["recipients"]
        assert isinstance(recipients, forms.MultipleChoiceField)
        recipients.choices = [(str(membership.pk), membership.name) for membership in readers]

    @staticmethod
    def initial_of(schedule: ReportSchedule | None) -> dict[str, Any]:
        if schedule is None:
            return {"on": True, "day": 1, "at": DEFAULT_HOUR}
        recipient_ids = [
            str(recipient_id)
            for recipient_id in schedule.recipients.values_list("membership_id", flat=True)
        ]
        return {
            "on": schedule.due_at is not None,
            "day": schedule.day,
            "at": schedule.at,
            "recipients": recipient_ids,
        }

    @property
    def wanted(self) -> schedules.ScheduleSettings:
        cleaned = self.cleaned_data
        return schedules.ScheduleSettings(
            cleaned["on"], cleaned["day"], cleaned["at"], frozenset(cleaned["recipients"])
        )


def _clean_lines(text: str) -> str:
    """Return the text with each line normalized, without empty lines."""
    return "\n".join(line for raw_line in text.splitlines() if (line := normalize_line(raw_line)))
