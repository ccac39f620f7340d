"""Where drawn pages are kept, up to a number of bytes: Django's own memory counts entries, and one page
may be a hundred times as large as another."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.core.cache.backends.locmem import LocMemCache


class SizeLimitedCache(LocMemCache):
    """OPTIONS: MOST_BYTES. What has not been looked at for the longest goes first."""

    _cache: OrderedDict[str, bytes]  # the newest first
    _expire_info: dict[str, float | None]

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self.most: int = params["OPTIONS"]["MOST_BYTES"]

    def _set(self, key: str, value: bytes, timeout: Any = None) -> None:
        super()._set(key, value, timeout)  # type: ignore[misc]  # the stubs leave it out
        while sum(map(len, self._cache.values())) > self.most:
            oldest, _page = self._cache.popitem()
            del self._expire_info[oldest]
