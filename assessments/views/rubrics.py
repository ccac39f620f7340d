"""The pages of the rubrics: what can be asked, an upload with every problem, a preview as a respondent
sees it, and what has changed since the edition before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import rubric_editions
from assessments.forms import RubricForm
from assessments.models import RubricEdition
from assessments.rubrics import (
    BUILT_IN,
    Comparison,
    Rubric,
    RubricProblem,
    RubricProblems,
    built_in,
    to_yaml,
)
from organizations.access import Ability, TenantRequest, requires
from organizations.languages import language_choices, language_codes
from organizations.models import Organization

MAX_SHOWN_PROBLEMS = 200  # problems on one page
EXPOSURE = "_exposure"  # the part with the unscored questions; no slug begins so


@requires(Ability.RUN_CYCLES)
@require_safe
def rubric_list(request: TenantRequest) -> HttpResponse:
    organization = Organization.objects.only("main_rubric").get(pk=request.access.organization_id)
    context = {
        "summaries": rubric_editions.rubric_summaries(),
        "main_rubric": organization.main_rubric,
    }
    return render(request, "assessments/rubrics.html", context)


@requires(Ability.RUN_CYCLES)
@require_POST
def make_main(request: TenantRequest, rubric: str) -> HttpResponse:
    """Show the results of this rubric first from now on."""
    try:
        rubric_editions.make_main(rubric, by=request.access.membership_id)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Main rubric changed."))
    return redirect("assessments:rubrics", request.access.slug)


# --- A new wording ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TranslatedProblem:
    """A problem in the reader's language."""

    line: int
    path: str
    text: str


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: TenantRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "assessments/rubric_upload.html", {"form": RubricForm()})
    form = RubricForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, ())
    raw: bytes = form.cleaned_data["raw"]
    try:
        edition = rubric_editions.save_draft(raw, by=request.access.membership_id)
    except RubricProblems as error:
        refilled = form.with_file_text(raw) if form.cleaned_data["file"] else form
        return _upload_page(request, refilled, error.problems)
    if edition.published_at is not None:
        text = _("This wording is already published as version %(version)s.")
        messages.info(request, text % {"version": edition.version})
    return redirect("assessments:rubric_edition", request.access.slug, edition.pk)


def _upload_page(
    request: TenantRequest, form: RubricForm, problems: tuple[RubricProblem, ...]
) -> HttpResponse:
    shown = [
        TranslatedProblem(problem.line, problem.path, _(problem.message) % problem.values)
        for problem in problems[:MAX_SHOWN_PROBLEMS]
    ]
    more = max(0, len(problems) - MAX_SHOWN_PROBLEMS)
    context = {"form": form, "problems": shown, "more": more}
    return render(request, "assessments/rubric_upload.html", context, status=422)


# --- One edition, stored or built in ------------------------------------------------------------


@requires(Ability.RUN_CYCLES)
@require_safe
def edition_detail(request: TenantRequest, edition: UUID) -> HttpResponse:
    row = get_object_or_404(RubricEdition, pk=edition)
    context = {"edition": row, "comparison": _edition_changes(row, request.LANGUAGE_CODE)}
    return _rubric_page(request, rubric_editions.rubric_of(row), context)


@requires(Ability.RUN_CYCLES)
@require_safe
def built_in_detail(request: TenantRequest, rubric: str) -> HttpResponse:
    """Show a built-in rubric that this organization has not asked yet."""
    return _rubric_page(request, _built_in_or_404(rubric), {"edition": None})


def _built_in_or_404(slug: str) -> Rubric:
    if slug not in BUILT_IN:
        raise Http404
    return built_in(slug)


def _rubric_page(request: TenantRequest, rubric: Rubric, context: dict[str, Any]) -> HttpResponse:
    language = request.LANGUAGE_CODE
    other = next((code for code in language_codes() if code != language), language)
    context |= {
        "rubric": rubric,
        "name": rubric.name.in_(language),
        "description": rubric.description.in_(language),
        "minutes": rubric_editions.estimated_minutes(rubric),
        "other": other,
        "dimensions": [
            {
                "name": dimension.name.in_(language),
                "other": dimension.name.in_(other),
                "items": [
                    (item.name.in_(language), item.name.in_(other), item.slug)
                    for item in dimension.capabilities
                ],
            }
            for dimension in rubric.dimensions
        ],
    }
    return render(request, "assessments/rubric.html", context)


@dataclass(frozen=True, slots=True)
class EditionChanges:
    """A comparison by name, in the reader's language."""

    version: str  # of the wording before
    groups: tuple[tuple[str, tuple[str, ...]], ...]  # what happened, to which capabilities
    comparable: int
    is_same: bool


def _edition_changes(row: RubricEdition, language: str) -> EditionChanges | None:
    previous, comparison = (
        rubric_editions.previous_rubric(row),
        rubric_editions.compare_with_previous(row),
    )
    if previous is None or comparison is None:
        return None
    names = {item.slug: item.name.in_(language) for item in previous.capabilities}
    names |= {
        item.slug: item.name.in_(language) for item in rubric_editions.rubric_of(row).capabilities
    }
    groups = (
        (title, tuple(names[slug] for slug in slugs))
        for title, slugs in _groups(comparison)
        if slugs
    )
    return EditionChanges(
        previous.version, tuple(groups), len(comparison.comparable), comparison.is_same
    )


