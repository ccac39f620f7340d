"""E-mails about signing in.

A request only stores that one was asked for, and looks up nothing: known and unknown addresses cost
the same work. A worker finds out what the e-mail says. The row holds no secret, because the worker
makes the link, and is deleted once the e-mail is sent.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from organizations import accounts
from organizations.emails import render_message
from organizations.languages import current_language
from organizations.models import AccountLetter, User
from organizations.rate_limits import RateLimit

SIGN_UP, RESET, CHANGE = "sign_up", "reset", "change"
CONFIRMATION_SALT, CHANGE_SALT = "organizations.confirmation", "organizations.change"
CONFIRMATION_SECONDS = 3 * 24 * 3600
RETRY_DELAYS = (60, 300, 1_800, 14_400, 72_000)  # seconds between attempts; then it is given up
_A_DAY = 24 * 3600
ADDRESS_DETAILS = ("ip", "from_email", "to_email")  # addresses, kept as they are
log = logging.getLogger(__name__)


# --- Asking for one ---------------------------------------------------------------------------


def request_email(kind: str, email: str, **detail: str) -> None:
    """Store that an e-mail was asked for, at most so many a day for each address and kind.

    Anybody may ask. Beyond the limit nothing is sent, and nothing says so; the earlier e-mails, which
    are still valid, have arrived by then.
    """
    email = email.lower()
    limit = RateLimit(f"letter-{kind}", settings.ACCOUNT_LETTERS_A_DAY, _A_DAY)
    if limit.of(email).take():
        queue_email(kind, email, **detail)


def request_change(user: User, email: str) -> None:
    """Ask for an e-mail to the address with which this account wants to sign in from now on."""
    request_email(CHANGE, email, account=str(user.pk), before=user.email)


def queue_email(kind: str, email: str, **detail: str) -> None:
    """Store an e-mail that is due to this address, in the language of the request."""
    AccountLetter.objects.create(
        kind=kind,
        email=email,
        language=current_language(),
        detail=detail,
        due_at=timezone.now(),
    )
    transaction.on_commit(_wake_worker, robust=True)


def _wake_worker() -> None:
    """Send Celery's message. If it is lost, beat's sweep finds the row."""
    workers = import_string(settings.WORKERS)
    workers.send_task("account_letters", retry=False, expires=settings.HINTS_EXPIRE_SECONDS)


# --- Sending ----------------------------------------------------------------------------------


def send_due() -> None:
    """Send every e-mail that is due. Called by a worker."""
    while (row := _take_next(timezone.now())) is not None:
        _send_row(row)


@transaction.atomic
def _take_next(moment: datetime) -> AccountLetter | None:
    """Return the next e-mail that is due; should this worker die, another one sends it after the delay."""
    due = AccountLetter.objects.select_for_update(skip_locked=True).filter(due_at__lte=moment)
    row = due.order_by("due_at", "pk").first()
    if row is not None:
        row.due_at = moment + timedelta(
            seconds=RETRY_DELAYS[min(row.attempts, len(RETRY_DELAYS) - 1)]
        )
        row.attempts += 1
        row.save(update_fields=["due_at", "attempts"])
    return row


def _send_row(row: AccountLetter) -> None:
    try:
        build_message(row).send()
    except (SMTPException, OSError) as problem:
        # Neither the address nor the server's words, which may repeat it, are written down.
        log.warning("account_letter.failed", extra={"reason": type(problem).__name__})
        if row.attempts < len(RETRY_DELAYS):
            return
    row.delete()


def build_message(row: AccountLetter) -> EmailMessage:
    """Build the e-mail as it is to be sent now."""
    prefix, links = _build_content(row)
    return render_message(
        "account/email/_letter.txt",
        to=row.email,
        language=row.language,
        key=f"account-{row.pk}",
        addresses=[
            row.email,
            *(row.detail[name] for name in ADDRESS_DETAILS if name in row.detail),
        ],
        parts=(f"{prefix}_subject.txt", f"{prefix}_message.txt"),
        email=row.email,
        timestamp=row.asked_at,
        **row.detail,
        **links,
    )


def _build_content(row: AccountLetter) -> tuple[str, dict[str, Any]]:
    """Return the template prefix and the links, which lead to SITE_URL whatever host the request named."""
    if row.kind == SIGN_UP:
        if accounts.is_confirmed(row.email):
            reset = _page_url("account_reset_password")
            return "account/email/account_already_exists", {"password_reset_url": reset}
        link = _page_url("account_confirm_email", confirmation_token(row.email))
        return "account/email/email_confirmation_signup", {"activate_url": link}
    if row.kind == CHANGE:
        return _build_change_content(row)
    if row.kind == RESET:
        user = User.objects.filter(email=row.email, is_active=True).first()
        if user is None:
            return "account/email/unknown_account", {}
        return "account/email/password_reset_key", {"password_reset_url": _reset_link(user)}
    return row.kind, {}


def _build_change_content(row: AccountLetter) -> tuple[str, dict[str, Any]]:
    if User.objects.filter(email=row.email).exists():
        reset = _page_url("account_reset_password")
        return "account/email/account_already_exists", {"password_reset_url": reset}
    payload = [row.detail["account"], row.detail["before"], row.email]
    link = _page_url("account_email_change", signing.dumps(payload, salt=CHANGE_SALT))
    return "account/email/email_confirmation", {"activate_url": link}


def _page_url(name: str, *arguments: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"


def _reset_link(user: User) -> str:
    key = default_token_generator.make_token(user)
    return _page_url("account_reset_password_from_key", user_pk_to_url_str(user), key)


# --- Confirming an e-mail ---------------------------------------------------------------------


def confirmation_token(email: str) -> str:
    """Return a signed token: whoever holds it has opened the e-mail to this address. Nothing is stored."""
    return signing.dumps(email, salt=CONFIRMATION_SALT)


def confirmed_email(token: str) -> str:
    """Return the address of a token that is still valid; else empty."""
    try:
        return str(signing.loads(token, salt=CONFIRMATION_SALT, max_age=CONFIRMATION_SECONDS))
    except signing.BadSignature:
        return ""


def new_email(user: User, token: str) -> str:
    """Return the address in a valid token by which this account may change its own as it is now; else ""."""
    try:
        payload = signing.loads(token, salt=CHANGE_SALT, max_age=CONFIRMATION_SECONDS)
    except signing.BadSignature:
        return ""
    account, before, after = payload
    return str(after) if (account, before) == (str(user.pk), user.email) else ""
