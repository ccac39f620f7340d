"""Change between two cycles once more, from docs/method.md alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import fmean

from scipy import stats

from tests.assessments.scoring.reference import Cycle
from tests.assessments.scoring.reference_cells import standing
from tests.assessments.scoring.reference_numbers import Json, freedom_of, pearson, variance

FLOOR, VALUE_FLOOR = 0.2, 0.1


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
    _judge_all(two, node == two.root, [overall] if overall else [], shown, single)
    before = [each["before"] for each in single.values()]
    reliability = _reliability(one, node, both, before)
    for each in single.values():
        each["expected_drift"] = (1 - reliability) * (fmean(before) - each["before"])
    return {
        "overall": overall,
        "value_types": shown,
        "capabilities": single,
        "reliability_of_ranking": reliability,
    }


def _judge_all(
    two: Cycle, at_root: bool, overall: list[Json], values: Json, capabilities: Json
) -> None:
    """Below the root a capability is tested only where its value moved."""
    if at_root:
        _judge(overall, VALUE_FLOOR)
        _judge(list(values.values()), VALUE_FLOOR)
        _judge(list(capabilities.values()), FLOOR)
        return
    _judge([*overall, *values.values()], VALUE_FLOOR)
    for each in capabilities.values():
        each |= {"p_adjusted": None, "detectable": None, "verdict": None}
    value_of = {c["id"]: c["value_type"] for c in two.capabilities}
    for value, whole in values.items():
        if whole["verdict"] in ("up", "down"):
            _judge([one for name, one in capabilities.items() if value_of[name] == value], FLOOR)


def _reliability(one: Cycle, node: str, both: list[str], before: list[float]) -> float:
    if variance(before) <= 0:
        return 0.0
    noise = [(one.capability("performance", name, node) or {})["se_noise"] ** 2 for name in both]
    return float(min(1.0, max(0.0, 1 - fmean(noise) / variance(before))))


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
    return _test(sides) | {"matched": _matched(one, two, node, {name: 1.0})}


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
        zs = standing(cycle.influences(node, shares))
        away = {cycle.people[i]["person"]: z for each in zs for i, z in each.items()}
        noise = [(v, df) for v, _, df in parts]
        sides.append((score, sum(v for v, _ in noise), freedom_of(noise), away))
    return _test(sides) | {"matched": _matched(one, two, node, shares)}


def _ratings(cycle: Cycle, node: str, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Of each person of the node: the ratings by name."""
    found: dict[str, dict[str, int]] = {}
    for name in names:
        for block in cycle.below("performance", name, node).values():
            for i, y in block["ratings"].items():
                found.setdefault(cycle.people[i]["person"], {})[name] = y
    return found


def _matched(one: Cycle, two: Cycle, node: str, shares: dict[str, float]) -> Json | None:
    """A paired test of those who rated the same in both."""
    before, after = (_ratings(cycle, node, shares) for cycle in (one, two))
    away = []
    for person in sorted(set(before) & set(after)):
        mine = set(before[person]) & set(after[person])
        moved = sum(shares[name] * (after[person][name] - before[person][name]) for name in mine)
        if mine:
            away.append(moved / sum(shares[name] for name in mine))
    n = len(away)
    if n < 10:
        return None
    size, se = fmean(away), math.sqrt(variance(away) / n)
    p = float(abs(size) < 1e-12) if se == 0 else 2 * float(stats.t.sf(abs(size) / se, n - 1))
    return {"n": n, "change": size, "se": se, "df": n - 1, "p": p}


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


def _judge(family: list[Json], floor: float) -> None:
    """Benjamini and Hochberg within the family, then the verdict."""
    known = sorted((each for each in family if each["p"] is not None), key=lambda each: each["p"])
    least = 1.0
    for each in family:
        each["p_adjusted"] = None
    for rank in range(len(known), 0, -1):
        least = min(least, known[rank - 1]["p"] * len(known) / rank)
        known[rank - 1]["p_adjusted"] = least
    for each in family:
        each["detectable"] = _detectable(each, len(known), floor)
        each["verdict"] = _verdict(each, floor)


def _detectable(each: Json, tests: int, floor: float) -> float:
    found, matched = floor, each["matched"]
    if each["df"] is not None and each["se"]:
        least = stats.t.ppf(1 - 0.05 / tests, each["df"]) * each["se"]
        found = max(floor, least) + stats.t.ppf(0.8, each["df"]) * each["se"]
    if matched:
        needed = sum(stats.t.ppf(share, matched["df"]) for share in (0.975, 0.8))
        found = max(found, needed * matched["se"])
    return float(found)


def _verdict(each: Json, floor: float) -> str:
    if each["mdc"] > 1:
        return "too few answers to tell"
    adjusted, size, matched = each["p_adjusted"], each["change"], each["matched"]
    if adjusted is None or adjusted > 0.10 or abs(size) < floor - 1e-9:
        return "no significant change"
    if matched and (matched["p"] > 0.05 or matched["change"] * size <= 0):
        return "different people answered"
    return "up" if size > 0 else "down"