def _groups(comparison: Comparison) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (_("New"), comparison.added),
        (_("Removed"), comparison.removed),
        (_("Levels changed: not comparable with earlier surveys"), comparison.reworded),
        (_("Name or description changed; levels are the same"), comparison.renamed),
        (_("Weight changed"), comparison.reweighted),
        (_("Moved to another section"), comparison.moved),
    ]


@requires(Ability.RUN_CYCLES)
@require_POST
def publish(request: TenantRequest, edition: UUID) -> HttpResponse:
    row = get_object_or_404(RubricEdition, pk=edition)
    seen = request.POST.get("seen", "")
    try:
        rubric_editions.publish(
            row, by=request.access.membership_id, moment=timezone.now(), seen=seen
        )
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Version published. Ready to use."))
    return redirect("assessments:rubric_edition", request.access.slug, row.pk)


@requires(Ability.RUN_CYCLES)
@require_POST
def discard(request: TenantRequest, edition: UUID) -> HttpResponse:
    row = get_object_or_404(RubricEdition, pk=edition)
    try:
        rubric_editions.discard(row, by=request.access.membership_id)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("assessments:rubric_edition", request.access.slug, row.pk)
    messages.success(request, _("Draft discarded."))
    return redirect("assessments:rubrics", request.access.slug)


@requires(Ability.RUN_CYCLES)
@require_POST
def publish_built_in(request: TenantRequest, rubric: str) -> HttpResponse:
    """Publish the newer wording of a built-in rubric."""
    _built_in_or_404(rubric)
    try:
        row = rubric_editions.publish_built_in(rubric, by=request.access.membership_id)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("assessments:rubrics", request.access.slug)
    messages.success(request, _("Version published. Ready to use."))
    return redirect("assessments:rubric_edition", request.access.slug, row.pk)


# --- The preview and the file -----------------------------------------------------------------


@requires(Ability.RUN_CYCLES)
@require_safe
def preview(request: TenantRequest, edition: UUID) -> HttpResponse:
    row = get_object_or_404(RubricEdition, pk=edition)
    return _preview_page(request, rubric_editions.rubric_of(row), {"edition": row})


@requires(Ability.RUN_CYCLES)
@require_safe
def preview_built_in(request: TenantRequest, rubric: str) -> HttpResponse:
    return _preview_page(request, _built_in_or_404(rubric), {"edition": None})


def _preview_page(request: TenantRequest, rubric: Rubric, context: dict[str, Any]) -> HttpResponse:
    """Show one value a page, in the chosen language."""
    requested = request.GET.get("language", "")
    language = requested if requested in language_codes() else request.LANGUAGE_CODE
    parts = [(dimension.slug, dimension.label.in_(language)) for dimension in rubric.dimensions]
    if rubric.exposure:
        parts.append((EXPOSURE, ""))
    slugs = [slug for slug, _label in parts]
    part = request.GET.get("part", "")
    index = slugs.index(part) if part in slugs else 0
    context |= {
        "rubric": rubric,
        "name": rubric.name.in_(request.LANGUAGE_CODE),
        "language": language,
        "languages": language_choices(),
        "parts": parts,
        "part": slugs[index],
        "before": slugs[index - 1] if index else "",
        "after": slugs[index + 1] if index + 1 < len(slugs) else "",
        "cards": _cards(rubric, slugs[index], language),
        "rule": rubric.answer_rule.in_(language),
        "opt_outs": [answer.name.in_(language) for answer in rubric.opt_out_answers],
        "importance": rubric.importance.question.in_(language),
        "weights": [
            (option.value, option.name.in_(language)) for option in rubric.importance.options
        ],
        "questions": _questions(rubric, slugs[index], language),
    }
    return render(request, "assessments/rubric_preview.html", context)


def _cards(rubric: Rubric, part: str, language: str) -> list[dict[str, Any]]:
    return [
        {
            "slug": item.slug,
            "eyebrow": dimension.name.in_(language),
            "place": number,
            "of": len(dimension.capabilities),
            "name": item.name.in_(language),
            "description": item.description.in_(language),
            "levels": [(text.level, text.in_(language)) for text in item.levels],
        }
        for dimension in rubric.dimensions
        if dimension.slug == part
        for number, item in enumerate(dimension.capabilities, 1)
    ]


def _questions(rubric: Rubric, part: str, language: str) -> dict[str, Any]:
    if part != EXPOSURE or rubric.exposure is None:
        return {}
    return {
        "texts": [question.in_(language) for question in rubric.exposure.questions],
        "options": [option.name.in_(language) for option in rubric.exposure.options],
    }


@requires(Ability.RUN_CYCLES)
@require_safe
def download(_request: TenantRequest, edition: UUID) -> HttpResponse:
    row = get_object_or_404(RubricEdition, pk=edition)
    return _yaml_response(rubric_editions.rubric_of(row))


@requires(Ability.RUN_CYCLES)
@require_safe
def download_built_in(_request: TenantRequest, rubric: str) -> HttpResponse:
    return _yaml_response(_built_in_or_404(rubric))


def _yaml_response(rubric: Rubric) -> HttpResponse:
    response = HttpResponse(to_yaml(rubric), content_type="application/yaml; charset=utf-8")
    name = f"{rubric.slug}-{rubric.version}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
