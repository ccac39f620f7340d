"""The scale of a file of ratings: 1 to 5, 0 to 4, or words; what its columns leave open is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from assessments.imports.rating_words import NOT_APPLICABLE, RatingCell, read_cell
from organizations.tables.table import Choice, Question, Sentence, gettext_noop

SCALE, WORDING = "scale", "wording"  # the keys of the questions
FROM_ZERO, FROM_ONE = "0-4", "1-5"
BY_NUMBER, BY_WORD = "number", "word"
MEANINGS_SHOWN = 4
ZERO_SHARE = 0.2  # of a column's numbers; fewer are people to whom a question does not apply

ASK_SCALE = gettext_noop(
    "Numbers go from 0 to 4, and there's no 5: %(columns)s. Which scale is it?"
)
SCALE_FROM_ZERO = gettext_noop("0 to 4: each number counts as one level higher, 0 as level 1")
SCALE_FROM_ONE = gettext_noop("1 to 5: 0 means not applicable and isn't scored")
ASK_WORDING = gettext_noop("Number and words differ: %(example)s. Which of them counts?")
NUMBERS_COUNT = gettext_noop("The number: 5 is the highest level")
WORDS_COUNT = gettext_noop("The words: the most agreement is the highest level")
TWO_WORDS = gettext_noop(
    "Two answers would both count as level %(level)s: %(words)s. Write numbers from 1 to 5."
)

Columns = Mapping[str, Sequence[RatingCell]]  # field -> its cells


def zero_based_columns(columns: Columns) -> list[str]:
    """Return the fields whose numbers look like a scale from 0: all without a 5, if one of them has many
    zeros, or any where no column has a 5."""
    numbers = {
        field: [cell.number for cell in cells if cell.number is not None]
        for field, cells in columns.items()
    }
    without_five = {field: given for field, given in numbers.items() if given and 5 not in given}
    has_five = any(5 in given for given in numbers.values())
    is_suspect = any(
        0 in given
        and (not has_five or (len(given) >= 5 and given.count(0) >= ZERO_SHARE * len(given)))
        for given in without_five.values()
    )
    return list(without_five) if is_suspect else []


def ask_for_scale(names: Sequence[str]) -> list[Question]:
    """Return the question about the scale of the columns with these names."""
    if not names:
        return []
    shown = ", ".join(name[:60] for name in names[:3])
    more = ", …" if len(names) > 3 else ""
    question = Question(
        SCALE,
        Sentence(ASK_SCALE, {"columns": shown + more}),
        (
            Choice(FROM_ZERO, Sentence(SCALE_FROM_ZERO)),
            Choice(FROM_ONE, Sentence(SCALE_FROM_ONE)),
        ),
        FROM_ZERO,
    )
    return [question]


def ask_for_wording(columns: Columns) -> list[Question]:
    """Return the question whether “1 - Strongly agree” is level 1 or level 5."""
    differing = (
        cell
        for cells in columns.values()
        for cell in cells
        if cell.word_level and cell.number and cell.word_level != cell.number
    )
    example = next(differing, None)
    if example is None:
        return []
    question = Question(
        WORDING,
        Sentence(ASK_WORDING, {"example": f"{example.number} - {example.word[:40]}"}),
        (Choice(BY_WORD, Sentence(WORDS_COUNT)), Choice(BY_NUMBER, Sentence(NUMBERS_COUNT))),
        BY_WORD,
    )
    return [question]


def code(cell: RatingCell, *, from_zero: bool, by_word: bool) -> int | None:
    """Return the code as stored, on the scale that was chosen."""
    if cell.number is None:
        return cell.code
    if by_word and cell.word_level:
        return cell.word_level
    if from_zero:
        return cell.number + 1
    return cell.number or NOT_APPLICABLE


def words_of_one_level(cells: Iterable[RatingCell]) -> tuple[int, list[str]] | None:
    """Return the level that two different words without a number would mean, and those words; None if none
    does: a scale of seven steps has “somewhat agree” beside “agree”."""
    by_level: dict[int, dict[str, None]] = {}
    for cell in cells:
        if cell.number is None and cell.word_level:
            by_level.setdefault(cell.word_level, {})[cell.word] = None
    return next(((level, list(words)) for level, words in by_level.items() if len(words) > 1), None)


def meanings(texts: Iterable[str]) -> list[tuple[str, int | None]]:
    """Return the texts of a column that are no plain number, each with its code: the first few."""
    unusual = [text for text in dict.fromkeys(texts) if text and not text.isdecimal()]
    cells = ((text, read_cell(text)) for text in unusual)
    known = ((text, cell.code) for text, cell in cells if cell is not None)
    return list(islice(known, MEANINGS_SHOWN))
