"""Rows of sums, which people leave below a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from organizations.tables.mapping import fold
from organizations.tables.table import Choice, Question, Sentence, gettext_noop

TOTALS = "totals"  # the key of the question
LEAVE_OUT, KEEP = "leave-out", "keep"
WORDS = {
    fold(word)
    for word in (
        *("total", "totals", "grand total", "subtotal", "sum", "overall", "average", "mean", "all"),
        *("합계", "총계", "소계", "계", "총합", "총합계", "전체", "평균", "누계"),
    )
}
ASK_TOTALS = gettext_noop("These lines look like totals: %(lines)s. Are they?")
TOTALS_ARE_LEFT_OUT = gettext_noop("Yes: leave them out")
TOTALS_ARE_NAMES = gettext_noop("No: they're names like any other")


def is_total(name: str) -> bool:
    """Return whether a name is a word for a sum, such as “Total” or “팀 합계”."""
    last = _last_word(name)
    return fold(name) in WORDS or last in WORDS - {"all", "계", "전체", "sum"}


def _last_word(name: str) -> str:
    return fold(name.split()[-1]) if len(name.split()) == 2 else ""


def ask_for_totals(lines: Mapping[int, str]) -> Question:
    """Return the question whether these lines are sums; each is named with its word."""
    shown = ", ".join(f"{line} ({name[:40]})" for line, name in list(lines.items())[:10])
    return Question(
        TOTALS,
        Sentence(ASK_TOTALS, {"lines": shown}),
        (
            Choice(LEAVE_OUT, Sentence(TOTALS_ARE_LEFT_OUT)),
            Choice(KEEP, Sentence(TOTALS_ARE_NAMES)),
        ),
        LEAVE_OUT,
    )


def left_out_lines(
    questions: Iterable[Question], answers: Mapping[str, str], lines: Mapping[int, str]
) -> frozenset[int]:
    """Return the lines that are left out, by the answer to the question or its default."""
    question = next((each for each in questions if each.key == TOTALS), None)
    if question is None or question.answer(answers) == KEEP:
        return frozenset()
    return frozenset(lines)
