"""Counting in Valkey, in one step. Its client is a tenth of what a process loads at its start, so
only `limits` imports this, when the first program asks."""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_TIMEOUT = 0.1  # seconds for each step of asking, at most two of them
_COUNT = """
local asked = redis.call('INCR', KEYS[1])
if asked == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {asked, redis.call('PTTL', KEYS[1])}
"""
log = structlog.get_logger(__name__)


def increment(address: str, name: str, period: int) -> tuple[int, int] | None:
    """How often `name` was counted in this period of milliseconds, and how many of them are left;
    None if nobody could count it."""
    try:
        asked, left = _script(address)(keys=[name], args=[period])
    except RedisError as problem:
        log.warning("api.uncounted", reason=type(problem).__name__)
        return None
    return int(asked), int(left)


@cache
def _script(address: str) -> Any:
    """Asks once and does not ask again: whoever reads should not wait for a counter."""
    client: Any = Redis.from_url(
        address,
        socket_timeout=SOCKET_TIMEOUT,
        socket_connect_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return client.register_script(_COUNT)
