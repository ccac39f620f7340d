"""What a leader fills in: the levels that are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from assessments.rubric import Rubric
from assessments.targets import Aim
from reports.pages.targets import choices


class TargetsForm(forms.Form):
    """One choice a capability, under its slug."""

    def __init__(
        self, *args: Any, rubric: Rubric, aims: Mapping[str, Aim], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for item in rubric.capabilities:
            found = aims.get(item.slug)
            self.fields[item.slug] = forms.ChoiceField(
                label=item.name.in_(language),
                choices=choices(rubric, found, language),
                initial=str(found.own) if found and found.own else "",
                required=False,
            )

    @property
    def levels(self) -> dict[str, int | None]:
        """What is asked of each capability; None leaves it to those above or to the importance."""
        return {slug: int(level) if level else None for slug, level in self.cleaned_data.items()}
