"""The pages that import a closed cycle from files: choose them, look at what they will show, confirm. The way
back is here, too, and the empty file to fill in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments import rubric_editions
from assessments.imports import rating_columns, take_back
from assessments.imports.file_problems import (
    HEADCOUNTS,
    RATINGS,
    FileChoices,
    FileReading,
    RatingsChoices,
)
from assessments.imports.import_cycle import end_of_day, store_cycle, with_known_names
from assessments.imports.preview import preview_import
from assessments.imports.ratings_table import RatingsReading, empty_table, read_files
from assessments.models import Cycle, CycleTeam, RubricEdition
from assessments.rubrics import Rubric
from organizations import column_choices, import_pages
from organizations.access import Ability, TenantRequest, requires
from organizations.forms import ACCEPTED_FILES
from organizations.jobs import wake_worker
from organizations.models import Organization
from organizations.tables.table import MAX_BYTES
from organizations.teams import load_tree

MAX_SHOWN_PROBLEMS = 200  # on one page
FILES = (RATINGS, HEADCOUNTS)
EXPIRED = _("This preview is out of date. Choose the files again.")
NOT_AS_SHOWN = _(
    "This isn't what the last preview showed. Nothing was saved. Here's what it is now."
)
TOO_LARGE_TO_CARRY = _("These files are too large together. Split them and try again.")


class ImportDetailsForm(forms.Form):
    """What the survey is called, what it asked, and when it closed."""

    name = forms.CharField(label=_("Survey name"), max_length=80)
    rubric = forms.ChoiceField(label=_("Rubric"))
    closed_on = forms.DateField(
        label=_("Closing date"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day people stopped answering. Leave empty for today."),
        error_messages={"invalid": _("Write the date as YYYY-MM-DD, for example 2026-11-20.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = rubric_editions.choices()
        self.fields["rubric"].choices = [(each.slug, each.name) for each in choices]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        organization = Organization.objects.get()
        end_of_day(cleaned.get("closed_on"), organization, timezone.now())
        return cleaned


class ImportForm(ImportDetailsForm):
    """The same, with the files."""

    ratings = forms.FileField(
        label=_("Responses"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
        help_text=_("An Excel workbook (.xlsx) or CSV with one row per respondent."),
    )
    headcounts = forms.FileField(
        label=_("Team sizes"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
        help_text=format_lazy(
            "{} {}",
            _(
                "Two columns: team and headcount, the people directly in each team. Don't count team "
                "leads."
            ),
            _(
                "Without team sizes, no response rate is shown, nothing is said about those who "
                "didn't answer, and teams count by their responses instead of their size."
            ),
        ),
    )

    def clean_ratings(self) -> bytes:
        return self._content("ratings") or b""

    def clean_headcounts(self) -> bytes | None:
        return self._content("headcounts")

    def _content(self, name: str) -> bytes | None:
        """Return the file's content. Raises ValidationError for a file that is too large to be read."""
        file = self.cleaned_data[name]
        if file is None:
            return None
        if file.size > MAX_BYTES:
            raise ValidationError(_("This file is larger than 5 MB. Split it and try again."))
        content: bytes = file.read()
        return content


@dataclass(frozen=True, slots=True)
class _Carried:
    """The files of the page: their content and their names."""

    contents: Mapping[str, bytes]
    names: Mapping[str, str]


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: TenantRequest) -> HttpResponse:
    if request.method != "POST":
        return _first_page(request, ImportForm())
    if request.POST.get("carried-ratings"):
        return _continue(request)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _first_page(request, form)
    return _show_preview(request, form, _uploaded(request))


def _first_page(request: TenantRequest, form: forms.Form) -> HttpResponse:
    context = {"form": form, "rubrics": rubric_editions.choices()}
    status = 422 if form.is_bound else 200
    return render(request, "assessments/import.html", context, status=status)


