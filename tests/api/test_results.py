"""What a program reads: the published cells and what belongs to them, page by page."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.serializers import Serializer

from assessments.api.results import FILTERS
from assessments.api.serializers import ResultSerializer
from assessments.cycles.closing import close
from assessments.models import Cycle, Scorecard
from assessments.results import export, queries
from assessments.results.export import CellFilter
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, built_in
from assessments.scoring.publish.publish import METHOD_VERSION
from organizations.access import Scope
from organizations.jobs import perform
from organizations.models import Principle, Team
from organizations.organization_settings import set_main_rubric
from organizations.tenancy.scope import working_for
from tests.api.api_clients import Program, key_of
from tests.assessments.answered_cycles import answer, open_cycle
from tests.conftest import Cast
from tests.reports.views.test_results import closed

DISRUPTION = "customer-driven-disruption"
STATEMENTS = 8 + 2  # the savepoint of the request is two more in a test


def test_teams_stand_with_their_path(cast: Cast) -> None:
    told = Program(cast.acme).read("teams/")
    assert told["next"] is None
    whole, growth = (str(cast.acme.teams[name].pk) for name in ("", "Growth"))
    assert {(team["name"], team["path"], team["parent"]) for team in told["items"]} == {
        ("Acme", "Acme", None),
        ("Growth", "Growth", whole),
        ("Brand", "Growth / Brand", growth),
    }


def test_cycles_stand_the_newest_first_in_every_state(cast: Cast) -> None:
    done = closed(cast.acme, "Spring")
    under_way = open_cycle(cast.acme, "Autumn")
    told = Program(cast.acme).read("cycles/")["items"]
    assert [(one["id"], one["state"]) for one in told] == [
        (str(under_way.pk), "open"),
        (str(done.pk), "closed"),
    ]
    assert told[1] == {
        "id": str(done.pk),
        "name": "Spring",
        "rubric": MAIN_RUBRIC,
        "state": "closed",
        "opened": "2026-09-16T12:00:00Z",
        "closed": told[1]["closed"],
        "method": METHOD_VERSION,
    }
    assert told[0]["method"] is None
    assert told[0]["closed"] is None
    assert told[1]["closed"].endswith("Z")


def test_rubrics_name_every_subject_in_both_languages(cast: Cast) -> None:
    told = Program(cast.acme).read("rubrics/")["items"]
    assert [one["slug"] for one in told] == sorted(BUILT_IN)
    main = next(one for one in told if one["slug"] == MAIN_RUBRIC)
    rubric = built_in(MAIN_RUBRIC)
    assert [one["slug"] for one in main["capabilities"]] == [
        one.slug for one in rubric.capabilities
    ]
    assert main["values"][0] == {
        "slug": rubric.dimensions[0].slug,
        "name": {
            "en": rubric.dimensions[0].name.in_("en"),
            "ko": rubric.dimensions[0].name.in_("ko"),
        },
    }


def test_results_are_the_published_cells_without_stages_and_no_others(cast: Cast) -> None:
    cycle = closed(cast.acme)
    told = [row for page in Program(cast.acme).walk(f"cycles/{cycle.pk}/results/") for row in page]
    with working_for(cast.acme.id):
        found = queries.find(cycle.pk)
        assert found
        nodes = {node.team_id: node.id for node in queries.tree(found).nodes}
        cells = queries.cells(found, nodes=nodes.values())
    stages = [cell for cell in cells if cell.subject_type == "stage"]
    assert stages and len(told) == len(cells) - len(stages)
    for row in told:
        node = nodes[UUID(row["team_id"])]
        cell = cells.get(node, row["subject_type"], row["subject"], row["kind"])
        assert cell
        for name in ("score", "estimate", "low", "high", "coarse", "everyone", "n", "invited"):
            assert row[name] == getattr(cell, name), name
        for name in ("level", "state", "need", "fit"):
            assert row[name] == getattr(cell, name), name
        assert row["suppressed"] == cell.suppressed
    reasons = {row["suppressed"] for row in told}
    assert None in reasons and "below_threshold" in reasons
    hidden = [row for row in told if row["suppressed"]]
    assert all(row["score"] is None and row["level"] is None for row in hidden)


def test_a_number_that_is_missing_says_which_of_three_reasons_it_is(cast: Cast) -> None:
    acme, slugs = cast.acme, [one.slug for one in built_in(MAIN_RUBRIC).capabilities]
    asked = {"performance": slugs[:30], "importance": slugs}
    cycle = open_cycle(acme, "Half a value", asked=asked)
    for number in range(8):
        person = acme.add(f"Person {number}", team="Brand")
        answer(acme, cycle, person, performance=[4, 4, 4, -1, -1, -1, *[3] * 24, *[None] * 6])
    perform(Cycle, acme.id, cycle.pk, close)
    where = f"cycles/{cycle.pk}/results/?team=Acme&kind=performance&limit=500"
    told = Program(acme).read(where)["items"]
    reasons = {(row["subject_type"], row["subject"]): row["suppressed"] for row in told}
    assert [reasons["capability", slug] for slug in slugs] == [
        *[None] * 3,
        *["below_threshold"] * 3,
        *[None] * 24,
        *["not_asked"] * 6,
    ]
    values = [reasons["value", one.slug] for one in built_in(MAIN_RUBRIC).dimensions]
    assert values == ["not_enough_weight", None, None, None, None, "not_asked"]


def test_the_principles_stand_in_the_organizations_own_words(cast: Cast) -> None:
    acme = cast.acme
    words, methods = {"en": "One agenda", "ko": "어젠다는 하나"}, {"en": "A\nB", "ko": "가\n나"}
    with working_for(acme.id):
        Principle.objects.filter(number=1).update(
            wording=words, methods=methods, owner=acme.members["Cho"], review_on=date(2027, 2, 1)
        )
    told = Program(acme).read("principles/")["items"]
    assert told[0] == {
        "number": 1,
        "wording": words,
        "methods": {"en": ["A", "B"], "ko": ["가", "나"]},
        "owner": "Cho",
        "review_on": "2027-02-01",
    }
    assert [(one["number"], one["owner"]) for one in told[1:]] == [(2, None), (3, None)]


def test_a_row_says_what_its_fields_describe(cast: Cast) -> None:
    cycle = closed(cast.acme)
    with working_for(cast.acme.id):
        card, teams = Scorecard.objects.get(cycle=cycle.pk).pk, export.teams_by_node(cycle.pk)
        rows = export.fetch_cells(card, teams, wanted=CellFilter(), after=None, most=500)
    for row in rows:
        described = Serializer.to_representation(ResultSerializer(), row)
        assert ResultSerializer().to_representation(row) == described
    assert len(rows) > 100


FILTERED = {
    "team": "Growth / Brand",
    "subject_type": "value",
    "subject": "growth-agenda",
    "kind": "importance",
}


def test_each_filter_chooses_the_rows_that_say_so(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program, where = Program(cast.acme), f"cycles/{cycle.pk}/results/?limit=500"
    every = program.read(where)["items"]
    assert set(FILTERED) == {parameter.name for parameter in FILTERS}
    for name, value in FILTERED.items():
        chosen = [row for row in every if row[name] == value]
        assert 0 < len(chosen) < len(every)
        assert program.read(f"{where}&{name}={value}")["items"] == chosen
    brand = str(cast.acme.teams["Brand"].pk)
    by_path = program.read(f"{where}&team=Growth / Brand")["items"]
    assert program.read(f"{where}&team={brand}")["items"] == by_path
    one = program.read(f"{where}&team=Acme&subject=growth-agenda&kind=importance")["items"]
    assert [(row["team"], row["subject"], row["kind"]) for row in one] == [
        ("Acme", "growth-agenda", "importance")
    ]
    first = program.read(where.replace("500", "1"))["items"][0]
    assert (first["team"], first["subject_type"]) == ("Acme", "capability")  # the whole comes first


def test_the_latest_results_are_of_a_cycle_that_says_something(cast: Cast) -> None:
    spoken = closed(cast.acme, "Spoken")
    silent = closed(cast.acme, "Silent", 2)
    program = Program(cast.acme)
    query = "results/?limit=500"
    assert program.read(f"cycles/latest/{query}") == program.read(f"cycles/{spoken.pk}/{query}") | {
        "next": None
    }
    told = program.read(f"cycles/{silent.pk}/{query}")["items"]
    assert told and all(row["suppressed"] for row in told)


def test_the_latest_results_are_of_the_main_rubric_once_it_was_measured(cast: Cast) -> None:
    program, query = Program(cast.acme), "results/?limit=500"

    def latest_is(cycle: Cycle) -> bool:
        items = [program.read(f"cycles/{which}/{query}")["items"] for which in ("latest", cycle.pk)]
        return bool(items[0]) and items == [items[0]] * 2

    disruption = closed(cast.acme, "Disruption", rubric=DISRUPTION)
    assert latest_is(disruption)
    assert latest_is(closed(cast.acme, "Together", rubric="cmo-collaboration"))
    assert latest_is(closed(cast.acme, "Value"))
    with working_for(cast.acme.id):
        set_main_rubric(DISRUPTION, by=None)
    assert latest_is(disruption)


@pytest.mark.parametrize("stage", ["planned", "open", "closing"])
def test_a_cycle_that_is_not_closed_has_no_results(cast: Cast, stage: str) -> None:
    """Not even where something was counted already."""
    fresh, counted = open_cycle(cast.acme), closed(cast.acme, "Counted")
    with working_for(cast.acme.id):
        Cycle.objects.update(stage=stage)
    program = Program(cast.acme)
    for cycle in (fresh.pk, counted.pk, "latest"):
        assert program.get(f"cycles/{cycle}/results/").status_code == 404
        assert program.get(f"cycles/{cycle}/results.csv").status_code == 404


@pytest.mark.parametrize("limit", [1, 7, 100, 500])
def test_pages_joined_are_the_whole(cast: Cast, limit: int) -> None:
    cycle = closed(cast.acme)
    program = Program(cast.acme)
    where = f"cycles/{cycle.pk}/results/?subject=growth-agenda&limit={limit}"
    pages = program.walk(where)
    assert all(len(page) == limit for page in pages[:-1])
    assert [row for page in pages for row in page] == program.read(
        f"cycles/{cycle.pk}/results/?subject=growth-agenda&limit=500"
    )["items"]


def test_nothing_is_skipped_or_told_twice_while_rows_are_added(cast: Cast) -> None:
    before = [open_cycle(cast.acme, f"Cycle {number}") for number in range(5)]
    program, seen, here = Program(cast.acme), [], "cycles/?limit=2"
    while here:
        told = program.read(here)
        seen += [one["id"] for one in told["items"]]
        here = told["next"]
        open_cycle(cast.acme, f"Meanwhile {len(seen)}")
    assert seen == [str(cycle.pk) for cycle in reversed(before)]
    names: list[str] = []
    here = "teams/?limit=1"
    while here and len(names) < 10:
        told = program.read(here)
        names += [one["name"] for one in told["items"]]
        here = told["next"]
        if len(names) < 4:
            cast.acme.add_team(f"New {len(names)}")
    assert sorted(names) == ["Acme", "Brand", "Growth", "New 1", "New 2", "New 3"]


def test_the_next_page_is_also_a_link(cast: Cast) -> None:
    answer = Program(cast.acme).get("teams/?limit=2")
    following = answer.json()["next"]
    assert following.startswith(
        "http://testserver/api/v1/organizations/acme/teams/?limit=2&cursor="
    )
    assert answer["Link"] == f'<{following}>; rel="next"'
    assert "Link" not in Program(cast.acme).get("teams/")


@pytest.mark.parametrize("path", ["teams/", "cycles/", "rubrics/", "cycles/{}/results/"])
def test_reading_costs_the_same_whatever_there_is(cast: Cast, path: str) -> None:
    few = many = closed(cast.acme, "Spring")
    costs = [_statements(Program(cast.acme), path.format(few.pk))]
    for number in range(3):
        cast.acme.add_team(f"Team {number}")
        many = closed(cast.acme, f"Cycle {number}")
    costs.append(_statements(Program(cast.acme), path.format(many.pk)))
    assert costs[0] == costs[1] <= STATEMENTS


def _statements(program: Program, path: str) -> int:
    program.read(path)  # whatever is remembered for ever is remembered now
    with CaptureQueriesContext(connection) as asked:
        program.read(path)
    return len(asked)


def test_a_late_page_is_found_in_the_index(cast: Cast) -> None:
    cycle = closed(cast.acme)
    with working_for(cast.acme.id):
        card, teams = Scorecard.objects.get(cycle=cycle.pk).pk, export.teams_by_node(cycle.pk)
        whole = export.fetch_cells(card, teams, wanted=CellFilter(), after=None, most=10_000)
        statement, values = export.build_query(card, CellFilter(), whole[-5].place, 100)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("EXPLAIN " + statement, values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "result_once" in plan and "Sort" not in plan
    found_by = plan.split("result_once")[1].split("Index Cond")[1].split("\n")[0]
    assert "ROW(node_id" in found_by


def test_an_answer_that_has_not_changed_is_not_sent_again(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program = Program(cast.acme)
    for path in ("teams/", "cycles/", "rubrics/", f"cycles/{cycle.pk}/results/"):
        tag = program.get(path)["ETag"]
        assert not tag.startswith("W/")
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            same = program.get(path, **{"If-None-Match": known})
            assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
        assert program.get(path, **{"If-None-Match": '"other"'}).status_code == 200
    where = f"cycles/{cycle.pk}/results/"
    tags = {
        program.get(path)["ETag"]
        for path in (where, f"{where}?limit=5", f"{where}?kind=importance", f"{where[:-1]}.csv")
    }
    assert len(tags) == 4


def test_for_unchanged_results_no_row_is_read(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program, where = Program(cast.acme), f"cycles/{cycle.pk}/results/"
    tag = program.get(where)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        program.get(where, **{"If-None-Match": tag})
    assert not [one["sql"] for one in asked if "assessments_result" in one["sql"]]


def test_answers_are_the_programs_own(cast: Cast) -> None:
    answer = Program(cast.acme).get("teams/")
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Accept-Language", "Accept"} <= set(answer["Vary"].split(", "))
    assert "Access-Control-Allow-Origin" not in answer
    assert not answer.cookies


def test_a_list_that_changed_has_another_mark(cast: Cast) -> None:
    program = Program(cast.acme)
    before = program.get("teams/")["ETag"]
    with working_for(cast.acme.id):
        Team.objects.filter(name="Brand").update(name="Brands")
    assert program.get("teams/")["ETag"] != before


def test_a_scope_opens_what_it_names(cast: Cast) -> None:
    cycle = closed(cast.acme)
    only = {scope: Program(cast.acme, key_of(cast.acme, [scope])) for scope in Scope}
    expected = {Scope.CYCLES: [200, 200, 200, 403], Scope.RESULTS: [403, 403, 403, 200]}
    for scope, program in only.items():
        paths = ("teams/", "cycles/", "rubrics/", f"cycles/{cycle.pk}/results/")
        assert [program.get(path).status_code for path in paths] == expected[scope]
    refused = only[Scope.RESULTS].get("teams/").json()
    assert refused["problems"][0]["message"] == "This key doesn't have the scope “cycles:read”."
