"""Limit attempts with counters in Valkey: how often something may be tried in a period.

Raises the client's error where Valkey cannot be reached: the attempt is then not carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most so many `attempts` in `seconds`, counted from the first one."""

    name: str
    attempts: int
    seconds: int

    def of(self, *values: str) -> AttemptCounter:
        """Return the counter of these values. Valkey holds neither IP addresses nor e-mails, only a hash."""
        digest = sha256("\0".join(values).encode()).hexdigest()
        return AttemptCounter(f"attempts:{self.name}:{digest}", self)


@dataclass(frozen=True, slots=True)
class AttemptCounter:
    key: str
    limit: RateLimit

    def take(self) -> bool:
        """Count an attempt; False, and nothing counted, where the limit is reached.

        Adding comes before comparing, so that many at once cannot pass the limit.
        """
        if self._add(1) <= self.limit.attempts:
            return True
        self._add(-1)
        return False

    def give_back(self) -> None:
        self._add(-1)

    def _add(self, number: int) -> int:
        cache.add(self.key, 0, self.limit.seconds)
        try:
            return int(cache.incr(self.key, number))
        except ValueError:  # the counter expired between the two
            return number


def take_all(counters: list[AttemptCounter]) -> bool:
    """Count an attempt in every counter, or in none."""
    for index, counter in enumerate(counters):
        if not counter.take():
            for counted in counters[:index]:
                counted.give_back()
            return False
    return True
