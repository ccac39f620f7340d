"""Answer a page with a form: carry it out, or show it again with what was typed and why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render


def post_data(request: HttpRequest) -> QueryDict | None:
    """Return the form data of a POST request; None for any other method."""
    return request.POST if request.method == "POST" else None


def submit_form(form: forms.Form, verb: Callable[[], object]) -> bool:
    """Call the verb if the form is valid, and return whether it succeeded; show refusals in the form."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        verb()
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True


def render_form(request: HttpRequest, template: str, form: forms.Form, **more: Any) -> HttpResponse:
    """Render the page with its form; 422 if what was typed has to be corrected."""
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, **more}, status=status)
