"""What a cell of a spreadsheet of ratings means: a number in any spelling, the words of a scale, or that there
is no rating.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from organizations.tables.mapping import fold
from organizations.text import comparable

NOT_SEEN, NOT_APPLICABLE = -1, 0  # as stored
_BLANK = ("na", "nan", "null", "none", "#n/a", "#na", "-", "–", "—", ".", "<na>")
_NOT_APPLICABLE = (
    *("n/a", "n.a.", "not applicable", "does not apply", "해당 없음", "해당없음", "해당 사항 없음"),
    *("해당 안 됨", "해당 없어요", "비해당"),
)
_NOT_SEEN = (
    *("?", "not seen", "don't know", "do not know", "i don't know", "can't say", "모름", "잘 모름"),
    *(
        "모르겠음",
        "모르겠다",
        "잘 모르겠음",
        "잘 모르겠다",
        "모르겠어요",
        "직접 본 적 없음",
        "본 적 없음",
    ),
    "i have not seen this work done",
)
_WORDS_BY_LEVEL = {
    1: "strongly disagree, completely disagree, totally disagree, very dissatisfied, never, very low, "
    "very poor, not at all, not at all important, very unlikely, 전혀 그렇지 않다, 매우 그렇지 않다, "
    "전혀 그렇지 않음, 전혀 그렇지 않아요, 전혀 아니다, 매우 아니다, 전혀 중요하지 않다, "
    "전혀 중요하지 않음, 전혀 중요하지 않아요, 매우 불만족, 매우 낮음, 매우 낮다, 매우 나쁨, "
    "매우 미흡, 전혀 동의하지 않음, 전혀 동의하지 않는다",
    2: "disagree, somewhat disagree, dissatisfied, rarely, seldom, low, poor, slightly important, "
    "of little importance, unlikely, 그렇지 않다, 그렇지 않음, 그렇지 않아요, 그렇지 않은 편이다, "
    "별로 그렇지 않다, 아니다, 중요하지 않다, 중요하지 않음, 중요하지 않아요, 별로 중요하지 않다, "
    "불만족, 낮음, 낮다, 나쁨, 미흡, 동의하지 않음, 동의하지 않는다",
    3: "neutral, neither agree nor disagree, neither, sometimes, medium, average, fair, moderate, "
    "moderately important, 보통, 보통이다, 보통임, 보통이에요, 중간",
    4: "agree, somewhat agree, satisfied, often, high, good, important, likely, 그렇다, 그런 편이다, "
    "그래요, 대체로 그렇다, 중요하다, 중요함, 중요해요, 중요한 편이다, 만족, 높음, 높다, 좋음, "
    "동의함, 동의한다",
    5: "strongly agree, completely agree, totally agree, very satisfied, always, very high, very good, "
    "excellent, very important, extremely important, very likely, 매우 그렇다, 아주 그렇다, "
    "매우 그래요, 매우 중요하다, 매우 중요함, 매우 중요해요, 매우 만족, 매우 높음, 매우 높다, "
    "매우 좋음, 매우 우수, 매우 동의함, 매우 동의한다, 전적으로 동의한다",
}
LEVELS = {fold(w): level for level, words in _WORDS_BY_LEVEL.items() for w in words.split(",")}
BLANK = {"", *map(comparable, _BLANK)}
OPT_OUTS = {fold(word): NOT_APPLICABLE for word in _NOT_APPLICABLE} | {
    fold(word): NOT_SEEN for word in _NOT_SEEN
}

_NUMBER = re.compile(r"(\d+)(?:[.,]0+)?\s*(?:점|단계|수준)?")
_NAMED_NUMBER = re.compile(r"(?:level|레벨|수준|단계)\s*(\d+)")
_NUMBER_FIRST = re.compile(r"(\d+)\s*점?(\s*[-–—―.:)=|(\[]+\s*|\s+)([^\d\s]\D*)")
_NUMBER_LAST = re.compile(r"(\D*[^\d\s(\[\-–—:=.,])[\s(\[\-–—:=]+(\d+)\s*점?\s*[)\]]?")


@dataclass(frozen=True, slots=True)
class RatingCell:
    """A cell that was understood. `code` as stored, None without a rating; `number` where one stands there;
    `word` and `word_level` where a word of a scale does."""

    code: int | None
    number: int | None = None
    word: str = ""
    word_level: int | None = None


NO_RATING = RatingCell(None)


@lru_cache(maxsize=10_000)
def read_cell(text: str) -> RatingCell | None:
    """Return what the cell means; None if it is none of the codes. 0 is a number: the scale says what it is."""
    plain = comparable(text).replace("’", "'").removeprefix("'")
    if plain in BLANK:
        return NO_RATING
    if (opt_out := OPT_OUTS.get(fold(plain))) is not None:
        return RatingCell(opt_out)
    number, word = _split(plain)
    level = LEVELS.get(fold(word)) if word else None
    if number is None:
        return RatingCell(level, None, word, level) if level else None
    return RatingCell(number, number, word, level) if number <= 5 else None


def _split(plain: str) -> tuple[int | None, str]:
    """Return the number and the word of the cell: “5 - strongly agree”, “strongly agree (5)”, “level 5”."""
    if found := _NUMBER.fullmatch(plain) or _NAMED_NUMBER.fullmatch(plain):
        return int(found[1][:9]), ""
    if found := _NUMBER_FIRST.fullmatch(plain):
        word = found[3].strip(" )]")
        is_apart = bool(found[2].strip()) or fold(word) in LEVELS
        return (int(found[1][:9]), word) if is_apart else (None, plain)
    if found := _NUMBER_LAST.fullmatch(plain):
        return (int(found[2][:9]), found[1]) if fold(found[1]) in LEVELS else (None, plain)
    return None, plain


def whole_number(text: str) -> int | None:
    """Return the number of people in a cell: 12, 12.0, 1,200, 12명; None for anything else."""
    plain = comparable(text).removeprefix("'").removesuffix("명").removesuffix("people").strip()
    if re.fullmatch(r"\d{1,3}(?:[,' ]\d{3})+(?:\.0+)?", plain):
        plain = re.sub(r"[,' ]", "", plain)
    found = re.fullmatch(r"(\d{1,6})(?:[.,]0{1,2})?", plain) or re.fullmatch(
        r"(\d{1,6})\.0+", plain
    )
    return int(found[1]) if found else None
