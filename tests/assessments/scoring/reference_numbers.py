"""The arithmetic of the second implementation: the method's formulas, one number at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from scipy import stats

Json = dict[str, Any]
Parts = list[tuple[float, float, float]]
WORDS = ((0.91, "very strong"), (0.71, "strong"), (0.51, "moderate"), (0.31, "weak"))
ENOUGH = 2 / 3 - 1e-12


def rated(code: int | None) -> bool:
    return code is not None and code >= 1


def variance(values: Iterable[float]) -> float:
    told = list(values)
    middle = fmean(told) if told else 0.0
    away = sum((each - middle) ** 2 for each in told)
    return away / (len(told) - 1) if len(told) > 1 and away > 1e-14 else 0.0


def prior(cells: list[tuple[int, float]]) -> tuple[float | None, int]:
    freedom = freedom_in(cells)
    pooled = sum((n - 1) * s2 for n, s2 in cells) / freedom if freedom else None
    return pooled, 2 if freedom >= 20 and len(cells) >= 3 else 0


def freedom_in(cells: list[tuple[int, float]]) -> int:
    return sum(n - 1 for n, _ in cells)


def moderated(a: int, s2: float, spread: float | None, nu: int) -> float:
    return ((a - 1) * s2 + nu * (spread or 0)) / (a - 1 + nu)


def normalised(weights: Mapping[str, float], whole: float) -> dict[str, float] | None:
    held = sum(weights.values())
    if not held or held < ENOUGH * whole:
        return None
    return {name: weight / held for name, weight in weights.items()}


def freedom_of(parts: list[tuple[float, float]]) -> float | None:
    below = sum(v**2 / df for v, df in parts if df > 0)
    return sum(v for v, _ in parts) ** 2 / below if below > 1e-40 else None


def interval(score: float, parts: Parts, printed: Parts | None = None) -> Json:
    """`parts`: (variance for differences, share that answered, freedom) of each block; `printed`:
    the same as an interval is made of it, where that is another."""
    shown = [(v, df) for v, _, df in printed or parts]
    if_all = [(v * (1 - min(1, f)), df) for v, f, df in printed or parts]
    noise = [(v, df) for v, _, df in parts]
    found: Json = {}
    for name, mine in (("_shown", shown), ("", if_all), ("_noise", noise)):
        found[f"se{name}"] = math.sqrt(sum(v for v, _ in mine))
        found[f"df{name}"] = freedom_of(mine)
    return found | {
        "everyone": all(f >= 1 - 1e-12 for _, f, _ in parts),
        "ci": limits(score, half(found["se_shown"], found["df_shown"])),
        "ci_if_all": limits(score, half(found["se"], found["df"])),
    }


def half(se: float, df: float | None) -> float:
    return float(stats.t.ppf(0.975, df)) * se if df else 0.0


def limits(score: float, width: float) -> list[float]:
    return [max(1.0, score - width), min(5.0, score + width)]


def shrink(pairs: list[tuple[float, float]]) -> tuple[list[float], list[float], float]:
    """Means, variances and the mean share kept of (value, variance)."""
    grid = [step * 0.025 for step in range(49)]
    logs = [
        -0.5 * sum(math.log(tau**2 + v) + x * x / (tau**2 + v) for x, v in pairs) for tau in grid
    ]
    weights = [math.exp(log - max(logs)) for log in logs]
    weights = [weight / sum(weights) for weight in weights]
    means, variances, kept = [], [], []
    for x, v in pairs:
        shares = [tau**2 / (tau**2 + v) for tau in grid]
        middle = sum(w * g * x for w, g in zip(weights, shares, strict=True))
        second = sum(w * (g * v + (g * x) ** 2) for w, g in zip(weights, shares, strict=True))
        means.append(middle)
        variances.append(second - middle**2)
        kept.append(sum(w * g for w, g in zip(weights, shares, strict=True)))
    return means, variances, fmean(kept)


def rounded(score: float) -> float:
    return math.floor(10 * score + 0.5 + 1e-9) / 10


def level(score: float) -> int:
    return min(5, max(1, math.floor(rounded(score) + 0.5 + 1e-9)))


def levels(score: float, ci: list[float]) -> Json:
    reached = ci[0] >= level(score) - 0.5 - 1e-9
    return {
        "level": level(score),
        "state": "reached" if reached else "borderline",
        "index": 25 * (score - 1),
    }


def word(rwg: float, n: int) -> str:
    told = math.floor(100 * rwg + 0.5 + 1e-7) / 100
    if n < 10:
        return "opinions differ" if told < 0.51 else "agree"
    return next((name for least, name in WORDS if told >= least), "lacking")


def split(histogram: list[int]) -> bool:
    whole = sum(histogram)
    return 10 * sum(histogram[:2]) >= 3 * whole and 10 * sum(histogram[3:]) >= 3 * whole


def crosses(ci: list[float], line: float) -> bool:
    return ci[0] < line - 1e-9 and line + 1e-9 < ci[1]


def priority(importance: float, score: float, target: float) -> float:
    return 100 * (importance - 1) / 4 * max(0, target - score) / (target - 1) if target > 1 else 0


def order(value: float, importance: float, name: str) -> tuple[float, float, bytes]:
    return -round(value, 9), -round(importance, 9), name.encode()


def suggestion(matters: bool, strong: bool, flags: Json) -> str:
    market, routine = flags.get("market", False), flags.get("routine", False)
    if matters:
        alone = market and not flags.get("differentiating", True)
        return "sustain" if strong else "outsource" if alone else "develop"
    if routine:
        return "automate"
    return "scale down" if strong else "outsource" if market else "leave"


def flag(gap: float, team: Json) -> str:
    chance = stats.t.ppf(0.975, team["df_noise"]) * team["se_noise"] if team["df_noise"] else 0
    if abs(gap) < 1 - 1e-9 or abs(gap) <= chance:
        return "in line"
    return "leader higher" if gap > 0 else "leader lower"


def spearman(mine: Json, theirs: Json, kind: str, names: list[str]) -> float | None:
    if len(names) < 3:
        return None
    ranks = [
        stats.rankdata([round(side[kind][name], 9) for name in names]) for side in (mine, theirs)
    ]
    return pearson(list(ranks[0]), list(ranks[1]))


def pearson(one: list[float], other: list[float]) -> float | None:
    x, y = [v - fmean(one) for v in one], [v - fmean(other) for v in other]
    scale = math.sqrt(sum(v * v for v in x) * sum(v * v for v in y))
    return sum(a * b for a, b in zip(x, y, strict=True)) / scale if scale > 1e-12 else None
