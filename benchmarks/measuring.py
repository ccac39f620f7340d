"""How it is measured: processor time of the servers' process trees, and a client that costs little.

Times on a shared machine mean little; processor seconds per operation and ratios within one run do.
"""

from __future__ import annotations

import http.client
import os
import re
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

TICK = os.sysconf("SC_CLK_TCK")
ROUNDS, OPERATIONS = 5, 80


@dataclass(frozen=True, slots=True)
class Bar:
    """What one thing costs beside its floor. `ratio` = value / floor."""

    name: str
    value: float
    floor: float
    limit: float
    unit: str

    @property
    def ratio(self) -> float:
        return self.value / self.floor if self.floor else 0.0

    @property
    def holds(self) -> bool:
        return self.ratio <= self.limit

    def as_json(self) -> dict[str, object]:
        kept = asdict(self)
        return {
            "name": kept["name"],
            "value": round(self.value, 5),
            "floor": round(self.floor, 5),
            "ratio": round(self.ratio, 2),
            "limit": self.limit,
            "unit": self.unit,
        }


class Browser:
    """One keep-alive connection with its cookies; follows nothing by itself."""

    def __init__(self, base: str) -> None:
        self.host = urlsplit(base).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        self.cookies: dict[str, str] = {}
        self.token = ""  # the header that proves that a form is ours

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "", *, packed: bool = False
    ) -> tuple[int, bytes, str]:
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        headers |= {"X-CSRFToken": self.token} if self.token else {}
        headers |= {"Content-Type": kind} if kind else {}
        headers |= {"Accept-Encoding": "gzip"} if packed else {}
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, data, answer.getheader("Location") or ""

    def form(self, path: str, fields: Iterable[tuple[str, str]]) -> tuple[int, bytes, str]:
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(list(fields)).encode(), kind)


def _stat(process: int) -> tuple[int, int]:
    """Its parent, and the ticks of it and of the children it has waited for."""
    text = Path(f"/proc/{process}/stat").read_text()
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), sum(map(int, fields[11:15]))


def tree(roots: Iterable[int]) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = _stat(int(entry.name))[0]
            except (OSError, ValueError):
                continue
    found, grew = set(roots), True
    while grew:
        more = {one for one, parent in parents.items() if parent in found} - found
        found |= more
        grew = bool(more)
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    total = 0
    for process in tree(roots):
        try:
            total += _stat(process)[1]
        except OSError:
            continue
    return total / TICK


def memory_mb(roots: Iterable[int]) -> float:
    """What the processes hold for themselves, shared pages counted in parts."""
    total = 0
    for process in tree(roots):
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
        total += int(found[1]) if found else 0
    return total / 1024


def cost(roots: Iterable[int], operation: Callable[[], object], times: int) -> float:
    """Processor seconds of the servers for one operation."""
    wanted = tuple(roots)
    before = cpu_seconds(wanted)
    for _time in range(times):
        operation()
    return (cpu_seconds(wanted) - before) / times


def beside(
    roots: Iterable[int],
    product: Callable[[], object],
    floor: Callable[[], object],
    *,
    rounds: int = ROUNDS,
    operations: int = OPERATIONS,
) -> tuple[float, float]:
    """Product and floor in turns, so that what else the machine does meets both; the medians."""
    wanted = tuple(roots)
    for operation in (product, floor) * 3:
        operation()
    costs = [
        (cost(wanted, product, operations), cost(wanted, floor, operations))
        for _round in range(rounds)
    ]
    ours, theirs = zip(*costs, strict=True)
    return statistics.median(ours), statistics.median(theirs)
