"""Accounts: each has one e-mail, which its owner must confirm before the account can do anything."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from organizations.models import User


class AccountExists(Exception):
    """Another account has this e-mail already."""


def is_confirmed(email: str) -> bool:
    """Return whether an account has confirmed this e-mail."""
    return User.objects.filter(email=email.lower(), emailaddress__verified=True).exists()


def confirm(user: User) -> None:
    """Mark the account's e-mail as confirmed; any other address of the account is dropped."""
    EmailAddress.objects.update_or_create(
        user=user, defaults={"email": user.email, "verified": True, "primary": True}
    )


@transaction.atomic
def take_over(email: str, password: str) -> User:
    """Return the account of whoever has confirmed this e-mail, with this password.

    An unconfirmed account that somebody else began with it loses its password, and so its sessions.
    Raises AccountExists if the e-mail is confirmed already.
    """
    email = email.lower()
    user = User.objects.select_for_update().filter(email=email).first()
    if user is not None and is_confirmed(email):
        raise AccountExists
    user = user or User(email=email)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # at the same moment
        raise AccountExists from None
    confirm(user)
    return user


@transaction.atomic
def change_email(user: User, email: str) -> None:
    """Change the account's e-mail to this one, which has been confirmed.

    Raises AccountExists if it is taken.
    """
    user.email = email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError:
        raise AccountExists from None
    confirm(user)
