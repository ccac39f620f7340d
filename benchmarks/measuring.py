"""How it is measured: processor time of the servers' process trees, and how long answers take.

Times on a shared machine mean little; processor seconds per operation and ratios within one run do.
"""

from __future__ import annotations

import math
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
ROUNDS, OPERATIONS = 5, 80
Operation = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one thing costs beside its floor. `ratio` = value / floor."""

    name: str
    value: float
    floor: float
    limit: float
    unit: str

    @property
    def ratio(self) -> float:
        """Without end where one of the two was not measured: nothing is for nothing."""
        return self.value / self.floor if self.value > 0 and self.floor > 0 else math.inf

    @property
    def holds(self) -> bool:
        return self.ratio <= self.limit

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": round(self.value, 5),
            "floor": round(self.floor, 5),
            "ratio": round(self.ratio, 2) if math.isfinite(self.ratio) else None,
            "limit": round(self.limit, 2),
            "unit": self.unit,
        }


# --- Processes --------------------------------------------------------------------------------


def _fields(process: int) -> list[str]:
    """From its state on; the name before it may hold anything."""
    text = Path(f"/proc/{process}/stat").read_text()
    return text[text.rindex(")") + 2 :].split()


def process_tree(roots: Iterable[int]) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError):
                parents[int(entry.name)] = int(_fields(int(entry.name))[1])
    found, grew = set(roots), True
    while grew:
        more = {one for one, parent in parents.items() if parent in found} - found
        found |= more
        grew = bool(more)
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """Of every process by its own clock, which counts nanoseconds, and of its ended children."""
    total = 0.0
    for process in process_tree(roots):
        with suppress(OSError):
            ended = sum(map(int, _fields(process)[13:15])) / TICK
            total += time.clock_gettime(~process << 3 | 2) + ended  # as clock_getcpuclockid(3)
    return total


def memory_mb(roots: Iterable[int]) -> float:
    """What the processes hold for themselves, shared pages counted in parts."""
    return _sum_of(roots, "smaps_rollup", "Pss")


def peak_mb(roots: Iterable[int]) -> float:
    """The most that the processes ever held, since `forget_peak`."""
    return _sum_of(roots, "status", "VmHWM")


def reset_peak(roots: Iterable[int]) -> None:
    for process in process_tree(roots):
        Path(f"/proc/{process}/clear_refs").write_text("5")


def _sum_of(roots: Iterable[int], file: str, line: str) -> float:
    total = 0
    for process in process_tree(roots):
        with suppress(OSError):
            text = Path(f"/proc/{process}/{file}").read_text()
            found = re.search(rf"^{line}:\s+(\d+)", text, re.MULTILINE)
            total += int(found[1]) if found else 0
    return total / 1024


# --- Product and floor in turns, so that what else the machine does meets both ------------------


def cpu_cost(roots: Iterable[int], operation: Operation, times: int) -> float:
    """Processor seconds of the servers for one operation."""
    wanted = tuple(roots)
    before = cpu_seconds(wanted)
    for _time in range(times):
        operation()
    return (cpu_seconds(wanted) - before) / times


def interleaved_medians(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each."""
    found = [[measure() for measure in measures] for _round in range(rounds)]
    return [statistics.median(column) for column in zip(*found, strict=True)]


def compare_cpu(
    roots: Iterable[int], *operations: Operation, rounds: int = ROUNDS, times: int = OPERATIONS
) -> list[float]:
    """Processor seconds of each operation; the first three times do not count."""
    wanted = tuple(roots)
    for operation in operations * 3:
        operation()
    costs = [lambda one=one: cpu_cost(wanted, one, times) for one in operations]
    return interleaved_medians(rounds, *costs)


def seconds(operation: Operation) -> float:
    began = time.perf_counter()
    operation()
    return time.perf_counter() - began


def concurrent_seconds(clients: Sequence[Operation], times: int) -> float:
    """Seconds for one operation while all clients ask at once, each `times` times."""

    def work(operation: Operation) -> None:
        for _time in range(times):
            operation()

    with ThreadPoolExecutor(len(clients)) as threads:
        took = seconds(lambda: list(threads.map(work, clients)))
    return took / (times * len(clients))
