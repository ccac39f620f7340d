"""Follow an invitation: a sign-in of one's own for an organization. Opening the link changes nothing."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from organizations import invitations, known_devices
from organizations.access import public
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import PasswordForm
from organizations.invitations import OpenedInvitation
from organizations.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation behind the link, or that it is no longer valid."""
    opened = invitations.open_link(token)
    if opened is None:
        response = render(request, "organizations/join_gone.html", status=404)
    else:
        _activate_language(request, opened)
        response = _show_form(request, token, opened)
    # The URL holds a token: only its origin is ever sent on, which the form's CSRF check needs.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _activate_language(request: HttpRequest, opened: OpenedInvitation) -> None:
    if "language" not in request.COOKIES:
        translation.activate(opened.person.language)


def _show_form(request: HttpRequest, token: str, opened: OpenedInvitation) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    form = _build_form(request, opened, user)
    joined: list[User] = []

    def verb() -> None:
        password = form.cleaned_data.get("password", "")
        if opened.has_sign_in and user is None:
            raise ValidationError(invitations.SIGN_IN_FIRST)
        joined.append(invitations.join(token, user=user, password=password, moment=timezone.now()))

    if submit_form(form, verb):
        if user is None:
            login(request, joined[0], backend=BACKEND)
        response = redirect("reports:home", opened.organization.slug)
        known_devices.remember(request, response, joined[0])
        return response
    return render_form(
        request, "organizations/join.html", form, opened=opened, situation=_situation(opened, user)
    )


def _build_form(request: HttpRequest, opened: OpenedInvitation, user: User | None) -> forms.Form:
    """Return the form: only someone without a sign-in chooses a password.

    An account with this e-mail that was never confirmed does not count: whoever holds the link takes it over.
    """
    if user is not None or opened.has_sign_in:
        return forms.Form(post_data(request))
    return PasswordForm(post_data(request), email=opened.person.email)


def _situation(opened: OpenedInvitation, user: User | None) -> str:
    """Return new: choose a password; mine: connect; other: sign out first; known: sign in first."""
    if user is not None:
        return "mine" if user.email.lower() == opened.person.email.lower() else "other"
    return "known" if opened.has_sign_in else "new"
