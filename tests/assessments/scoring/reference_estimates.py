"""The best estimate for small teams once more, from docs/method.md alone."""

from __future__ import annotations

import math
from statistics import fmean

from scipy import stats

from tests.assessments.scoring.reference_cells import Cells
from tests.assessments.scoring.reference_numbers import Json, limits, shrink

NONE = {"estimate": None, "estimate_se": None, "estimate_ci": None}


def bounded(cell: Json) -> bool:
    n, score = cell["n"], cell["score"]
    return n < 10 and not 1 + 1 / n + 1e-9 < score < 5 - 1 / n - 1e-9


class Estimates:
    """Of one kind of one cycle: `of` is empty where there are none."""

    def __init__(self, cells: Cells, kind: str) -> None:
        self.kind, self.cells = kind, cells
        self.s0: float | None = cells.kinds[kind]["s0"]
        self.of: dict[tuple[str, str], tuple[float, float]] = {}
        seen = {team: self.visible(team) for team in self.teams()}
        self.seen = {team: names for team, names in seen.items() if names}
        self.df = len(self.seen) - 1
        if cells.kinds[kind]["nu"] and self.s0 and len(self.seen) >= 5:
            self.shrink()

    def teams(self) -> list[str]:
        """Nodes that are visible for whole people, have no such node below and show a whole."""
        shown, cells = self.cells.kinds["performance"]["strata"].visible, self.cells
        lowest = [v for v in shown if not any(u != v and cells.inside(u, v) for u in shown)]
        return sorted(v for v in lowest if cells.shares(v, "", set(cells.names)))

    def visible(self, node: str) -> list[str]:
        cuts = self.cells.kinds[self.kind]["cuts"]
        return [name for name in self.cells.names if node in cuts[name].visible]

    def cell(self, name: str, node: str) -> Json:
        return self.cells.capability(self.kind, name, node) or {}

    def shrink(self) -> None:
        cells = [(team, name) for team, names in self.seen.items() for name in names]
        noise = {key: (self.s0 or 0) / self.cell(key[1], key[0])["n"] for key in cells}
        away = {
            (team, name): self.cell(name, team)["score"] - self.cell(name, self.cells.root)["score"]
            for team, name in cells
        }
        general, particular = [], []
        for team, names in self.seen.items():
            at = fmean(away[team, name] for name in names)
            least = fmean(noise[team, name] for name in names) / len(names)
            va = max(self.noise_of_mean(team, names), least)
            general.append((at, va))
            particular += [
                (away[team, name] - at, max(noise[team, name] - va, noise[team, name] / 4))
                for name in names
            ]
        shifts, variances, _ = shrink(general)
        self.shift = dict(zip(self.seen, zip(shifts, variances, strict=True), strict=True))
        shifts, variances, self.kept = shrink(particular)
        self.own = dict(zip(cells, zip(shifts, variances, strict=True), strict=True))
        self.of = {key: self.join(*key) for key in cells}

    def noise_of_mean(self, team: str, names: list[str]) -> float:
        at_root = self.visible(self.cells.root)
        plain, of_root = ({name: 1 / len(each) for name in each} for each in (names, at_root))
        return sum(v for v, _, _ in self.cells.parts(team, plain, of_root, self.kind))

    def join(self, team: str, name: str) -> tuple[float, float]:
        (shift, of_shift), (own, of_own) = self.shift[team], self.own[team, name]
        whole = self.cell(name, self.cells.root)
        estimate = min(5.0, max(1.0, whole["score"] + shift + own))
        lent = whole["se_shown"] ** 2 * (1 - self.kept) ** 2
        return estimate, of_shift + of_own + lent

    def told(self, estimate: float, variance: float) -> Json:
        se = math.sqrt(variance)
        ci = limits(estimate, self.half_width(variance))
        return {"estimate": estimate, "estimate_se": se, "estimate_ci": ci}

    def half_width(self, variance: float) -> float:
        return float(stats.t.ppf(0.975, self.df)) * math.sqrt(variance)

    def capability(self, name: str, node: str) -> Json:
        known = self.of.get((node, name))
        return NONE if known is None or bounded(self.cell(name, node)) else self.told(*known)

    def composite(self, node: str, shares: Json, of_root: Json) -> Json:
        """`of_root`: its shares at the root. Only from ten nodes on."""
        if not self.of or len(self.seen) < 10 or node not in self.seen:
            return NONE
        estimate = sum(share * self.of[node, name][0] for name, share in shares.items())
        own = sum(share**2 * self.own[node, name][1] for name, share in shares.items())
        at_root = self.cells.parts(self.cells.root, of_root, of_root)
        lent = sum(v for v, _, _ in at_root) * (1 - self.kept) ** 2
        return self.told(estimate, self.shift[node][1] + own + lent)
