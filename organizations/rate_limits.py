"""Counting attempts in Valkey: how often something may be tried in a while.

Raises the client's error where Valkey cannot be reached: what has to be limited is then not done.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most so many in so many seconds, from the first one on."""

    name: str
    most: int
    seconds: int

    def of(self, *whose: str) -> AttemptCounter:
        """Valkey holds neither addresses nor e-mails, only what is made of them."""
        mark = sha256("\0".join(whose).encode()).hexdigest()
        return AttemptCounter(f"attempts:{self.name}:{mark}", self)


@dataclass(frozen=True, slots=True)
class AttemptCounter:
    key: str
    limit: RateLimit

    def take(self) -> bool:
        """Count one more; False, and nothing counted, where there were enough already. In one step,
        so that many at once do not slip past it."""
        if self._add(1) <= self.limit.most:
            return True
        self._add(-1)
        return False

    def give_back(self) -> None:
        self._add(-1)

    def _add(self, number: int) -> int:
        cache.add(self.key, 0, self.limit.seconds)
        try:
            return int(cache.incr(self.key, number))
        except ValueError:  # it ended between the two
            return number


def take_all(counters: list[AttemptCounter]) -> bool:
    """Count one more in each, or in none."""
    for place, counter in enumerate(counters):
        if not counter.take():
            for taken in counters[:place]:
                taken.give_back()
            return False
    return True
