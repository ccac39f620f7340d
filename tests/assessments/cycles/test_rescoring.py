"""A closed cycle is computed anew once; the older results are kept, and whoever decides gets one mail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from assessments.cycles import emails
from assessments.cycles.rescoring import Outcome, Rescoring, announce, rescore
from assessments.cycles.scoring_run import compute_results
from assessments.cycles.verification import result_key
from assessments.models import Cycle, Notice, Response, Result, Scorecard, Target
from assessments.results import queries
from assessments.results.coarse import half
from assessments.scoring.publish.publish import METHOD_VERSION
from organizations import audit_history
from organizations.jobs import perform
from organizations.models import AuditEvent, Membership, Organization
from organizations.tenancy.scope import working_for
from tests.assessments.survey.test_concurrent_answers import at_once
from tests.conftest import Cast, House
from tests.isolation.populated_organizations import rows_digest
from tests.reports.views.test_results import closed

MOMENT = timezone.now()


def aged(house: House, name: str = "Autumn", people: int = 8) -> Cycle:
    """Closed, as if by an older method that found another level of the whole."""
    cycle = closed(house, name, people)
    with working_for(house.id):
        Scorecard.objects.filter(cycle=cycle).update(method="1")
        whole = Result.objects.filter(node__place=0, subject_type="overall", kind="performance")
        whole.filter(scorecard__cycle=cycle).update(score="1.1", level=1)
    return cycle


def rescored(house: House, cycle: Cycle, **more: Any) -> Rescoring:
    return rescore(house.id, cycle.pk, moment=MOMENT, **more)


def cards(house: House, cycle: Cycle) -> list[Scorecard]:
    """The older ones first."""
    with working_for(house.id):
        return list(Scorecard.objects.filter(cycle=cycle).order_by("current", "computed_at"))


def whole_score(house: House, cycle: Cycle) -> float | None:
    with working_for(house.id):
        found = queries.find(cycle.pk)
        assert found
        cell = queries.cells(found).get(found.root, "overall")
        assert cell
        return cell.score


# --- Old and new ------------------------------------------------------------------------------


def test_the_new_results_are_shown_and_the_older_ones_are_kept(cast: Cast) -> None:
    before = closed(cast.acme, "Spring")
    right = whole_score(cast.acme, before)
    cycle = aged(cast.acme)
    with working_for(cast.acme.id):
        mark = {row.id: row.mark for row in queries.closed_cycles()}
        count = Result.objects.filter(scorecard__cycle=cycle).count()
    assert whole_score(cast.acme, cycle) == 1.1
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.REPLACED, changed=1)
    old, new = cards(cast.acme, cycle)
    assert (old.current, old.method, old.changed) == (False, "1", None)
    assert (new.current, new.method, new.changed) == (True, METHOD_VERSION, 1)
    assert new.computed_at == MOMENT
    assert new.summary == old.summary
    assert whole_score(cast.acme, cycle) not in (None, 1.1)
    assert whole_score(cast.acme, before) == right
    with working_for(cast.acme.id):
        for card in (old, new):
            assert card.results.count() == count
        assert card.results.filter(score="1.1", level=1, subject_type="overall").count() == 0
        marks = {row.id: row.mark for row in queries.closed_cycles()}
    assert {id for id in marks if marks[id] != mark[id]} == {cycle.pk}


def test_what_is_the_same_is_left_alone(cast: Cast) -> None:
    cycle = aged(cast.acme)
    rescored(cast.acme, cycle)
    before = rows_digest(cast.acme)
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.SAME)
    assert rows_digest(cast.acme) == before


def test_a_dry_run_says_the_same_and_writes_nothing(cast: Cast) -> None:
    cycle = aged(cast.acme)
    before = rows_digest(cast.acme)
    assert rescored(cast.acme, cycle, dry_run=True) == Rescoring(Outcome.REPLACED, changed=1)
    assert rows_digest(cast.acme) == before


def test_what_the_close_decided_stays(cast: Cast) -> None:
    cycle = aged(cast.acme)
    with working_for(cast.acme.id):
        team = cast.acme.teams[""]
        Target.objects.create(team=team, rubric=cycle.rubric, capability="growth-agenda", level=5)
    later = closed(cast.acme, "Winter")
    rescored(cast.acme, cycle)
    (old, new), (other,) = cards(cast.acme, cycle), cards(cast.acme, later)
    assert new.summary == old.summary
    assert other.summary["targets"] != new.summary["targets"] == []
    assert other.summary["before"] == str(cycle.pk)


def test_whoever_dies_before_the_end_has_changed_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = aged(cast.acme)
    before = rows_digest(cast.acme)

    def die(*_arguments: Any, **_more: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("assessments.cycles.rescoring.audit.record", die)
        with pytest.raises(ConnectionError):
            rescored(cast.acme, cycle)
    assert rows_digest(cast.acme) == before
    assert rescored(cast.acme, cycle).outcome == Outcome.REPLACED


@pytest.mark.django_db(transaction=True)
def test_of_four_at_once_one_computes_it(cast: Cast) -> None:
    cycle = aged(cast.acme)
    outcomes = at_once(lambda _place: rescored(cast.acme, cycle).outcome, 4)
    assert outcomes.count(Outcome.REPLACED) == 1
    assert set(outcomes) <= {Outcome.REPLACED, Outcome.OVERTAKEN, Outcome.SAME}
    assert [card.current for card in cards(cast.acme, cycle)] == [False, True]


def test_whoever_comes_second_stores_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing another run has shown new results."""
    cycle = aged(cast.acme)
    name = "assessments.cycles.rescoring.compute_results"

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(name, compute_results)
        rescored(cast.acme, cycle)
        return compute_results(*arguments)

    monkeypatch.setattr(name, overtaken)
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.OVERTAKEN)
    assert len(cards(cast.acme, cycle)) == 2


