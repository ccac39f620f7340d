"""Whether someone who knows that exactly one person joined or left a small team between two cycles finds
out what that person rated. The figures stand in docs/privacy.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assessments.scoring.cell import KINDS
from assessments.scoring.publish.cell_inputs import CellInputs
from assessments.scoring.survey import Floats
from tests.assessments.scoring.attacks import (
    by_distributions,
    by_half_levels,
    prior,
)
from tests.assessments.scoring.learned_attacks import Success, attack
from tests.assessments.scoring.newcomers import (
    TEAM,
    Plan,
    Scene,
    make_scene,
    publish_with,
)

PRIVACY = Path(__file__).resolve().parents[3] / "docs" / "privacy.md"
BOUND = 0.06  # above chance, of single ratings guessed right
FEW, MANY = 6, 80  # scenes
STEADY, MOVING = 0.0, 0.2  # share of single answers of all others that move by a level
ROWS = {
    "5, one joins": Plan(others=5),
    "6, one joins": Plan(others=6),
    "8, one joins": Plan(others=8),
    "5, one joins, a fifth moves": Plan(others=5, moved=MOVING),
    "6, one joins, a fifth moves": Plan(others=6, moved=MOVING),
    "8, one joins, a fifth moves": Plan(others=8, moved=MOVING),
    "5, one leaves, a fifth moves": Plan(others=5, moved=MOVING, leaves=True),
    "5, one joins, a fifth moves, five cycles": Plan(others=5, moved=MOVING, before=2, after=3),
}


@cache
def few_scenes(moved: float) -> tuple[Scene, ...]:
    return tuple(make_scene(Plan(moved=moved), seed) for seed in range(FEW))


def above_chance(guess: Callable[[Scene], Floats], scenes: tuple[Scene, ...]) -> float:
    """Return how many more ratings are guessed right than by the organization's most frequent level."""
    right = [(guess(scene).argmax(axis=-1) + 1 == scene.ratings).mean() for scene in scenes]
    frequent = [
        np.mean(
            np.array([prior(scene.published[0], kind).argmax(axis=1) + 1 for kind in KINDS])
            == scene.ratings
        )
        for scene in scenes
    ]
    return float(np.mean(right) - np.mean(frequent))


def test_all_others_move_as_planned_and_the_person_does_not() -> None:
    """Else the attack would look at another world than it says."""
    steady, moving = few_scenes(STEADY)[0], few_scenes(MOVING)[0]
    assert steady.stayed == (1.0,)
    assert moving.stayed[0] == pytest.approx(1 - MOVING, abs=0.02)
    assert (steady.ratings == moving.ratings).all()
    assert [one.cell(TEAM, "performance", "").n for one in steady.published] == [5, 6]


# --- What gives single ratings away -----------------------------------------------------------

BY_FIELD: dict[str, Callable[[Scene], Floats]] = {
    "distributions of larger groups": by_distributions,
    "half levels": by_half_levels,
}


@pytest.mark.parametrize("moved", [STEADY, MOVING])
@pytest.mark.parametrize("field", BY_FIELD)
def test_no_field_gives_single_ratings_away(field: str, moved: float) -> None:
    """Even where all others repeat theirs. What composites tell takes more scenes to see: at night."""
    assert above_chance(BY_FIELD[field], few_scenes(moved)) <= BOUND


def test_the_attackers_find_what_was_published_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Distributions in every cycle give everything away: else the tests above would prove nothing."""
    monkeypatch.setattr(CellInputs, "last_match", None)
    assert above_chance(by_distributions, (make_scene(Plan(), 0),)) > 0.4


def test_what_is_published_of_a_team_of_six_leaves_the_sixth_rating_open() -> None:
    """Five people gave 3, 3, 3, 3 and 4: at least three ratings of the sixth look the same."""
    told = set()
    for rating in range(1, 6):
        cell = publish_with(rating, [3, 3, 3, 3, 4]).cell(TEAM, "performance", "C00")
        told.add((cell.score, cell.low, cell.high, cell.need, cell.gap, cell.detail.if_all))
    assert len(told) == 2


# --- Everything that is published, with the figures of docs/privacy.md ------------------------


@cache
def measured(row: str) -> Success:
    return attack([make_scene(ROWS[row], seed) for seed in range(MANY)])


def promised() -> dict[str, tuple[float, float, float]]:
    """Return chance, share of single ratings and R2 of the overall tone by row of the table."""
    found = re.findall(
        r"^ *\| ([^|]+?) \| (\d+) % \| (\d+) % \| (0\.\d+) \|$", PRIVACY.read_text(), re.MULTILINE
    )
    return {
        row: (int(chance) / 100, int(right) / 100, float(r2)) for row, chance, right, r2 in found
    }


def test_the_page_has_a_figure_for_every_plan() -> None:
    assert set(promised()) == set(ROWS)


@pytest.mark.nightly
@pytest.mark.parametrize("row", ROWS)
def test_the_figures_of_the_page_are_measured(row: str) -> None:
    chance, right, r2 = promised()[row]
    found = measured(row)
    print(row, found)  # noqa: T201 - the figures for the page
    assert found.chance == pytest.approx(chance, abs=0.01 + found.error)
    assert found.best == pytest.approx(right, abs=0.01 + 2 * found.error)
    assert found.tone == pytest.approx(r2, abs=0.05)


@pytest.mark.nightly
@pytest.mark.parametrize("row", [row for row, plan in ROWS.items() if plan.moved])
def test_single_ratings_stay_near_chance(row: str) -> None:
    found = measured(row)
    assert found.best <= found.chance + BOUND
