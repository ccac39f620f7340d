"""How a level fits what is needed once more, from docs/method.md alone."""

from __future__ import annotations

from collections.abc import Mapping

from tests.assessments.scoring.reference_cells import Cells, Influences, Pulls
from tests.assessments.scoring.reference_estimates import Estimates, bounded
from tests.assessments.scoring.reference_numbers import Json, freedom_of, half, rounded


def fit(cells: Cells, estimates: Mapping[str, Estimates], node: str) -> Json:
    found = {}
    for name in cells.names:
        level, need = needed(cells, node, name)
        if level is not None and need is not None:
            gap = rounded(level["score"]) - need
            found[name] = {"need": need, "gap": gap} | _apart(cells, estimates, node, name, gap)
    return found


def needed(cells: Cells, node: str, name: str) -> tuple[Json | None, float | None]:
    """The level, unless it is bounded, and what is needed, unless that is."""
    level, target = cells.capability("performance", name, node), cells.target_set(node, name)
    if level is None or bounded(level):
        return None, None
    if target is not None:
        return level, target
    weighed = cells.capability("importance", name, node)
    return level, None if weighed is None or bounded(weighed) else rounded(weighed["score"])


def _apart(
    cells: Cells, estimates: Mapping[str, Estimates], node: str, name: str, gap: float
) -> Json:
    target = cells.target_set(node, name)
    level = estimates["performance"].of.get((node, name))
    weighed = estimates["importance"].of.get((node, name))
    need = weighed if target is None else (target, 0.0)
    if level is not None and need is not None:
        width = estimates["performance"].half_width(level[1] + need[1])
        return {"half_width": width, "fits": abs(level[0] - need[0]) < width}
    mine, at_root = (_influences(cells, v, name) for v in (node, cells.root))
    noise = [(v, df) for v, _, df in cells.spread("performance", mine, at_root)]
    width = half(sum(v for v, _ in noise) ** 0.5, freedom_of(noise))
    return {"half_width": width, "fits": abs(gap) < width or abs(gap) < 1e-9}


def _influences(cells: Cells, node: str, name: str) -> Influences:
    """Of performance less importance; of performance alone where a target is set."""
    pulls: Pulls = cells.pulls("performance", node, {name: 1.0})
    if cells.target_set(node, name) is None:
        for i, parts in cells.pulls("importance", node, {name: 1.0}).items():
            pulls.setdefault(i, []).extend((-part, pull) for part, pull in parts)
    return cells.stratified("performance", pulls)
