"""Change the e-mail to sign in with. Nothing is changed or stored before the link in the e-mail is opened."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organizations import account_emails, accounts
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import EmailChangeForm
from organizations.models import User


@login_required
@rate_limit(action="change_password")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Ask for the new address and the password; the reply is the same whether it is taken or not."""
    assert isinstance(request.user, User)
    form = EmailChangeForm(post_data(request), user=request.user)
    if form.is_bound and form.is_valid():
        account_emails.request_change(request.user, form.cleaned_data["email"])
        return redirect("account_email_verification_sent")
    return render_form(request, "account/email.html", form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Change the address: the link in the e-mail, opened by whoever is signed in with the account."""
    assert isinstance(request.user, User)
    user, email = request.user, account_emails.new_email(request.user, key)
    if not email:
        return render(request, "account/email_confirm.html", status=404)

    def verb() -> None:
        old_email = user.email
        try:
            accounts.change_email(user, email)
        except accounts.AccountExists:
            raise ValidationError(_("There's already an account with this email.")) from None
        context = {"from_email": old_email, "to_email": email}
        notice = "account/email/email_changed"
        get_adapter(request).send_notification_mail(notice, user, context, email=old_email)

    form = Form(post_data(request))
    if submit_form(form, verb):
        messages.success(request, _("You now sign in with this email address."))
        return redirect("front")
    return render_form(request, "account/email_change.html", form, email=email)
