"""Made-up organizations whose truth is known, for counting how often the method is right about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.survey import (
    Bools,
    Codes,
    Floats,
    Ints,
    Survey,
    SurveyCapability,
    SurveyDimension,
    SurveyNode,
)

ROOT, RESPONSE = "root", 0.75
VALUES, CAPABILITIES = 6, 36
WITHIN, TONE = 0.9, 0.45  # SD of a rating inside a team; of it, what a person adds to every rating
SMALLEST, LARGEST = 5, 12  # people in a team
CUTS = np.arange(1.5, 5)  # where an opinion rounds to the next rating


@dataclass(frozen=True, eq=False)
class World:
    """Everyone's ratings, whether they give them or not; teams side by side under a root."""

    teams: Ints  # of each person
    opinions: Codes  # (people, capabilities)
    expected: Floats  # (teams, capabilities): mean rating of all from whom members are drawn
    spread: Floats  # the variance of the same

    @property
    def heads(self) -> Ints:
        """(teams,): people in each."""
        return np.bincount(self.teams, minlength=len(self.expected))

    def truth(self) -> Floats:
        """Return what would come out if everyone answered: (teams, capabilities)."""
        count = len(self.expected)
        return np.array([self.opinions[self.teams == team].mean(axis=0) for team in range(count)])

    def survey(self, answered: Ints, people: Ints | None = None) -> Survey:
        """Return the survey of those who answered; `people` says who they are in another cycle too."""
        return survey_of(self.teams, self.opinions, answered, people)


def survey_of(teams: Ints, opinions: Codes, answered: Ints, people: Ints | None = None) -> Survey:
    """Return the survey of those who answered. Its values have equally many capabilities; fewer
    than twelve capabilities are one value."""
    codes, heads = opinions[answered], np.bincount(teams)
    width, names = codes.shape[1], [f"t{team:03}" for team in range(len(heads))]
    values = VALUES if width >= 2 * VALUES else 1
    nobody = np.zeros(len(answered), dtype=bool)
    return Survey(
        nodes=(
            SurveyNode(ROOT, None, 0),
            *(SurveyNode(name, ROOT, int(n)) for name, n in zip(names, heads, strict=True)),
        ),
        dimensions=tuple(SurveyDimension(f"V{value}") for value in range(values)),
        capabilities=tuple(
            SurveyCapability(f"c{at:02}", f"V{at * values // width}") for at in range(width)
        ),
        node_of=tuple(names[team] for team in teams[answered]),
        performance=codes,
        importance=codes,
        is_lead=nobody,
        named=nobody,
        persons=() if people is None else tuple(str(one).encode() for one in people[answered]),
    )


def on_the_scale(values: Floats) -> Codes:
    """Round opinions to ratings."""
    return np.clip(np.rint(values), 1, 5).astype(np.int8)


def rating_moments(centre: Floats, deviation: Floats | float) -> tuple[Floats, Floats]:
    """Return the mean rating, and the mean of its square, of opinions that are normal."""
    scaled = (CUTS - centre[..., None]) / np.asarray(deviation)[..., None]
    above = stats.norm.sf(scaled)  # the chance of more than 1, 2, 3, 4
    return 1 + above.sum(axis=-1), 1 + above @ np.array([3.0, 5.0, 7.0, 9.0])


def camps_world(
    chance: np.random.Generator, teams: int, size: int, width: int, *, split: float
) -> World:
    """Make teams of one size and of different spread; some capabilities of some are seen in two camps."""
    team = np.repeat(np.arange(teams), size)
    centre = chance.normal(3, 0.6, width) + chance.normal(0, 0.35, (teams, width))
    spread = chance.uniform(0.5, 1.1, (teams, width))
    person = chance.normal(0, 0.4, (len(team), 1))
    camps = np.where(chance.random((teams, width)) < split, 1.4, 0)
    side = np.where(chance.random((len(team), width)) < 0.5, -1, 1) * camps[team]
    noise = chance.normal(0, 1, (len(team), width)) * spread[team]
    deviation = np.sqrt(spread**2 + 0.4**2)
    low, high = (rating_moments(centre + sign * camps, deviation) for sign in (-1, 1))
    mean = (low[0] + high[0]) / 2
    variance = (low[1] + high[1]) / 2 - mean**2
    return World(team, on_the_scale(centre[team] + person + noise + side), mean, variance)


def typical_centres(chance: np.random.Generator, teams: int, icc: float) -> Floats:
    """Draw the mean opinions of teams (teams, capabilities). `icc`: the share of a rating's variance that
    lies between teams; half of it concerns all capabilities of a team alike."""
    between = np.sqrt(icc / (1 - icc) * WITHIN**2 / 2)
    return np.asarray(
        chance.normal(3, 0.5, CAPABILITIES)
        + chance.normal(0, between, (teams, 1))
        + chance.normal(0, between, (teams, CAPABILITIES))
    )


def typical_teams(chance: np.random.Generator, teams: int) -> Ints:
    """Return the team of each person in teams of 5 to 12."""
    return np.repeat(np.arange(teams), chance.integers(SMALLEST, LARGEST + 1, teams))


def typical_world(
    chance: np.random.Generator, teams: int, icc: float, *, leniency: float = 0
) -> World:
    """Make teams of 5 to 12 people. `leniency`: SD of what a team adds to all ratings without being better."""
    team = typical_teams(chance, teams)
    centre = typical_centres(chance, teams, icc)
    lenient = centre + chance.normal(0, leniency, (teams, 1))
    person = chance.normal(0, TONE, (len(team), 1))
    noise = chance.normal(0, np.sqrt(WITHIN**2 - TONE**2), (len(team), CAPABILITIES))
    mean, square = rating_moments(centre, WITHIN)
    opinions = on_the_scale(lenient[team] + person + noise)
    return World(team, opinions, mean, square - mean**2)


def responding(chance: np.random.Generator, teams: Ints, each: int) -> Ints:
    """Return exactly so many people of every team."""
    kept = [chance.permutation(np.flatnonzero(teams == team))[:each] for team in np.unique(teams)]
    return np.sort(np.concatenate(kept))


def responding_by_chance(chance: np.random.Generator, probability: Floats) -> Ints:
    """Return who answers, each with a probability of their own (people,)."""
    answers: Bools = chance.random(probability.shape) < probability
    return np.flatnonzero(answers)
