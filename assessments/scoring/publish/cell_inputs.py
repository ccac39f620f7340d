"""The inputs of published cells: raw and printed numbers of a cycle, computed once and lazily, before
any of it is put in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assessments.scoring.agreement import RaterAgreement, agreement, composite_rwg
from assessments.scoring.cell import KINDS, Kind
from assessments.scoring.change import ChangeTest, compare
from assessments.scoring.cycle_scores import CycleScores, KindScores, score_survey
from assessments.scoring.fit import Fit, fit
from assessments.scoring.leaders import LeaderRatings, leader_flags, leader_ratings
from assessments.scoring.levels import Levels
from assessments.scoring.priorities import Ranking, ranking
from assessments.scoring.rank_stability import firmness
from assessments.scoring.rounding import (
    PrintedDifference,
    PrintedScores,
    printed_difference,
    printed_scores,
    round_hundredth,
    round_tenth,
    unguarded_scores,
)
from assessments.scoring.survey import Bools, Floats, Ints, Survey
from assessments.scoring.unanimity_guard import guard_unanimity


@dataclass(frozen=True, eq=False)
class EarlierCycle:
    """The cycle before, to compare with, and what of it is comparable."""

    survey: Survey
    same: Mapping[str, str]  # later node -> the same team's earlier node
    unchanged: Collection[str]  # capabilities whose levels are worded as in the earlier cycle


@dataclass(frozen=True, eq=False)
class PrintedChange:
    """Changes as they may be printed, in points with one decimal: (nodes, subjects)."""

    change: ChangeTest
    before: PrintedScores
    difference: PrintedDifference
    detectable: Floats  # the least change that could have been seen; NaN where no test can tell
    chance: Floats  # (nodes, capabilities): how much of it is expected by chance alone


@dataclass(frozen=True, eq=False)
class CellInputs:
    """Everything that cells are built from. Columns are capabilities, then values, then the whole; fit,
    ranking, leaders, `targets` and `distance` have capabilities only, unless their classes say more."""

    scores: CycleScores
    earlier: EarlierCycle | None = None

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
    def printed(self) -> dict[Kind, PrintedScores]:
        """Scores and limits as printed, by kind."""
        return {
            "performance": _print_scores(self.scores.performance.published()),
            "importance": _print_scores(self.scores.importance.published()),
        }

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

    def printed_capabilities(self, kind: Kind) -> PrintedScores:
        """Return the printed scores of the capabilities alone."""
        printed, capabilities = self.printed[kind], slice(0, self.count)
        return PrintedScores(
            printed.score[:, capabilities],
            printed.bound[:, capabilities],
            printed.low[:, capabilities],
            printed.high[:, capabilities],
        )

    @cached_property
    def levels(self) -> Levels:
        return self.scores.performance.published().levels(self.survey)

    @cached_property
    def fit(self) -> Fit:
        level, importance = map(self.printed_capabilities, KINDS)
        return fit(self.scores, level, importance)

    @cached_property
    def targets(self) -> Floats:
        """(nodes, capabilities): the target that holds at a node, NaN without."""
        return np.where(self.fit.from_target, self.fit.need, np.nan)

    @cached_property
    def agreement(self) -> dict[str, RaterAgreement]:
        return {kind: agreement(scored.blocks) for kind, scored in self.scores.kinds.items()}

    @cached_property
    def detailed(self) -> dict[str, Bools]:
        """By kind, (nodes, subjects): where more than a score, its interval and a word may be shown. For
        a composite only where this holds of all its parts, else they would tell the one left out."""
        return {
            kind: np.hstack(
                [scored.blocks.detailed, scored.composites.of_all(scored.blocks.detailed)]
            )
            for kind, scored in self.scores.kinds.items()
        }

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
        level, importance = map(self.printed_capabilities, KINDS)
        return ranking(level, importance, self.targets, self.capabilities)

    @cached_property
    def stability(self) -> Floats:
        """(nodes, capabilities): share of resamples in which it is among the first five."""
        return firmness(self.scores, self.ranking.rank > 0, self.targets)

    @cached_property
    def leaders(self) -> LeaderRatings:
        return leader_ratings(self.survey)

    @cached_property
    def leader_differences(self) -> dict[str, tuple[PrintedScores, PrintedDifference]]:
        """Ratings of named leads as printed, and their differences from the team, by kind."""
        printed = {kind: unguarded_scores(getattr(self.leaders, kind)) for kind in KINDS}
        return {
            kind: (
                printed[kind],
                printed_difference(printed[kind], self.printed_capabilities(kind)),
            )
            for kind in KINDS
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
    def change(self) -> ChangeTest | None:
        if self.earlier is None:
            return None
        earlier_scores = score_survey(guard_unanimity(self.earlier.survey))
        return compare(earlier_scores, self.scores, self.earlier.same, self.earlier.unchanged)

    @cached_property
    def printed_change(self) -> PrintedChange | None:
        """The changes as printed; None without an earlier cycle."""
        if self.change is None:
            return None
        before, after = _print_wave(self.change, "before"), _print_wave(self.change, "after")
        mdc = np.where(self.change.mdc > 0, np.maximum(round_tenth(self.change.mdc), 0.1), 0)
        mdc = np.where(np.isnan(self.change.p), np.nan, mdc)
        drift = self.change.drift
        chance = np.sign(drift) * round_tenth(np.abs(drift))
        return PrintedChange(self.change, before, printed_difference(after, before), mdc, chance)


def _print_scores(scored: KindScores) -> PrintedScores:
    return printed_scores(scored.score, scored.low, scored.high, scored.n)


def _print_wave(change: ChangeTest, name: str) -> PrintedScores:
    """Print the scores of one of the compared cycles, "before" or "after"."""
    score = getattr(change.both, name)
    n = np.nan_to_num(getattr(change.both, f"n_{name}")).astype(np.int64)
    return printed_scores(score, score, score, n)
