"""Accounts: each has one e-mail, which somebody has shown to be theirs before it can do anything."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from organizations.models import User


class AccountExists(Exception):
    """Someone has confirmed this e-mail already."""


def is_confirmed(email: str) -> bool:
    """Whether an account has shown that this e-mail is its own."""
    return User.objects.filter(email=email.lower(), emailaddress__verified=True).exists()


def confirm(user: User) -> None:
    """The e-mail of the account has been shown to be theirs; any other address of it is dropped."""
    EmailAddress.objects.update_or_create(
        user=user, defaults={"email": user.email, "verified": True, "primary": True}
    )


@transaction.atomic
def take_over(email: str, password: str) -> User:
    """The account of whoever has shown that this e-mail is theirs. One that somebody else began with it
    loses its password, and with that its sessions."""
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
    """The account signs in with this e-mail from now on, which has been shown to be theirs."""
    user.email = email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError:
        raise AccountExists from None
    confirm(user)
