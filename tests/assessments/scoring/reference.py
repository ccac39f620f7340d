"""The method once more, written from docs/method.md alone: plain, slow, one person at a time. It
shares nothing with the product's own arithmetic, so that one mistake is not made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from statistics import mean

from tests.assessments.scoring.reference_numbers import (
    Json,
    crosses,
    flag,
    freedom_in,
    interval,
    level,
    levels,
    moderated,
    normalised,
    order,
    prior,
    priority,
    rated,
    rounded,
    spearman,
    split,
    suggestion,
    variance,
    word,
)
from tests.assessments.scoring.reference_visibility import Cut

KINDS = ("performance", "importance")


# --- One cycle --------------------------------------------------------------------------------


def _rates(kind: str, at: int, each: Json) -> bool:
    return rated(each[kind][at])


class Cycle:
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
        counting = [each for each in given["responses"] if self.counts(each)]
        members = [each for each in given["responses"] if each["role"] == "member"]
        self.people = [each for each in counting if each["role"] == "member"]
        self.leads = [each for each in counting if each["role"] != "member"]
        self.discarded = len(members) - len(self.people)
        self.kinds = {kind: self.kind(kind) for kind in KINDS}
        self.capability = cache(self._capability)

    def counts(self, each: Json) -> bool:
        answered = sum(code is not None for kind in KINDS for code in each[kind])
        return answered / (2 * len(self.names)) >= 0.5

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
                    "mean": mean(ratings.values()),
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
        found = {
            "n": n,
            "score": score,
            **interval(score, parts, printed),
            "var_within": within,
            "rwg": max(0, 1 - within / 2),
            "ad": mean(away),
            "histogram": histogram if told else None,
            "split": split(histogram) if told else None,
        }
        if kind == "performance":
            found |= levels(score, found["ci"]) | {"agreement": word(found["rwg"], n)}
        return found

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

    def influences(
        self, node: str, shares: Mapping[str, float]
    ) -> list[tuple[str, dict[int, float], float]]:
        """Stratum, each person's influence, and the stratum's share."""
        pulls: dict[int, list[tuple[float, float]]] = {}
        for name, share in shares.items():
            blocks = self.below("performance", name, node)
            weight = sum(block["weight"] for block in blocks.values())
            for block in blocks.values():
                pull = share * block["weight"] / (weight * block["a"])
                for i, y in block["ratings"].items():
                    pulls.setdefault(i, []).append((pull * (y - block["mean"]), pull))
        cut = self.kinds["performance"]["strata"]
        found: list[tuple[str, dict[int, float], float]] = []
        for v in sorted(cut.visible):
            mine = {i: each for i, each in pulls.items() if self.people[i]["group"] in cut.block(v)}
            if mine:
                u = {i: float(sum(part for part, _ in each)) for i, each in mine.items()}
                found.append((v, u, sum(pull for each in mine.values() for _, pull in each)))
        return found

    def standing(self, node: str, shares: Mapping[str, float]) -> list[dict[int, float]]:
        """z of each person, stratum by stratum."""
        return [
            {i: (each - mean(u.values())) * len(u) / share for i, each in u.items()}
            for _, u, share in self.influences(node, shares)
        ]

    def parts(self, node: str, shares: Json, of_root: Json) -> list[tuple[float, float, float]]:
        zs = self.standing(self.root, of_root)
        spread, nu = prior([(len(z), variance(z.values())) for z in zs])
        found: list[tuple[float, float, float]] = []
        for v, u, share in self.influences(node, shares):
            n, middle = len(u), mean(u.values())
            raw = n * sum((each - middle) ** 2 for each in u.values())
            freedom = n - 1 + nu
            whole = (raw + nu * share**2 * spread / n) / freedom if freedom else 0.0
            nodes = self.kinds["performance"]["strata"].block(v)
            answered = sum(each["group"] in nodes for each in self.people)
            found.append((whole, answered / max(self.headcount(nodes), answered), freedom))
        return found

    def composite(self, node: str, value: str, weakest: Json) -> Json | None:
        everything = set(self.names)
        shares = self.shares(node, value, everything)
        if shares is None:
            return None
        of_root = self.shares(self.root, value, everything) or {}
        single = {name: self.capability("performance", name, node) or {} for name in shares}
        score = sum(share * single[name]["score"] for name, share in shares.items())
        parts = self.parts(node, shares, of_root)
        n = sum(len(u) for _, u, _ in self.influences(node, shares))
        found: Json = {"n": n, "score": score, **interval(score, parts)}
        found |= levels(score, found["ci"])
        weakest = weakest or {name: one["ci"][1] for name, one in single.items()}
        part = min(weakest, key=lambda name: (level(weakest[name]), name.encode()))
        most = level(weakest[part]) + 1
        if self.rule == "held" and found["level"] > most:
            free = {"uncapped": found["level"], "held_by": part}
            found |= free | {"level": most, "state": "held"}
        rwg = max(0, 1 - mean(one["var_within"] for one in single.values()) / 2)
        return found | {"rwg": rwg, "agreement": word(rwg, n)}

    # Nodes

    def target(self, node: str | None, name: str) -> float:
        if node is None:
            return 4.0
        own = self.targets.get(node, {}).get(name)
        return float(own) if own is not None else self.target(self.parent[node], name)

    def node(self, node: str) -> Json:
        found = {
            part: {name: one for name in self.names if (one := self.capability(kind, name, node))}
            for part, kind in (("capabilities", "performance"), ("importance", "importance"))
        }
        values = {v["id"]: self.composite(node, v["id"], {}) for v in self.values}
        shown = {name: one for name, one in values.items() if one}
        weighty = {v["id"] for v in self.values if v["weight"]}
        tops = {name: one["ci"][1] for name, one in shown.items() if name in weighty}
        overall = self.composite(node, "", tops) if tops else None
        ranked = self.priorities(node, found["capabilities"], found["importance"])
        whole = {**found, "value_types": shown, "overall": overall, "priorities": ranked}
        leaders = [each for each in self.leads if each["group"] == node]
        beside = self.alignment(node, leaders, found["capabilities"], found["importance"])
        return whole | ({"alignment": beside} if beside else {})

    def priorities(self, node: str, levels_: Json, importance: Json) -> list[Json]:
        both = [name for name in self.names if name in levels_ and name in importance]
        line = mean(importance[name]["score"] for name in both) if both else 0
        found = []
        for name in both:
            s, i, target = levels_[name], importance[name], self.target(node, name)
            high = i["score"] >= line - 1e-9, rounded(s["score"]) >= target - 0.5 - 1e-9
            words = ["high" if side else "low" for side in high]
            crossed = crosses(s["ci"], target - 0.5) or crosses(i["ci"], line)
            flags = next(one for one in self.capabilities if one["id"] == name)
            found.append(
                {
                    "capability": name,
                    "importance": i["score"],
                    "performance": s["score"],
                    "gap": i["score"] - s["score"],
                    "priority": priority(i["score"], s["score"], target),
                    "quadrant": "/".join(words),
                    "suggestion": suggestion(*high, flags),
                    "clear": not crossed,
                }
            )
        return sorted(
            found, key=lambda one: order(one["priority"], one["importance"], one["capability"])
        )

    def alignment(self, node: str, leaders: list[Json], team: Json, weighed: Json) -> Json | None:
        lead = {
            kind: {
                name: mean(codes)
                for at, name in enumerate(self.names)
                if (codes := [p[kind][at] for p in leaders if rated(p[kind][at])])
            }
            for kind in KINDS
        }
        both = [name for name in team if name in lead["performance"]]
        if not both:
            return None
        gaps = {name: lead["performance"][name] - team[name]["score"] for name in both}
        weights = [name for name in weighed if name in lead["importance"]]
        ranked = [name for name in both if name in weights]
        sides = (
            lead,
            {
                "performance": {name: team[name]["score"] for name in both},
                "importance": {name: weighed[name]["score"] for name in weights},
            },
        )
        tops = [set(sorted(ranked, key=self.first(node, side))[:5]) for side in sides]
        mine, theirs = sides
        return {
            "n_compared": len(gaps),
            "mean_gap": mean(gaps.values()),
            "mean_abs_gap": mean(map(abs, gaps.values())),
            "rank_correlation_performance": spearman(mine, theirs, "performance", both),
            "rank_correlation_importance": spearman(mine, theirs, "importance", weights),
            "shared_top": len(tops[0] & tops[1]) if ranked else None,
            "capabilities": {
                name: {"gap": gap, "flag": flag(gap, team[name])} for name, gap in gaps.items()
            },
        }

    def first(self, node: str, side: Json) -> Callable[[str], tuple[float, float, bytes]]:
        def key(name: str) -> tuple[float, float, bytes]:
            s, i = side["performance"][name], side["importance"][name]
            return order(priority(i, s, self.target(node, name)), i, name)

        return key

    def participation(self) -> Json:
        silent = {v: 0 if self.headcount([v]) else heads for v, heads in self.heads.items()}
        found = {}
        for node in self.parent:
            below = [v for v in self.parent if self.inside(v, node)]
            found[node] = {
                "n": sum(each["group"] in below for each in self.people),
                "invited": sum(self.heads[v] for v in below),
                "heads_in_teams_without_answers": sum(silent[v] for v in below),
            }
        return found

    def report(self) -> Json:
        return {
            "discarded": self.discarded,
            "participation": self.participation(),
            "visible": {
                kind: {name: sorted(cut.visible) for name, cut in one["cuts"].items()}
                for kind, one in self.kinds.items()
            },
            "detail": {
                kind: {name: sorted(nodes) for name, nodes in one["detail"].items()}
                for kind, one in self.kinds.items()
            },
            "prior": {kind: {"s0": one["s0"], "nu": one["nu"]} for kind, one in self.kinds.items()},
            "nodes": {v: self.node(v) for v in self.kinds["performance"]["strata"].visible},
        }
