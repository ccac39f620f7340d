"""The pages of an import of people: choose a file, look at what it would do, choose, confirm.

The page carries the file (`import_pages`), and every choice is made on it: what the columns mean, what the
file leaves open, and what becomes of people who are not in it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from organizations import import_pages
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data
from organizations.forms import PeopleFileForm
from organizations.languages import current_language
from organizations.people_import import columns
from organizations.people_import.applying import apply_plan
from organizations.people_import.entries import (
    CHOOSE,
    KEEP,
    SUSPEND,
    ImportChoices,
    ImportPlan,
    PlanOutdated,
)
from organizations.people_import.plan import build_plan
from organizations.tables.mapping import LEFT_OUT
from organizations.teams import load_tree

PURPOSE = "people"
MAX_ROWS_SHOWN = 100  # rows of each kind; what is wrong is shown in full
MAX_CHOSEN_ONE_BY_ONE = 300  # people who are missing
PLAN_EXPIRED = gettext_lazy("This preview is out of date. Choose the file again.")
PLAN_CHANGED = gettext_lazy(
    "Someone else just changed people or teams. Nothing was saved. Here's what the file would "
    "change now."
)
CHOICES_CHANGED = gettext_lazy(
    "You changed a choice. Nothing was saved yet. Here's what the file would change now."
)
TOO_LARGE_TO_CARRY = gettext_lazy("This file is too large. Split it and import the parts.")


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: TenantRequest) -> HttpResponse:
    if request.POST.get("carried") and not request.FILES.get("file"):
        return _continue(request)
    form = PeopleFileForm(post_data(request), request.FILES if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "organizations/import.html", {"form": form})
    if not form.is_valid():
        return _show_again(request, form)
    file = form.cleaned_data["file"]
    return _show_preview(request, file.read(), name=file.name)


def _show_again(request: TenantRequest, form: forms.Form) -> HttpResponse:
    return render(request, "organizations/import.html", {"form": form}, status=422)


def _show_refusal(request: TenantRequest, sentence: Any) -> HttpResponse:
    """Show an empty form again, with what to do now."""
    form = PeopleFileForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, sentence)
    return _show_again(request, form)


def _read_choices(request: TenantRequest) -> ImportChoices:
    data = request.POST
    missing = data.get("missing", KEEP)
    return ImportChoices(
        columns=import_pages.posted(data, import_pages.COLUMN),
        answers=import_pages.posted(data, import_pages.ANSWER),
        missing=missing if missing in (SUSPEND, CHOOSE) else KEEP,
        suspended=frozenset(data.getlist("suspend")),
        remember="remember" in data,
    )


def _digest_choices(choices: ImportChoices) -> str:
    whole = repr((sorted(choices.columns.items()), sorted(choices.answers.items())))
    people = sorted(choices.suspended) if choices.missing == CHOOSE else ()
    missing = repr((choices.missing, list(people)))
    return hashlib.sha256(f"{whole} {missing}".encode()).hexdigest()[:32]


def _continue(request: TenantRequest) -> HttpResponse:
    """Show the preview of the carried file with what was chosen; import it if that was shown already."""
    try:
        content = import_pages.open_file(request, PURPOSE, request.POST["carried"])
    except signing.BadSignature:
        return _show_refusal(request, PLAN_EXPIRED)
    name = request.POST.get("filename", "")
    if "preview" in request.GET:
        return _show_preview(request, content, name=name)
    try:
        applied = apply_plan(
            content,
            digest=request.POST.get("digest", ""),
            by=request.access.membership_id,
            moment=timezone.now(),
            choices=_read_choices(request),
        )
    except PlanOutdated:
        chosen = _digest_choices(_read_choices(request)) == request.POST.get("chosen")
        notice = PLAN_CHANGED if chosen else CHOICES_CHANGED
        return _show_preview(request, content, notice, name=name)
    except ValidationError as refused:
        return _show_refusal(request, refused)
    messages.success(request, _summary(applied))
    return redirect("organizations:people", request.access.slug)


def _show_preview(
    request: TenantRequest, content: bytes, notice: Any = "", *, name: str
) -> HttpResponse:
    """Show what the import of the file would do; 422 if it cannot be imported as it is."""
    choices = _read_choices(request)
    plan = build_plan(content, by=request.access.membership_id, choices=choices)
    carried = import_pages.sign_file(request, PURPOSE, content)
    if len(carried) > import_pages.MAX_SIGNED_LENGTH:
        return _show_refusal(request, TOO_LARGE_TO_CARRY)
    context = {
        "form": PeopleFileForm(),
        "plan": plan,
        "filename": name[:120],
        "problems": [(problem.place, problem.sentence(_)) for problem in plan.problems],
        "columns": _column_rows(plan),
        "counts": import_pages.state_counts(plan.columns),
        "questions": import_pages.question_rows(plan.questions, choices.answers),
        "notes": [note.sentence(_) for note in plan.notes],
        "new": plan.new[:MAX_ROWS_SHOWN],
        "changed": plan.changed[:MAX_ROWS_SHOWN],
        "missing": _missing_rows(plan),
        "one_by_one": len(plan.missing) <= MAX_CHOSEN_ONE_BY_ONE,
        "choices": choices,
        "chosen": _digest_choices(_shown_choices(plan, choices)),
        "carried": carried,
        "notice": notice,
    }
    status = 422 if plan.problems or notice else 200
    return render(request, "organizations/import_plan.html", context, status=status)


def _shown_choices(plan: ImportPlan, choices: ImportChoices) -> ImportChoices:
    """Return the choices that the page sends back if nobody changes one."""
    shown = {each.key: each.field or LEFT_OUT for each in plan.columns if not each.is_unknown}
    answers = {question.key: question.answer(choices.answers) for question in plan.questions}
    may_suspend = {str(person.pk) for person in plan.missing if person.pk in plan.may_suspend}
    chosen = choices.suspended & may_suspend
    return ImportChoices(columns=shown, answers=answers, missing=choices.missing, suspended=chosen)


def _column_rows(plan: ImportPlan) -> list[import_pages.ColumnRow]:
    labels = [(field, str(label)) for field, label in columns.LABELS.items()]
    return import_pages.column_rows(plan.columns, labels, remarks={})


def _missing_rows(plan: ImportPlan) -> list[tuple[Any, str, bool]]:
    """Return the people who are not in the file, with their teams and whether they may be suspended."""
    if not plan.missing:
        return []
    paths = {node.id: node.path_text for node in load_tree()}
    return [
        (person, paths[person.team_id], person.pk in plan.may_suspend)
        for person in plan.missing[:MAX_CHOSEN_ONE_BY_ONE]
    ]


def _summary(applied: ImportPlan) -> str:
    new, changed, suspended = len(applied.new), len(applied.changed), len(applied.suspended)
    sentences = [
        ngettext("%(n)s person added.", "%(n)s people added.", new) % {"n": new},
        ngettext("%(n)s person changed.", "%(n)s people changed.", changed) % {"n": changed},
    ]
    if suspended:
        text = ngettext("%(n)s person suspended.", "%(n)s people suspended.", suspended)
        sentences.append(text % {"n": suspended})
    return " ".join(sentences)


@requires(Ability.RUN_CYCLES)
@require_safe
def template(_request: TenantRequest) -> HttpResponse:
    """Send a file to fill in, with two examples."""
    content = columns.example_file(current_language())
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
