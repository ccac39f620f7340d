"""An answer is in, once, as it was given, or refused in words; nothing says who gave it or when."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from assessments.models import Comment, Cycle, Participation, Response
from assessments.survey import answers, respondents
from assessments.survey.answers import AnswersStale, CommentStale, SentAnswer
from assessments.survey.devices import SurveyVisitor, new_device
from assessments.survey.respondents import SurveyClosed
from organizations.models import AuditEvent, Membership
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, fill, opened
from tests.conftest import Cast, House

FIRST, SECOND = "needs-insight", "segmentation-targeting"
PHONE, DESK = SurveyVisitor(new_device()), SurveyVisitor(new_device())


def person(house: House, cycle: Cycle, place: int = 0) -> UUID:
    with working_for(house.id):
        asked = Participation.objects.filter(cycle=cycle, answers_as="member").order_by(
            "membership_id"
        )
        return asked[place].membership_id


def save(house: House, cycle: Cycle, who: UUID, *given: SentAnswer) -> dict[tuple[str, str], int]:
    with working_for(house.id):
        seat = respondents.find_respondent(cycle.pk, who, PHONE)
        return answers.save(seat, given, moment=NOON)


def stored(house: House, cycle: Cycle) -> list[Response]:
    with working_for(house.id):
        return list(Response.objects.filter(cycle=cycle))


def test_an_answer_comes_back_as_it_was_given(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(
        cast.acme,
        cycle,
        who,
        SentAnswer("performance", FIRST, 4),
        SentAnswer("importance", SECOND, 5),
    )
    with working_for(cast.acme.id):
        given = respondents.fetch_answers(respondents.find_respondent(cycle.pk, who, PHONE))
    assert given.values["performance"][:2] == (4, None)
    assert given.values["importance"][:2] == (None, 5)


def test_a_response_holds_no_person_and_no_time(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    with working_for(cast.acme.id):
        lines = AuditEvent.objects.count()
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 4))
    (row,) = stored(cast.acme, cycle)
    held = " ".join(str(value) for value in vars(row).values())
    assert str(who) not in held
    assert row.pk.version == 4  # random: nothing in it tells when
    assert {field.get_internal_type() for field in Response._meta.fields} & {
        "DateTimeField",
        "DateField",
        "TimeField",
    } == set()
    with working_for(cast.acme.id):
        assert AuditEvent.objects.count() == lines


def test_the_same_person_is_found_again_and_two_are_two(cast: Cast) -> None:
    cycle = opened(cast.acme)
    for value in (2, 3):
        save(cast.acme, cycle, person(cast.acme, cycle), SentAnswer("performance", FIRST, value))
    save(cast.acme, cycle, person(cast.acme, cycle, 1), SentAnswer("performance", FIRST, 5))
    assert sorted(row.performance[0] for row in stored(cast.acme, cycle)) == [3, 5]


@pytest.mark.parametrize(
    "answer",
    [
        SentAnswer("performance", FIRST, 6),
        SentAnswer("performance", FIRST, -2),
        SentAnswer("importance", FIRST, 0),
        SentAnswer("importance", FIRST, -1),
        SentAnswer("performance", "no-such-capability", 3),
        SentAnswer("exposure", "0", 3),
        SentAnswer("exposure", "²", 3),
        SentAnswer("mood", FIRST, 3),  # type: ignore[arg-type]  # what a form could send
    ],
)
def test_what_is_not_asked_or_not_on_the_scale_is_refused(cast: Cast, answer: SentAnswer) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    with pytest.raises(ValidationError):
        save(cast.acme, cycle, who, SentAnswer("performance", SECOND, 3), answer)
    assert stored(cast.acme, cycle) == []


def test_an_answer_that_is_newer_than_the_page_is_kept(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    versions = save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 2, seen=0))
    assert versions == {("performance", FIRST): 1}
    with pytest.raises(AnswersStale) as refused:
        save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 5, seen=0))
    assert [(one.value, one.version) for one in refused.value.stale] == [(2, 1)]
    assert stored(cast.acme, cycle)[0].performance[0] == 2


def test_different_questions_never_conflict(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 2, seen=0))
    save(cast.acme, cycle, who, SentAnswer("performance", SECOND, 3, seen=0))
    assert stored(cast.acme, cycle)[0].performance[:2] == [2, 3]


@pytest.mark.parametrize("after", [timedelta(days=30), timedelta(days=400)])
def test_nothing_is_taken_after_the_close(cast: Cast, after: timedelta) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, who, PHONE)
        late = NOON + after
        for verb in (
            lambda: answers.save(seat, [SentAnswer("performance", FIRST, 1)], moment=late),
            lambda: answers.save_comment(seat, capability=FIRST, text="x", moment=late),
            lambda: answers.submit(seat, moment=late),
            lambda: answers.withdraw(seat, moment=late),
        ):
            with pytest.raises(SurveyClosed):
                verb()


def test_a_cycle_that_does_not_ask_someone_is_not_there_for_them(cast: Cast) -> None:
    fill(cast.rival, "", 4)
    mine, theirs = opened(cast.acme), opened(cast.rival)
    who = person(cast.acme, mine)
    with working_for(cast.acme.id), pytest.raises(Http404):
        respondents.find_respondent(theirs.pk, who, PHONE)
    with working_for(cast.acme.id):
        late = Membership.objects.create(
            name="New", email="new@acme.example", team=cast.acme.teams[""]
        )
        with pytest.raises(Http404):
            respondents.find_respondent(mine.pk, late.pk, PHONE)


def test_sending_counts_once_and_for_every_later_change(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 2))
    (row,) = stored(cast.acme, cycle)
    assert not row.sent
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, who, PHONE)
        for _ in range(2):
            answers.submit(seat, moment=NOON)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 4))
    (row,) = stored(cast.acme, cycle)
    assert (row.sent, row.performance[0]) == (True, 4)
    with working_for(cast.acme.id):
        assert Participation.objects.get(cycle=cycle, membership=who).finished
        answers.withdraw(seat, moment=NOON)
        assert not Participation.objects.get(cycle=cycle, membership=who).finished


def test_a_comment_is_sent_with_the_answers_or_after_them(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, person(cast.acme, cycle), PHONE)
        answers.save_comment(seat, capability=FIRST, text="before", moment=NOON)
        assert not Comment.objects.get().sent
        answers.submit(seat, moment=NOON)
        answers.save_comment(seat, capability=SECOND, text="after", moment=NOON)
        assert set(Comment.objects.values_list("text", "sent")) == {
            ("before", True),
            ("after", True),
        }


def test_two_comments_of_one_author_share_nothing(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, person(cast.acme, cycle), PHONE)
        for slug in (FIRST, SECOND):
            answers.save_comment(seat, capability=slug, text=f"on {slug}", moment=NOON)
        answers.save_comment(seat, capability=FIRST, text="better words", moment=NOON)
        rows = list(Comment.objects.filter(cycle=cycle))
        assert {row.text for row in rows} == {"better words", f"on {SECOND}"}
        assert len({bytes(row.key) for row in rows} | {seat.key}) == 3
        assert respondents.fetch_answers(seat).comments[FIRST].text == "better words"
        answers.save_comment(seat, capability=FIRST, text="  ", moment=NOON)
        assert Comment.objects.filter(cycle=cycle).count() == 1


@pytest.mark.parametrize(
    "link",
    [
        "http://x.example",
        "javascript:alert(1)",
        "https://",
        "ftp://a",
        "https://[",
        "https://trusted.example@elsewhere.example/",
        "https://x.example/a b",
        "https://x.example/\u202egnp",
        "https://x.example/" + "a" * 500,
    ],
)
def test_a_link_that_is_none_is_refused(cast: Cast, link: str) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, person(cast.acme, cycle), PHONE)
        with pytest.raises(ValidationError):
            answers.save_comment(seat, capability=FIRST, text="x", evidence=link, moment=NOON)


def test_withdrawing_takes_everything_back_and_nothing_of_others(cast: Cast) -> None:
    cycle = opened(cast.acme)
    first, second = (person(cast.acme, cycle, place) for place in (0, 1))
    for who in (first, second):
        save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 4))
        with working_for(cast.acme.id):
            seat = respondents.find_respondent(cycle.pk, who, PHONE)
            answers.save_comment(seat, capability=FIRST, text="mine", moment=NOON)
    with working_for(cast.acme.id):
        answers.withdraw(respondents.find_respondent(cycle.pk, first, PHONE), moment=NOON)
        assert (Response.objects.count(), Comment.objects.count()) == (1, 1)
        assert respondents.fetch_answers(
            respondents.find_respondent(cycle.pk, first, PHONE)
        ).is_empty


def test_a_save_costs_one_statement_beside_the_door(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 1))
    with working_for(cast.acme.id), CaptureQueriesContext(connection) as log:
        seat = respondents.find_respondent(cycle.pk, who, PHONE)
        answers.save(seat, [SentAnswer("performance", SECOND, 2)], moment=NOON)
    assert len(log) == 1


def test_a_version_counts_changes_and_begins_again_before_it_is_too_large(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    for value, version in ((4, 1), (4, 1), (None, 2), (None, 2), (4, 3)):
        told = save(cast.acme, cycle, who, SentAnswer("performance", FIRST, value))
        assert told == {("performance", FIRST): version}
    with working_for(cast.acme.id):
        Response.objects.update(versions=[answers.MAX_CHANGES] * 72)
    seen = answers.MAX_CHANGES
    told = save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 5, seen=seen))
    assert told == {("performance", FIRST): 1}


def test_one_stale_answer_keeps_all_of_them_out(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 2, seen=0))
    with pytest.raises(AnswersStale) as refused:
        save(
            cast.acme,
            cycle,
            who,
            SentAnswer("performance", SECOND, 3, seen=0),
            SentAnswer("performance", FIRST, 5, seen=0),
        )
    assert [one.answer.subject for one in refused.value.stale] == [FIRST]
    assert stored(cast.acme, cycle)[0].performance[:2] == [2, None]


def test_what_was_withdrawn_can_be_answered_again(cast: Cast) -> None:
    """From a window that still shows the old answer, too: it is there again, and not sent."""
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 2))
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, who, PHONE)
        answers.submit(seat, moment=NOON)
        answers.withdraw(seat, moment=NOON)
    told = save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 3, seen=1))
    assert told == {("performance", FIRST): 1}
    (row,) = stored(cast.acme, cycle)
    assert (row.performance[0], row.sent) == (3, False)


def test_a_response_sits_where_the_participation_sits_and_speaks_as_it_does(cast: Cast) -> None:
    cycle = opened(cast.acme)
    for name in ("Max", "Cho"):
        save(
            cast.acme,
            cycle,
            cast.acme.members[name].pk,
            SentAnswer("performance", FIRST, len(name)),
        )
    with working_for(cast.acme.id):
        found = {
            (part.node_id, part.answers_as)
            for part in Participation.objects.filter(
                membership__in=[cast.acme.members[name].pk for name in ("Max", "Cho")]
            )
        }
    assert {(row.node_id, row.answers_as) for row in stored(cast.acme, cycle)} == found
    assert {answers_as for _node, answers_as in found} == {"member", "lead"}


@pytest.mark.parametrize("mode", ["confidential", "unlinked"])
def test_only_the_right_secret_finds_someone_again_in_the_next_cycle(cast: Cast, mode: str) -> None:
    keys = []
    for name in ("One", "Two"):
        cycle = opened(cast.acme, name=name, mode=mode)
        with working_for(cast.acme.id):
            keys.append(
                respondents.find_respondent(cycle.pk, cast.acme.members["Max"].pk, PHONE).key
            )
            Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSED)
    assert (keys[0] == keys[1]) == (mode == "confidential")


def test_the_secret_of_a_closed_cycle_is_not_kept(cast: Cast) -> None:
    cycle = opened(cast.acme, mode="unlinked")
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 2))
    place = (cast.acme.id, cycle.pk)
    assert place in respondents._kept
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSED, salt=None)
    for _ in range(2):
        with pytest.raises(SurveyClosed):
            save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 3))
        assert place not in respondents._kept


def test_what_is_kept_of_a_cycle_is_read_again_after_a_minute(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    with working_for(cast.acme.id):
        respondents.find_respondent(cycle.pk, who, PHONE)
        with CaptureQueriesContext(connection) as log:
            respondents.find_respondent(cycle.pk, who, PHONE)
        assert len(log) == 0
        later = time.monotonic() + respondents.CACHE_SECONDS + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        with CaptureQueriesContext(connection) as log:
            respondents.find_respondent(cycle.pk, who, PHONE)
        assert len(log) == 1


@pytest.mark.parametrize(
    "text", ["", "plain", "두 줄\n그리고 \u2028 🙂", "a\x1fb", "'; --", "%s {0}"]
)
def test_a_remark_is_recognised_by_the_database_as_by_the_page(cast: Cast, text: str) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, person(cast.acme, cycle), PHONE)
        said = {"text": text, "evidence": "https://example.org/"}
        seen = answers.save_comment(seat, capability=FIRST, **said, seen="", moment=NOON)
        assert seen == respondents.comment_digest(respondents.fetch_answers(seat).comments[FIRST])
        answers.save_comment(seat, capability=FIRST, text="next", seen=seen, moment=NOON)
        with pytest.raises(CommentStale):
            answers.save_comment(seat, capability=FIRST, text="other", seen=seen, moment=NOON)
        with pytest.raises(CommentStale):
            answers.save_comment(seat, capability=FIRST, text="", seen=seen, moment=NOON)
        assert respondents.fetch_answers(seat).comments[FIRST].text == "next"


def test_what_someone_else_wrote_is_never_found(cast: Cast) -> None:
    cycle = opened(cast.acme)
    first, second = (person(cast.acme, cycle, place) for place in (0, 1))
    save(cast.acme, cycle, first, SentAnswer("performance", FIRST, 4))
    with working_for(cast.acme.id):
        answers.save_comment(
            respondents.find_respondent(cycle.pk, first, PHONE),
            capability=FIRST,
            text="mine",
            moment=NOON,
        )
        assert respondents.fetch_answers(
            respondents.find_respondent(cycle.pk, second, PHONE)
        ).is_empty
        assert not respondents.fetch_answers(
            respondents.find_respondent(cycle.pk, first, PHONE)
        ).is_empty
