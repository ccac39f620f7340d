"""The inputs of published cells: raw and printed numbers of a cycle, computed once and lazily, before
any of it is put in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from assessments.scoring.agreement import RaterAgreement, agreement, composite_rwg, is_split
from assessments.scoring.cell import KINDS, Kind
from assessments.scoring.change import ChangeTest, compare
from assessments.scoring.cycle_scores import CycleScores, KindScores, Limits, score_survey
from assessments.scoring.fit import Fit, fit
from assessments.scoring.leaders import LeaderRatings, leader_flags, leader_ratings
from assessments.scoring.levels import Levels, levels
from assessments.scoring.priorities import TOP_COUNT, Ranking, ranking
from assessments.scoring.publish.unrated import Shares, unrated_shares
from assessments.scoring.rank_stability import firmness
from assessments.scoring.rounding import (
    PrintedScores,
    difference,
    print_scores,
    print_values,
    round_half_level,
    round_hundredth,
    round_tenth,
)
from assessments.scoring.survey import Bools, Floats, Ints, Survey
from assessments.scoring.turnover import count_turnover
from assessments.scoring.unanimity_guard import guard_unanimity
from assessments.scoring.visibility import DETAIL_THRESHOLD
from assessments.scoring.wave_match import WaveMatch


@dataclass(frozen=True, eq=False)
class EarlierCycle:
    """An earlier cycle to compare with, and what of it is comparable."""

    survey: Survey
    same: Mapping[str, str]  # later node -> the same team's earlier node
    unchanged: Collection[str]  # capabilities whose levels are worded as in the earlier cycle


@dataclass(frozen=True, eq=False)
class PrintedChange:
    """Changes as they may be printed, in points with one decimal: (nodes, subjects); NaN where none is
    shown, and where no test can tell."""

    change: ChangeTest
    before: Floats
    size: Floats
    mdc: Floats  # half-width of the interval
    detectable: Floats
    chance: Floats  # (nodes, capabilities): how much of it is expected by chance alone


@dataclass(frozen=True, eq=False)
class CellInputs:
    """Everything that cells are built from. Columns are capabilities, then values, then the whole; fit,
    ranking, leaders, `targets` and `distance` have capabilities only, unless their classes say more."""

    scores: CycleScores
    earlier: EarlierCycle | None = None  # the cycle before
    year_before: EarlierCycle | None = None

    @cached_property
    def survey(self) -> Survey:
        return self.scores.survey

    @cached_property
    def names(self) -> list[str]:
        """The slug of each column, empty for the whole."""
        return self.survey.subjects

    @cached_property
    def count(self) -> int:
        """How many capabilities there are."""
        return len(self.survey.capabilities)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        return tuple(self.names[: self.count])

    @cached_property
    def published(self) -> dict[Kind, KindScores]:
        """Raw scores with the limits that may be printed, by kind."""
        return {
            "performance": self.scores.performance.published(),
            "importance": self.scores.importance.published(),
        }

    @cached_property
    def printed(self) -> dict[Kind, PrintedScores]:
        """Scores with likely ranges or intervals as printed, by kind."""
        return {
            kind: print_scores(
                scored.score, *_around_half_levels(scored.likely, scored), scored.coarse
            )
            for kind, scored in self.published.items()
        }

    @cached_property
    def estimates(self) -> dict[Kind, Floats]:
        """Best estimates as printed, by kind (nodes, subjects); NaN where none is."""
        return {
            kind: np.where(scored.coarse, np.nan, round_tenth(scored.estimates.mean))
            for kind, scored in self.published.items()
        }

    @cached_property
    def if_all(self) -> dict[Kind, Limits]:
        """Intervals as printed had everyone answered, by kind."""
        return {
            kind: Limits(
                *(
                    print_values(limit, scored.coarse)
                    for limit in _around_half_levels(scored.if_all, scored)
                )
            )
            for kind, scored in self.published.items()
        }

    @cached_property
    def basis(self) -> dict[Kind, Floats]:
        """What gaps, fit and needs are computed from, by kind (nodes, capabilities): the printed score."""
        return {kind: self.printed[kind].score[:, : self.count] for kind in KINDS}

    def _ranked(self, kind: Kind) -> PrintedScores:
        """Return what is ranked (nodes, capabilities): estimates where there are any."""
        printed, capabilities = self.printed[kind], slice(0, self.count)
        estimate = self.estimates[kind][:, capabilities]
        return PrintedScores(
            np.where(np.isnan(estimate), self.basis[kind], estimate),
            printed.low[:, capabilities],
            printed.high[:, capabilities],
        )

    @cached_property
    def parts(self) -> list[list[int]]:
        """The capabilities of each column: itself, those of a value, or all."""
        of_values = [
            [
                column
                for column, capability in enumerate(self.survey.capabilities)
                if capability.dimension == value.id
            ]
            for value in self.survey.dimensions
        ]
        columns = list(range(self.count))
        return [*([column] for column in columns), *of_values, columns]

    @cached_property
    def levels(self) -> Levels:
        """Levels of the raw scores; where coarse, of the half levels that are printed."""
        scored, printed = self.published["performance"], self.printed["performance"]
        score, low, high = (
            np.where(scored.coarse, coarse, raw)
            for coarse, raw in (
                (printed.score, scored.score),
                (printed.low, scored.likely.low),
                (printed.high, scored.likely.high),
            )
        )
        return levels(score, low, high, scored.capping_parts(self.survey), self.names)

    @cached_property
    def fit(self) -> Fit:
        return fit(self.scores, *(self.basis[kind] for kind in KINDS))

    @cached_property
    def targets(self) -> Floats:
        """(nodes, capabilities): the target that holds at a node, NaN without."""
        return np.where(self.fit.from_target, self.fit.need, np.nan)

    @cached_property
    def agreement(self) -> dict[str, RaterAgreement]:
        return {kind: agreement(scored.blocks) for kind, scored in self.scores.kinds.items()}

    @cached_property
    def is_split(self) -> dict[str, Bools]:
        """Where the answers of ten or more form two groups, by kind (nodes, capabilities)."""
        return {
            kind: is_split(agreed.histogram) & self.scores.kinds[kind].blocks.detailed
            for kind, agreed in self.agreement.items()
        }

    @cached_property
    def unrated(self) -> dict[Kind, list[Shares]]:
        """Who had not seen the work and to whom it does not apply; by kind, node and column."""
        return {
            kind: unrated_shares(
                self.scores.kinds[kind], self.detailed[kind][:, : self.count], self.parts
            )
            for kind in KINDS
        }

    @cached_property
    def detailed(self) -> dict[Kind, Bools]:
        """By kind, (nodes, subjects): where more than a score, its interval and words may be shown: of the
        whole organization, unless few people came or went since a cycle that it is compared with. For a
        composite only where this holds of all its parts, else they would tell the one left out."""
        return {kind: self._detailed(kind) for kind in KINDS}

    def _detailed(self, kind: Kind) -> Bools:
        scored = self.scores.kinds[kind]
        detailed = np.zeros_like(scored.blocks.detailed)
        detailed[0] = scored.blocks.detailed[0]
        for match in filter(None, (self.last_match, self.year_match)):
            few = count_turnover(match, kind) < DETAIL_THRESHOLD
            detailed[0] &= ~(few & (match.earlier_node[0] >= 0))
        return np.hstack([detailed, scored.composites.of_all(detailed)])

    @cached_property
    def rwg(self) -> dict[str, Floats]:
        """r_wg with two decimals, as printed; by kind, (nodes, subjects)."""
        return {
            kind: round_hundredth(
                np.hstack([kind_agreement.rwg, composite_rwg(scored.composites, kind_agreement)])
            )
            for (kind, scored), kind_agreement in zip(
                self.scores.kinds.items(), self.agreement.values(), strict=True
            )
        }

    @cached_property
    def ranking(self) -> Ranking:
        level, importance = map(self._ranked, KINDS)
        return ranking(level, importance, self.targets, self.capabilities)

    @cached_property
    def ranked(self) -> dict[Kind, Floats]:
        """The scores that priorities are ranked by; by kind, (nodes, capabilities)."""
        return {kind: self._ranked(kind).score for kind in KINDS}

    @cached_property
    def stability(self) -> Floats:
        """(nodes, capabilities): share of resamples in which it is among the first five."""
        return firmness(self.scores, self.ranking.rank > 0, self.targets)

    @cached_property
    def shows_stability(self) -> Bools:
        """(nodes, capabilities): where more than five are ranked and at least ten rated both kinds; with
        fewer it would tell how far they are apart."""
        enough = np.ones(self.ranking.rank.shape, dtype=bool)
        for scored in self.scores.kinds.values():
            enough &= scored.n[:, : self.count] >= DETAIL_THRESHOLD
        many: Bools = (self.ranking.rank > 0).sum(axis=1) > TOP_COUNT
        return enough & many[:, None]

    @cached_property
    def leaders(self) -> LeaderRatings:
        return leader_ratings(self.survey)

    @cached_property
    def leader_gaps(self) -> dict[Kind, tuple[Floats, Floats]]:
        """Ratings of named leads as printed, and how far they are from the team, by kind."""
        printed = {kind: round_tenth(getattr(self.leaders, kind)) for kind in KINDS}
        return {
            kind: (printed[kind], difference(printed[kind], self.basis[kind])) for kind in KINDS
        }

    @cached_property
    def distance(self) -> dict[str, Floats]:
        """AD in points, as printed; by kind, (nodes, capabilities)."""
        return {
            kind: round_tenth(kind_agreement.distance)
            for kind, kind_agreement in self.agreement.items()
        }

    @cached_property
    def flags(self) -> Ints:
        """(nodes, capabilities): 1 leader higher, -1 lower, 0 in line."""
        return leader_flags(self.leaders, self.scores.performance)

    @cached_property
    def last_match(self) -> WaveMatch | None:
        """What can be compared with the cycle before."""
        return self._match(self.earlier)

    @cached_property
    def year_match(self) -> WaveMatch | None:
        """What can be compared with the cycle about a year before."""
        return self._match(self.year_before)

    def _match(self, earlier: EarlierCycle | None) -> WaveMatch | None:
        if earlier is None:
            return None
        scores = score_survey(guard_unanimity(earlier.survey))
        return WaveMatch(scores, self.scores, earlier.same, earlier.unchanged)

    @cached_property
    def change(self) -> PrintedChange | None:
        """The change since the cycle before."""
        return self._change_since(self.last_match)

    @cached_property
    def year_change(self) -> PrintedChange | None:
        """The change since the cycle about a year before."""
        return self._change_since(self.year_match)

    def _change_since(self, match: WaveMatch | None) -> PrintedChange | None:
        return print_change(compare(match), self.published["performance"]) if match else None


def _around_half_levels(limits: Limits, scored: KindScores) -> Limits:
    """Return limits moved with the score to its half level, where coarse: rounded from the exact one, at
    other points than the score, they would tell it more finely."""
    step = np.where(scored.coarse, round_half_level(scored.score) - scored.score, 0)
    return Limits(*(np.clip(limit + step, 1, 5) for limit in limits))


def print_change(change: ChangeTest, later: KindScores) -> PrintedChange:
    """Round changes. Where fewer than ten rated in either cycle none is shown of what is printed in half
    levels."""
    both, tested = change.both, change.tested
    few_before = replace(later, n=np.nan_to_num(both.n_before).astype(np.int64)).coarse
    hidden = later.coarse | few_before
    before = np.where(hidden, np.nan, round_tenth(both.before))
    mdc, detectable = (
        np.where(values > 0, np.maximum(round_tenth(values), 0.1), 0)
        for values in (tested.mdc, change.judged.detectable)
    )
    unknown = np.isnan(tested.p)
    chance = np.sign(change.drift) * round_tenth(np.abs(change.drift))
    return PrintedChange(
        change=change,
        before=before,
        size=difference(round_tenth(both.after), before),
        mdc=np.where(unknown, np.nan, mdc),
        detectable=np.where(unknown | np.isnan(change.judged.detectable), np.nan, detectable),
        chance=chance,
    )
