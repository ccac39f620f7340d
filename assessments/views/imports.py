"""The page that imports a closed cycle from a spreadsheet, and the empty spreadsheet to fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments import rubric_editions
from assessments.imports.import_cycle import import_cycle
from assessments.imports.ratings_table import RatingsRefused, empty_table
from assessments.models import Cycle
from organizations import csv_files
from organizations.access import Ability, TenantRequest, requires
from organizations.jobs import wake_worker

MAX_SHOWN_PROBLEMS = 200  # on one page


class ImportForm(forms.Form):
    name = forms.CharField(label=_("Survey name"), max_length=80)
    rubric = forms.ChoiceField(label=_("Rubric"))
    closed_on = forms.DateField(
        label=_("Closing date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day people stopped answering. Leave empty for today."),
    )
    ratings = forms.FileField(
        label=_("Responses"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("A CSV file with one row per respondent."),
    )
    headcounts = forms.FileField(
        label=_("Team sizes"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("A CSV file with two columns: team and headcount. Don't count team leads."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = rubric_editions.choices()
        self.fields["rubric"].choices = [(each.slug, each.name) for each in choices]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_ratings(self) -> bytes:
        return self._content("ratings") or b""

    def clean_headcounts(self) -> bytes | None:
        return self._content("headcounts")

    def _content(self, name: str) -> bytes | None:
        """Return the file's content. Raises ValidationError for a file that is too large to be read."""
        file = self.cleaned_data[name]
        if file is None:
            return None
        if file.size > csv_files.MAX_BYTES:
            raise ValidationError(_("This file is larger than 5 MB. Split it and try again."))
        content: bytes = file.read()
        return content


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: TenantRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        cycle = _import(request, form)
    except RatingsRefused as error:
        return _page(request, form, error)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form)
    wake_worker()
    return redirect("assessments:cycle", request.access.slug, cycle.pk)


def _import(request: TenantRequest, form: ImportForm) -> Cycle:
    values = form.cleaned_data
    return import_cycle(
        name=values["name"],
        ratings=values["ratings"],
        headcounts=values["headcounts"],
        edition=rubric_editions.get_or_create_latest(values["rubric"]),
        closed_on=values["closed_on"],
        by=request.access.membership_id,
        moment=timezone.now(),
    )


def _page(
    request: TenantRequest, form: ImportForm, error: RatingsRefused | None = None
) -> HttpResponse:
    problems = error.problems if error else ()
    context = {
        "form": form,
        "rubrics": rubric_editions.choices(),
        "problems": problems[:MAX_SHOWN_PROBLEMS],
        "more": max(0, len(problems) - MAX_SHOWN_PROBLEMS),
    }
    status = 422 if form.is_bound else 200
    return render(request, "assessments/import.html", context, status=status)


@requires(Ability.RUN_CYCLES)
@require_safe
def import_template(_request: TenantRequest, rubric: str) -> HttpResponse:
    """Return the empty RATINGS.csv of one rubric."""
    current = rubric_editions.current_rubric(rubric)
    if current is None:
        raise Http404
    content = empty_table(current)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{rubric}.csv"'
    return response
