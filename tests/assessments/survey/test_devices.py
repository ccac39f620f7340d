"""Nobody but the device that gave an answer is shown it, or that it was given: a personal link and a
sign-in can come into the hands of an administrator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from assessments.models import Comment, Cycle, Participation, Response
from assessments.survey import answers, device_codes, respondents
from assessments.survey.answers import SentAnswer
from assessments.survey.devices import DEVICE_COOKIE, SurveyVisitor, new_device
from organizations import people
from organizations.models import AuditEvent, Membership, User
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import (
    FIRST,
    NOW,
    SECOND,
    asked,
    by_link,
    fields,
    page,
    part_of,
    signed_in,
    token_of,
)
from tests.conftest import Cast, House

NAME = f"performance.{FIRST}"
STATES = ("nothing", "a few", "all, and sent")
SECRET_COMMENT = "my boss decides everything"
# What differs from one person to the next, whatever they have answered.
OF_THE_PERSON = re.compile(
    rb'(name="csrfmiddlewaretoken" value=|data-storage-key=)"[^"]*"|/s/[\w-]+/|\d{4} \d{4}|<svg viewBox="[^"]*" class="qr".*?</svg>',
    re.DOTALL,
)


def people_by_state(house: House, *, leads: bool = False) -> tuple[Cycle, dict[str, str]]:
    """A cycle in which one person has answered nothing, one a few, one everything."""
    names = dict(zip(STATES, ("Pat A", "Pat B", "Pat C"), strict=True))
    for name in names.values():
        house.add(name, team="Brand", leads=leads)
        with working_for(house.id):
            Membership.objects.filter(name=name).update(name="Pat")
    cycle = asked(house)
    for state in STATES[1:]:
        answer_as_owner(house, cycle, names[state], everything=state == STATES[2])
    return cycle, names


def answer_as_owner(house: House, cycle: Cycle, name: str, *, everything: bool) -> None:
    """On a device of the person's own."""
    visitor = SurveyVisitor(new_device())
    with working_for(house.id):
        seat = respondents.find_respondent(cycle.pk, house.members[name].pk, visitor)
        slugs = [item.slug for item in seat.rubric.capabilities]
        few = slugs if everything else slugs[:5]
        for kind in ("performance", "importance"):
            given = [SentAnswer(kind, slug, 4) for slug in few]
            answers.save(seat, given, moment=NOW)
        answers.save_comment(seat, capability=FIRST, text=SECRET_COMMENT, moment=NOW)
        answers.record_consent(seat, named=True, moment=NOW)
        if everything:
            answers.submit(seat, moment=NOW)


def replies(client: Client, where: str) -> list[tuple[int, bytes]]:
    """Everything that someone can try who holds the link or the sign-in, on a device of their own."""
    looked = ["", "?part=_start", "?part=_next", "?part=_all", "?part=_review", "?part=_promise"]
    looked += ["code/", "leave/", "withdraw/"]
    equal, other = {NAME: "4", f"seen.{NAME}": "none"}, {NAME: "2", f"seen.{NAME}": "none"}
    stale = {NAME: "4", f"seen.{NAME}": "1:3"}
    comment = f"comment.{FIRST}"
    tried: list[tuple[str, dict[str, str]]] = [
        ("answer/", stale),
        ("answer/", equal),
        ("answer/", other),
        ("answer/", {comment: "", f"seen.{comment}": "none", f"seen.{NAME}": "none"}),
        ("answer/", {comment: SECRET_COMMENT, f"seen.{comment}": "none"}),
        ("answer/", {f"importance.{SECOND}": "", f"seen.importance.{SECOND}": "none"}),
        ("consent/", {"named": "no", "go": "_review"}),
        ("code/", {"code": "12345678"}),
        ("device/", {}),
        ("submit/", {}),
        ("withdraw/", {}),
        ("answer/", equal),
    ]
    answers = [client.get(where + tail) for tail in looked]
    answers.append(client.post(where, section(client, where)))
    answers += [client.post(where + tail, body) for tail, body in tried]
    answers += [client.get(where + tail) for tail in looked]
    return [(reply.status_code, told(reply)) for reply in answers]


def section(client: Client, where: str) -> dict[str, str]:
    """The whole survey without JavaScript, with one answer changed."""
    return fields(client.get(f"{where}?part=_all").content.decode()) | {NAME: "4"}


