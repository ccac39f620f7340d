"""Cache in the memory of a process what never changes again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ProcessCache(dict[Key, Value]):
    """A dictionary of at most `size` entries. Emptied when it is full: what is used often is soon back."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def get_or_compute(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of the key; compute and store it if it is missing."""
        value = self.get(key)
        if value is None:
            if len(self) >= self.size:
                self.clear()
            value = self[key] = make()
        return value
