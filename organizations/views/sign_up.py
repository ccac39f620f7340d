"""Sign up and reset a password, before anybody has signed in.

Both take an e-mail, answer the same to everyone, and make one e-mail due. No account, password or
organization is created before its link has been opened.
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
    next_view = "account_email_verification_sent"
    return _request_email(request, "account/signup.html", account_emails.SIGN_UP, next_view)


@rate_limit(action="reset_password")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest) -> HttpResponse:
    next_view = "account_reset_password_done"
    return _request_email(request, "account/password_reset.html", account_emails.RESET, next_view)


def _request_email(request: HttpRequest, template: str, kind: str, next_view: str) -> HttpResponse:
    form = EmailForm(post_data(request))
    if form.is_bound and form.is_valid():
        account_emails.request_email(kind, form.cleaned_data["email"])
        return redirect(next_view)
    return render_form(request, template, form)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Follow the link of the e-mail: with a password, create the account. Opening it changes nothing."""
    email = account_emails.confirmed_email(key)
    if not email or accounts.is_confirmed(email):
        return render(request, "account/email_confirm.html", status=404)
    form = PasswordForm(post_data(request), email=email)
    created: list[User] = []

    def verb() -> None:
        try:
            created.append(accounts.take_over(email, form.cleaned_data["password"]))
        except accounts.AccountExists:
            raise ValidationError(_("There's already an account with this email.")) from None

    if submit_form(form, verb):
        return _sign_in(request, created[0])
    return render_form(request, "account/email_confirm.html", form, email=email)


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=BACKEND)
    may_found = settings.OPEN_SIGNUP and not organizations_of(user)
    response = redirect("found" if may_found else "front")
    known_devices.remember(request, response, user)
    return response
