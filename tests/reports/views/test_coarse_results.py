"""Pages, API and report over a cycle whose small groups were made coarse."""

from __future__ import annotations

import re

import pytest

from assessments.cycles.rescoring import Outcome, rescore
from assessments.models import Result, Scorecard
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from reports.documents import write_document
from reports.documents.build import load_material
from reports.models import Report
from tests.api.api_clients import NOW, Program
from tests.assessments.answered_cycles import ask
from tests.conftest import Cast
from tests.reports.views.test_results import PAGES, QUALITY, closed

TENTHS = {f"{level}.{tenth}" for level in range(1, 5) for tenth in (1, 2, 3, 4, 6, 7, 8, 9)}


@pytest.fixture
def acme(cast: Cast) -> Cast:
    """Two cycles of an older method, and the salt is gone."""
    spring, autumn = (closed(cast.acme, name) for name in ("Spring", "Autumn"))
    ask(cast.acme, autumn.pk, "Max")
    with working_for(cast.acme.id):
        Scorecard.objects.update(method="1")
        single = Result.objects.filter(subject_type="capability", score__isnull=False)
        single.update(score="3.7", low="3.2", high="4.1", detail={"need": 4.2, "gap": -0.5})
        Organization.objects.update(salt=None)
    for cycle in (spring, autumn):
        done = rescore(cast.acme.id, cycle.pk, moment=NOW)
        assert done.outcome == Outcome.MADE_COARSE
    return cast


def test_every_page_shows_it(acme: Cast) -> None:
    cho, max_ = acme.acme.browser("Cho"), acme.acme.browser("Max")
    brand = acme.acme.teams["Brand"].pk
    for address in (*PAGES, QUALITY, f"teams/?team={brand}&value=exchange"):
        assert cho.get(f"/o/acme/{address}").status_code == 200, address
    assert max_.get("/o/acme/teams/").status_code == 200


def test_pages_say_once_that_small_groups_are_in_half_levels(acme: Cast) -> None:
    """Where they list teams or capabilities of one, and nowhere twice."""
    cho, note = acme.acme.browser("Cho"), "Groups under 10 are shown in half levels."
    pages = (cho.get(f"/o/acme/{address}").content.decode() for address in PAGES)
    said = dict(zip(PAGES, (page.count(note) for page in pages), strict=True))
    assert set(said.values()) <= {0, 1}, said
    assert said["teams/"] == 1, said


def test_every_number_explains_itself_and_the_report_is_written(acme: Cast) -> None:
    cho = acme.acme.browser("Cho")
    with working_for(acme.acme.id):
        shown = Result.objects.filter(scorecard__current=True, scorecard__cycle__name="Autumn")
        rows = list(shown.exclude(score=None).exclude(subject_type="stage"))
        report = Report.objects.create(slot=NOW)
        material = load_material(report)
    for row in rows[::9]:
        assert cho.get(f"/o/acme/results/{row.pk}/explain/").status_code == 200, row
    for language in ("en", "ko"):
        write_document(material, language)


def test_a_program_reads_half_levels(acme: Cast) -> None:
    rows = Program(acme.acme).read("cycles/latest/results/?limit=500")["items"]
    single = [row for row in rows if row["subject_type"] == "capability" and row["score"]]
    assert single
    for row in single:
        numbers = {str(row[name]) for name in ("score", "low", "high", "need") if row[name]}
        assert not numbers & TENTHS
        assert (row["coarse"], row["method"]) == (True, "1")
        assert re.fullmatch(r"[1-5]\.[05]", str(row["score"]))
