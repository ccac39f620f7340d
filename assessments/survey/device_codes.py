"""A code that one device shows and a second one enters: the second then counts as the first.

It is kept only in Valkey, for ten minutes, for one use and five tries. Stored is the first device's
secret, encrypted with the code and the organization's secret: neither Valkey nor the code is enough.
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


def create(respondent: SurveyRespondent) -> str:
    """Return a new code for the device that writes; an earlier one is void."""
    code = f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}d}"
    name, (check, sealing_key) = _name(respondent), _derive_keys(respondent, code)
    sealed = _xor(bytes.fromhex(respondent.devices[0]), sealing_key)
    _call_valkey(lambda: cache.set(f"{name}.tries", 0, VALID_SECONDS))
    _call_valkey(lambda: cache.set(name, (check, sealed), VALID_SECONDS))
    return code


def redeem(respondent: SurveyRespondent, code: str) -> str | None:
    """Return the secret of the device that showed this code; None for a wrong, used or expired code."""
    name, (check, sealing_key) = _name(respondent), _derive_keys(respondent, code)
    stored = _call_valkey(lambda: cache.get(name))
    if stored is None:
        return None
    if _call_valkey(lambda: _count_try(f"{name}.tries")) > MAX_TRIES:
        _call_valkey(lambda: cache.delete(name))
        return None
    if not secrets.compare_digest(stored[0], check):
        return None
    is_first = _call_valkey(lambda: cache.delete(name))
    return _xor(stored[1], sealing_key).hex() if is_first else None


def _name(respondent: SurveyRespondent) -> str:
    parts = ("device-code", str(respondent.membership), str(respondent.cycle))
    return f"{bound_organization()}.{keyed_hash(respondent.secret, *parts).hex()}"


def _derive_keys(respondent: SurveyRespondent, code: str) -> tuple[bytes, bytes]:
    """Return the hash that recognises the code, and the key that encrypts a device's secret with it."""
    parts = (str(respondent.membership), str(respondent.cycle), code)
    return keyed_hash(respondent.secret, "check", *parts), keyed_hash(
        respondent.secret, "seal", *parts
    )[:16]


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _count_try(counter: str) -> int:
    try:
        return cache.incr(counter)
    except ValueError:  # the code has just expired
        return MAX_TRIES + 1


def _call_valkey(command: Callable[[], ValkeyReply]) -> ValkeyReply:
    try:
        return command()
    except Exception as problem:  # any error of the client means that Valkey cannot be reached
        log.warning("device_codes.unavailable", reason=type(problem).__name__)
        raise CodesUnavailable from problem
