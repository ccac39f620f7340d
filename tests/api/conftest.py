from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.api_clients import forget_counters


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> Iterator[None]:
    forget_counters()
    yield
    forget_counters()
