"""Counts verdicts where not everyone answers: false ones when response rises and depends on the level, and
those about a true change of just the size that is called detectable (method 2.3 and 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.change import ChangeTest
from assessments.scoring.cycle_scores import CycleScores, score_survey
from assessments.scoring.survey import Codes, Floats, Ints
from tests.assessments.scoring.simulated_change import OF_VALUE, compared, flags, flags_of_groups
from tests.assessments.scoring.simulated_organizations import (
    CAPABILITIES,
    LARGEST,
    RESPONSE,
    SMALLEST,
    TONE,
    WITHIN,
    on_the_scale,
    rating_moments,
    responding_by_chance,
    survey_of,
    typical_centres,
    typical_teams,
)

LASTING = np.sqrt((WITHIN**2 - TONE**2) / 2)  # SD of the half of an opinion's rest that lasts
LEANING = 0.6  # logits of answering for each SD of a person's tone
LOGITS = np.linspace(-6, 12, 361)
SHIFTS = np.linspace(0, 3, 61)  # of opinions, in points


@dataclass(frozen=True, eq=False)
class Organization:
    """Teams of 5 to 12 with opinions that stay the same, asked in two cycles."""

    teams: Ints  # of each person
    centre: Floats  # (teams, capabilities)
    tone: Floats  # (people,): in SD
    passing: Floats  # (2, people, capabilities): opinions of the moment
    lasting: Floats  # (people, capabilities): opinions that stay

    @classmethod
    def draw(cls, chance: np.random.Generator, people: int) -> Organization:
        """Draw about so many people, ICC .05 to .30."""
        count = round(2 * people / (SMALLEST + LARGEST))
        teams = typical_teams(chance, count)
        shape = (teams.size, CAPABILITIES)
        return cls(
            teams,
            typical_centres(chance, count, float(chance.uniform(0.05, 0.30))),
            chance.normal(0, 1, teams.size),
            chance.normal(0, LASTING, (2, *shape)),
            chance.normal(0, LASTING, shape),
        )

    def ratings(self, cycle: int, shift: Floats | float = 0.0) -> Codes:
        """Return everyone's ratings in cycle 0 or 1; `shift` (capabilities,) moves opinions."""
        opinions = self.centre[self.teams] + self.lasting + self.passing[cycle] + shift
        return on_the_scale(opinions + TONE * self.tone[:, None])

    def answering(self, chance: np.random.Generator, rate: float, leaning: float) -> Ints:
        """Draw who answers. On average it is `rate` of the people; who rates higher answers more often."""
        chances = 1 / (1 + np.exp(-(LOGITS[:, None] + leaning * self.tone)))
        at = np.interp(rate, chances.mean(axis=1), LOGITS)
        return responding_by_chance(chance, 1 / (1 + np.exp(-(at + leaning * self.tone))))

    def scored(self, ratings: Codes, answered: Ints, *, linked: bool = True) -> CycleScores:
        """Score the ratings of those who answered."""
        people = np.arange(self.teams.size) if linked else None
        return score_survey(survey_of(self.teams, ratings, answered, people))

    def shift_by(self, change: float, moved: Floats) -> Floats:
        """Return the shift of opinions (capabilities,) by which expected ratings of what is `moved` rise
        by `change` on average: ratings rise less than opinions, for the scale has ends."""
        heads = np.bincount(self.teams)
        centre = self.centre[:, moved > 0]
        means = [rating_moments(centre + shift, WITHIN)[0].mean(axis=1) for shift in SHIFTS]
        rise = np.array([np.average(mean - means[0], weights=heads) for mean in means])
        return np.asarray(moved * np.interp(change, rise, SHIFTS))


@dataclass(frozen=True)
class FalsePages:
    """Shares of root pages with a false flag of the whole, a value or a capability."""

    method: float
    groups: float  # if the same people did not have to agree


def false_pages(
    people: int,
    seed: int,
    *,
    pages: int,
    rates: tuple[float, float] = (0.6, 0.9),
    leaning: float = LEANING,
) -> FalsePages:
    """Count pages about two cycles between which nothing changed but who answers."""
    chance = np.random.default_rng(seed)
    flagged = []
    for _ in range(pages):
        there = Organization.draw(chance, people)
        change = compared(
            *(
                there.scored(there.ratings(cycle), there.answering(chance, rate, leaning))
                for cycle, rate in enumerate(rates)
            )
        )
        flagged.append((flags(change)[0].any(), flags_of_groups(change)[0].any()))
    method, groups = np.mean(flagged, axis=0)
    return FalsePages(float(method), float(groups))


@dataclass(frozen=True)
class Power:
    """Shares of true changes of the detectable size that are found at the root, and these sizes."""

    whole: float
    value: float
    capability: float
    sizes: tuple[float, float, float]  # middle ones, in points


def power_at_detectable(people: int, seed: int, *, pages: int, linked: bool) -> Power:
    """Count how often a change of just the detectable size is found, whole, value and capability each."""
    chance = np.random.default_rng(seed)
    rows = [_powers(chance, people, linked) for _ in range(pages)]
    sizes, found = (np.array([row[part] for row in rows]) for part in range(2))
    whole, value, capability = found.mean(axis=0).tolist()
    middle = np.median(sizes, axis=0).tolist()
    return Power(whole, value, capability, (middle[0], middle[1], middle[2]))


def _powers(
    chance: np.random.Generator, people: int, linked: bool
) -> tuple[list[float], list[bool]]:
    """Return what is detectable on a page without a change, and whether it is found on the same page
    with that change: of the whole, the first value, and the first capability."""
    there = Organization.draw(chance, people)
    first, second = (there.answering(chance, RESPONSE, 0) for _ in range(2))
    then = there.scored(there.ratings(0), first, linked=linked)

    def change_after(shift: Floats | float) -> ChangeTest:
        return compared(then, there.scored(there.ratings(1, shift), second, linked=linked))

    detectable = change_after(0.0).judged.detectable[0]
    everything = np.ones(CAPABILITIES)
    parts = {-1: everything, CAPABILITIES: OF_VALUE == 0, 0: np.arange(CAPABILITIES) == 0}
    sizes = [float(detectable[column]) for column in parts]
    found = [
        bool(flags(change_after(there.shift_by(size, moved.astype(float))))[0, column])
        for size, (column, moved) in zip(sizes, parts.items(), strict=True)
    ]
    return sizes, found
