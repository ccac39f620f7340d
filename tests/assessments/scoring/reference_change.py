"""Change between two cycles once more, from docs/method.md alone."""

from __future__ import annotations

import math
from statistics import mean

from scipy import stats

from tests.assessments.scoring.reference import Cycle
from tests.assessments.scoring.reference_numbers import Json, freedom_of, pearson, variance


def change(one: Cycle, two: Cycle) -> Json:
    """Of the nodes that are shown in both, on what is shown in both."""
    shown = [each.kinds["performance"]["strata"].visible for each in (one, two)]
    found = {}
    for node in sorted(shown[0] & shown[1]):
        both = [name for name in two.names if name in one.names and _seen(one, two, name, node)]
        if both:
            found[node] = _node(one, two, node, both)
    return found


def _seen(one: Cycle, two: Cycle, name: str, node: str) -> bool:
    return all(each.capability("performance", name, node) is not None for each in (one, two))


def _node(one: Cycle, two: Cycle, node: str, both: list[str]) -> Json:
    single = {name: _capability(one, two, node, name) for name in both}
    values = {v["id"]: _composite(one, two, node, v["id"], both) for v in two.values}
    shown = {name: each for name, each in values.items() if each}
    overall = _composite(one, two, node, "", both)
    for family in ([overall] if overall else [], list(shown.values()), list(single.values())):
        _judge(family)
    before = [each["before"] for each in single.values()]
    reliability = _reliability(one, node, both, before)
    for each in single.values():
        each["expected_drift"] = (1 - reliability) * (mean(before) - each["before"])
    return {
        "overall": overall,
        "value_types": shown,
        "capabilities": single,
        "reliability_of_ranking": reliability,
    }


def _reliability(one: Cycle, node: str, both: list[str], before: list[float]) -> float:
    if variance(before) <= 0:
        return 0.0
    noise = [(one.capability("performance", name, node) or {})["se_noise"] ** 2 for name in both]
    return float(min(1.0, max(0.0, 1 - mean(noise) / variance(before))))


def _capability(one: Cycle, two: Cycle, node: str, name: str) -> Json:
    sides = []
    for cycle in (one, two):
        told = cycle.capability("performance", name, node) or {}
        away = {
            cycle.people[i]["person"]: y - block["mean"]
            for block in cycle.below("performance", name, node).values()
            for i, y in block["ratings"].items()
        }
        sides.append((told["score"], told["se_noise"] ** 2, told["df_noise"], away))
    return _test(sides)


def _composite(one: Cycle, two: Cycle, node: str, value: str, both: list[str]) -> Json | None:
    shares = two.shares(node, value, set(both))
    if shares is None:
        return None
    of_root = {name for name in one.names if _seen(one, two, name, two.root)}
    sides = []
    for cycle in (one, two):
        parts = cycle.parts(node, shares, two.shares(two.root, value, of_root) or {})
        single = {name: cycle.capability("performance", name, node) or {} for name in shares}
        score = sum(share * single[name]["score"] for name, share in shares.items())
        standing = cycle.standing(node, shares)
        away = {cycle.people[i]["person"]: z for each in standing for i, z in each.items()}
        noise = [(v, df) for v, _, df in parts]
        sides.append((score, sum(v for v, _ in noise), freedom_of(noise), away))
    return _test(sides)


def _test(sides: list[tuple[float, float, float | None, Json]]) -> Json:
    (before, v1, df1, away1), (after, v2, df2, away2) = sides
    linked = sorted(set(away1) & set(away2))
    pairs = len(linked) if len(linked) >= 5 else 0
    rho = pearson([away1[p] for p in linked], [away2[p] for p in linked]) if pairs else None
    size = after - before
    found = {"before": before, "after": after, "change": size, "pairs": pairs, "rho": rho or 0.0}
    n = len(away1) + len(away2)
    shared = pairs / math.sqrt(len(away1) * len(away2))
    whole = v1 + v2 - 2 * (rho or 0.0) * shared * math.sqrt(v1 * v2)
    se = math.sqrt(whole) if whole >= 1e-12 * (v1 + v2) else 0.0
    df = None
    if df1 or df2:
        free = (v1 + v2) ** 2 / sum(v**2 / d for v, d in ((v1, df1), (v2, df2)) if d)
        df = pairs - 1 + (free - pairs + 1) / n * (n - 2 * pairs)
    if df is None or not se:
        return found | {"se": se, "df": df, "p": 1.0 if abs(size) < 1e-12 else None, "mdc": 0.0}
    p, mdc = 2 * float(stats.t.sf(abs(size) / se, df)), float(stats.t.ppf(0.975, df)) * se
    return found | {"se": se, "df": df, "p": p, "mdc": mdc}


def _judge(family: list[Json]) -> None:
    """Benjamini and Hochberg within the family, then the verdict."""
    known = sorted((each for each in family if each["p"] is not None), key=lambda each: each["p"])
    least = 1.0
    for rank in range(len(known), 0, -1):
        least = min(least, known[rank - 1]["p"] * len(known) / rank)
        known[rank - 1]["p_adjusted"] = least
    for each in family:
        adjusted = each.setdefault("p_adjusted", None)
        sure = adjusted is not None and adjusted <= 0.10 and abs(each["change"]) >= 0.2 - 1e-9
        moved = "up" if each["change"] > 0 else "down"
        each["verdict"] = moved if sure else "no clear change"
        if each["mdc"] > 1:
            each["verdict"] = "too few answers to tell"
