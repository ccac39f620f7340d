"""The method once more, written from docs/method.md alone: plain, slow, one person at a time. It
shares nothing with the product's own arithmetic, so that one mistake is not made twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from operator import itemgetter
from statistics import fmean

from tests.assessments.scoring.reference_cells import KINDS, Cells
from tests.assessments.scoring.reference_estimates import Estimates
from tests.assessments.scoring.reference_fit import fit
from tests.assessments.scoring.reference_numbers import (
    Json,
    crosses,
    flag,
    interval,
    level,
    levels,
    order,
    priority,
    rated,
    rounded,
    spearman,
    suggestion,
    word,
)


def likely(cell: Json) -> list[float]:
    found: list[float] = cell["estimate_ci"] or cell["ci"]
    return found


def score(cell: Json) -> float:
    return float(cell["score"])


def best(cell: Json) -> float:
    return score(cell) if cell["estimate"] is None else float(cell["estimate"])


class Cycle(Cells):
    def __init__(self, given: Json) -> None:
        super().__init__(given)
        self.cell = cache(self._cell)

    @cached_property
    def estimates(self) -> dict[str, Estimates]:
        return {kind: Estimates(self, kind) for kind in KINDS}

    def _cell(self, kind: str, name: str, node: str) -> Json | None:
        found = self.capability(kind, name, node)
        if found is None:
            return None
        found = found | self.estimates[kind].capability(name, node)
        if kind == "performance":
            agreement = word(found["rwg"], found["n"])
            found |= levels(found["score"], likely(found)) | {"agreement": agreement}
        return found

    def composite(self, node: str, value: str, weakest: Json) -> Json | None:
        everything = set(self.names)
        shares = self.shares(node, value, everything)
        if shares is None:
            return None
        of_root = self.shares(self.root, value, everything) or {}
        single = {name: self.cell("performance", name, node) or {} for name in shares}
        middle = sum(share * single[name]["score"] for name, share in shares.items())
        parts = self.parts(node, shares, of_root)
        n = sum(len(u) for _, u, _ in self.influences(node, shares))
        found: Json = {"n": n, "score": middle, **interval(middle, parts)}
        found["everyone"] &= self.all_answered(node)
        found |= self.estimates["performance"].composite(node, shares, of_root)
        found |= levels(middle, likely(found))
        weakest = weakest or {name: likely(one)[1] for name, one in single.items()}
        part = min(weakest, key=lambda name: (level(weakest[name]), name.encode()))
        most = level(weakest[part]) + 1
        if self.rule == "held" and found["level"] > most:
            free = {"uncapped": found["level"], "held_by": part}
            found |= free | {"level": most, "state": "held"}
        rwg = max(0, 1 - fmean(one["var_within"] for one in single.values()) / 2)
        return found | {"rwg": rwg, "agreement": word(rwg, n)}

    # Nodes

    def target(self, node: str, name: str) -> float:
        own = self.target_set(node, name)
        return 4.0 if own is None else own

    def node(self, node: str) -> Json:
        found = {
            part: {name: one for name in self.names if (one := self.cell(kind, name, node))}
            for part, kind in (("capabilities", "performance"), ("importance", "importance"))
        }
        values = {v["id"]: self.composite(node, v["id"], {}) for v in self.values}
        shown = {name: one for name, one in values.items() if one}
        weighty = {v["id"] for v in self.values if v["weight"]}
        tops = {name: likely(one)[1] for name, one in shown.items() if name in weighty}
        overall = self.composite(node, "", tops) if tops else None
        ranked = self.priorities(node, found["capabilities"], found["importance"])
        beside = self.alignment(node, found["capabilities"], found["importance"])
        whole = {"value_types": shown, "overall": overall, "priorities": ranked}
        return {**found, **whole, "fit": fit(self, self.estimates, node), "alignment": beside}

    def priorities(self, node: str, levels_: Json, importance: Json) -> list[Json]:
        both = [name for name in self.names if name in levels_ and name in importance]
        line = fmean(best(importance[name]) for name in both) if both else 0
        found = []
        for name in both:
            s, i, target = levels_[name], importance[name], self.target(node, name)
            urgent = priority(best(i), best(s), target)
            high = best(i) >= line - 1e-9, rounded(best(s)) >= target - 0.5 - 1e-9
            words = ["high" if side else "low" for side in high]
            crossed = crosses(likely(s), target - 0.5) or crosses(likely(i), line)
            flags = next(one for one in self.capabilities if one["id"] == name)
            row = {
                "capability": name,
                "importance": i["score"],
                "performance": s["score"],
                "gap": i["score"] - s["score"],
                "priority": urgent,
                "quadrant": "/".join(words),
                "suggestion": suggestion(*high, flags),
                "clear": not crossed,
            }
            found.append((order(urgent, best(i), name), row))
        found.sort(key=itemgetter(0))
        return [row | {"rank": rank} for rank, (_, row) in enumerate(found, 1)]

    def leads_say(self, node: str) -> Json:
        leads = [each for each in self.leads if each["group"] == node]
        return {
            kind: {
                name: fmean(codes)
                for at, name in enumerate(self.names)
                if (codes := [each[kind][at] for each in leads if rated(each[kind][at])])
            }
            for kind in KINDS
        }

    def alignment(self, node: str, team: Json, weighed: Json) -> Json | None:
        lead = self.leads_say(node)
        both = [name for name in team if name in lead["performance"]]
        if not both:
            return None
        weights = [name for name in weighed if name in lead["importance"]]
        ranked = [name for name in both if name in weights]
        plain, likeliest = (
            {
                "performance": {name: number(team[name]) for name in both},
                "importance": {name: number(weighed[name]) for name in weights},
            }
            for number in (score, best)
        )
        gaps = {name: lead["performance"][name] - plain["performance"][name] for name in both}
        tops = [set(sorted(ranked, key=self.first(node, s))[:5]) for s in (lead, likeliest)]
        return {
            "n_compared": len(gaps),
            "mean_gap": fmean(gaps.values()),
            "mean_abs_gap": fmean(map(abs, gaps.values())),
            "rank_correlation_performance": spearman(lead, plain, "performance", both),
            "rank_correlation_importance": spearman(lead, plain, "importance", weights),
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
            "nodes": {v: self.node(v) for v in sorted(self.kinds["performance"]["strata"].visible)},
        }
