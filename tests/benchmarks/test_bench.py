"""The bench measures, says what is over its limit, and knows its own names."""

from __future__ import annotations

import json

import pytest

from benchmarks import __main__ as bench
from benchmarks import bars
from benchmarks.measuring import Bar


def test_a_bar_holds_up_to_its_limit() -> None:
    assert Bar("save", 3.0, 2.0, 1.5, "cpu-s").holds
    assert not Bar("save", 3.1, 2.0, 1.5, "cpu-s").holds


def test_a_name_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["save", "nonsense"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("There is no bar 'nonsense'. There are: submit, save, page,")


@pytest.mark.parametrize(("floor", "ends_with"), [(10_000, 0), (1, 1)])
def test_a_bar_is_measured_for_real_and_its_limit_counts(
    floor: int, ends_with: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bars, "STORED", 40)
    monkeypatch.setattr(bars, "FLOOR_BYTES", floor)
    assert bench.main(["storage"]) == ends_with
    line, *table = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert set(told) == {"name", "value", "floor", "ratio", "limit", "unit"}
    assert told["value"] > 100
    assert ("over its limit" in table[-1]) == bool(ends_with)
