"""An operator computes closed cycles anew on the command line, and reads what became of each."""

from __future__ import annotations

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from assessments.models import Notice, Response, Scorecard
from assessments.scoring.publish.publish import METHOD_VERSION
from organizations.tenancy.scope import working_for
from tests.assessments.cycles.test_rescoring import aged, lose_an_answer
from tests.conftest import Cast
from tests.isolation.populated_organizations import rows_digest

ANEW = f"computed anew by method {METHOD_VERSION}; scores that change: 1"


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("rescore", *arguments, stdout=out)
    return out.getvalue()


def notices(cast: Cast) -> int:
    with working_for(cast.acme.id):
        return Notice.objects.filter(mail="rescored").count()


def test_all_cycles_are_computed_anew_the_oldest_first(cast: Cast) -> None:
    for name in ("Spring", "Autumn"):
        aged(cast.acme, name)
    assert said("--all") == (
        f"acme / Spring: {ANEW}\nacme / Autumn: {ANEW}\n2 closed cycles, 2 changed.\n"
    )
    assert notices(cast) == 2  # one to each of the two who decide
    same = f"method {METHOD_VERSION}, the same results; left as it is"
    assert said("--all", "--organization", "acme") == (
        f"acme / Spring: {same}\nacme / Autumn: {same}\n2 closed cycles, 0 changed.\n"
    )
    assert notices(cast) == 2


def test_a_dry_run_says_what_would_change(cast: Cast) -> None:
    cycle = aged(cast.acme)
    before = rows_digest(cast.acme)
    assert said("--cycle", str(cycle.pk), "--dry-run") == (
        f"acme / Autumn: would be {ANEW}\n1 closed cycles, 1 would change.\n"
    )
    assert rows_digest(cast.acme) == before


def test_one_cycle_is_computed_anew(cast: Cast) -> None:
    aged(cast.acme, "Spring")
    cycle = aged(cast.acme)
    assert said("--cycle", str(cycle.pk)).startswith(f"acme / Autumn: {ANEW}\n1 closed cycles")


def test_a_cycle_without_all_answers_is_named(cast: Cast) -> None:
    cycle = aged(cast.acme)
    lose_an_answer(cast.acme, cycle)
    assert "acme / Autumn: made coarse" in said("--all")
    assert "acme / Autumn: answers are missing" in said("--all")


def test_changed_answers_end_with_an_error(cast: Cast) -> None:
    cycle = aged(cast.acme)
    with working_for(cast.acme.id):
        response = Response.objects.filter(cycle=cycle).first()
        assert response
        response.importance = [1] * len(response.importance)
        response.save()
    problems = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rescore", "--all", stdout=StringIO(), stderr=problems)
    assert ended.value.code == 1
    assert "acme / Autumn: its answers or its rubric aren't those" in problems.getvalue()
    with working_for(cast.acme.id):
        assert Scorecard.objects.get().method == "1"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "one of the arguments --cycle --all is required"),
        (["--cycle", "7"], "invalid UUID value: '7'"),
        (["--all", "--cycle", str(uuid4())], "not allowed with argument"),
        (["--cycle", str(uuid4())], "No closed cycle with this id"),
        (["--all", "--organization", "nowhere"], "No organization with this slug: nowhere"),
    ],
)
def test_bad_input_gets_a_sentence(cast: Cast, arguments: list[str], sentence: str) -> None:
    aged(cast.acme)
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)


def test_a_check_says_that_older_scorecards_are_kept(cast: Cast) -> None:
    cycle = aged(cast.acme)
    said("--cycle", str(cycle.pk))
    out = StringIO()
    call_command("verify_scores", stdout=out)
    assert out.getvalue() == (
        "1 closed cycles, 1 computed again and the same.\n"
        "1 older scorecards are kept and never shown.\n"
    )
