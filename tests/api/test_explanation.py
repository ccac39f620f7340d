"""A program can ask of each number how it came about, and learns what the page says and no more."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import Result
from assessments.results import queries
from assessments.results.explanation import explain
from organizations.tenancy.scope import working_for
from tests.api.api_clients import Program
from tests.conftest import Cast
from tests.reports.views.test_results import closed

STATEMENTS = 8 + 2  # the savepoint of the request is two more in a test


def test_a_value_is_the_mean_of_its_parts(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program, where = Program(cast.acme), f"cycles/{cycle.pk}/results/"
    rows = program.read(f"{where}?team=Acme&kind=performance&limit=500")["items"]
    value = next(row for row in rows if row["subject_type"] == "value" and row["score"])
    told = program.read(f"{where}{value['id']}/explain/")
    for name in ("subject", "kind", "score", "suppressed"):
        assert told[name] == value[name]
    assert abs(told["mean"]["value"] - value["score"]) <= told["mean"]["allowed"]
    assert sum(part["share"] for part in told["parts"]) == pytest.approx(1, abs=0.001)
    assert {part["subject"] for part in told["parts"]} <= {row["subject"] for row in rows}
    assert told["unrated"] is None
    part = program.read(f"{where}{told['parts'][0]['result']}/explain/")
    assert part["chain"][0]["result"] == value["id"]


def test_every_number_can_be_explained_in_the_same_words_as_on_its_page(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program, where = Program(cast.acme), f"cycles/{cycle.pk}/results/"
    rows = [row for page in program.walk(f"{where}?subject=growth-agenda") for row in page]
    assert {row["suppressed"] for row in rows} > {None}
    with working_for(cast.acme.id):
        known = queries.find(cycle.pk)
        assert known
        expected: dict[str, Any] = {row["id"]: explain(known, row["id"]) for row in rows}
    for row in rows:
        told, page = program.read(f"{where}{row['id']}/explain/"), expected[row["id"]]
        assert (told["score"], told["suppressed"]) == (row["score"], row["suppressed"])
        assert tuple(told["teams"]) == page.teams
        assert [block["n"] for block in told["blocks"]] == [block.n for block in page.blocks]
        assert all(block["n"] >= told["threshold"] for block in told["blocks"])
        assert told["input_digest"] == page.input_digest
        for name in ("estimate", "low", "high", "coarse", "everyone", "n", "invited", "need"):
            assert told[name] == row[name], name
        assert told["block_count"] == page.block_count
        shares = [block["share"] for block in told["blocks"]]
        assert None in shares or not shares or abs(sum(shares) - 1) < 0.001
        unrated = page.unrated
        assert told["unrated"] == (
            {"not_seen": unrated.not_seen, "not_applicable": unrated.not_applicable}
            if unrated
            else None
        )


def test_what_is_not_there_cannot_be_explained(cast: Cast) -> None:
    cycle, other = closed(cast.acme), closed(cast.acme, "Other")
    program = Program(cast.acme)
    row = program.read(f"cycles/{cycle.pk}/results/?limit=1")["items"][0]["id"]
    with working_for(cast.acme.id):
        stage = Result.objects.filter(scorecard__cycle=cycle.pk, subject_type="stage").values("pk")[
            0
        ]["pk"]
    for address in (
        f"cycles/{cycle.pk}/results/{uuid4()}/explain/",
        f"cycles/{cycle.pk}/results/{stage}/explain/",
        f"cycles/{other.pk}/results/{row}/explain/",
        f"cycles/{uuid4()}/results/{row}/explain/",
    ):
        assert program.get(address).status_code == 404


def test_an_explanation_costs_eight_statements(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program = Program(cast.acme)
    row = program.read(f"cycles/{cycle.pk}/results/?limit=1")["items"][0]["id"]
    with CaptureQueriesContext(connection) as asked:
        told = program.get(f"cycles/{cycle.pk}/results/{row}/explain/")
    assert told.status_code == 200
    assert len(asked) <= STATEMENTS
    same = program.get(
        f"cycles/{cycle.pk}/results/{row}/explain/", **{"If-None-Match": told["ETag"]}
    )
    assert same.status_code == 304
