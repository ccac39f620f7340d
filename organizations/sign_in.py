"""Sign-in with allauth: its adapter, limits on wrong passwords, and what its pages need."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_reset
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.module_loading import import_string

from organizations import account_emails, accounts, known_devices
from organizations.access import public
from organizations.client_address import client_address
from organizations.models import User
from organizations.rate_limits import AttemptCounter, RateLimit, take_all

# Limits on wrong passwords. A stranger at one IP address reaches the first limit long before the
# third, and is then not counted there: so no single address can lock others out of an account.
PER_ADDRESS_AND_ACCOUNT = RateLimit("sign-in", 5, 300)
PER_ADDRESS = RateLimit("sign-in-address", 100, 300)  # of IPv6 the first 64 bits
PER_ACCOUNT = RateLimit("sign-in-account", 100, 3_600)
# On a device that signed in before only its own attempts count.
PER_KNOWN_DEVICE = RateLimit("sign-in-device", 10, 300)
MAX_USER_AGENT_LENGTH = 200  # characters


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """allauth's adapter: who may sign up, how attempts are limited, and how e-mails are sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPEN_SIGNUP)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Do nothing: people sign in with their e-mail; there are no user names."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return request_ip(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Count an attempt before the password is checked; take it back if the password is right."""
        counters = _counters_of(request, str(credentials.get("email", "")).strip().lower())
        if not take_all(counters):
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user is not None:
            for counter in counters:
                counter.give_back()
        return user

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known_devices.remember(request, response, user)
        return response

    def send_confirmation_mail(self, request: HttpRequest, confirmation: Any, signup: bool) -> None:  # noqa: FBT001  # allauth's
        """Queue the e-mail for an account from before addresses were confirmed first."""
        account_emails.request_email(account_emails.SIGN_UP, confirmation.email_address.email)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: str | None = None
    ) -> None:
        """Queue the notice of a change; it says where the change came from, so that the owner can judge."""
        user_agent = self.get_http_user_agent(self.request)[:MAX_USER_AGENT_LENGTH]
        origin = {"ip": self.get_client_ip(self.request), "user_agent": user_agent}
        account_emails.queue_email(
            template_prefix, email or user.email, **origin, **(context or {})
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse: nothing else that allauth may want to send has a place in a request."""
        raise RuntimeError(f"No e-mail is sent while a request waits: {template_prefix}")


@receiver(password_reset)
def _confirm_email(user: User, **_: Any) -> None:
    """Confirm the address: whoever has the e-mail that resets the password has shown that it is theirs."""
    accounts.confirm(user)


# --- Counting wrong passwords -----------------------------------------------------------------


def request_ip(request: HttpRequest) -> str:
    """Return the client's IP address, through the proxies that TRUSTED_PROXIES names."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    remote = request.META.get("REMOTE_ADDR", "")
    return client_address(remote, forwarded, settings.TRUSTED_PROXIES) or "unknown"


def _counters_of(request: HttpRequest, email: str) -> list[AttemptCounter]:
    """Return the counters of this attempt, in the order in which they run out."""
    if mark := known_devices.device_mark(request, email):
        return [PER_KNOWN_DEVICE.of(mark)]
    address = _network_part(request_ip(request))
    return [
        PER_ADDRESS_AND_ACCOUNT.of(email, address),
        PER_ADDRESS.of(address),
        PER_ACCOUNT.of(email),
    ]


def _network_part(address: str) -> str:
    """Return the part of an address that one person cannot change: of IPv6 the first 64 bits."""
    try:
        is_ipv6 = ip_address(address).version == 6
    except ValueError:
        return address
    return str(ip_network(f"{address}/64", strict=False)) if is_ipv6 else address


# --- The pages of allauth ---------------------------------------------------------------------


class AlphanumericConverter(StringConverter):
    """Letters and digits only, so that the hyphen after them ends it.

    `<plain:uidb36>-<path:key>` is how allauth joins the two in its e-mails.
    """

    regex = "[0-9A-Za-z]+"


register_converter(AlphanumericConverter, "plain")


def require_rate_limiting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page about signing in: it answers 503 while attempts cannot be counted, because guessing a
    password would then have no limit."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except _redis_error():  # evaluated only once something was raised
            transaction.set_rollback(True)
            return render(request, "503.html", status=503)

    return public(guarded)


def _redis_error() -> type[Exception]:
    """Return the error of Valkey's client, imported late: loading it takes a tenth of a process's start."""
    error: type[Exception] = import_string("redis.exceptions.RedisError")
    return error