def _uploaded(request: TenantRequest) -> _Carried:
    contents, names = {}, {}
    for name in FILES:
        if isinstance(file := request.FILES.get(name), UploadedFile):
            file.seek(0)
            contents[name] = file.read(MAX_BYTES + 1)
            names[name] = (file.name or "")[:120]
    return _Carried(contents, names)


def _continue(request: TenantRequest) -> HttpResponse:
    """Show the preview of the carried files with what was chosen; import them if that was shown already."""
    try:
        carried = _open_carried(request)
    except signing.BadSignature:
        return _show_expired(request)
    form = ImportDetailsForm(request.POST)
    if not form.is_valid() or "preview" in request.GET or request.FILES:
        return _show_preview(request, form, carried)
    edition = rubric_editions.get_or_create_latest(form.cleaned_data["rubric"])
    reading = _read(request, carried, rubric_editions.rubric_of(edition))
    if reading.table is None:
        return _show_preview(request, form, carried)
    if _digest(reading, form) != request.POST.get("digest"):
        return _show_preview(request, form, carried, NOT_AS_SHOWN)
    try:
        cycle = _store(request, form, reading, edition)
    except ValidationError as error:
        form.add_error(None, error)
        return _show_preview(request, form, carried)
    wake_worker()
    return redirect("assessments:cycle", request.access.slug, cycle.pk)


