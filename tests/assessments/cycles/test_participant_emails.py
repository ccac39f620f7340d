"""Where a person is asked: at one address until the close, whoever changes the list of people."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.cycles import emails, lifecycle, while_open
from assessments.cycles.closing import close
from assessments.models import Cycle, Notice, Participation
from organizations import jobs, people
from organizations.models import AddressChange, Membership
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import opened
from tests.assessments.refusing_mail_server import PAST, PostOffice, deliver, is_bounced
from tests.conftest import Cast, House

OLD, NEW = "max@acme.example", "adam.too@acme.example"


@pytest.fixture
def cycle(cast: Cast) -> Cycle:
    return opened(cast.acme, timezone.now() - timedelta(days=1))


def move_address(house: House, name: str = "Max", to: str = NEW, by: str = "Adam") -> None:
    """As the page of a person does it."""
    with working_for(house.id):
        person = Membership.objects.get(pk=house.members[name].pk)
        wanted = replace(people.profile_of(person), email=to)
        people.change_person(person, wanted, by=house.members[by].pk)


def finish(house: House, name: str = "Max") -> None:
    with working_for(house.id):
        Participation.objects.filter(membership__name=name).update(finished=True)


def kept(house: House) -> dict[str, str]:
    with working_for(house.id):
        return dict(Participation.objects.values_list("membership__name", "email"))


def invite_again(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        while_open.resend_invitations(cycle, by=house.members["Adam"].pk, moment=PAST)


def addresses(office: PostOffice) -> list[str]:
    return [str(letter["To"]) for letter in office.letters]


def test_everyone_is_asked_at_the_address_they_had_at_the_opening(cast: Cast, cycle: Cycle) -> None:
    people_asked = ("Ada", "Cho", "Adam", "Ana", "Max", "Mia")
    assert kept(cast.acme) == {name: f"{name.lower()}@acme.example" for name in people_asked}


@pytest.mark.parametrize("mail", ["opened", "reminder", "closed"])
def test_another_address_in_the_list_of_people_redirects_no_mail_of_an_open_cycle(
    cast: Cast, cycle: Cycle, office: PostOffice, mail: str
) -> None:
    move_address(cast.acme)
    with working_for(cast.acme.id):
        emails.queue_notices(cycle, mail=mail, moment=PAST)
    assert deliver(cast.acme, cycle, "Max", mail).state == "sent"
    assert addresses(office) == [OLD]


def test_an_admin_who_changes_the_address_and_reminds_gets_no_link(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    browser, person = cast.acme.browser("Adam"), cast.acme.members["Max"]
    typed = {"name": "Max", "email": NEW, "team": person.team_id, "role": "member"}
    where = f"/o/acme/people/{person.pk}/"
    assert browser.post(where, {**typed, "language": "en"}).status_code == 302
    assert browser.post(f"/o/acme/cycles/{cycle.pk}/remind/").status_code == 302
    assert deliver(cast.acme, cycle, "Max", "reminder").state == "sent"
    assert addresses(office) == [OLD]


@pytest.mark.parametrize("done", [False, True])
def test_a_refused_invitation_goes_to_the_corrected_address_of_anyone(
    cast: Cast, cycle: Cycle, office: PostOffice, done: bool
) -> None:
    office.refuses[OLD] = "550 no such user"
    deliver(cast.acme, cycle, "Max")
    if done:
        finish(cast.acme)
    move_address(cast.acme)
    invite_again(cast.acme, cycle)
    assert deliver(cast.acme, cycle, "Max", turn=1).state == "sent"
    assert addresses(office) == [NEW]
    assert kept(cast.acme)["Max"] == NEW
    assert kept(cast.acme)["Ana"] == "ana@acme.example"
    assert not is_bounced(cast.acme, "Max")


def test_an_invitation_that_arrived_is_sent_to_no_other_address(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    deliver(cast.acme, cycle, "Max")
    move_address(cast.acme)
    invite_again(cast.acme, cycle)
    with working_for(cast.acme.id):
        assert not Notice.objects.filter(turn=1).exists()
    assert kept(cast.acme)["Max"] == OLD


@pytest.mark.parametrize("done", [False, True])
def test_an_invitation_goes_out_whether_its_reader_has_finished_or_not(
    cast: Cast, cycle: Cycle, office: PostOffice, done: bool
) -> None:
    if done:
        finish(cast.acme)
    assert deliver(cast.acme, cycle, "Max").state == "sent"
    assert addresses(office) == [OLD]


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("refused", [False, True])
def test_what_became_of_a_reminder_changes_nothing_that_is_shown(
    cast: Cast, cycle: Cycle, office: PostOffice, before: bool, refused: bool
) -> None:
    with working_for(cast.acme.id):
        Participation.objects.filter(membership__name="Max").update(bounced=before)
        emails.queue_notices(cycle, mail="reminder", moment=PAST)
    if refused:
        office.refuses[OLD] = "550 no such user"
    assert deliver(cast.acme, cycle, "Max", "reminder").state == ("refused" if refused else "sent")
    assert is_bounced(cast.acme, "Max") is before


def test_the_close_forgets_the_addresses_and_its_own_mail_still_has_them(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    move_address(cast.acme)
    with working_for(cast.acme.id):
        lifecycle.start_closing(cycle, by=None, moment=timezone.now())
    jobs.perform(Cycle, cast.acme.id, cycle.pk, close)
    assert set(kept(cast.acme).values()) == {""}
    assert deliver(cast.acme, cycle, "Max", "closed").email == ""
    assert addresses(office) == [OLD]
    with working_for(cast.acme.id):
        waiting = Notice.objects.filter(mail="closed", due_at__isnull=False)
        assert set(waiting.values_list("email", flat=True)) == {
            f"{name}@acme.example" for name in ("ada", "cho", "adam", "ana", "mia")
        }
        assert not Notice.objects.exclude(mail="closed").exclude(email="").exists()


# --- What an administrator learns who changes an address and reminds ---------------------------

# When the person finishes: never, before the change, before the reminder, or before it is sent.
MOMENTS = ("never", "at first", "before the reminder", "before it is sent")


def reminded(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        while_open.send_reminders(cycle, by=house.members["Adam"].pk, moment=timezone.now())
        waiting = Notice.objects.filter(cycle=cycle, mail="reminder")
        waiting.update(due_at=PAST)


def send_all(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        rows = Notice.objects.filter(cycle=cycle, membership__name="Max", due_at__isnull=False)
        waiting = list(rows.values_list("pk", flat=True))
        rows.update(due_at=PAST)
    for row in waiting:
        jobs.perform(Notice, house.id, row, emails.send)


def age_changes(house: House, days: int) -> None:
    with working_for(house.id):
        AddressChange.objects.update(at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("first", ["changed", "opened"])
@pytest.mark.parametrize("finishes", MOMENTS)
def test_the_same_mails_arrive_whenever_the_person_finishes(
    cast: Cast, office: PostOffice, finishes: str, first: str, refused: bool
) -> None:
    acme, yesterday = cast.acme, timezone.now() - timedelta(days=1)
    if refused:
        office.refuses[OLD] = "550 no such user"
    if first == "changed":
        move_address(acme)
    cycle = opened(acme, yesterday)
    if finishes == "at first":
        finish(acme)
    send_all(acme, cycle)
    if first == "opened":
        move_address(acme)
    invite_again(acme, cycle)
    send_all(acme, cycle)
    if finishes == "before the reminder":
        finish(acme)
    reminded(acme, cycle)
    if finishes == "before it is sent":
        finish(acme)
    send_all(acme, cycle)
    redirected = first == "changed" or refused
    assert addresses(office) == [NEW if redirected else OLD] * 2
    assert not is_bounced(acme, "Max")


@pytest.mark.parametrize(("days", "mails"), [(90, 1), (92, 0)])
def test_whoever_had_the_address_changed_in_the_90_days_before_gets_every_reminder(
    cast: Cast, cycle: Cycle, office: PostOffice, days: int, mails: int
) -> None:
    move_address(cast.acme)
    age_changes(cast.acme, days)
    finish(cast.acme)
    reminded(cast.acme, cycle)
    send_all(cast.acme, cycle)
    with working_for(cast.acme.id):
        sent = Notice.objects.filter(mail="reminder", membership__name="Max", state="sent")
        assert sent.count() == mails


def test_whoever_changed_the_own_address_and_has_finished_gets_no_reminder(
    cast: Cast, cycle: Cycle
) -> None:
    move_address(cast.acme, by="Max")
    finish(cast.acme)
    reminded(cast.acme, cycle)
    with working_for(cast.acme.id):
        reminders = Notice.objects.filter(mail="reminder")
        names = set(reminders.values_list("membership__name", flat=True))
    assert names == {"Ada", "Cho", "Adam", "Ana", "Mia"}


def test_a_reminder_says_to_everyone_that_there_may_be_nothing_to_do(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    reminded(cast.acme, cycle)
    deliver(cast.acme, cycle, "Max", "reminder")
    text = office.letters[0].get_content()
    assert "Already sent your answers? There's nothing to do." in text
    assert "still missing" not in text


def shown(house: House, cycle: Cycle) -> str:
    """The page of the cycle, without what is another at each visit."""
    page = house.browser("Adam").get(f"/o/acme/cycles/{cycle.pk}/").content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)


def test_the_page_of_a_cycle_is_the_same_whoever_is_reminded_and_whatever_became_of_it(
    cast: Cast, cycle: Cycle, office: PostOffice
) -> None:
    with working_for(cast.acme.id):
        Notice.objects.filter(mail="opened").update(due_at=None, state="sent")
    shown(cast.acme, cycle)  # the count of today is made
    reminded(cast.acme, cycle)
    before = shown(cast.acme, cycle)
    with working_for(cast.acme.id):
        Participation.objects.filter(membership__name__in=("Ada", "Cho")).update(finished=True)
    office.refuses[OLD] = "550 no such user"
    for name in ("Ada", "Max"):
        deliver(cast.acme, cycle, name, "reminder")
    assert shown(cast.acme, cycle) == before
