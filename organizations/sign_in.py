"""How sign-in, from allauth, fits this house."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.module_loading import import_string

from organizations.access import public


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPEN_SIGNUP)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """People sign in with their e-mail; there are no user names."""


class Plain(StringConverter):
    """Letters and digits alone, so that the hyphen after them ends it: `<plain:uidb36>-<path:key>`
    is how allauth joins the two in its letters."""

    regex = "[0-9A-Za-z]+"


register_converter(Plain, "plain")


def offered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of allauth's that we offer. While attempts cannot be counted it is closed: guessing
    a password would have no limit."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except _uncounted():  # asked only once something was raised
            transaction.set_rollback(True)
            return render(request, "503.html", status=503)

    return public(guarded)


def _uncounted() -> type[Exception]:
    """Valkey's client is a tenth of what a process loads at its start: not for its errors alone."""
    error: type[Exception] = import_string("redis.exceptions.RedisError")
    return error
