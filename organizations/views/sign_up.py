"""Signing up and asking for a new password, before anybody has signed in.

Both take an e-mail, answer the same to everyone, and let one letter be due. Nothing else comes to be
before the letter has been opened: no account, no password, no organization.
"""

from __future__ import annotations

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organizations import account_emails, accounts, known_devices
from organizations.access import organizations_of
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import EmailForm, PasswordForm
from organizations.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@rate_limit(action="signup")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if not settings.OPEN_SIGNUP:
        return render(request, "account/signup_closed.html", status=403)
    done = "account_email_verification_sent"
    return _ask(request, "account/signup.html", account_emails.SIGN_UP, done)


@rate_limit(action="reset_password")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest) -> HttpResponse:
    done = "account_reset_password_done"
    return _ask(request, "account/password_reset.html", account_emails.RESET, done)


def _ask(request: HttpRequest, template: str, kind: str, done: str) -> HttpResponse:
    form = EmailForm(post_data(request))
    if form.is_bound and form.is_valid():
        account_emails.request_email(kind, form.cleaned_data["email"])
        return redirect(done)
    return render_form(request, template, form)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """The link of the letter: a password, and there is an account. Opening it changes nothing."""
    email = account_emails.confirmed_email(key)
    if not email or accounts.is_confirmed(email):
        return render(request, "account/email_confirm.html", status=404)
    form = PasswordForm(post_data(request), email=email)
    made: list[User] = []

    def verb() -> None:
        try:
            made.append(accounts.take_over(email, form.cleaned_data["password"]))
        except accounts.AccountExists:
            raise ValidationError(_("There is a sign-in with this e-mail already.")) from None

    if submit_form(form, verb):
        return _enter(request, made[0])
    return render_form(request, "account/email_confirm.html", form, email=email)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=BACKEND)
    begins = settings.OPEN_SIGNUP and not organizations_of(user)
    response = redirect("found" if begins else "front")
    known_devices.remember(request, response, user)
    return response
