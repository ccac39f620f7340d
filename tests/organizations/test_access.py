"""One table and one door: who may come in, and what they are told if not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.signals import request_started
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from organizations.access import ABILITIES, Ability, TenantRequest, organizations_of, requires
from organizations.models import Organization, Role, Team, User
from organizations.tenancy.scope import _bound, working_for
from tests.conftest import Cast

_MEMBER = {"enter", "answer", "see_own_result"}
_REPORTS = {"list_reports", "schedule_reports"}
EXPECTED: dict[str, set[str]] = {
    Role.OWNER: {*Ability},
    Role.LEADER: {*_MEMBER, *_REPORTS, "see_results", "decide"},
    Role.ADMIN: {*_MEMBER, *_REPORTS, "run_cycles"},
    Role.ANALYST: {*_MEMBER, "see_results", "list_reports"},
    Role.MEMBER: _MEMBER,
}


def ask(user: User | AnonymousUser, slug: str, ability: Ability) -> HttpResponse:
    @requires(ability)
    def page(request: TenantRequest) -> HttpResponse:
        return HttpResponse(request.access.member_name)

    request: HttpRequest = RequestFactory().get("/")
    request.user = user
    return served(page, request, slug)


def served(page: Callable[..., HttpResponse], request: HttpRequest, slug: str) -> HttpResponse:
    """As the site serves a page: in its own transaction, with a clean slate afterwards."""
    before = _bound.set(None)
    try:
        with transaction.atomic():
            return page(request, organization=slug)
    finally:
        _bound.reset(before)


def test_the_table_is_the_one_that_was_promised() -> None:
    assert ABILITIES == EXPECTED


@pytest.mark.parametrize("ability", Ability)
@pytest.mark.parametrize("name", ["Ada", "Cho", "Adam", "Ana", "Max"])
def test_everyone_opens_exactly_their_doors(cast: Cast, name: str, ability: Ability) -> None:
    member = cast.acme.members[name]
    if ability in EXPECTED[Role(member.role)]:
        assert ask(cast.acme.users[name], "acme", ability).content.decode() == name
    else:
        with pytest.raises(PermissionDenied):
            ask(cast.acme.users[name], "acme", ability)


@pytest.mark.parametrize("slug", ["acme", "nowhere"])
def test_a_stranger_cannot_tell_a_closed_door_from_a_wall(cast: Cast, slug: str) -> None:
    with pytest.raises(Http404) as refused:
        ask(cast.rival.users["Rita"], slug, Ability.ENTER)
    assert str(refused.value) == ""


def test_a_suspended_member_is_a_stranger(cast: Cast) -> None:
    with pytest.raises(Http404):
        ask(cast.acme.users["Sue"], "acme", Ability.ENTER)
    assert organizations_of(cast.acme.users["Sue"]) == []


def test_whoever_has_not_signed_in_is_asked_to(cast: Cast) -> None:
    answer = ask(AnonymousUser(), "acme", Ability.ENTER)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (422, 0)])
def test_a_refusing_page_keeps_nothing(cast: Cast, status: int, kept: int) -> None:
    @requires(Ability.ENTER)
    def page(request: TenantRequest) -> HttpResponse:
        Team.objects.create(name="half done", parent=cast.acme.teams[""])
        return HttpResponse(status=status)

    request = RequestFactory().get("/")
    request.user = cast.acme.users["Ada"]
    served(page, request, "acme")
    assert _teams_named(cast, "half done") == kept


def _teams_named(cast: Cast, name: str) -> int:
    with working_for(cast.acme.id):
        return Team.objects.filter(name=name).count()


def test_one_sees_the_organizations_one_belongs_to(cast: Cast) -> None:
    assert [slug for _, slug, _ in organizations_of(cast.acme.users["Ada"])] == ["acme"]


def test_the_next_request_of_a_thread_has_no_time_zone_of_the_one_before(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Organization.objects.update(time_zone="Asia/Seoul")
    seen: list[str] = []

    def note(**_signal: object) -> None:
        seen.append(timezone.get_current_timezone_name())

    request_started.connect(note)
    try:
        browser = cast.acme.browser("Ada")
        for path in ("/o/acme/people/", "/sign-in/", "/o/acme/no-such-page/", "/sign-in/"):
            browser.get(path)
    finally:
        request_started.disconnect(note)
    assert seen == ["UTC"] * 4
