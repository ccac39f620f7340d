"""Results of an older scorecard are shown nowhere: not on a page, not to a program, in no table and in no
report. Every address of the site is visited before and after such results are there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from assessments import rubric_editions
from assessments.models import Result, Scorecard
from assessments.results import queries
from assessments.rubrics import MAIN_RUBRIC
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import uuid7, working_for
from reports.documents import write_document
from reports.documents.build import load_material
from reports.documents.document import as_json
from reports.models import Report
from tests.conftest import Cast, House
from tests.isolation.conftest import PLAIN
from tests.isolation.populated_organizations import Known, callers, populate
from tests.isolation.routes import Route, routes
from tests.reports.views.test_results import closed

ABSURD = 77_777
WHOLE = {"subject_type": "overall", "kind": "performance"}
READERS = ("owner", "member")  # who see everything, and their own team
RECORDS = {"organizations:settings_access", "organizations:settings_keys"}  # of what was read
DIFFERENT_EACH_TIME = re.compile('name="csrfmiddlewaretoken" value="[A-Za-z0-9]{64}"')
SITE: list[Route] = routes()


Readers = dict[str, Callable[[], Client]]


@pytest.fixture
def readers(cast: Cast, acme: Known) -> Readers:
    return callers(cast, acme)


@pytest.fixture
def acme(cast: Cast, settings: Settings) -> Known:
    """Two real closed cycles beside everything else."""
    settings.API_PER_MINUTE = 1_000_000
    known = populate(cast.acme, "Acme's own words")
    with working_for(cast.acme.id):  # from now on its wording is known
        rubric_editions.rubric_of(rubric_editions.get_or_create_latest(MAIN_RUBRIC))
    closed(cast.acme, "Spring", people=12)
    cycle = closed(cast.acme, "Autumn", people=12)
    with working_for(cast.acme.id):
        result = Result.objects.filter(scorecard__cycle=cycle, score__isnull=False)[0]
    known.ids |= PLAIN | {
        "cycle": str(cycle.pk),
        "closed_cycle": str(cycle.pk),
        "result": str(result.pk),
        "node": str(result.node_id),
    }
    return known


def plant(house: House, *, current: bool = False) -> UUID:
    """Another scorecard of every closed cycle with absurd numbers; return one of its results."""
    with working_for(house.id):
        for card in Scorecard.objects.current():
            rows = list(Result.objects.filter(scorecard=card))
            if current:
                Scorecard.objects.filter(pk=card.pk).update(current=False)
            counts = {str(row.node_id): {"n": ABSURD, "invited": ABSURD} for row in rows}
            everywhere = list(counts)
            card.pk, card.current, card._state.adding = uuid7(), current, True
            card.method, card.discarded, card.participation = str(ABSURD), ABSURD, counts
            card.summary = card.summary | {"shown": everywhere, "alignments": {}, "quality": {}}
            card.save(force_insert=True)
            for row in rows:
                row.pk, row.scorecard = uuid7(), card
                row.score, row.low, row.high, row.suppressed = 9.9, 9.8, 9.9, ""
                row.n = row.invited = ABSURD
            insert(rows)
        return Result.objects.get(scorecard=card, node__place=0, **WHOLE).pk


def body(client: Any, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    content = b"".join(answer) if answer.streaming else answer.content
    return f"{answer.status_code} {DIFFERENT_EACH_TIME.sub('', content.decode('utf-8', 'replace'))}"


def everything(cast: Cast, acme: Known, readers: Readers) -> dict[str, str]:
    """Every page as whoever reads results, every answer to a program, and a report of today."""
    caches["results_pages"].clear()
    seen = dict[str, str]()
    for route in (route for route in SITE if not route.is_public):
        path = route.path(acme.at(route))
        for who in ("API key",) if route.is_for_programs else READERS:
            seen[f"{route.name} {who}"] = body(readers[who](), path)
        if route.is_for_programs:
            seen[f"{route.name} csv"] = body(readers["API key"](), path, Accept="text/csv")
    with working_for(cast.acme.id):
        material = load_material(Report.objects.all()[0])
    seen["report"] = str([as_json(write_document(material, language)) for language in ("en", "ko")])
    return seen


def test_older_results_are_shown_nowhere(cast: Cast, acme: Known, readers: Readers) -> None:
    before = everything(cast, acme, readers)
    absurd = plant(cast.acme)
    after = everything(cast, acme, readers)
    changed = {name.split()[0] for name in before if before[name] != after[name]}
    assert changed <= RECORDS
    assert not [name for name, text in after.items() if str(ABSURD) in text]
    older = {"result": str(absurd)}
    for route in (route for route in SITE if "result" in route.parameters):
        who = "API key" if route.is_for_programs else "owner"
        path = replace(acme, ids=acme.ids | older).at(route)
        assert body(readers[who](), route.path(path)).startswith("404"), route.name


def test_the_walk_would_see_them(cast: Cast, acme: Known, readers: Readers) -> None:
    """The same results as the current ones stand on every page, in every table and in the report."""
    before = everything(cast, acme, readers)
    plant(cast.acme, current=True)
    after = everything(cast, acme, readers)
    changed = {name.split()[0] for name in before if before[name] != after[name]}
    assert changed >= {
        "reports:home",
        "reports:teams",
        "reports:trend",
        "reports:capabilities",
        "reports:capability",
        "reports:explanation",
        "reports:capabilities_quality",
        "api:results",
        "api:results_table",
        "api:explanation",
        "report",
    }
    with working_for(cast.acme.id):
        assert {cycle.method for cycle in queries.history(MAIN_RUBRIC)} == {str(ABSURD)}