def _show_expired(request: TenantRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    form.full_clean()
    form.errors.clear()
    form.add_error(None, EXPIRED)
    return _first_page(request, form)


def _open_carried(request: TenantRequest) -> _Carried:
    """Return the files that the page carried; one that was chosen again takes the place of the old one."""
    fresh = _uploaded(request)
    contents, names = dict(fresh.contents), dict(fresh.names)
    for name in FILES:
        signed = request.POST.get(f"carried-{name}", "")
        if signed and name not in contents:
            contents[name] = import_pages.open_file(request, name, signed)
            names[name] = request.POST.get(f"filename-{name}", "")[:120]
    return _Carried(contents, names)


def _store(
    request: TenantRequest,
    form: ImportDetailsForm,
    reading: RatingsReading,
    edition: RubricEdition,
) -> Cycle:
    assert reading.table is not None
    cycle = store_cycle(
        name=form.cleaned_data["name"],
        table=reading.table,
        edition=edition,
        closed_on=form.cleaned_data["closed_on"],
        by=request.access.membership_id,
        moment=timezone.now(),
    )
    if "remember" in request.POST:
        column_choices.remember(
            rating_columns.kind_of_ratings(edition.slug), reading.ratings.columns
        )
        if reading.headcounts:
            column_choices.remember(rating_columns.HEADCOUNTS, reading.headcounts.columns)
    return cycle


def _read(request: TenantRequest, carried: _Carried, rubric: Rubric) -> RatingsReading:
    ratings, headcounts = (
        FileChoices(
            columns=import_pages.posted(request.POST, f"{name}-{import_pages.COLUMN}"),
            answers=import_pages.posted(request.POST, f"{name}-{import_pages.ANSWER}"),
        )
        for name in FILES
    )
    choices = with_known_names(RatingsChoices(ratings, headcounts), rubric.slug)
    return read_files(rubric, carried.contents[RATINGS], carried.contents.get(HEADCOUNTS), choices)


def _digest(reading: RatingsReading, form: ImportDetailsForm) -> str:
    """Return a hash of what would be stored and of when it was; the name may still change."""
    table = reading.table.digest if reading.table else ""
    data = form.cleaned_data
    whole = f"{table} {data.get('rubric')} {data.get('closed_on')}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


# --- The preview ------------------------------------------------------------------------------


def _show_preview(
    request: TenantRequest, form: forms.Form, carried: _Carried, notice: Any = ""
) -> HttpResponse:
    """Show what the files will make; 422 if they cannot be imported as they are."""
    signed = {
        name: import_pages.sign_file(request, name, content)
        for name, content in carried.contents.items()
    }
    slug = request.POST.get("rubric", "")
    is_large = sum(map(len, signed.values())) > import_pages.MAX_SIGNED_LENGTH
    if is_large:
        form.add_error(None, TOO_LARGE_TO_CARRY)
    rubric = rubric_editions.current_rubric(slug)
    if is_large or rubric is None:
        return _first_page(request, form)
    reading = _read(request, carried, rubric)
    details = form if type(form) is ImportDetailsForm else ImportDetailsForm(request.POST)
    is_valid = details.is_valid()
    context = {
        "form": details,
        "problems": reading.problems[:MAX_SHOWN_PROBLEMS],
        "problem_count": len(reading.problems),
        "files": [
            _file_context(file, signed[file.file], carried.names[file.file], rubric)
            for file in reading.files
        ],
        "has_headcounts": reading.headcounts is not None,
        "accepted": ACCEPTED_FILES,
        "digest": _digest(reading, details),
        "notice": notice,
        **_preview_context(reading),
    }
    status = 422 if reading.problems or notice or not is_valid else 200
    return render(request, "assessments/import_preview.html", context, status=status)


def _preview_context(reading: RatingsReading) -> dict[str, Any]:
    if reading.table is None:
        return {}
    threshold = Organization.objects.get().threshold
    preview = preview_import(reading.table, load_tree(), threshold)
    return {"preview": preview, "threshold": threshold}


def _file_context(file: FileReading, signed: str, name: str, rubric: Rubric) -> dict[str, Any]:
    is_ratings = file.file == RATINGS
    choices = (
        rating_columns.rating_choices(rubric) if is_ratings else rating_columns.headcount_choices()
    )
    remarks = {index: _describe(meanings) for index, meanings in file.meanings.items()}
    return {
        "kind": file.file,
        "title": gettext("Responses") if is_ratings else gettext("Team sizes"),
        "name": name,
        "carried": signed,
        "sheet": file.sheet,
        "columns": import_pages.column_rows(
            file.columns, choices, prefix=f"{file.file}-", remarks=remarks
        ),
        "counts": import_pages.state_counts(file.columns),
        "questions": import_pages.question_rows(
            file.questions, file.choices.answers, prefix=f"{file.file}-"
        ),
        "notes": [note.sentence(gettext) for note in file.notes],
    }


def _describe(meanings: list[tuple[str, int | None]]) -> str:
    """Return what the words of a column mean: “매우 그렇다” → 5."""
    words = {None: gettext("no rating"), 0: gettext("not applicable"), -1: gettext("not seen")}
    return ", ".join(f"{text[:30]} → {words.get(code, code)}" for text, code in meanings)


# --- The way back -----------------------------------------------------------------------------


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back_import(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Delete an imported cycle, after asking for a confirmation that says what goes with it."""
    row = get_object_or_404(Cycle, pk=cycle)
    if request.method == "POST":
        try:
            take_back.take_back(row, by=request.access.membership_id)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect("assessments:cycle", request.access.slug, row.pk)
        messages.success(request, gettext("Import taken back."))
        return redirect("assessments:cycles", request.access.slug)
    made = set(CycleTeam.objects.filter(cycle=row, made=True).values_list("team_id", flat=True))
    removed = set(take_back.removable_teams(made, besides=row))
    context = {
        "cycle": row,
        "refusal": take_back.refusal(row),
        "answers": row.responses.count(),
        "teams": [node.path_text for node in load_tree() if node.id in removed],
    }
    return render(request, "assessments/import_take_back.html", context)


@requires(Ability.RUN_CYCLES)
@require_safe
def import_template(_request: TenantRequest, rubric: str) -> HttpResponse:
    """Return the empty file of ratings for one rubric."""
    current = rubric_editions.current_rubric(rubric)
    if current is None:
        raise Http404
    content = empty_table(current)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{rubric}.csv"'
    return response
