"""Who may do what: one table of abilities and one check, for pages, API and tasks alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation

from organizations import access_log
from organizations.models import Role, User
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import start_working_for

log = structlog.get_logger(__name__)
Arguments = ParamSpec("Arguments")


class Ability(StrEnum):
    ENTER = "enter"  # own answers, own team's published result
    ANSWER = "answer"  # the survey itself; a personal link is enough
    SEE_OWN_RESULT = "see_own_result"  # of the team where one was asked; a personal link is enough
    SEE_RESULTS = "see_results"
    DECIDE = "decide"  # set targets, decide, write principles and agenda
    RUN_CYCLES = "run_cycles"  # plan, open, close; people and teams; rubrics
    LIST_REPORTS = "list_reports"  # which reports there are, not what they say
    SCHEDULE_REPORTS = "schedule_reports"
    ADMINISTER = "administer"  # keys, privacy, sign-in policy, audit trail, export, erasure


_EVERYONE = frozenset({Ability.ENTER, Ability.ANSWER, Ability.SEE_OWN_RESULT})
_REPORTS = frozenset({Ability.LIST_REPORTS, Ability.SCHEDULE_REPORTS})
ABILITIES: dict[str, frozenset[Ability]] = {
    Role.OWNER: frozenset(Ability),
    Role.LEADER: _EVERYONE | _REPORTS | {Ability.SEE_RESULTS, Ability.DECIDE},
    Role.ADMIN: _EVERYONE | _REPORTS | {Ability.RUN_CYCLES},
    Role.ANALYST: _EVERYONE | {Ability.SEE_RESULTS, Ability.LIST_REPORTS},
    Role.MEMBER: _EVERYONE,
}


class Scope(StrEnum):
    """What a key of the organization may read; a person chooses when making it."""

    RESULTS = "results:read"  # published results and principles
    CYCLES = "cycles:read"  # cycles, teams and rubrics


# A personal link opens one survey, later its result, and nothing else.
PERSONAL_LINK_ABILITIES = frozenset({Ability.ANSWER, Ability.SEE_OWN_RESULT})
RESPONDENT_COOKIE: str = settings.RESPONDENT_COOKIE_NAME


@dataclass(frozen=True, slots=True)
class Access:
    """A person who was let in: which organization, who they are in it, what they may do."""

    organization_id: UUID
    slug: str
    name: str
    time_zone: str
    membership_id: UUID
    member_name: str
    language: str
    role: str
    leads: bool
    team_id: UUID
    abilities: frozenset[Ability]
    via_personal_link: bool = False

    def may(self, ability: Ability) -> bool:
        return ability in self.abilities


class TenantRequest(HttpRequest):
    """A request that has passed `authorize_request`."""

    user: User
    access: Access


_COLUMNS = (
    "organization_id",
    "slug",
    "name",
    "time_zone",
    "membership_id",
    "member_name",
    "language",
    "role",
    "leads",
    "team_id",
)


def _call_access_function(function: str, *arguments: str | bytes | UUID) -> dict[str, Any] | None:
    """Call an SQL function that may be called before an organization is bound, and return its row."""
    placeholders = ", ".join(["%s"] * len(arguments))
    query = f"SELECT {', '.join(_COLUMNS)} FROM {function}({placeholders})"  # noqa: S608  # fixed names
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        row = cursor.fetchone()
    return dict(zip(_COLUMNS, row, strict=True)) if row else None


def _find_member_access(slug: str, user: User) -> Access | None:
    row = _call_access_function("access_of_user", slug, user.pk)
    return Access(**row, abilities=ABILITIES[row["role"]]) if row else None


def _find_respondent_access(slug: str, cycle: UUID, token: str) -> Access | None:
    row = _call_access_function("access_of_respondent", slug, hash_token(token), cycle)
    if row is None:
        return None
    return Access(**row, abilities=PERSONAL_LINK_ABILITIES, via_personal_link=True)


def find_access(
    request: HttpRequest, slug: str, ability: Ability, cycle: UUID | None
) -> Access | None:
    """Return the access of whoever makes this request, or None.

    A respondent's cookie opens its own survey; everything else needs a membership.
    """
    token = request.COOKIES.get(RESPONDENT_COOKIE, "")
    if ability in PERSONAL_LINK_ABILITIES and cycle is not None and token:
        access = _find_respondent_access(slug, cycle, token)
        if access is not None:
            return access
    return _find_member_access(slug, request.user) if isinstance(request.user, User) else None


def authorize_request(request: Any, slug: str, ability: Ability, cycle: UUID | None = None) -> None:
    """Bind the organization for this request, or answer that it does not exist.

    A stranger gets the same 404 for an organization that exists and one that does not; a member
    without the ability gets 403.
    """
    access = find_access(request, slug, ability, cycle)
    if access is None:
        log.info("authz.denied", route=getattr(request.resolver_match, "view_name", ""))
        raise Http404
    request.access = access  # also of a page that is refused: it leads to those that are not
    if not access.may(ability):
        log.info("authz.denied", organization=str(access.organization_id), ability=ability)
        _activate_language(request, access)
        raise PermissionDenied
    start_working_for(access.organization_id)
    _activate_language(request, access)


def _activate_language(request: HttpRequest, access: Access) -> None:
    """Activate the reader's own choice of language; without one, the language stored with the person."""
    if "language" not in request.COOKIES:
        translation.activate(access.language)
        request.LANGUAGE_CODE = access.language
    timezone.activate(access.time_zone)


