"""The bars: each says what one thing costs beside its floor, and where it must stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.bars import answering, closing, keeping, mailing, reading
from benchmarks.grounds import BenchServers
from benchmarks.measuring import Measurement

BENCHMARKS: dict[str, Callable[[BenchServers], Iterator[Measurement]]] = {
    "submit": answering.submit,
    "save": answering.save,
    "page": answering.page,
    "close": closing.close,
    "results": reading.results,
    "export": reading.export,
    "storage": keeping.storage,
    "start": keeping.start,
    "mail": mailing.mail,
}
# Measured only where they are named: they take many minutes.
NIGHTLY: dict[str, Callable[[BenchServers], Iterator[Measurement]]] = {
    "close-nightly": closing.nightly,
    "mail-nightly": mailing.nightly,
}