def told(reply: Any) -> bytes:
    body = OF_THE_PERSON.sub(b"", reply.content) + reply.get("Location", "").encode()
    assert SECRET_COMMENT.encode() not in body.replace(b"comment-", b"")
    return re.sub(rb"\s+", b" ", body)


@pytest.mark.parametrize("leads", [False, True])
def test_whoever_comes_by_link_gets_the_same_whatever_was_answered(cast: Cast, leads: bool) -> None:
    cycle, names = people_by_state(cast.acme, leads=leads)
    where = page(cast.acme, cycle)
    first, *others = [replies(by_link(cast.acme, cycle, name), where) for name in names.values()]
    assert {200, 302, 409, 422} <= {status for status, _body in first} <= {200, 302, 404, 409, 422}
    for same in others:
        for place, (expected, reply) in enumerate(zip(first, same, strict=True)):
            assert reply == expected, place


def test_the_personal_link_itself_says_the_same(cast: Cast) -> None:
    cycle, names = people_by_state(cast.acme)
    pages = [
        told(Client().get(f"/s/{token_of(cast.acme, cycle, name)}/")) for name in names.values()
    ]
    assert len(set(pages)) == 1


def test_another_account_of_the_same_person_gets_the_same_whatever_was_answered(
    cast: Cast,
) -> None:
    """An administrator who changes the address, invites and joins is signed in as the person."""
    cycle, names = people_by_state(cast.acme)
    taken: list[list[tuple[int, bytes]]] = []
    mine: list[bytes] = []
    for place, name in enumerate(names.values()):
        member, account = (
            cast.acme.members[name],
            User.objects.create_user(f"x{place}@evil.example"),
        )
        with working_for(cast.acme.id):
            Membership.objects.filter(pk=member.pk).update(user=account)
        cast.acme.users[name] = account
        client = signed_in(cast.acme, name)
        mine.append(told(client.get(f"/o/{cast.acme.slug}/me/")))
        taken.append(replies(client, page(cast.acme, cycle)))
    assert taken == [taken[0]] * 3
    assert len(set(mine)) == 1
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSED)
    over = {told(signed_in(cast.acme, name).get("/o/acme/me/")) for name in names.values()}
    assert len(over) == 1


