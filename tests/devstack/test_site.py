"""What a start sets unless its surroundings do."""

from __future__ import annotations

import pytest

from devstack.site import environment_defaults


@pytest.mark.parametrize(
    ("surroundings", "is_open"), [({}, "1"), ({"DEMO": "1"}, "1"), ({"DEMO": "0"}, "0")]
)
def test_only_in_the_demo_anyone_may_sign_up(surroundings: dict[str, str], is_open: str) -> None:
    assert environment_defaults(surroundings, "http://127.0.0.1:8000")["OPEN_SIGNUP"] == is_open
