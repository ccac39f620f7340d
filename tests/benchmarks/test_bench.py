"""The bench measures, says what is over its limit, and knows its own names."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks.bars import BENCHMARKS, NIGHTLY, keeping
from benchmarks.measuring import Measurement, concurrent_seconds, cpu_seconds, interleaved_medians
from devstack.servers import PROJECT_ROOT
from tests.test_architecture import LONGEST_FILE, LONGEST_FUNCTION, functions


def test_a_bar_holds_up_to_its_limit() -> None:
    assert Measurement("save", 3.0, 2.0, 1.5, "cpu-s").holds
    assert not Measurement("save", 3.1, 2.0, 1.5, "cpu-s").holds


@pytest.mark.parametrize(("value", "floor"), [(3.0, 0.0), (0.0, 2.0), (0.0, 0.0), (3.0, -1.0)])
def test_what_was_not_measured_does_not_hold(value: float, floor: float) -> None:
    bar = Measurement("save", value, floor, 1.5, "cpu-s")
    assert not bar.holds
    assert json.loads(json.dumps(bar.as_json(), allow_nan=False))["ratio"] is None
    assert "over its limit" in bench.table([bar])


def test_every_bar_has_its_name_and_what_takes_long_is_asked_for_by_name() -> None:
    assert set(BENCHMARKS) == {
        *("submit", "save", "page", "close", "results", "export", "storage", "start", "mail")
    }
    assert set(NIGHTLY) == {"close-nightly", "mail-nightly"}


def test_a_name_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["save", "nonsense"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("There is no bar 'nonsense'. There are: submit, save, page,")


@pytest.mark.parametrize(
    ("limit", "ends_with"), [pytest.param(2, 0, marks=pytest.mark.nightly), (0.5, 1)]
)
def test_a_bar_is_measured_for_real_and_its_limit_counts(
    limit: float,
    ends_with: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One of two bars is over its limit; at night neither is."""
    monkeypatch.setattr(keeping, "STORED", 2_000)
    monkeypatch.setattr(keeping, "KEPT", limit)
    assert bench.main(["storage"]) == ends_with
    kept, _opened, *table = capsys.readouterr().out.splitlines()
    told = json.loads(kept)
    assert set(told) == {"name", "value", "floor", "ratio", "limit", "unit"}
    assert told["name"] == "storage"
    assert told["floor"] > 200, "The floor's rows lie in the floor's own table."
    assert [("over its limit" in line) for line in table[1:3]] == [bool(ends_with), False]


def test_measures_are_taken_in_turns_and_the_median_counts() -> None:
    ours, theirs = iter([1.0, 9.0, 2.0]), iter([4.0, 5.0, 90.0])
    assert interleaved_medians(3, lambda: next(ours), lambda: next(theirs)) == [2.0, 5.0]


def test_clients_ask_together_and_a_failure_is_one() -> None:
    asked: list[int] = []
    assert concurrent_seconds([lambda: asked.append(1)] * 8, 5) > 0
    assert len(asked) == 40

    def refused() -> None:
        assert asked == [], "refused"

    with pytest.raises(AssertionError, match="refused"):
        concurrent_seconds([refused], 1)


def test_processor_time_is_counted_finer_than_in_ticks() -> None:

    before = cpu_seconds([os.getpid()])
    sum(range(200_000))
    assert 0 < cpu_seconds([os.getpid()]) - before < 5


@pytest.mark.parametrize(
    "path",
    sorted((PROJECT_ROOT / "benchmarks").rglob("*.py")),
    ids=lambda path: str(path.relative_to(PROJECT_ROOT)),
)
def test_a_measurement_can_be_held_in_the_head(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    long = [
        node.name
        for node in functions(ast.parse(text))
        if (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []
