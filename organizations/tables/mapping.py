"""Find out what each column of a table means: by its name, by what was chosen, or not at all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from organizations.tables.table import Table, TableColumn, TableProblem, gettext_noop
from organizations.text import comparable

LEFT_OUT = "-"  # the choice to leave a column out
DUPLICATE_COLUMN = gettext_noop("The column “%(name)s” appears twice.")
_DECORATIONS = ("[required]", "(required)", "(필수)", "[필수]", "(optional)", "(선택)")
_JOINTS = str.maketrans("", "", " -_\u2010\u2011\u2013.:*?")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column and the field that it fills; empty if it is left out. `origin` says why: its name is known
    or needless, it was chosen now or before (remembered), or nobody knows yet (unknown)."""

    key: str  # its folded name, by which a choice is kept
    column: TableColumn
    field: str
    origin: str

    @property
    def index(self) -> int:
        return self.column.index

    @property
    def is_unknown(self) -> bool:
        return self.origin == "unknown"

    @property
    def state(self) -> str:
        """The class of its row: to be checked, left out, or in use."""
        if self.is_unknown:
            return "ask"
        return "auto" if self.field else "off"


def fold(word: str) -> str:
    """Return a name or a word as it is compared: without spaces, hyphens and what forms add to it."""
    folded = comparable(word)
    for decoration in _DECORATIONS:
        folded = folded.replace(decoration, "")
    return folded.translate(_JOINTS) or folded


def map_columns(
    table: Table,
    words: Mapping[str, str],
    *,
    needless: Container[str] = (),
    chosen: Mapping[str, str],
    remembered: Mapping[str, str],
) -> tuple[MappedColumn, ...]:
    """Return every column with its field. `words` are folded names -> field; `chosen` is what was chosen now
    and `remembered` what was before, by the key of the column; LEFT_OUT leaves one out."""
    fields = {*words.values(), LEFT_OUT}
    keys: set[str] = set()

    def map_column(column: TableColumn) -> MappedColumn:
        names = [fold(name) for name in column.names]
        key = fold(column.name)[:200]
        if not key or key in keys:
            key = f"{key}#{column.letter}"
        keys.add(key)
        field, origin = _find_meaning(column, names, words, needless)
        if (before := remembered.get(key, "")) in fields:
            field, origin = before, "remembered"
        now = chosen.get(key, "")
        if now in fields and now != field:
            field, origin = now, "chosen"
        return MappedColumn(key, column, "" if field == LEFT_OUT else field, origin)

    return tuple(map_column(column) for column in table.columns)


def _find_meaning(
    column: TableColumn, names: list[str], words: Mapping[str, str], needless: Container[str]
) -> tuple[str, str]:
    """Return field and origin by the names of the column, or by the lines of one if they mean the same."""
    if found := next((words[name] for name in names if name in words), ""):
        return found, "known"
    if any(name in needless for name in names):
        return LEFT_OUT, "needless"
    lines = [fold(line) for line in column.lines]
    meanings = {words.get(line, LEFT_OUT if line in needless else "") for line in lines}
    if len(lines) > 1 and len(meanings) == 1 and "" not in meanings:
        meaning = meanings.pop()
        return meaning, "needless" if meaning == LEFT_OUT else "known"
    return "", "unknown"


def positions(mapped: Iterable[MappedColumn]) -> dict[str, int]:
    """Return field -> position of its column among those of the table; of two columns the first."""
    found: dict[str, int] = {}
    for position, column in enumerate(mapped):
        if column.field:
            found.setdefault(column.field, position)
    return found


def duplicate_problems(table: Table, mapped: Iterable[MappedColumn]) -> list[TableProblem]:
    """Return a problem for each column whose field another one fills already."""
    seen: set[str] = set()
    problems = []
    for column in mapped:
        if column.field in seen:
            values = {"name": column.column.name}
            problem = TableProblem(table.header_line, DUPLICATE_COLUMN, values, column.index)
            problems.append(problem)
        seen |= {column.field} - {""}
    return problems
