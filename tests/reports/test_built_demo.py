"""What stands in the demo, and how its numbers are verified; it is built once for all of these tests."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.cycles.closing import close
from assessments.imports.import_cycle import import_cycle
from assessments.management.operators import find_organization
from assessments.models import Cycle, Result, Scorecard
from assessments.results import queries
from assessments.rubrics import MAIN_RUBRIC
from assessments.scoring.publish.publish import METHOD_VERSION
from organizations.jobs import perform
from organizations.models import Membership, User
from organizations.tenancy.scope import working_for
from reports.management.commands.demo import (
    DEMO_ACCOUNTS,
    DEMO_DIRECTORY,
    PASSWORD,
    SLUG,
)


@pytest.fixture(scope="module")
def built(module_transaction: None) -> None:
    with override_settings(DEMO=True):
        call_command("demo", stdout=StringIO())


@pytest.fixture(autouse=True)
def _demo(db: None, built: None, settings: Any) -> None:
    settings.DEMO = True


def standing() -> Any:
    found = find_organization(SLUG)
    assert found
    return found


def test_the_demo_tells_its_story(client: Client) -> None:
    with working_for(standing()):
        stages = list(Cycle.objects.values_list("stage", flat=True))
        assert sorted(stages) == ["closed"] * 5 + ["open"]
        cycle, before = queries.history(MAIN_RUBRIC)[:2]
        tree = queries.tree(cycle)
        now, then = queries.cells(cycle), queries.cells(before)

        def level(capability: str) -> float:
            cell = now.get(cycle.root, "capability", capability)
            assert cell
            assert cell.score
            return cell.score

        fell = then.get(before.root, "capability", "purchase-conversion")
        assert fell
        assert fell.score
        assert level("purchase-conversion") < fell.score - 0.3
        assert level("brand-storytelling") >= 4.2
        assert level("customer-data-integration") <= 2.4
        everything = queries.cells(cycle, nodes=[node.id for node in tree.nodes])
        hidden = set()
        for node in tree.nodes:
            cell = everything.get(node.id, "overall")
            assert cell
            hidden |= {node.name} if cell.suppressed else set()
        assert hidden == {"Agency partners", "Insight"}


def test_half_have_answered_and_the_member_has_not() -> None:
    with working_for(standing()):
        cycle = Cycle.objects.get(stage="open")
        assert cycle.takes_answers_at(timezone.now())
        parts = cycle.participations
        assert cycle.responses.count() == 30
        assert parts.filter(finished=True).count() == 26
        assert not parts.get(membership__email="member@demo.example").finished
        assert cycle.comments.count() == 14


def test_whoever_signs_in_comes_in() -> None:
    for email in DEMO_ACCOUNTS:
        client = Client()
        assert client.login(username=email, password=PASSWORD), email
        with working_for(standing()):
            assert Membership.objects.get(email=email).user == User.objects.get(email=email)


def test_starting_again_looks_at_one_row() -> None:
    with working_for(standing()):
        before = set(Result.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        call_command("demo", stdout=StringIO())
    tables = [query["sql"] for query in asked if " FROM " in query["sql"]]
    assert len(tables) == 1, tables
    with working_for(standing()):
        assert set(Result.objects.values_list("pk", flat=True)) == before


def test_the_line_that_is_printed_reads_the_demos_numbers(settings: Any) -> None:
    said = StringIO()
    call_command("demo", stdout=said)
    found = re.search(r'curl -H "Authorization: (\S+ \S+)" http://testserver(\S+)', said.getvalue())
    assert found
    key, address = found.groups()
    answer = Client(headers={"Authorization": key}).get(address)
    assert answer.status_code == 200
    assert answer.json()["items"]
    settings.DEMO = False
    assert Client(headers={"Authorization": key}).get(address).status_code == 401


def test_scores_that_are_computed_again_are_the_same() -> None:
    out = StringIO()
    call_command("verify_scores", stdout=out)
    assert out.getvalue() == "5 closed cycles, 5 computed again and the same.\n"


@pytest.mark.parametrize(
    ("column", "value"), [("score", "1.1"), ("n", 999), ("level", 5), ("detail", {"split": True})]
)
def test_a_published_value_that_was_changed_is_found(column: str, value: object) -> None:
    with working_for(standing()):
        row = Result.objects.filter(score__isnull=False, kind="performance").first()
        assert row
        Result.objects.filter(pk=row.pk).update(**{column: value})
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_scores", organization=SLUG, stdout=StringIO(), stderr=told)
    assert ended.value.code == 1
    assert f"{column} was published as" in told.getvalue()


def test_a_result_that_was_slipped_in_or_taken_away_is_found() -> None:
    with working_for(standing()):
        row = Result.objects.filter(score__isnull=False).first()
        assert row
        row.delete()
    told = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_scores", stdout=StringIO(), stderr=told)
    assert "was not published" in told.getvalue()


def test_a_cycle_whose_answers_were_removed_cannot_be_computed_again() -> None:
    """Nor can the one after it, which was compared with it."""
    with working_for(standing()):
        last, before = Cycle.objects.closed().filter(rubric=MAIN_RUBRIC)[:2]
        one = before.responses.first()
        assert one
        one.delete()
    out = StringIO()
    call_command("verify_scores", stdout=out)
    for cycle in (last, before):
        assert f"{cycle.name}: answers were removed since" in out.getvalue()
    assert out.getvalue().endswith("5 closed cycles, 3 computed again and the same.\n")


def test_a_cycle_that_is_imported_later_changes_no_comparison() -> None:
    """It closed between two others, which had been compared before it came."""
    organization = standing()
    with working_for(organization):
        last, before = Cycle.objects.closed().filter(rubric=MAIN_RUBRIC)[:2]
        assert last.closed_at
        between = import_cycle(
            name="Between",
            ratings=(DEMO_DIRECTORY / "marketing-value-1.csv").read_bytes(),
            edition=last.edition,
            closed_on=(last.closed_at - timedelta(days=20)).date(),
            by=None,
            moment=timezone.now(),
        )
    perform(Cycle, organization, between.pk, close)
    with working_for(organization):
        compared = {
            card.cycle_id: card.summary["before"]
            for card in Scorecard.objects.filter(cycle__in=(last, between))
        }
    assert compared == {last.pk: str(before.pk), between.pk: str(before.pk)}
    out = StringIO()
    call_command("verify_scores", stdout=out)
    assert out.getvalue() == "6 closed cycles, 6 computed again and the same.\n"


def test_what_an_older_method_published_is_left_as_it_was_but_for_its_answers() -> None:
    with working_for(standing()):
        cycle = Cycle.objects.closed().filter(rubric=MAIN_RUBRIC)[0]
        Scorecard.objects.filter(cycle=cycle).update(method="1")
        Result.objects.filter(scorecard__cycle=cycle, score__isnull=False).update(low=1)
    out = StringIO()
    call_command("verify_scores", stdout=out)
    assert f"{cycle.name}: computed by method 1, today's is {METHOD_VERSION}:" in out.getvalue()
    assert "5 closed cycles, 4 computed again and the same.\n" in out.getvalue()
    assert out.getvalue().endswith("1 by an older method: their answers alone were checked.\n")
    with working_for(standing()):
        Scorecard.objects.filter(cycle=cycle).update(input_digest="0" * 64)
    told = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_scores", stdout=StringIO(), stderr=told)
    assert "input_digest differs" in told.getvalue()


def test_an_older_method_is_replaced_by_todays_as_it_was_before() -> None:
    """All comparisons are of one method afterwards, and the check of scores finds nothing."""
    with working_for(standing()):
        for cycle in Cycle.objects.closed().filter(rubric=MAIN_RUBRIC):
            Scorecard.objects.filter(cycle=cycle).update(method="1")
        before = Result.objects.count()
    out = StringIO()
    call_command("rescore", "--all", stdout=out)
    assert out.getvalue().count("; scores that change: 0\n") == 4
    assert out.getvalue().endswith("5 closed cycles, 4 changed.\n")
    with working_for(standing()):
        assert Result.objects.filter(scorecard__current=True).count() == before
    out = StringIO()
    call_command("verify_scores", stdout=out)
    assert out.getvalue() == (
        "5 closed cycles, 5 computed again and the same.\n"
        "4 older scorecards are kept and never shown.\n"
    )
