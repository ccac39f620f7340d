"""Count requests in Valkey, in one step. The client is a tenth of what a process loads at its start, so
only `throttling` imports this module, at the first request of a program."""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_TIMEOUT = 0.1  # seconds for connecting and for the reply each
_COUNT_SCRIPT = """
local asked = redis.call('INCR', KEYS[1])
if asked == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {asked, redis.call('PTTL', KEYS[1])}
"""
log = structlog.get_logger(__name__)


def increment(address: str, name: str, period: int) -> tuple[int, int] | None:
    """Count `name`; return how often it was counted in this period, and the milliseconds left of it.

    `period` is in milliseconds. None if the counter cannot be reached.
    """
    try:
        count, left = _load_script(address)(keys=[name], args=[period])
    except RedisError as problem:
        log.warning("api.uncounted", reason=type(problem).__name__)
        return None
    return int(count), int(left)


@cache
def _load_script(address: str) -> Any:
    """Return the registered script. Its client does not retry: no reader should wait for a counter."""
    client: Any = Redis.from_url(
        address,
        socket_timeout=SOCKET_TIMEOUT,
        socket_connect_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return client.register_script(_COUNT_SCRIPT)