def recognize_member(request: Any) -> None:
    """Find out of which organization someone is a member at an address in it where no page is. Nothing is
    bound; a stranger stays one."""
    inside = re.match("/o/([-a-zA-Z0-9_]+)/", request.path)
    if inside is None or hasattr(request, "access") or not isinstance(request.user, User):
        return
    if access := _find_member_access(inside[1], request.user):
        request.access = access
        _activate_language(request, access)


View = Callable[Concatenate[TenantRequest, Arguments], HttpResponse]


def requires(ability: Ability) -> Callable[[View[Arguments]], Callable[..., HttpResponse]]:
    """Decorate a page with the ability it needs: check, bind, and roll back when the page refuses."""

    def decorate(view: View[Arguments]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: Any, organization: str, *args: Any, **kwargs: Any) -> HttpResponse:
            by_link = ability in PERSONAL_LINK_ABILITIES
            has_survey_link = by_link and RESPONDENT_COOKIE in request.COOKIES
            if not request.user.is_authenticated and not has_survey_link:
                return redirect_to_login(request.get_full_path())
            authorize_request(request, organization, ability, cycle=kwargs.get("cycle"))
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            _record_read(request, response, ability)
            return response

        guarded.ability = ability  # type: ignore[attr-defined]  # read by the isolation walk
        return guarded

    return decorate


def _record_read(request: TenantRequest, response: HttpResponse, ability: Ability) -> None:
    """Write the line of the access log. Answering writes none."""
    access = request.access
    if ability is Ability.ANSWER or not access_log.is_read_of_results(request, response):
        return
    access_log.record_read(
        request,
        response,
        reader=access.membership_id,
        moment=timezone.now(),
        time_zone=access.time_zone,
    )


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a page that shows no organization's data; the isolation walk lists them all."""
    view.ability = None  # type: ignore[attr-defined]  # read by the isolation walk
    return view


def organizations_of(user: User) -> list[tuple[UUID, str, str]]:
    """Return (id, slug, name) of the organizations someone belongs to, sorted by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, slug, name FROM organizations_of(%s)", [user.pk])
        return list(cursor.fetchall())


# --- Programs ---------------------------------------------------------------------------------

KEY_PREFIX = "naite_"
KEY_PATTERN = re.compile(rf"{KEY_PREFIX}[A-Za-z0-9_-]{{8,120}}", re.ASCII)
# This key is public, so it works only in a demo that nobody else can reach.
DEMO_KEY = f"{KEY_PREFIX}demo_growth_rings_for_everyone"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has shown a usable API key, and whose key it is."""

    organization_id: UUID
    slug: str
    key_id: UUID
    scopes: frozenset[str]
    last_used_at: datetime | None


def find_program(slug: str, token: str) -> Program | None:
    """Return the program that holds this key, which is looked for at this address first; None if it is
    unknown, expired or revoked. 1 statement."""
    if not KEY_PATTERN.fullmatch(token):
        return None
    if token == DEMO_KEY and not (settings.DEMO and settings.ON_LOOPBACK):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, slug, key_id, scopes, last_used_at FROM access_of_key(%s, %s)",
            [slug, hash_token(token)],
        )
        row = cursor.fetchone()
    return Program(row[0], row[1], row[2], frozenset(row[3]), row[4]) if row else None


def authorize_key(request: Any, slug: str, scope: Scope, program: Program) -> None:
    """Bind the organization of the URL if the key is that organization's own.

    Another's organization looks like one that does not exist; without the scope it is a 403.
    """
    if program.slug != slug:
        log.info("authz.denied", key=str(program.key_id))
        raise Http404
    if scope not in program.scopes:
        log.info("authz.denied", organization=str(program.organization_id), scope=scope)
        raise PermissionDenied
    request.program = program
    start_working_for(program.organization_id)
