"""A code that one device shows and a second one enters: the second then counts as the first.

Kept in Valkey alone, for ten minutes, for one use and five tries. What lies there is the first device's
secret, sealed with the code and the organization's secret: neither Valkey nor the code opens it alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.core.cache import cache

from assessments.survey.respondents import SurveyRespondent
from organizations.pseudonyms import keyed_hash
from organizations.tenancy.scope import bound_organization

VALID_SECONDS, MAX_TRIES, CODE_LENGTH = 600, 5, 8
log = structlog.get_logger(__name__)
ValkeyReply = TypeVar("ValkeyReply")


class CodesUnavailable(Exception):
    """Valkey cannot be reached: no code can be made or checked now."""


def create(seat: SurveyRespondent) -> str:
    """A new code for the device that writes; an earlier one is void."""
    code = f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}d}"
    name, (check, seal) = _name(seat), _made_from(seat, code)
    sealed = _xor(bytes.fromhex(seat.devices[0]), seal)
    _ask(lambda: cache.set(f"{name}.tries", 0, VALID_SECONDS))
    _ask(lambda: cache.set(name, (check, sealed), VALID_SECONDS))
    return code


def redeem(seat: SurveyRespondent, code: str) -> str | None:
    """The secret of the device that showed this code; None for a wrong, used or old one alike."""
    name, (check, seal) = _name(seat), _made_from(seat, code)
    waiting = _ask(lambda: cache.get(name))
    if waiting is None:
        return None
    if _ask(lambda: _count(f"{name}.tries")) > MAX_TRIES:
        _ask(lambda: cache.delete(name))
        return None
    if not secrets.compare_digest(waiting[0], check):
        return None
    is_first = _ask(lambda: cache.delete(name))
    return _xor(waiting[1], seal).hex() if is_first else None


def _name(seat: SurveyRespondent) -> str:
    parts = ("device-code", str(seat.membership), str(seat.cycle))
    return f"{bound_organization()}.{keyed_hash(seat.secret, *parts).hex()}"


def _made_from(seat: SurveyRespondent, code: str) -> tuple[bytes, bytes]:
    """What recognises the code, and what seals a secret with it."""
    parts = (str(seat.membership), str(seat.cycle), code)
    return keyed_hash(seat.secret, "check", *parts), keyed_hash(seat.secret, "seal", *parts)[:16]


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _count(name: str) -> int:
    try:
        return cache.incr(name)
    except ValueError:  # it has just run out
        return MAX_TRIES + 1


def _ask(question: Callable[[], ValkeyReply]) -> ValkeyReply:
    try:
        return question()
    except Exception as problem:  # whatever it is, Valkey is not there
        log.warning("device_codes.unavailable", reason=type(problem).__name__)
        raise CodesUnavailable from problem
