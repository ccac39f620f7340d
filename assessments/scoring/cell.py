"""The published cell: the only form in which a number may be shown (method 7.4).

Publishing makes these objects, `assessments.results.storage` stores them as they are, and pages, API
and reports read them as they are. Without numpy, so that web processes can load it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SubjectType = Literal["overall", "value", "capability", "stage"]
Kind = Literal["performance", "importance"]
KINDS: tuple[Kind, ...] = ("performance", "importance")
Suppressed = Literal["below_threshold", "not_asked", "not_enough_weight"]
State = Literal["reached", "borderline", "held"]
# "untested": of a capability in a team in which its value did not move
Verdict = Literal["none", "up", "down", "few", "other_people", "untested"]
AgreementWord = Literal[
    "", "very strong", "strong", "moderate", "weak", "lacking", "agree", "opinions differ"
]
Stability = Literal["", "firm", "likely", "contender"]
Suggestion = Literal["develop", "sustain", "scale_down", "outsource", "automate", "leave"]
LeaderFlag = Literal["in_line", "higher", "lower"]
PriorityGroup = Literal["", "no_clear_order", "clearly_lower"]
LeaderStory = Literal[
    "",
    "shared_strength",
    "shared_gap",
    "blind_spot",
    "hidden_strength",
    "leader_higher",
    "leader_lower",
    "no_clear_difference",
]

MIN_PARTS_FOR_TENTHS = 6  # capabilities of a composite that keeps one decimal below ten answers
MIN_WEIGHT_SHARE = 2 / 3 - 1e-12  # of a composite's weight must be shown (method 3)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree: a word, and numbers where the node may show more than a score."""

    word: AgreementWord
    rwg: float | None = None  # 0 to 1
    distance: float | None = None  # mean distance from the score, in points
    histogram: tuple[int, ...] = ()  # people on the levels 1 to 5
    is_split: bool = False  # the answers form two groups


@dataclass(frozen=True, slots=True)
class UnratedShares:
    """Shares, 0 to 1, of those who were asked and gave no rating: they count neither way. Of a composite
    the mean over the capabilities that show theirs."""

    not_seen: float
    not_applicable: float

    @property
    def total(self) -> float:
        return self.not_seen + self.not_applicable


@dataclass(frozen=True, slots=True)
class Change:
    """The change of a score since an earlier comparable cycle, in points."""

    verdict: Verdict
    before: float
    size: float
    low: float | None = None  # 95 % interval of the size
    high: float | None = None
    detectable: float | None = None  # a change that would have been found in 8 of 10 cases
    is_linked: bool = True  # whether anybody was recognised from the earlier cycle
    map_verdict: Verdict | None = None  # of values: in the family of all teams and values
    chance: float | None = None  # the part that regression to the mean explains

    @property
    def is_clear(self) -> bool:
        return self.verdict in ("up", "down")

    @property
    def size_interval(self) -> tuple[float | None, float | None]:
        """The interval of the absolute size: negated and swapped where the number went down."""
        if self.verdict != "down" or self.low is None or self.high is None:
            return self.low, self.high
        return -self.high, -self.low


@dataclass(frozen=True, slots=True)
class Priority:
    """How much a capability should come first, the suggestion for it, and how sure both are."""

    value: int | None  # 0 to 100; None where published cells were made coarse afterwards
    suggestion: Suggestion
    is_clear: bool  # neither interval crosses its dividing line
    importance_line: float  # the mean importance of what is ranked
    rank: int | None = None  # 1 to 5; equal ones share it
    group: PriorityGroup = ""  # of all others
    stability: Stability = ""  # how surely it is among the first five


@dataclass(frozen=True, slots=True)
class LeaderRating:
    """What a named lead rated, or all leads who are not named together. Never averaged into the team's."""

    level: float
    gap: float | None = None  # leader less team, in points
    flag: LeaderFlag = "in_line"  # a level apart or more, and more than chance
    story: LeaderStory = ""
    n: int | None = None  # leads together; None for one who is named

    @property
    def is_together(self) -> bool:
        return self.n is not None


@dataclass(frozen=True, slots=True)
class NonResponse:
    """How far those who did not answer could move a score."""

    share: int  # of those invited, whole per cent
    half_level: float  # points that the score would lose, had they rated half a level lower
    extremes: tuple[float, float]  # the score, had all of them given 1 or all of them 5


@dataclass(frozen=True, slots=True)
class CellDetail:
    """What is published of a cell besides its numbers; a part that is not shown has its default."""

    agreement: Agreement | None = None
    unrated: UnratedShares | None = None
    change: Change | None = None  # since the cycle before
    year_change: Change | None = None  # since the cycle about a year before, where it is another
    if_all: tuple[float, float] | None = None  # the interval, had everyone answered
    priority: Priority | None = None
    leader: LeaderRating | None = None  # who is named
    leaders: LeaderRating | None = None  # who are not, together
    non_response: NonResponse | None = None
    not_covered: int = 0  # people in shown teams from which nobody answered
    headcount_missing: bool = False  # in a team of the node

    @property
    def leader_rating(self) -> LeaderRating | None:
        """What is compared with the team: the named lead's rating before that of all others."""
        return self.leader or self.leaders


NO_DETAIL = CellDetail()


@dataclass(frozen=True, slots=True)
class Cell:
    """A score of one node on one subject, or the reason why it is not shown.

    Scores, limits and needs are on the scale 1 to 5 and gaps in its points, with one decimal, or in half
    levels where `coarse`; fit is a whole per cent. None: not shown or not known.
    """

    node: str
    subject_type: SubjectType
    subject: str  # slug; empty for overall; of a stage as in `stage_subject`
    kind: Kind
    suppressed: Suppressed | None = None
    score: float | None = None  # in a coarse cell the best estimate where there is one
    estimate: float | None = None  # the best estimate of a small team
    low: float | None = None  # of the likely range where there is an estimate, else of the interval
    high: float | None = None
    coarse: bool = (
        False  # fewer than ten rated: in half levels, and so is all that is derived from it
    )
    is_estimated: bool = False  # whether low and high are a likely range
    everyone: bool = False  # all invited have answered
    n: int | None = None  # people who rated
    invited: int | None = None
    level: int | None = None
    state: State | None = None
    held_by: str = ""
    need: float | None = None
    need_source: Literal["importance", "target"] | None = None
    gap: float | None = None  # level - need
    fits: bool | None = None
    fit: int | None = None
    fit_low: int | None = None
    fit_high: int | None = None
    based_on: int = 0  # capabilities that a composite rests on
    asked_capabilities: int = 0
    detail: CellDetail = NO_DETAIL


def stage_subject(value: str, stage: str) -> str:
    """Return the subject of a value's capabilities at one stage of the customer."""
    return f"{value}/{stage}"
