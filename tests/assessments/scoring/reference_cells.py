"""The cells of one cycle once more, from docs/method.md alone: who counts, which blocks there are,
what they say of a capability, and how a composite of capabilities varies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from statistics import fmean

from tests.assessments.scoring.reference_numbers import (
    Json,
    Parts,
    freedom_in,
    interval,
    moderated,
    normalised,
    prior,
    rated,
    split,
    variance,
)
from tests.assessments.scoring.reference_visibility import Cut

KINDS = ("performance", "importance")
Pulls = dict[int, list[tuple[float, float]]]
Influences = list[tuple[str, dict[int, float], float]]


def _rates(kind: str, at: int, each: Json) -> bool:
    return rated(each[kind][at])


class Cells:
    def __init__(self, given: Json) -> None:
        config = given.get("config") or {}
        self.k, self.rule = config.get("k", 5), config.get("level_rule", "held")
        self.targets = config.get("targets", {})
        self.values, self.capabilities = (
            given["rubric"]["value_types"],
            given["rubric"]["capabilities"],
        )
        self.names = [one["id"] for one in self.capabilities]
        self.parent = {one["id"]: one["parent"] for one in given["groups"]}
        self.heads = {one["id"]: one.get("headcount") or 0 for one in given["groups"]}
        self.root = next(node for node, above in self.parent.items() if above is None)
        responses = [self.response(each) for each in given["responses"]]
        counting = [each for each in responses if each["answered"] >= 0.5]
        members = [each for each in responses if each["role"] == "member"]
        self.people = [each for each in counting if each["role"] == "member"]
        self.leads = [each for each in counting if each["role"] != "member"]
        self.discarded = len(members) - len(self.people)
        self.kinds = {kind: self.kind(kind) for kind in KINDS}
        self.capability = cache(self._capability)

    def response(self, each: Json) -> Json:
        """With the share that was answered of what was asked; importance need not be."""
        codes = [code for kind in KINDS for code in each.get(kind) or []]
        answered = sum(code is not None for code in codes) / len(codes)
        blank = [None] * len(self.names)
        lists = {kind: each.get(kind) or blank for kind in KINDS}
        return {**each, **lists, "answered": answered}

    def target_set(self, node: str | None, name: str) -> float | None:
        """At the node or the nearest above it."""
        if node is None:
            return None
        own = self.targets.get(node, {}).get(name)
        return float(own) if own is not None else self.target_set(self.parent[node], name)

    def inside(self, node: str, above: str) -> bool:
        return node == above or (
            self.parent[node] is not None and self.inside(str(self.parent[node]), above)
        )

    def per_node(self, gives: Callable[[Json], bool]) -> dict[str, int]:
        return {
            v: sum(gives(each) for each in self.people if each["group"] == v) for v in self.parent
        }

    def headcount(self, nodes: Iterable[str]) -> int:
        """Of the nodes from which anyone has answered."""
        answering = {each["group"] for each in self.people}
        return sum(self.heads[v] for v in set(nodes) & answering)

    def kind(self, kind: str) -> Json:
        cuts, blocks, detail = {}, {}, {}
        for at, name in enumerate(self.names):
            n = self.per_node(partial(_rates, kind, at))
            cut = Cut(self.parent, n, self.k)
            cuts[name], blocks[name] = cut, self.blocks(cut, kind, at)
            detail[name] = cut.visible & Cut(self.parent, n, max(10, self.k)).visible
        cells = [block for each in blocks.values() for block in each.values()]
        pool = [(block["a"], block["s2"]) for block in cells]
        spread, nu = prior(pool)
        for block in cells:
            own = moderated(block["a"], block["s2"], spread, nu), block["a"] - 1 + nu
            lent = spread, freedom_in(pool)
            block["moderated"], block["printed"] = own, lent if block["a"] < 10 and nu else own
        strata = Cut(self.parent, self.per_node(lambda each: any(map(rated, each[kind]))), self.k)
        found = {"cuts": cuts, "blocks": blocks, "detail": detail, "strata": strata}
        return found | {"s0": spread, "nu": nu}

    def blocks(self, cut: Cut, kind: str, at: int) -> Json:
        found = {}
        for node in cut.visible:
            nodes = cut.block(node)
            codes = {i: p[kind][at] for i, p in enumerate(self.people) if p["group"] in nodes}
            ratings = {i: code for i, code in codes.items() if rated(code)}
            if ratings:
                a, m = len(ratings), sum(code in (0, -1) for code in codes.values())
                heads = max(self.headcount(nodes), a + m)
                s2 = variance(ratings.values())
                found[node] = {
                    "a": a,
                    "ratings": ratings,
                    "mean": fmean(ratings.values()),
                    "weight": heads * a / (a + m),
                    "fraction": (a + m) / heads,
                    "s2": 2 / (a - 1) if 2 <= a < 10 and s2 == 0 else s2,
                }
        return found

    def below(self, kind: str, name: str, node: str) -> Json:
        blocks = self.kinds[kind]["blocks"][name]
        return {v: block for v, block in blocks.items() if self.inside(v, node)}

    def _capability(self, kind: str, name: str, node: str) -> Json | None:
        cut = self.kinds[kind]["cuts"].get(name)
        if cut is None or node not in cut.visible:
            return None
        blocks = self.below(kind, name, node)
        weight = sum(block["weight"] for block in blocks.values())
        score = sum(block["weight"] * block["mean"] for block in blocks.values()) / weight
        parts, printed = (
            [
                ((b["weight"] / weight) ** 2 * b[which][0] / b["a"], b["fraction"], b[which][1])
                for b in blocks.values()
            ]
            for which in ("moderated", "printed")
        )
        n = sum(block["a"] for block in blocks.values())
        within = sum((b["a"] - 1) * b["s2"] for b in blocks.values()) / (n - len(blocks))
        away = [abs(y - b["mean"]) for b in blocks.values() for y in b["ratings"].values()]
        given = [y for b in blocks.values() for y in b["ratings"].values()]
        histogram = [given.count(step) for step in range(1, 6)]
        told = node in self.kinds[kind]["detail"][name]
        found = interval(score, parts, printed)
        found["everyone"] &= self.all_answered(node)
        return {
            "n": n,
            "score": score,
            **found,
            "var_within": within,
            "rwg": max(0, 1 - within / 2),
            "ad": fmean(away),
            "histogram": histogram if told else None,
            "split": split(histogram) if told else None,
        }

    def all_answered(self, node: str) -> bool:
        """Of a head-count that is missing nobody knows."""
        inside = [v for v in self.parent if self.inside(v, node)]
        answered = {v: sum(each["group"] == v for each in self.people) for v in inside}
        known = all(self.heads[v] > 0 for v in inside if answered[v])
        return known and all(answered[v] >= self.heads[v] for v in inside)

    # Composites

    def shares(self, node: str, value: str, common: set[str]) -> dict[str, float] | None:
        """Lambdas of one value, or of the whole ("")."""
        if value:
            mine = [c for c in self.capabilities if c["value_type"] == value and c["weight"] > 0]
            cuts = self.kinds["performance"]["cuts"]
            seen = [c for c in mine if c["id"] in common and node in cuts[c["id"]].visible]
            return normalised({c["id"]: c["weight"] for c in seen}, sum(c["weight"] for c in mine))
        each = {v["id"]: self.shares(node, v["id"], common) for v in self.values}
        shown = {v["id"]: v["weight"] for v in self.values if each[v["id"]] and v["weight"]}
        across = normalised(shown, sum(v["weight"] for v in self.values))
        if across is None:
            return None
        return {c: w * share for v, w in across.items() for c, share in (each[v] or {}).items()}

    def pulls(self, kind: str, node: str, shares: Mapping[str, float]) -> Pulls:
        """How each person moves a composite by each rating, and the share that the rating has."""
        found: Pulls = {}
        for name, share in shares.items():
            blocks = self.below(kind, name, node)
            weight = sum(block["weight"] for block in blocks.values())
            for block in blocks.values():
                pull = share * block["weight"] / (weight * block["a"])
                for i, y in block["ratings"].items():
                    found.setdefault(i, []).append((pull * (y - block["mean"]), pull))
        return found

    def stratified(self, kind: str, pulls: Pulls) -> Influences:
        """Stratum, each person's influence, and the stratum's share."""
        cut, found = self.kinds[kind]["strata"], []
        for v in sorted(cut.visible):
            nodes = cut.block(v)
            mine = {i: each for i, each in pulls.items() if self.people[i]["group"] in nodes}
            if mine:
                u = {i: float(sum(part for part, _ in each)) for i, each in mine.items()}
                found.append((v, u, sum(pull for each in mine.values() for _, pull in each)))
        return found

    def influences(
        self, node: str, shares: Mapping[str, float], kind: str = "performance"
    ) -> Influences:
        return self.stratified(kind, self.pulls(kind, node, shares))

    def parts(self, node: str, shares: Json, of_root: Json, kind: str = "performance") -> Parts:
        at_root = self.influences(self.root, of_root, kind)
        return self.spread(kind, self.influences(node, shares, kind), at_root)

    def spread(self, kind: str, influences: Influences, at_root: Influences) -> Parts:
        """Of each stratum: variance, share that answered, freedom."""
        zs = standing(at_root)
        pooled, nu = prior([(len(z), variance(z.values())) for z in zs])
        found: Parts = []
        for v, u, share in influences:
            n, middle = len(u), fmean(u.values())
            raw = n * sum((each - middle) ** 2 for each in u.values())
            freedom = n - 1 + nu
            lent = nu * share**2 * (pooled or 0) / n
            nodes = self.kinds[kind]["strata"].block(v)
            answered = sum(each["group"] in nodes for each in self.people)
            fraction = answered / max(self.headcount(nodes), answered)
            found.append(((raw + lent) / freedom if freedom else 0.0, fraction, freedom))
        return found


def standing(influences: Influences) -> list[dict[int, float]]:
    """z of each person, stratum by stratum."""
    found = []
    for _, u, share in influences:
        middle = fmean(u.values())
        found.append({i: (each - middle) * len(u) / share for i, each in u.items()})
    return found
