"""Drawn pages are kept up to a number of bytes."""

from __future__ import annotations

from config.cache_backends import SizeLimitedCache


def test_what_was_not_looked_at_for_the_longest_goes_when_there_is_no_room() -> None:
    options = {"MAX_ENTRIES": 100, "MOST_BYTES": 3_500}
    cache = SizeLimitedCache("small", {"TIMEOUT": None, "OPTIONS": options})
    for name in "abc":
        cache.set(name, name * 1_000)
    assert cache.get("a") == "a" * 1_000
    cache.set("d", "d" * 1_000)
    assert [name for name in "abcd" if cache.get(name) is not None] == ["a", "c", "d"]
    cache.set("huge", "h" * 10_000)
    assert cache.get("huge") is None
    cache.set("e", "e")
    assert cache.get("e") == "e"