def test_another_organization_is_untouched(cast: Cast) -> None:
    cycle = aged(cast.acme)
    before = rows_digest(cast.rival)
    rescored(cast.acme, cycle)
    announce(cast.acme.id, moment=MOMENT)
    assert rows_digest(cast.rival) == before
    with pytest.raises(Cycle.DoesNotExist):
        rescored(cast.rival, cycle)


def test_it_leaves_one_line_in_the_audit_log(cast: Cast) -> None:
    cycle = aged(cast.acme)
    rescored(cast.acme, cycle)
    rescored(cast.acme, cycle)
    with working_for(cast.acme.id):
        (event,) = AuditEvent.objects.filter(event="cycle.rescored")
        assert (event.subject, event.actor) == (cycle.pk, None)
        _page, lines = audit_history.latest("1")
        (line,) = [line for line in lines if line.event == "Results recalculated"]
    assert (line.actor, line.subject) == ("System", f"Autumn · Method: 1 → {METHOD_VERSION}")


# --- Answers that are gone --------------------------------------------------------------------


def shown(house: House, cycle: Cycle) -> list[Result]:
    with working_for(house.id):
        rows = Result.objects.filter(scorecard__cycle=cycle, scorecard__current=True)
        return list(rows.exclude(score=None).select_related("node"))


def is_half(value: Decimal | None) -> bool:
    return value is None or float(value) == half(float(value))


def lose_an_answer(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        response = Response.objects.filter(cycle=cycle).first()
        assert response
        response.delete()


def lose_the_salt(house: House, _cycle: Cycle) -> None:
    with working_for(house.id):
        Organization.objects.update(salt=None)


@pytest.mark.parametrize("lose", [lose_an_answer, lose_the_salt])
def test_without_all_answers_what_few_have_answered_becomes_coarse(cast: Cast, lose: Any) -> None:
    cycle = aged(cast.acme)
    with working_for(cast.acme.id):  # as a method that knew no half levels published it
        scored = Result.objects.filter(subject_type="capability", score__isnull=False)
        agreement = {"word": "agree", "rwg": 0.7, "histogram": [0, 1, 2, 3, 0]}
        detail = {"gap": -0.5, "detail": {"agreement": agreement}}
        scored.update(score="3.7", low="3.2", high="4.1", need="4.2", detail=detail)
    fine = [row for row in shown(cast.acme, cycle) if row.subject_type == "capability"]
    assert not all(is_half(row.score) for row in fine)
    lose(cast.acme, cycle)
    done = rescored(cast.acme, cycle)
    assert done.outcome == Outcome.MADE_COARSE
    assert done.changed > 0
    old, new = cards(cast.acme, cycle)
    assert (new.method, new.summary) == ("1", old.summary | {"coarse": True})
    assert (new.participation, new.input_digest) == (old.participation, old.input_digest)
    rows = shown(cast.acme, cycle)
    single = [row for row in rows if row.subject_type == "capability"]
    assert len(single) == len(fine)
    for row in single:
        assert all(is_half(value) for value in (row.score, row.low, row.high, row.need))
        assert not {"rwg", "histogram"} & set(row.detail["detail"].get("agreement", {}))
    assert any(row.score == Decimal("1.1") for row in rows)  # the whole keeps its decimal
    before = rows_digest(cast.acme)
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.REMOVED)
    assert rows_digest(cast.acme) == before


