"""Results as a table: the same rows, harmless in a spreadsheet, and never held as a whole."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.api.results import BATCH_SIZE
from assessments.api.serializers import TABLE_COLUMNS
from assessments.models import Cycle, CycleTeam, Result, Scorecard
from organizations.tables.reading import read_table
from organizations.tables.writing import stream_table
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import working_for
from tests.api.api_clients import Program
from tests.conftest import Cast, House
from tests.reports.views.test_results import closed


def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(answer)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "query", ["", "?kind=importance", "?team=Growth", "?subject=growth-agenda"]
)
def test_the_table_holds_the_same_rows(cast: Cast, query: str) -> None:
    cycle = closed(cast.acme)
    program = Program(cast.acme)
    told = [row for page in program.walk(f"cycles/{cycle.pk}/results/{query}") for row in page]
    rows = table(program.get(f"cycles/{cycle.pk}/results.csv{query}"))
    assert len(rows) == len(told) > 0
    for row, one in zip(rows, told, strict=True):
        index = None if one["score"] is None else round(25 * (one["score"] - 1), 1)
        told = one | {"index": index}
        assert row == {
            name: "" if told[name] is None else str(told[name]) for name in TABLE_COLUMNS
        }


def test_it_is_offered_by_its_format_too(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program = Program(cast.acme)
    by_address = program.get(f"cycles/{cycle.pk}/results.csv")
    by_format = program.get(f"cycles/{cycle.pk}/results/", Accept="text/csv")
    assert table(by_address) == table(by_format)
    assert by_address["Content-Disposition"] == 'attachment; filename="results.csv"'
    refused = program.get(f"cycles/{cycle.pk}/results/?limit=5", Accept="text/csv")
    assert refused.json()["problems"][0]["name"] == "limit"
    tag = program.get(f"cycles/{cycle.pk}/results.csv")["ETag"]
    same = program.get(f"cycles/{cycle.pk}/results.csv", **{"If-None-Match": tag})
    assert same.status_code == 304


def test_a_name_that_looks_like_a_formula_is_harmless(cast: Cast) -> None:
    cycle = closed(cast.acme)
    with working_for(cast.acme.id):
        CycleTeam.objects.filter(cycle=cycle.pk, name="Growth").update(name='=HYPERLINK("x")')
    rows = table(Program(cast.acme).get(f"cycles/{cycle.pk}/results.csv"))
    names = {row["team"] for row in rows}
    assert '\'=HYPERLINK("x")' in names
    assert not [name for name in names if name.startswith("=")]


def test_the_latest_cycle_has_an_address_that_stays(cast: Cast) -> None:
    program = Program(cast.acme)
    assert program.get("cycles/latest/results/").status_code == 404
    spring = closed(cast.acme, "Spring")
    together = closed(cast.acme, "Together", rubric="cmo-collaboration")
    first = program.get("cycles/latest/results/")
    assert first.json()["items"] == program.read(f"cycles/{spring.pk}/results/")["items"]
    other = program.read("cycles/latest/results/?rubric=cmo-collaboration")["items"]
    assert other == program.read(f"cycles/{together.pk}/results/")["items"]
    autumn = closed(cast.acme, "Autumn")
    with working_for(cast.acme.id):
        newest = Cycle.objects.get(pk=autumn.pk)
        Cycle.objects.filter(pk=spring.pk).update(closed_at=newest.opened_at)
    second = program.get("cycles/latest/results/", **{"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert second.json()["items"] == program.read(f"cycles/{autumn.pk}/results/")["items"]
    assert table(program.get("cycles/latest/results.csv"))
    assert program.get("cycles/latest/results/?rubric=nothing").status_code == 404


def add_cells(house: House, cycle: Cycle, count: int) -> None:
    """More published cells than any rubric has; only their number matters here."""
    with working_for(house.id):
        node = CycleTeam.objects.filter(cycle=cycle.pk).first()
        card = Scorecard.objects.get(cycle=cycle.pk)
        rows = [
            Result(
                scorecard=card,
                node=node,
                subject_type="capability",
                subject=f"extra-{number:06}",
                kind="performance",
                score="3.4",
            )
            for number in range(count)
        ]
        insert(rows)


def test_what_is_held_does_not_grow_with_the_table() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        for _piece in stream_table(["a", "b"], ([f"team {n}", n] for n in range(rows))):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(100_000) < 2 * peak(5_000)


def test_a_long_table_is_read_in_parts(cast: Cast) -> None:
    cycle = closed(cast.acme)
    add_cells(cast.acme, cycle, 2 * BATCH_SIZE + 5)
    answer = Program(cast.acme).get(f"cycles/{cycle.pk}/results.csv")
    with CaptureQueriesContext(connection) as asked:
        rows = table(answer)
    assert len(rows) > 2 * BATCH_SIZE
    assert len({row["id"] for row in rows}) == len(rows)
    reading = [one["sql"] for one in asked if "FROM assessments_result" in one["sql"]]
    assert len(reading) == 3


def test_the_table_reads_back_as_it_was_written(cast: Cast) -> None:
    cycle = closed(cast.acme)
    content = b"".join(Program(cast.acme).get(f"cycles/{cycle.pk}/results.csv"))
    assert read_table(content).header == TABLE_COLUMNS
