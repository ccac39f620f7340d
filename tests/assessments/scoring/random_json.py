"""Surveys drawn at random as files would hold them: every odd thing that happens to real ones."""

from __future__ import annotations

from random import Random
from typing import Any

Json = dict[str, Any]
KINDS = ("unlike", "unlike", "everyone", "unanimous", "not seen", "high")


def survey(seed: int) -> Json:
    chance = Random(seed)
    groups, rubric = _groups(chance, _is_large(seed)), _rubric(chance)
    return _answered(chance, groups, rubric, seed, {})


def next_survey(seed: int, before: Json) -> Json:
    """Some of the same people; a team more, fewer or elsewhere; a capability more or fewer."""
    chance = Random(-seed)
    groups = [dict(group) for group in before["groups"]]
    rubric = {name: [dict(one) for one in listed] for name, listed in before["rubric"].items()}
    leaves = [g for g in groups[1:] if not any(o["parent"] == g["id"] for o in groups)]
    what = chance.choice(["same", "fewer", "more", "moved"])
    if what == "more":
        groups.append({"id": "ZZ", "parent": groups[0]["id"]})
    elif leaves and what == "fewer":
        groups.remove(chance.choice(leaves))
    elif leaves and what == "moved":
        leaf = chance.choice(leaves)
        leaf["parent"] = chance.choice([g["id"] for g in groups if g is not leaf])
    first = rubric["value_types"][0]["id"]
    if chance.random() < 0.3:
        rubric["capabilities"].append({"id": "NEW", "value_type": first, "weight": 1})
    elif len([c for c in rubric["capabilities"] if c["value_type"] == first and c["weight"]]) > 1:
        rubric["capabilities"].pop(0)
    known = {each["person"]: each for each in before["responses"]}
    return _answered(chance, groups, rubric, seed, known)


def _is_large(seed: int) -> bool:
    """Six teams or more, and enough people in most of them, in both surveys of a seed."""
    return Random(f"size of {seed}").random() < 0.7


def _groups(chance: Random, large: bool) -> list[Json]:
    """One team that is everything, teams side by side, or a deep tree."""
    groups: list[Json] = [{"id": "org", "parent": None}]
    deep = chance.random() < (0.2 if large else 0.4)
    for number in range(chance.choice([6, 8, 12, 13] if large else [0, 1, 3, 5, 8])):
        above = chance.choice(groups)["id"] if deep else "org"
        name = chance.choice("ABCDEFG") + str(number) + chance.choice(["", "", "é"])
        groups.append({"id": name, "parent": above})
    return groups


def _rubric(chance: Random) -> Json:
    values = [
        {"id": f"V{at}", "weight": chance.choice([1, 1, 2, 1.5])}
        for at in range(chance.randint(1, 4))
    ]
    if len(values) > 2:
        values[-1]["weight"] = 0
    capabilities: list[Json] = []
    for value in values:
        for at in range(chance.randint(1, 4)):
            capabilities.append(
                {
                    "id": f"C{len(capabilities):02d}",
                    "value_type": value["id"],
                    "weight": chance.choice([0, 0.5, 1, 1, 2]) if at else 1,
                    **{
                        flag: chance.random() < 0.5
                        for flag in ("differentiating", "routine", "market")
                        if chance.random() < 0.8
                    },
                }
            )
    return {"value_types": values, "capabilities": capabilities}


def _answered(chance: Random, groups: list[Json], rubric: Json, seed: int, known: Json) -> Json:
    asking = _Asking(chance, len(rubric["capabilities"]), seed, known)
    responses = [each for group in groups for each in asking.team(group)]
    chance.shuffle(responses)
    config: Json = {}
    if chance.random() < (0.3 if asking.large else 0.5):
        config["k"] = chance.choice([4, 5, 5, 6, 8, 10, 20])
    if chance.random() < 0.2:
        config["level_rule"] = "mean"
    if chance.random() < 0.3:
        names = [one["id"] for one in rubric["capabilities"] if chance.random() < 0.5]
        config["targets"] = {chance.choice(groups)["id"]: {n: chance.randint(1, 5) for n in names}}
    return {"config": config, "rubric": rubric, "groups": groups, "responses": responses}


class _Asking:
    def __init__(self, chance: Random, width: int, seed: int, known: Json) -> None:
        self.chance, self.width, self.seed, self.known = chance, width, seed, known
        self.kind, self.large = chance.choice(KINDS), _is_large(seed)
        self.most = chance.choice([4, 8, 12, 25])
        self.spread = chance.choice([0, 0.5, 1, 1.5])
        self.gaps = [chance.choice([0, 0, 0.1, 0.1 if self.large else 0.3]) for _ in range(3)]
        self.linked = chance.choice([0, 0.6, 1])
        self.centre = {
            kind: [chance.uniform(1, 5) for _ in range(width)]
            for kind in ("performance", "importance")
        }

    def team(self, group: Json) -> list[Json]:
        chance = self.chance
        people = chance.choice([0, chance.randint(0, 3), chance.randint(3, self.most + 1)])
        if self.large and chance.random() < 0.9:
            people = chance.randint(6, 10)
        heads = [people, people + chance.randint(0, 8), 0, max(0, people - 2), None]
        group["headcount"] = people if self.kind == "everyone" else chance.choice(heads)
        blank = [chance.random() < 0.3 and self.kind == "not seen" for _ in range(self.width)]
        members = [self.person(group["id"], at, "member", blank) for at in range(people)]
        leaders = range(chance.choice([0, 0, 1, 2]))
        return members + [self.person(group["id"], at, "leader", blank) for at in leaders]

    def person(self, group: str, at: int, role: str, blank: list[bool]) -> Json:
        chance, name = self.chance, f"{role}-{group}-{at}"
        name = name if chance.random() < self.linked else f"{name}-{self.seed}"
        own = chance.gauss(0, 0.5)
        if name in self.known and chance.random() < 0.7:
            before = [code for code in self.known[name]["performance"] if (code or 0) > 0]
            own = sum(before) / len(before) - 3 if before else own
        said = {
            kind: [self.rate(kind, place, own, blank) for place in range(self.width)]
            for kind in self.centre
        }
        if chance.random() < 0.08:
            said[chance.choice(list(said))] = [chance.choice([None, 0]) for _ in range(self.width)]
        return {"person": name, "group": group, "role": role, **said}

    def rate(self, kind: str, place: int, own: float, blank: list[bool]) -> int | None:
        chance, at = self.chance, self.centre[kind][place]
        for code, share in zip((None, 0, -1), self.gaps, strict=True):
            if chance.random() < share:
                return code
        if blank[place] and kind == "performance":
            return -1
        if self.kind == "high" and chance.random() < 0.9:
            return 5
        spread = 0 if self.kind == "unanimous" else self.spread
        return max(1, min(5, round(chance.gauss(at + own * (spread > 0), spread))))
