"""What is wrong with the files of an import, what was chosen about them, and what was understood of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.translation import gettext as _

from organizations.tables.mapping import MappedColumn
from organizations.tables.table import Question, Sentence, column_letter
from organizations.team_tree import TeamPath

RATINGS, HEADCOUNTS = "ratings", "headcounts"
MAX_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class RatingsProblem:
    """What is wrong, and where, as a spreadsheet counts; line 0 is the file as a whole."""

    file: str  # ratings, headcounts
    line: int
    text: str
    column: int | None = None

    @property
    def place(self) -> str:
        if not self.line:
            return ""
        return f"{'' if self.column is None else column_letter(self.column)}{self.line}"


class RatingsRefused(ValueError):
    """Nothing was imported, because of these problems."""

    def __init__(self, problems: Iterable[RatingsProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text for problem in self.problems))


@dataclass(frozen=True, slots=True)
class FileChoices:
    """What was chosen about one file: columns by their key, before (`names`) and now, and answers to its questions."""

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class RatingsChoices:
    """What was chosen about both files. Paths may begin with the name of the `organization`, unless one of
    its teams (folded paths) is called so. If `is_strict`, a column that is not known is a problem."""

    ratings: FileChoices = field(default_factory=FileChoices)
    headcounts: FileChoices = field(default_factory=FileChoices)
    organization: str = ""
    teams: frozenset[TeamPath] = frozenset()
    is_strict: bool = False


NO_CHOICES = RatingsChoices()


@dataclass(slots=True)
class FileReading:
    """One file as far as it was read: its columns, its questions, what is to be noted, its problems."""

    file: str
    choices: FileChoices
    whole: RatingsChoices
    spelt: dict[TeamPath, str] = field(
        default_factory=dict
    )  # folded path -> the name as first seen
    sheet: str = ""
    encoding: str = ""
    columns: tuple[MappedColumn, ...] = ()
    fields: tuple[str, ...] = ()  # that a column may fill
    questions: list[Question] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)
    problems: list[RatingsProblem] = field(default_factory=list)
    header_line: int = 1
    meanings: dict[int, list[tuple[str, int | None]]] = field(default_factory=dict)  # by column

    def add_problem(self, line: int, text: str, column: int | None = None) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(RatingsProblem(self.file, line, text, column))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(
                RatingsProblem(self.file, line, _("There are more problems below."))
            )

    def add_header_problem(self, text: str, column: int | None = None) -> None:
        self.add_problem(self.header_line, text, column)

    def stop_if_columns_are_wrong(self) -> None:
        if any(problem.line <= self.header_line for problem in self.problems):
            raise RatingsRefused(self.problems)

    def answer(self, key: str) -> str:
        """Return the answer to a question of this file, or its default; empty if nobody asks it."""
        question = next((each for each in self.questions if each.key == key), None)
        return question.answer(self.choices.answers) if question else ""

    @property
    def open_questions(self) -> list[Question]:
        return [each for each in self.questions if each.is_open(self.choices.answers)]


def read_file(file: FileReading, read: Callable[[], None]) -> None:
    """Read one file. If the reading has to stop, keep its problems, so that the other is still read."""
    try:
        read()
    except RatingsRefused as error:
        file.problems = list(error.problems)
