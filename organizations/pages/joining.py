"""Following an invitation: one's own sign-in for an organization. Opening the link changes nothing."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from organizations import inviting, known_devices
from organizations.access import public
from organizations.asking import asked, succeeds, typed
from organizations.forms import PasswordForm
from organizations.inviting import Opened
from organizations.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation behind the link, or that it does not hold any more."""
    opened = inviting.open_link(token)
    if opened is None:
        answer = render(request, "organizations/join_gone.html", status=404)
    else:
        _speak(request, opened)
        answer = _ask(request, token, opened)
    # The address holds a token: only the origin is ever told, which the form's check needs.
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


def _speak(request: HttpRequest, opened: Opened) -> None:
    if "language" not in request.COOKIES:
        translation.activate(opened.person.language)


def _ask(request: HttpRequest, token: str, opened: Opened) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    form = _form(request, opened, user)
    joined: list[User] = []

    def verb() -> None:
        password = form.cleaned_data.get("password", "")
        if opened.has_sign_in and user is None:
            raise ValidationError(inviting.SIGN_IN_FIRST)
        joined.append(inviting.join(token, user=user, password=password, moment=timezone.now()))

    if succeeds(form, verb):
        if user is None:
            login(request, joined[0], backend=BACKEND)
        response = redirect("reports:home", opened.organization.slug)
        known_devices.remember(request, response, joined[0])
        return response
    return asked(
        request, "organizations/join.html", form, opened=opened, situation=_situation(opened, user)
    )


def _form(request: HttpRequest, opened: Opened, user: User | None) -> forms.Form:
    """Only someone without a sign-in chooses a password. An account with this e-mail that was never
    confirmed is none: whoever holds the link takes it over."""
    if user is not None or opened.has_sign_in:
        return forms.Form(typed(request))
    return PasswordForm(typed(request), email=opened.person.email)


def _situation(opened: Opened, user: User | None) -> str:
    """new: choose a password; mine: connect; other: sign out first; known: sign in first."""
    if user is not None:
        return "mine" if user.email.lower() == opened.person.email.lower() else "other"
    return "known" if opened.has_sign_in else "new"
