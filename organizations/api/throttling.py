"""How often a key may ask: one counter for each key, counted in one step, so that many at once
cannot slip past it. If the counter cannot be reached, reading goes on uncounted.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from organizations.access import Program

WINDOW_MILLISECONDS = 60_000  # milliseconds


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


def count_request(program: Program) -> Allowance | None:
    """Count this request; None if nobody could count it."""
    from organizations.api.counter import increment  # noqa: PLC0415  # see there

    name = f"asked:{program.organization_id}:{program.key_id}"
    counted = increment(settings.CACHE_URL, name, WINDOW_MILLISECONDS)
    if counted is None:
        return None
    asked, left = counted
    return Allowance(settings.API_PER_MINUTE, asked, -(-max(left, 1) // 1000))
