"""python3 run.py bench [NAME ...]: each bar beside its floor, one JSON line each, then a table.

What takes many minutes is measured only where it is named: close-nightly. Ends with 1 when one is
over its limit, with 2 for a name that is none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator

from benchmarks.bars import BENCHMARKS, NIGHTLY
from benchmarks.grounds import start_servers
from benchmarks.measuring import Measurement

ALL = BENCHMARKS | NIGHTLY


def run_benchmarks(names: Iterable[str]) -> Iterator[Measurement]:
    """Each name on fresh tables, so that none stands on what another left."""
    for name in names:
        with start_servers() as ground:
            yield from ALL[name](ground)


def table(bars: Iterable[Measurement]) -> str:
    lines = [f"{'':22}{'value':>12}{'floor':>12}{'ratio':>8}{'limit':>8}  "]
    lines += [
        f"{bar.name:22}{bar.value:12.4g}{bar.floor:12.4g}{bar.ratio:8.2f}{bar.limit:8.2f}  {bar.unit}"
        f"{'' if bar.holds else '   over its limit'}"
        for bar in bars
    ]
    return "\n".join(lines)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"There is no bar {unknown[0]!r}. There are: {', '.join(ALL)}.", file=sys.stderr)
        return 2
    found = []
    for bar in run_benchmarks(names or BENCHMARKS):
        print(json.dumps(bar.as_json()), flush=True)
        found.append(bar)
    print(table(found))
    return 0 if all(bar.holds for bar in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
