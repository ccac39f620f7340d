"""What a process remembers because it never changes again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ProcessCache(dict[Key, Value]):
    """Begins anew when it is full: whoever asks often is back in it at once."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def get_or_compute(self, key: Key, make: Callable[[], Value]) -> Value:
        """What was made for the key; made now for the first who asks."""
        found = self.get(key)
        if found is None:
            if len(self) >= self.most:
                self.clear()
            found = self[key] = make()
        return found
