"""A table that was read from a file, what is wrong with it, and what has to be asked about it.

Lines and columns are counted as a spreadsheet counts them: C4 is the third cell of the fourth row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL_LENGTH = 10_000
SAMPLES = 3  # values of a column that are shown
Translate = Callable[[str], str]


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; whoever shows it translates it."""
    return text


def column_letter(index: int) -> str:
    """Return what a spreadsheet calls the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that is translated where it is shown, with what is filled into it."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, translate: Translate) -> str:
        return translate(self.text) % self.values


@dataclass(frozen=True, slots=True)
class TableProblem:
    """What is wrong in a line; line 0 is the whole file. `column` is the index of the cell, if it is one."""

    line: int
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    column: int | None = None

    @property
    def place(self) -> str:
        """The cell (C4), the line (4), or nothing for the whole file."""
        if not self.line:
            return ""
        return f"{'' if self.column is None else column_letter(self.column)}{self.line}"

    def sentence(self, translate: Translate) -> str:
        return translate(self.text) % self.values


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question; its words say what it changes."""

    value: str
    words: Sentence


@dataclass(frozen=True, slots=True)
class Question:
    """What a file leaves open. Until it is answered its default holds, and is shown as such."""

    key: str
    words: Sentence
    choices: tuple[Choice, ...]
    default: str
    is_optional: bool = False  # the default is right by the rules of the files

    def answer(self, answers: Mapping[str, str]) -> str:
        """Return the answer that was given, or the default."""
        given = answers.get(self.key, "")
        return given if any(choice.value == given for choice in self.choices) else self.default

    def is_open(self, answers: Mapping[str, str]) -> bool:
        known = any(choice.value == answers.get(self.key) for choice in self.choices)
        return not known and not self.is_optional


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column with the names it has in the rows of the header; the first one is shown."""

    index: int  # in the file
    name: str
    names: tuple[str, ...]
    samples: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()  # of a name that is broken: often the same in two languages

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass(frozen=True, slots=True)
class TableRow:
    """`cells` has exactly as many cells as there are columns; `line` is the row in the spreadsheet."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The cells as text without what cannot be seen around them, in composed letters (NFC). Empty rows,
    and columns without a name or a value, are left out."""

    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    header_line: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    questions: tuple[Question, ...] = ()
    notes: tuple[Sentence, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


class InvalidTable(ValueError):
    """The file cannot be read as a table; `problems` is everything that is wrong with it.

    `table` holds the rows that can be read, where only others are wrong; `questions` those whose answer
    may make the file readable.
    """

    def __init__(
        self,
        problems: Iterable[TableProblem],
        table: Table | None = None,
        questions: Sequence[Question] = (),
    ) -> None:
        self.problems = tuple(problems)
        self.table = table
        self.questions = table.questions if table else tuple(questions)
        super().__init__("; ".join(f"{each.place}: {each.text}" for each in self.problems))


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file, empty cells included."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a file before one knows which of them is the header."""

    rows: Sequence[RawRow]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    questions: tuple[Question, ...] = ()
    notes: tuple[Sentence, ...] = ()
    problems: tuple[TableProblem, ...] = ()
