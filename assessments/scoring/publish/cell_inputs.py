"""Everything that the cells of a cycle are made of, side by side, before any of it is put in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assessments.scoring.agreement import Agreement, agreement, composite_rwg
from assessments.scoring.cell import Kind
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
    """The cycle before, to compare with."""

    survey: Survey
    same: Mapping[str, str]  # node now -> the same team's node then
    unchanged: Collection[str]  # capabilities whose levels read as they did


@dataclass(frozen=True, eq=False)
class PrintedChange:
    """What changed, as it may be printed."""

    change: ChangeTest
    before: PrintedScores
    apart: PrintedDifference
    seen: Floats  # the least change that could have been seen; NaN where no test can tell
    chance: Floats  # (nodes, capabilities): how much of it chance alone lets expect


@dataclass(frozen=True, eq=False)
class CellInputs:
    """Columns are capabilities, then values, then the whole."""

    scores: CycleScores
    earlier: EarlierCycle | None = None

    @cached_property
    def survey(self) -> Survey:
        return self.scores.survey

    @cached_property
    def names(self) -> list[str]:
        return self.survey.subjects

    @cached_property
    def count(self) -> int:
        return len(self.survey.capabilities)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        return tuple(self.names[: self.count])

    @cached_property
    def faces(self) -> dict[Kind, PrintedScores]:
        return {
            "performance": _face(self.scores.performance.published()),
            "importance": _face(self.scores.importance.published()),
        }

    def single(self, kind: Kind) -> PrintedScores:
        """The capabilities alone."""
        whole, cut = self.faces[kind], slice(0, self.count)
        return PrintedScores(
            whole.score[:, cut], whole.bound[:, cut], whole.low[:, cut], whole.high[:, cut]
        )

    @cached_property
    def levels(self) -> Levels:
        return self.scores.performance.published().levels(self.survey)

    @cached_property
    def fit(self) -> Fit:
        return fit(self.scores, self.single("performance"), self.single("importance"))

    @cached_property
    def targets(self) -> Floats:
        return np.where(self.fit.from_target, self.fit.need, np.nan)

    @cached_property
    def agreement(self) -> dict[str, Agreement]:
        return {kind: agreement(scored.blocks) for kind, scored in self.scores.kinds.items()}

    @cached_property
    def detailed(self) -> dict[str, Bools]:
        """Where more than a score, its interval and a word may be shown; columns as everywhere. Of
        a composite only if it is so of all its parts, else they would tell the one left out."""
        return {
            kind: np.hstack(
                [scored.blocks.detailed, scored.composites.of_all(scored.blocks.detailed)]
            )
            for kind, scored in self.scores.kinds.items()
        }

    @cached_property
    def rwg(self) -> dict[str, Floats]:
        """As printed; columns as everywhere."""
        return {
            kind: round_hundredth(np.hstack([found.rwg, composite_rwg(scored.composites, found)]))
            for (kind, scored), found in zip(
                self.scores.kinds.items(), self.agreement.values(), strict=True
            )
        }

    @cached_property
    def ranking(self) -> Ranking:
        faces = self.single("performance"), self.single("importance")
        return ranking(*faces, self.targets, self.capabilities)

    @cached_property
    def firmness(self) -> Floats:
        return firmness(self.scores, self.ranking.rank > 0, self.targets)

    @cached_property
    def leaders(self) -> LeaderRatings:
        return leader_ratings(self.survey)

    @cached_property
    def beside(self) -> dict[str, tuple[PrintedScores, PrintedDifference]]:
        """What leads by name say, and how far from the team."""
        faces = {kind: unguarded_scores(getattr(self.leaders, kind)) for kind in self.faces}
        return {
            kind: (faces[kind], printed_difference(faces[kind], self.single(kind)))
            for kind in self.faces
        }

    @cached_property
    def distance(self) -> dict[str, Floats]:
        """AD as printed."""
        return {kind: round_tenth(found.distance) for kind, found in self.agreement.items()}

    @cached_property
    def flags(self) -> Ints:
        return leader_flags(self.leaders, self.scores.performance)

    @cached_property
    def change(self) -> ChangeTest | None:
        if self.earlier is None:
            return None
        then = score_survey(guard_unanimity(self.earlier.survey))
        return compare(then, self.scores, self.earlier.same, self.earlier.unchanged)

    @cached_property
    def moved(self) -> PrintedChange | None:
        if self.change is None:
            return None
        before, after = _wave(self.change, "before"), _wave(self.change, "after")
        seen = np.where(self.change.mdc > 0, np.maximum(round_tenth(self.change.mdc), 0.1), 0)
        seen = np.where(np.isnan(self.change.p), np.nan, seen)
        drift = self.change.drift
        chance = np.sign(drift) * round_tenth(np.abs(drift))
        return PrintedChange(self.change, before, printed_difference(after, before), seen, chance)


def _face(scored: KindScores) -> PrintedScores:
    return printed_scores(scored.score, scored.low, scored.high, scored.n)


def _wave(change: ChangeTest, name: str) -> PrintedScores:
    score = getattr(change.both, name)
    n = np.nan_to_num(getattr(change.both, f"n_{name}")).astype(np.int64)
    return printed_scores(score, score, score, n)
