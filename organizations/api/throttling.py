"""Limit how often a key may ask: one counter for each key, counted in one step, so that many requests at
once cannot pass it. If the counter cannot be reached, reading goes on uncounted."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from organizations.access import Program

WINDOW_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limit and the count of the current minute."""

    limit: int
    count: int
    seconds: int  # until the count starts again

    @property
    def is_spent(self) -> bool:
        return self.count > self.limit

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.count)),
            "RateLimit-Reset": str(self.seconds),
        }


def count_request(program: Program) -> Allowance | None:
    """Count this request; None if the counter cannot be reached."""
    from organizations.api.counter import increment  # noqa: PLC0415  # see there

    name = f"asked:{program.organization_id}:{program.key_id}"
    result = increment(settings.CACHE_URL, name, WINDOW_MILLISECONDS)
    if result is None:
        return None
    count, left = result
    return Allowance(settings.API_PER_MINUTE, count, -(-max(left, 1) // 1000))
