"""A mail is sent once, in the person's language, or says that it was not; it holds no answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from django.utils.formats import date_format

from assessments.cycles import emails
from assessments.models import Cycle, Notice, Participation
from assessments.survey import response_keys
from config.tasks import sweep
from devstack.mail import MailServer, free_port
from devstack.workers import Worker
from organizations import email_delivery, jobs
from organizations.models import Membership, Organization
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import opened
from tests.assessments.refusing_mail_server import PAST, PostOffice, deliver, is_bounced
from tests.assessments.respondent_clients import token_of
from tests.conftest import CANARY, Cast, House


def speak_korean(house: House, name: str) -> None:
    with working_for(house.id):
        Membership.objects.filter(name=name).update(language="ko")
        Organization.objects.update(time_zone="Asia/Seoul")


@pytest.fixture
def cycle(cast: Cast) -> Cycle:
    return opened(cast.acme, timezone.now() - timedelta(days=1))


def test_an_invitation_says_who_asks_how_long_until_when_and_how_it_is_handled(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    row = deliver(cast.acme, cycle, "Max")
    (letter,) = office.letters
    assert (row.state, row.due_at, row.error) == ("sent", None, "")
    assert cycle.closes_at is not None
    assert letter["To"] == "max@acme.example"
    assert letter["Subject"] == "Your feedback: Spring 2027, Acme (14 minutes)"
    text = letter.get_content()
    assert "about 14 minutes" in text
    assert f"Deadline: {date_format(cycle.closes_at, 'N j, Y, H:i')} (UTC)" in text
    assert "at least 5 responses" in text
    assert "as a team lead" not in text
    with working_for(cast.acme.id):
        part = Participation.objects.get(membership__name="Max")
        token = response_keys.link_token(Organization.objects.get(), part.pk)
    assert f"http://testserver/s/{token}/" in text


def test_a_lead_is_told_of_the_question_before_the_first(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    deliver(cast.acme, cycle, "Cho")
    assert "as a team lead" in office.letters[0].get_content()


def test_everyone_is_written_to_in_their_own_language(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    speak_korean(cast.acme, "Max")
    deliver(cast.acme, cycle, "Max")
    text = office.letters[0].get_content()
    assert "의견을" in office.letters[0]["Subject"]
    assert "약 14분" in text
    assert "(Asia/Seoul)" in text
    assert "minutes" not in text


@pytest.mark.parametrize("mail", list(emails.EMAIL_KINDS))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_mail_can_be_written_and_knows_nothing_of_another_organization(
    cast: Cast, cycle: Cycle, office: PostOffice, mail: str, language: str
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.update(language=language)
        emails.queue_notices(cycle, mail=mail, moment=PAST)
    assert deliver(cast.acme, cycle, "Cho", mail).state == "sent"
    (letter,) = office.letters
    everything = letter.as_string()
    assert CANARY not in everything
    about = "Acme" if mail == "rescored" else "Spring 2027"  # it is about several cycles
    assert about in str(letter["Subject"])
    assert "{" not in letter.get_content()
    assert letter["Message-ID"]


def test_whoever_is_known_to_have_finished_gets_no_reminder(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        emails.queue_notices(cycle, mail="reminder", moment=PAST)
        Participation.objects.filter(membership__name="Max").update(finished=True)
    assert deliver(cast.acme, cycle, "Max", "reminder").state == "needless"
    assert office.letters == []


def test_nobody_is_asked_after_the_end_or_while_suspended(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Ana").update(suspended_at=PAST)
    assert deliver(cast.acme, cycle, "Ana").state == "needless"
    with working_for(cast.acme.id):
        Cycle.objects.update(closes_at=PAST)
    assert deliver(cast.acme, cycle, "Max").state == "needless"
    assert office.letters == []


@pytest.mark.parametrize("when", ["recipient", "content"])
def test_an_address_that_refuses_for_good_is_said_and_not_tried_again(
    cast: Cast, cycle: Cycle, office: PostOffice, when: str
) -> None:
    said = "550 5.1.1 <max@acme.example> no such user"
    if when == "recipient":
        office.refuses["max@acme.example"] = said
    else:
        office.refuses_content = said
    row = deliver(cast.acme, cycle, "Max")
    assert (row.state, row.due_at, row.error) == ("refused", None, "550")
    assert is_bounced(cast.acme, "Max")
    assert not is_bounced(cast.acme, "Ana")


def test_a_corrected_address_is_no_longer_said_to_refuse(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        Participation.objects.filter(membership__name="Max").update(bounced=True)
    deliver(cast.acme, cycle, "Max")
    assert not is_bounced(cast.acme, "Max")


def test_a_passing_trouble_is_tried_again_without_writing_the_address_down(
    cast: Cast, cycle: Cycle, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    office.refuses["max@acme.example"] = "451 4.7.1 <max@acme.example> try later"
    row = deliver(cast.acme, cycle, "Max")
    assert (row.state, row.error) == ("waiting", "SMTPRecipientsRefused 451")
    assert row.due_at is not None
    assert row.due_at > timezone.now() - timedelta(minutes=1)
    assert not is_bounced(cast.acme, "Max")
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert "max@acme.example" not in " ".join(ours)
    office.refuses.clear()
    assert deliver(cast.acme, cycle, "Max").state == "sent"


def test_a_mail_server_that_is_not_there_is_tried_again(cast: Cast, cycle: Cycle) -> None:
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST="127.0.0.1", EMAIL_PORT=free_port()):
        row = deliver(cast.acme, cycle, "Max")
    assert (row.state, row.error) == ("waiting", "ConnectionRefusedError")


def test_a_worker_that_died_while_sending_sends_it_once_more_with_the_same_name(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        row = Notice.objects.get(membership__name="Max")
    first = jobs.claim(Notice, cast.acme.id, row.pk)
    assert first
    message = email_delivery._take(first, emails._message, emails._remember)
    assert message
    message.send()  # and here the worker dies, before it could write that it was sent
    with working_for(cast.acme.id):
        Notice.objects.filter(pk=row.pk).update(lease_until=PAST)
    assert deliver(cast.acme, cycle, "Max").state == "sent"
    one, other = office.letters
    assert one["Message-ID"] == other["Message-ID"] == f"<{row.pk}@testserver>"


def test_a_worker_that_died_twice_leaves_it_and_says_so(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        Notice.objects.filter(membership__name="Max").update(state="resending")
    row = deliver(cast.acme, cycle, "Max")
    assert (row.state, row.due_at) == ("unknown", None)
    assert office.letters == []
    assert not is_bounced(cast.acme, "Max")


def test_the_mail_of_someone_who_was_removed_is_gone_with_them(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        row = Notice.objects.get(membership__name="Max")
        held = jobs.claim(Notice, cast.acme.id, row.pk)
        Membership.objects.filter(name="Max").delete()
    assert held
    with pytest.raises(jobs.LeaseLost):
        emails.send(held)
    assert office.letters == []


def test_a_hint_that_comes_ten_times_sends_one_mail(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    row = deliver(cast.acme, cycle, "Max")
    for _ in range(9):
        jobs.perform(Notice, cast.acme.id, row.pk, emails.send)
    assert len(office.letters) == 1


def test_the_end_leads_everyone_to_a_page_they_may_see(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        emails.queue_notices(cycle, mail="closed", moment=PAST)
        emails.queue_notices(cycle, mail="results", moment=PAST)
    with working_for(cast.acme.id):
        Organization.objects.update(results_by_link=False)
    its_own = f"?cycle={cycle.pk}"
    for name, mail, page in (("Max", "closed", "me/"), ("Cho", "results", its_own)):
        deliver(cast.acme, cycle, name, mail)
        text = office.letters[-1].get_content()
        assert f"http://testserver/o/acme/{page}\r\n" in text
        assert "/s/" not in text
        assert cast.acme.browser(name).get(f"/o/acme/{page}").status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "works until March 1, 2027"), ("ko", "사용 기한: 2027년 3월 1일")],
)
def test_the_end_leads_everyone_who_was_asked_to_the_result_by_their_link(
    cast: Cast, cycle: Cycle, office: PostOffice, language: str, words: str
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.update(language=language, user=None)
        closed_at = datetime(2026, 12, 1, 12, tzinfo=UTC)
        Cycle.objects.update(stage=Cycle.Stage.CLOSED, closed_at=closed_at)
        assert emails.queue_notices(cycle, mail="closed", moment=PAST) == 6
    deliver(cast.acme, cycle, "Max", "closed")
    text = office.letters[-1].get_content()
    link = f"/s/{token_of(cast.acme, cycle)}/"
    assert f"http://testserver{link}\r\n" in text and words in text
    assert "/o/acme/" not in text
    assert office.letters[-1]["To"] == "max@acme.example"


def test_whoever_decides_hears_that_the_results_are_there(cast: Cast, cycle: Cycle) -> None:
    with working_for(cast.acme.id):
        assert emails.queue_notices(cycle, mail="results", moment=PAST) == 2
        told = Notice.objects.filter(mail="results").values_list("membership__name", flat=True)
        assert set(told) == {"Ada", "Cho"}


def test_the_same_mail_is_announced_once(cast: Cast, cycle: Cycle) -> None:
    with working_for(cast.acme.id):
        for _ in range(2):
            emails.queue_notices(cycle, mail="closed", moment=PAST)
        assert Notice.objects.filter(mail="closed").count() == 6


@pytest.mark.django_db(transaction=True)
def test_opening_a_cycle_brings_everyone_a_mail(
    cast: Cast, worker_process: Worker, mail_server: MailServer
) -> None:
    opened(cast.acme, timezone.now())
    for _ in range(10):
        sweep()
        if len(mail_server.wait_for(6, seconds=2)) == 6:
            break
    letters = mail_server.letters
    people = ("ada", "adam", "ana", "cho", "max", "mia")
    assert sorted(letter["To"] for letter in letters) == [f"{n}@acme.example" for n in people]
    assert len({letter["Message-ID"] for letter in letters}) == 6


@pytest.mark.django_db(transaction=True)
def test_a_cycle_whose_time_has_come_is_closed_counted_and_told(
    cast: Cast, worker_process: Worker, mail_server: MailServer
) -> None:
    cycle = opened(cast.acme, timezone.now() - timedelta(days=20))
    everyone = {"ada", "adam", "ana", "cho", "max", "mia"}
    for _ in range(20):
        sweep()
        if len(mail_server.wait_for(8, seconds=2)) == 8:
            break
    # Nobody is asked any more; all hear of the end, and those who decide of the results.
    told = [
        (letter["Subject"].split(":")[0], letter["To"].split("@")[0])
        for letter in mail_server.letters
    ]
    assert sorted(told) == sorted(
        [("Survey closed", name) for name in everyone]
        + [("Results are in", name) for name in ("ada", "cho")]
    )
    page = cast.acme.browser("Adam").get(f"/o/acme/cycles/{cycle.pk}/").content.decode()
    assert "Results are published." in page
    assert "of 5" not in page  # after the close numbers are for those who see results
