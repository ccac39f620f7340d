"""A spreadsheet becomes a closed, scored cycle, from the command line and from the page alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from assessments import rubric_editions
from assessments.cycles.closing import close
from assessments.imports.file_problems import RatingsRefused
from assessments.imports.import_cycle import import_cycle
from assessments.models import Cycle, CycleTeam, Participation, Response, Result, Scorecard
from assessments.rubrics import MAIN_RUBRIC, built_in
from organizations.jobs import perform
from organizations.models import AuditEvent, Membership, Team
from organizations.tables.reading import read_table
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House

MOMENT = datetime(2026, 9, 30, 12, tzinfo=UTC)
SLUGS = [capability.slug for capability in built_in(MAIN_RUBRIC).capabilities]
HEADCOUNTS = b"team,headcount\nGrowth / Brand,9\nGrowth / Performance,8\n/,2\n"


def ratings(people: int = 7) -> bytes:
    chance = Random(4)
    names = [*SLUGS, *(f"{slug}.importance" for slug in SLUGS)]
    lines = [",".join(["team", "role", "person", *names])]
    for team in ("Growth / Brand", "Growth / Performance"):
        for number in range(people):
            cells = [str(chance.choice(("1", "2", "3", "4", "5", "?", "n/a", ""))) for _ in names]
            lines.append(",".join([team, "member", f"{team[9:]}{number}", *cells]))
    lines.append(",".join(["/", "lead", "boss", *("4" for _ in names)]))
    return "\n".join(lines).encode()


def imported(house: House, **changed: Any) -> Cycle:
    with working_for(house.id):
        given: dict[str, Any] = {
            "name": "Spring",
            "ratings": ratings(),
            "headcounts": HEADCOUNTS,
            "edition": rubric_editions.get_or_create_latest(MAIN_RUBRIC),
            "closed_on": date(2026, 4, 30),
            "by": None,
            "moment": MOMENT,
        }
        return import_cycle(**{**given, **changed})


def test_a_spreadsheet_becomes_a_cycle_that_waits_to_be_scored(cast: Cast) -> None:
    cycle = imported(cast.acme)
    with working_for(cast.acme.id):
        row = Cycle.objects.get(pk=cycle.pk)
        assert (row.stage, row.imported, row.due_at) == ("closing", True, MOMENT)
        assert row.closes_at == datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)
        nodes = CycleTeam.objects.filter(cycle=row).order_by("place")
        assert list(nodes.values_list("name", "depth", "headcount")) == [
            ("Acme", 0, 2),
            ("Growth", 1, 0),
            ("Brand", 2, 9),
            ("Performance", 2, 8),
        ]
        assert Response.objects.filter(cycle=row).count() == 15
        assert not Participation.objects.exists()
        assert AuditEvent.objects.filter(event="cycle.imported", subject=row.pk).count() == 1


def test_teams_that_are_there_are_used_and_people_are_not_made(cast: Cast) -> None:
    with working_for(cast.acme.id):
        before = set(Team.objects.values_list("pk", flat=True))
        people = Membership.objects.count()
    imported(cast.acme, ratings=ratings().replace(b"Growth / Brand", b"growth / BRAND"))
    with working_for(cast.acme.id):
        made = Team.objects.exclude(pk__in=before)
        assert [(team.name, team.parent_id) for team in made] == [
            ("Performance", cast.acme.teams["Growth"].pk)
        ]
        assert Membership.objects.count() == people


def test_the_last_day_ends_where_the_organization_is(cast: Cast) -> None:
    with working_for(cast.acme.id):
        cast.acme.organization.time_zone = "Asia/Seoul"
        cast.acme.organization.save()
    seoul = ZoneInfo("Asia/Seoul")
    cycle = imported(cast.acme)
    assert cycle.closes_at == datetime(2026, 4, 30, 23, 59, 59, tzinfo=seoul)
    today = imported(cast.acme, name="Today", closed_on=date(2026, 9, 30))
    assert today.closes_at == MOMENT
    with pytest.raises(ValidationError, match="in the future"):
        imported(cast.acme, name="Tomorrow", closed_on=date(2026, 10, 1))


def test_the_same_pseudonym_is_the_same_key_in_the_next_cycle_and_nowhere_else(cast: Cast) -> None:
    cycles = [imported(cast.acme), imported(cast.acme, name="Summer")]
    cycles.append(imported(cast.rival))
    keys = []
    for cycle, house in zip(cycles, (cast.acme, cast.acme, cast.rival), strict=True):
        with working_for(house.id):
            rows = Response.objects.filter(cycle=cycle).values_list("key", flat=True)
            keys.append({bytes(key) for key in rows})
    assert keys[0] == keys[1]
    assert keys[0].isdisjoint(keys[2])


def test_without_pseudonyms_nobody_is_recognised(cast: Cast) -> None:
    raw = f"team,{SLUGS[0]}\nA,3\nA,3\n".encode()
    cycles = [imported(cast.acme, name=name, ratings=raw, headcounts=None) for name in "ab"]
    with working_for(cast.acme.id):
        rows = Response.objects.filter(cycle__in=cycles).values_list("key", flat=True)
        assert len({bytes(key) for key in rows}) == 4


def test_a_refused_spreadsheet_leaves_nothing_behind(cast: Cast) -> None:
    with working_for(cast.acme.id):
        teams = Team.objects.count()
    with pytest.raises(RatingsRefused):
        imported(cast.acme, ratings=ratings() + b"\nNew team,member,x,9")
    with working_for(cast.acme.id):
        assert (Cycle.objects.count(), Response.objects.count()) == (0, 0)
        assert Team.objects.count() == teams


@pytest.mark.parametrize(
    ("name", "said"), [("  ", "a name"), ("x" * 81, "80 characters"), ("Spring", "already")]
)
def test_the_name_is_given_once(cast: Cast, name: str, said: str) -> None:
    imported(cast.acme)
    with pytest.raises(ValidationError, match=said):
        imported(cast.acme, name=name)
    imported(cast.rival)


def test_a_column_that_was_not_asked_is_neither_missing_nor_shown(cast: Cast) -> None:
    """Two of 36 answered are all of what was asked: no response is broken off."""
    raw = f"team,{SLUGS[0]},{SLUGS[1]}\n" + "A,3,4\n" * 6
    cycle = imported(cast.acme, ratings=raw.encode(), headcounts=None)
    perform(Cycle, cast.acme.id, cycle.pk, close)
    with working_for(cast.acme.id):
        assert Scorecard.objects.get(cycle=cycle).discarded == 0
        shown = Result.objects.filter(
            scorecard__cycle=cycle, suppressed="", subject_type="capability"
        )
        assert set(shown.values_list("subject", flat=True)) == set(SLUGS[:2])


# --- The command ------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "ratings.csv").write_bytes(ratings())
    (tmp_path / "teams.csv").write_bytes(HEADCOUNTS)
    return str(tmp_path / "ratings.csv"), str(tmp_path / "teams.csv")


@pytest.mark.django_db(transaction=True)
def test_the_command_imports_and_scores(cast: Cast, files: tuple[str, str]) -> None:
    out = StringIO()
    call_command(
        "import_cycle",
        files[0],
        organization="acme",
        name="Spring",
        headcounts=files[1],
        closed_on=date(2026, 4, 30),
        stdout=out,
    )
    with working_for(cast.acme.id):
        cycle = Cycle.objects.get()
        assert (cycle.stage, cycle.closed_at) == ("closed", cycle.closes_at)
        root = Result.objects.get(
            scorecard__cycle=cycle, node__place=0, subject_type="overall", kind="performance"
        )
        assert (root.suppressed, root.invited) == ("", 19)
    assert out.getvalue() == f"Spring: {cycle.pk}\n"


@pytest.mark.django_db(transaction=True)
def test_the_command_names_every_problem_with_file_and_line(
    cast: Cast, files: tuple[str, str]
) -> None:
    Path(files[0]).write_bytes(ratings() + b"\nA,chief,x" + b",7" * 72)
    with pytest.raises(CommandError) as refused:
        call_command("import_cycle", files[0], organization="acme", name="Spring")
    lines = str(refused.value).splitlines()
    assert len(lines) == 74
    assert lines[-2] == f"{files[0]}:B17: Column role: use member or lead. Found: chief"
    assert lines[-1] == "Nothing was imported."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"organization": "nowhere"}, "No organization with this slug: nowhere"),
        ({"rubric": "nothing"}, "No such rubric"),
        ({"name": " "}, "name"),
        ({"headcounts": "/nowhere.csv"}, "No such file"),
    ],
)
def test_the_command_says_what_it_cannot_find(
    cast: Cast, files: tuple[str, str], changed: dict[str, str], said: str
) -> None:
    given = {"organization": "acme", "name": "Spring", **changed}
    with pytest.raises(CommandError, match=said):
        call_command("import_cycle", files[0], **given)


def test_a_file_is_scored_without_storing_anything(
    cast: Cast, files: tuple[str, str], django_assert_num_queries: Any
) -> None:
    """Rounded, its raw values are the ones that the imported cycle publishes."""
    out = StringIO()
    with django_assert_num_queries(0):
        call_command("score", files[0], headcounts=files[1], stdout=out)
    table = read_table(out.getvalue().encode())
    raw = {row.cells[:4]: row.cells[4:] for row in table.rows}
    cycle = imported(cast.acme)
    perform(Cycle, cast.acme.id, cycle.pk, close)
    with working_for(cast.acme.id):
        shown = Result.objects.filter(scorecard__cycle=cycle, suppressed="").exclude(
            subject_type="stage"  # no column of the file
        )
        for row in shown.select_related("node"):
            team = {"Acme": "/", "Growth": "Growth"}.get(row.node.name, f"Growth / {row.node.name}")
            n, score, *_ = raw[(team, row.kind, row.subject_type, row.subject)]
            assert int(n) == row.n
            assert row.score
            rounding = 0.25 if row.detail.get("coarse") else 0.05
            assert abs(float(score) - float(row.score)) <= rounding + 1e-9
        assert shown.count() > 100


def test_a_file_that_cannot_be_scored_is_refused(files: tuple[str, str]) -> None:
    Path(files[0]).write_bytes(b"team,shoe-size\nA,44\n")
    with pytest.raises(CommandError, match=r"ratings\.csv:B1: Unknown column: shoe-size"):
        call_command("score", files[0], stdout=StringIO())


@pytest.mark.parametrize("day", ["31.12.2025", "2025/12/31", "46022", "20251231", "2025-W01-1"])
def test_the_command_names_the_form_of_a_date(cast: Cast, files: tuple[str, str], day: str) -> None:
    arguments = ["import_cycle", files[0], "--organization=acme", "--name=x", f"--closed-on={day}"]
    with pytest.raises(CommandError, match="Write the day as YYYY-MM-DD"):
        call_command(*arguments)


@pytest.mark.django_db(transaction=True)
def test_the_command_answers_questions_by_options(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(f"Crew,{SLUGS[0]}\n".encode() + b"Growth,0\nGrowth,4\n" * 6)
    given = {"organization": "acme", "name": "Spring", "stdout": (out := StringIO())}
    with pytest.raises(CommandError, match=r"A1: Unknown column: Crew"):
        call_command("import_cycle", str(path), **given)
    given["column"] = ["Crew=team"]
    with pytest.raises(CommandError, match=r"--scale 0-4"):
        call_command("import_cycle", str(path), **given)
    call_command("import_cycle", str(path), **given, scale="0-4", dry_run=True)
    assert "Growth: 12 answered" in out.getvalue()
    with working_for(cast.acme.id):
        assert not Cycle.objects.exists()
    call_command("import_cycle", str(path), **given, scale="0-4")
    with working_for(cast.acme.id):
        codes = Response.objects.values_list("performance__0", flat=True)
        assert sorted(codes) == [1] * 6 + [5] * 6