def test_where_ten_have_answered_every_decimal_stays(cast: Cast) -> None:
    cycle = aged(cast.acme, people=12)
    before = {result_key(row): row.score for row in shown(cast.acme, cycle)}
    lose_an_answer(cast.acme, cycle)
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.MADE_COARSE, changed=0)
    assert {result_key(row): row.score for row in shown(cast.acme, cycle)} == before


def test_what_todays_method_published_is_left_alone_without_all_answers(cast: Cast) -> None:
    cycle = closed(cast.acme)
    lose_an_answer(cast.acme, cycle)
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.REMOVED)
    assert len(cards(cast.acme, cycle)) == 1


def test_other_answers_than_were_scored_are_not_computed(cast: Cast) -> None:
    """Else an answer that somebody has changed would become a result without notice."""
    cycle = aged(cast.acme)
    with working_for(cast.acme.id):
        response = Response.objects.filter(cycle=cycle).first()
        assert response
        response.performance = [5] * len(response.performance)
        response.save()
    assert rescored(cast.acme, cycle) == Rescoring(Outcome.DIFFERENT_ANSWERS)
    assert len(cards(cast.acme, cycle)) == 1


# --- The mail ---------------------------------------------------------------------------------


def send_all(house: House) -> None:
    with working_for(house.id):
        rows = list(Notice.objects.filter(mail="rescored", due_at__isnull=False))
    for row in rows:
        perform(Notice, house.id, row.pk, emails.send)


def test_everyone_who_decides_gets_one_mail_about_all_cycles(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Cho").update(language="ko")
    cycles = aged(cast.acme, "Spring"), aged(cast.acme, "Autumn")
    for cycle in cycles:
        rescored(cast.acme, cycle)
    assert announce(cast.acme.id, moment=MOMENT) == 2
    assert announce(cast.acme.id, moment=MOMENT) == 0
    send_all(cast.acme)
    english, korean = sorted(mailoutbox, key=lambda letter: letter.to)
    assert (english.to, korean.to) == (["ada@acme.example"], ["cho@acme.example"])
    assert english.subject == "Results recalculated with an improved method (Acme)"
    text = str(english.body)
    assert "The answers are still the same." in text
    assert text.index("Autumn") < text.index("Spring")
    assert text.count("1 score moved by 0.1 or more, or changed its level.") == 2
    assert "half levels" not in text
    assert f"http://testserver/o/acme/?cycle={cycles[1].pk}" in text  # the newest of them
    assert str(korean.body).count("점수 1개가 0.1 이상 달라지거나 수준이 바뀌었어요.") == 2


def test_a_later_run_has_its_own_mail(cast: Cast, mailoutbox: list[EmailMessage]) -> None:
    """Also one that was stopped before it announced what it had stored."""
    first, second = aged(cast.acme, "Spring"), aged(cast.acme, "Autumn")
    rescored(cast.acme, first)
    announce(cast.acme.id, moment=MOMENT)
    lose_an_answer(cast.acme, second)
    rescored(cast.acme, second)
    announce(cast.acme.id, moment=MOMENT)
    send_all(cast.acme)
    texts = [str(letter.body) for letter in mailoutbox if letter.to == ["ada@acme.example"]]
    assert len(texts) == 2
    (coarse,) = [text for text in texts if "Autumn" in text]
    assert "rounded to half levels" in coarse
    assert "Spring" not in coarse