def test_what_was_answered_stands_on_the_device_and_at_the_sign_in_that_gave_it(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    phone, account = by_link(cast.acme, cycle), signed_in(cast.acme)
    for client, name in ((phone, NAME), (account, f"performance.{SECOND}")):
        client.post(f"{where}answer/", {name: "4", f"seen.{name}": "none"})
    shown = {
        kind: fields(client.get(f"{where}?part=_all").content.decode())
        for kind, client in (
            ("phone", phone),
            ("sign-in", account),
            ("same account elsewhere", signed_in(cast.acme)),
            ("same link elsewhere", by_link(cast.acme, cycle)),
        )
    }
    seen = {
        kind: (form.get(NAME), form.get(f"performance.{SECOND}")) for kind, form in shown.items()
    }
    assert seen == {
        "phone": ("4", None),
        "sign-in": (None, "4"),
        "same account elsewhere": (None, "4"),
        "same link elsewhere": (None, None),
    }


def test_an_answer_given_elsewhere_replaces_and_is_no_longer_shown(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    phone, desk = by_link(cast.acme, cycle), by_link(cast.acme, cycle)
    phone.post(f"{where}answer/", {NAME: "4", f"seen.{NAME}": "none"})
    reply = desk.post(f"{where}answer/", {NAME: "2", f"seen.{NAME}": "none"})
    assert (reply.status_code, reply.json()) == (200, {NAME: "1:2"})
    back = fields(phone.get(f"{where}?part=_all").content.decode())
    assert (back.get(NAME), back[f"seen.{NAME}"]) == (None, "none")
    # And so does what the first device answers now, though its page is older.
    late = phone.post(f"{where}answer/", {NAME: "5", f"seen.{NAME}": "1:4"})
    assert (late.status_code, late.json()) == (200, {NAME: "1:5"})


def test_an_untouched_form_of_a_second_device_changes_nothing(cast: Cast) -> None:
    cycle, names = people_by_state(cast.acme)
    desk, where = by_link(cast.acme, cycle, names["a few"]), page(cast.acme, cycle)
    with working_for(cast.acme.id):
        before = list(Response.objects.order_by("pk").values_list("performance", "givers"))
        comments = list(Comment.objects.order_by("pk").values_list("text", "giver"))
    desk.post(where, fields(desk.get(f"{where}?part=_all").content.decode()))
    with working_for(cast.acme.id):
        assert list(Response.objects.order_by("pk").values_list("performance", "givers")) == before
        assert list(Comment.objects.order_by("pk").values_list("text", "giver")) == comments


# --- The code ---------------------------------------------------------------------------------


def code_of(reply: Any) -> str:
    (code,) = re.findall(r'<output class="code">(\d{4} \d{4})</output>', reply.content.decode())
    return str(code)


def test_a_code_lets_a_second_device_take_over_once(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    phone, desk, third = (by_link(cast.acme, cycle) for _ in range(3))
    phone.post(f"{where}answer/", {NAME: "4", f"seen.{NAME}": "none"})
    code = code_of(phone.post(f"{where}device/"))
    entered = desk.post(f"{where}code/", {"code": code})
    assert (entered.status_code, entered["Location"]) == (302, f"{where}?part=_start")
    assert fields(desk.get(f"{where}?part=_all").content.decode())[NAME] == "4"
    assert third.post(f"{where}code/", {"code": code}).status_code == 422
    # Both are one device now: a change is seen by the other, and a conflict is told.
    desk.post(f"{where}answer/", {NAME: "5", f"seen.{NAME}": "1:4"})
    assert phone.post(f"{where}answer/", {NAME: "3", f"seen.{NAME}": "1:4"}).status_code == 409


def test_a_sign_in_can_hand_over_to_a_device_too(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    account, phone = signed_in(cast.acme), by_link(cast.acme, cycle)
    account.post(f"{where}answer/", {NAME: "4", f"seen.{NAME}": "none"})
    phone.post(f"{where}code/", {"code": code_of(account.post(f"{where}device/"))})
    assert fields(phone.get(f"{where}?part=_all").content.decode())[NAME] == "4"


def test_a_code_is_void_after_five_wrong_ones(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    phone, desk = by_link(cast.acme, cycle), by_link(cast.acme, cycle)
    code = code_of(phone.post(f"{where}device/"))
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"
    bodies = {
        told(desk.post(f"{where}code/", {"code": wrong})) for _ in range(device_codes.MAX_TRIES)
    }
    assert len(bodies) == 1
    assert told(desk.post(f"{where}code/", {"code": code})) in bodies


def test_a_code_belongs_to_one_person_and_a_new_one_replaces_it(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    phone, another = by_link(cast.acme, cycle), by_link(cast.acme, cycle, "Cho")
    first = code_of(phone.post(f"{where}device/"))
    assert another.post(f"{where}code/", {"code": first}).status_code == 422
    second = code_of(phone.post(f"{where}device/"))
    desk = by_link(cast.acme, cycle)
    if first != second:
        assert desk.post(f"{where}code/", {"code": first}).status_code == 422
    assert desk.post(f"{where}code/", {"code": second}).status_code == 302


def test_what_lies_in_valkey_does_not_hold_the_secret(cast: Cast) -> None:
    cycle = asked(cast.acme)
    device = new_device()
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(
            cycle.pk, cast.acme.members["Max"].pk, SurveyVisitor(device)
        )
        code = device_codes.create(seat)
        kept = cache.get(device_codes._name(seat))
        assert bytes.fromhex(device) not in b"".join(kept)
        assert device_codes.redeem(seat, code) == device


# --- Complete forms -----------------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["", "answer/", "consent/", "submit/", "withdraw/", "leave/"])
def test_a_form_without_its_end_is_refused(cast: Cast, tail: str) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    body = {NAME: "4", f"seen.{NAME}": "none", "named": "yes"}
    assert Client.post(client, page(cast.acme, cycle, tail), body).status_code == 400
    with working_for(cast.acme.id):
        assert not Response.objects.exists()


def test_the_end_stands_last_in_every_form(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where, client = page(cast.acme, cycle), by_link(cast.acme, cycle, "Cho")
    pages = [
        client.get(where + tail).content.decode() for tail in ("", "code/", "leave/", "withdraw/")
    ]
    pages.append(client.get(f"{where}?part=_next").content.decode())
    client.post(f"{where}consent/", {"named": "no"})
    pages += [client.get(f"{where}?part={part}").content.decode() for part in ("_all", "_review")]
    pages.append(Client().get(f"/s/{token_of(cast.acme, cycle)}/").content.decode())
    forms = [form for text in pages for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL)]
    of_the_survey = [form for form in forms if "/language/" not in form and "/theme/" not in form]
    assert len(of_the_survey) > 8
    for form in of_the_survey:
        fields_and_buttons = re.findall(r"<(?:input|button|textarea)\b[^>]*", form)
        assert 'name="end"' in fields_and_buttons[-1]


def test_a_save_that_does_not_say_what_was_shown_is_refused(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    for body in ({NAME: "4"}, {f"comment.{FIRST}": "cut", f"evidence.{FIRST}": ""}):
        reply = Client.post(client, where, body | {"end": "1"})
        assert reply.status_code == 422
        assert "Reload" in reply.json()["error"]


# --- What is left of it ---------------------------------------------------------------------------


def test_the_marks_of_a_device_join_no_two_rows(cast: Cast) -> None:
    cycle = asked(cast.acme)
    device = SurveyVisitor(new_device())
    with working_for(cast.acme.id):
        for name in ("Max", "Cho"):
            seat = respondents.find_respondent(cycle.pk, cast.acme.members[name].pk, device)
            answers.save(seat, [SentAnswer("performance", FIRST, 4)], moment=NOW)
            answers.save_comment(seat, capability=FIRST, text=name, moment=NOW)
            answers.record_consent(seat, named=True, moment=NOW)
            answers.submit(seat, moment=NOW)
        marks: list[int | None] = [
            mark for row in Response.objects.all() for mark in row.givers or () if mark is not None
        ]
        marks += Comment.objects.values_list("giver", flat=True)
        marks += Participation.objects.filter(named=True).values_list("named_by", flat=True)
    assert len(marks) == len(set(marks)) == 5


def test_signing_out_forgets_the_device(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where, client = page(cast.acme, cycle), by_link(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4", f"seen.{NAME}": "none"})
    assert "nobody can see them again" in client.get(f"{where}leave/").content.decode()
    client.post(f"{where}leave/")
    assert client.cookies[DEVICE_COOKIE].value == ""
    client.post(f"/s/{token_of(cast.acme, cycle)}/")
    form = fields(client.get(f"{where}?part=_all").content.decode())
    assert (form.get(NAME), form[f"seen.{NAME}"]) == (None, "none")


def test_a_removed_person_takes_the_answers_of_open_cycles_along(cast: Cast) -> None:
    _cycle, names = people_by_state(cast.acme)
    with working_for(cast.acme.id):
        before = Response.objects.count(), Comment.objects.count()
        for name in names.values():
            people.remove(cast.acme.members[name], by=cast.acme.members["Ada"].pk)
        assert before == (2, 2)
        assert (Response.objects.count(), Comment.objects.count()) == (0, 0)
        events = AuditEvent.objects.filter(event="person.removed").values_list("detail", flat=True)
        assert len({str(event) for event in events}) == 1


def test_answers_of_closed_cycles_stay_when_a_person_is_removed(cast: Cast) -> None:
    cycle, names = people_by_state(cast.acme)
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSED)
        people.remove(cast.acme.members[names["all, and sent"]], by=cast.acme.members["Ada"].pk)
        assert Response.objects.filter(cycle=cycle).count() == 2


def test_nobody_else_can_have_a_lead_named_who_said_no(cast: Cast) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle)
    own, other = by_link(cast.acme, cycle, "Cho"), by_link(cast.acme, cycle, "Cho")
    own.post(f"{where}consent/", {"named": "no"})
    reply = other.post(f"{where}consent/", {"named": "yes"})
    assert (reply.status_code, part_of(cast.acme, cycle, "Cho").named) == (302, False)
    assert "will be shown with your name" in other.get(f"{where}?part=_review").content.decode()
    own.post(f"{where}consent/", {"named": "yes"})
    assert part_of(cast.acme, cycle, "Cho").named is True
    other.post(f"{where}consent/", {"named": "no"})
    assert part_of(cast.acme, cycle, "Cho").named is False
