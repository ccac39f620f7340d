"""What is published of a closed cycle besides its cells: how leader and team align at each node, and how
good questions and answers are (method 6 and 10). Without numpy, so that web processes can load it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeaderAlignment:
    """Leader and team at one node, over the capabilities that both rated."""

    compared: int
    bias: float | None  # mean of leader - team, in points
    apart: float | None  # mean of |leader - team|, in points
    order: float | None  # rank correlation of the levels
    order_importance: float | None  # rank correlation of the importance
    shared: int | None  # priorities that are among the first of both; None where none is ranked
    of: int  # how many first priorities each has: 5 or fewer


@dataclass(frozen=True, slots=True)
class Alpha:
    """Alpha of the capabilities of one value, from the n people who rated all of them."""

    value: str
    n: int
    alpha: float
    low: float  # Feldt's 95 % interval
    high: float
    rest: Mapping[str, float | None]  # correlation of each item with the sum of the others
    dropped: Mapping[str, float | None]  # alpha without the item
    omega: float | None  # None with fewer than 100 complete rows


@dataclass(frozen=True, slots=True)
class Icc:
    """How far people of one team answer alike on one value; negative coefficients are 0."""

    value: str
    groups: int
    single: float  # ICC(1)
    mean: float  # ICC(2)


@dataclass(frozen=True, slots=True)
class AnswerShares:
    """Shares of the answers, and of the people who gave one level to everything, in whole per cent."""

    unanswered: int
    not_seen: int
    not_applicable: int
    straight: int


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The quality of questions and answers of the whole, for analysts."""

    answers: AnswerShares | None = None  # None with too few responses
    alpha: tuple[Alpha, ...] = ()
    icc: tuple[Icc, ...] = ()
