"""How often a key may ask: one counter for each key, counted in one step, so that many at once
cannot slip past it. If the counter cannot be reached, reading goes on uncounted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from organizations.access import Program

MINUTE = 60_000  # milliseconds
PATIENCE = 0.1  # seconds for each step of asking, at most two of them
_COUNT = """
local asked = redis.call('INCR', KEYS[1])
if asked == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {asked, redis.call('PTTL', KEYS[1])}
"""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of this minute."""

    limit: int
    asked: int
    seconds: int  # until it begins anew

    @property
    def is_spent(self) -> bool:
        return self.asked > self.limit

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.asked)),
            "RateLimit-Reset": str(self.seconds),
        }


@cache
def _counter(address: str) -> Any:
    """Asks once and does not ask again: whoever reads should not wait for a counter."""
    client: Any = Redis.from_url(
        address,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return client.register_script(_COUNT)


def take(program: Program) -> Allowance | None:
    """Count this request; None if nobody could count it."""
    limit = settings.API_PER_MINUTE
    name = f"asked:{program.organization_id}:{program.key_id}"
    try:
        counter = _counter(settings.CACHE_URL)
        asked, left = counter(keys=[name], args=[MINUTE])
    except RedisError as problem:
        log.warning("api.uncounted", reason=type(problem).__name__)
        return None
    return Allowance(limit, int(asked), -(-max(int(left), 1) // 1000))
