"""A cache in the memory of a process, limited by bytes. Django's own counts entries, and one page may be a
hundred times as large as another."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.core.cache.backends.locmem import LocMemCache


class SizeLimitedCache(LocMemCache):
    """OPTIONS: MOST_BYTES. The entry that was not used for the longest is removed first."""

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
