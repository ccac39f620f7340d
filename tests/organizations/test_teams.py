"""The tree stays one tree: at most eight deep, without circles, and with what past cycles need."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import Cycle, CycleTeam, RubricEdition
from organizations import teams
from organizations.models import AuditEvent, Team
from organizations.team_tree import MAX_DEPTH, build_tree, casefold_path, parse_path
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House


def add(house: House, name: str, parent: Team) -> Team:
    with working_for(house.id):
        return teams.add_team(name, parent=parent.pk, by=house.members["Adam"].pk)


def move(house: House, team: Team, parent: Team, name: str = "") -> Team:
    with working_for(house.id):
        return teams.change_team(
            team, name=name or team.name, parent=parent.pk, by=house.members["Adam"].pk
        )


def remove(house: House, team: Team) -> None:
    with working_for(house.id):
        teams.remove_team(team, by=house.members["Adam"].pk)


def paths(house: House) -> list[str]:
    with working_for(house.id):
        return [node.path_text for node in teams.load_tree()]


def test_the_tree_is_read_in_order(cast: Cast) -> None:
    acme = cast.acme
    add(acme, "alpha", acme.teams[""])
    add(acme, "CRM", acme.teams["Growth"])
    assert paths(acme) == ["Acme", "alpha", "Growth", "Growth / Brand", "Growth / CRM"]


def test_a_name_is_there_once_among_siblings(cast: Cast) -> None:
    acme = cast.acme
    with pytest.raises(ValidationError) as raised:
        add(acme, "Growth", acme.teams[""])
    assert raised.value.message_dict == {
        "name": ["There's already a team with this name here. Choose another."]
    }
    add(acme, "Growth", acme.teams["Growth"])


def test_the_tree_is_eight_deep_and_no_deeper(cast: Cast) -> None:
    acme = cast.acme
    last = acme.teams[""]
    for depth in range(1, MAX_DEPTH + 1):
        last = add(acme, f"level {depth}", last)
    with pytest.raises(ValidationError) as raised:
        add(acme, "too deep", last)
    assert raised.value.messages == ["Teams can be nested up to 8 levels."]
    with pytest.raises(ValidationError):
        move(acme, acme.teams["Growth"], last)


def test_a_team_does_not_stand_below_itself(cast: Cast) -> None:
    acme = cast.acme
    for below in ("Growth", "Brand"):
        with pytest.raises(ValidationError) as raised:
            move(acme, acme.teams["Growth"], acme.teams[below])
        assert raised.value.messages == ["A team can't be moved below itself."]


def test_a_moved_team_takes_everyone_along_and_leaves_its_lines(cast: Cast) -> None:
    acme = cast.acme
    move(acme, acme.teams["Brand"], acme.teams[""], "Brand & Media")
    assert paths(acme) == ["Acme", "Brand & Media", "Growth"]
    with working_for(acme.id):
        told = AuditEvent.objects.exclude(event="organization.founded").order_by("at", "pk")
        assert [(each.event, each.detail) for each in told] == [
            ("team.renamed", {"names": ["Brand", "Brand & Media"]}),
            ("team.moved", {"name": "Brand & Media"}),
        ]


def test_the_root_is_neither_moved_nor_removed(cast: Cast) -> None:
    acme = cast.acme
    with pytest.raises(ValidationError):
        move(acme, acme.teams[""], acme.teams["Growth"])
    with pytest.raises(ValidationError):
        remove(acme, acme.teams[""])


def test_a_team_that_is_needed_stays_and_says_what_for(cast: Cast) -> None:
    acme = cast.acme
    with pytest.raises(ValidationError) as raised:
        remove(acme, acme.teams["Growth"])
    assert raised.value.messages == ["This team has sub-teams. Move or remove them first."]
    with pytest.raises(ValidationError) as raised:
        remove(acme, acme.teams["Brand"])
    assert raised.value.messages == ["There are people in this team. Move them first."]
    asked = add(acme, "Asked", acme.teams[""])
    took_part(acme, asked)
    with pytest.raises(ValidationError) as raised:
        remove(acme, asked)
    assert raised.value.messages == [
        "This team is part of past results. You can rename or move it."
    ]
    remove(acme, add(acme, "Idle", acme.teams[""]))
    assert paths(acme) == ["Acme", "Asked", "Growth", "Growth / Brand"]


def took_part(house: House, team: Team) -> None:
    with working_for(house.id):
        edition = RubricEdition.objects.create(slug="r", version="1", content={}, digest="d")
        cycle = Cycle.objects.create(name="Spring", edition=edition, rubric="r")
        CycleTeam.objects.create(cycle=cycle, team=team, name=team.name, place=0, depth=0)


def test_another_organizations_team_is_no_parent(cast: Cast) -> None:
    with pytest.raises(ValidationError) as raised:
        add(cast.acme, "Spy", cast.rival.teams[""])
    assert raised.value.message_dict == {"parent": ["This team no longer exists."]}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        (" / ", ()),
        ("Growth", ("Growth",)),
        ("Growth / Brand", ("Growth", "Brand")),
        ("/Growth/Brand/", ("Growth", "Brand")),
        ("Growth // Brand", ("Growth", "", "Brand")),
    ],
)
def test_a_path_is_read_as_people_write_it(text: str, path: tuple[str, ...]) -> None:
    assert parse_path(text) == path


@given(st.lists(st.integers(0, 30), max_size=30))
def test_any_tree_is_in_order_with_parents_first(above: list[int]) -> None:
    ids = [uuid4() for _ in range(len(above) + 1)]
    rows: list[tuple[UUID, str, UUID | None]] = [(ids[0], "root", None)]
    rows += [(ids[n + 1], f"t{n}", ids[min(place, n)]) for n, place in enumerate(above)]
    tree = build_tree(reversed(rows))
    seen: set[UUID | None] = {None}
    for node in tree:
        assert node.parent in seen
        seen.add(node.id)
    assert len(tree.nodes) == len(rows)
    for node in tree:
        beneath = {each.id for each in tree.below(node.id)}
        assert beneath == {
            each.id
            for each in tree
            if casefold_path(each.path)[: node.depth] == casefold_path(node.path)
        }
