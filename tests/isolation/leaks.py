"""Nine mistakes, each of which the walk must find. None of this is part of the product."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request

from assessments.models import Cycle
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401  # used by name
from config.urls import urlpatterns as site
from organizations.access import Ability, Scope, TenantRequest, requires
from organizations.api.base import ProgramView
from organizations.api.parameters import Parameter
from organizations.models import Team
from organizations.tenancy.scope import _bind, _bound

VICTIM: dict[str, UUID] = {}  # the test says who: no door would ever tell


def _pretend(organization: UUID) -> None:
    """What no page may do: bind an organization that the caller named."""
    _bound.set(organization)
    _bind(str(organization))


def _names() -> str:
    return ", ".join(Team.objects.values_list("name", flat=True))


def forgotten_door(request: HttpRequest, organization: str) -> HttpResponse:
    if organization not in VICTIM:
        raise Http404
    _pretend(VICTIM[organization])
    return HttpResponse(_names())


forgotten_door.ability = Ability.SEE_RESULTS  # type: ignore[attr-defined]  # stated, never asked


@requires(Ability.ENTER)
def foreign_key_in_the_body(request: TenantRequest) -> HttpResponse:
    if wanted := request.POST.get("team"):
        _pretend(VICTIM["rival"])
        Team.objects.filter(pk=wanted).update(name="taken over")
    return HttpResponse("done")


@requires(Ability.ENTER)
def mass_assignment(request: TenantRequest) -> HttpResponse:
    if wanted := request.POST.get("organization"):
        _pretend(UUID(wanted))
        root = Team.objects.get(parent=None)
        Team.objects.create(name="planted", parent=root)
    return HttpResponse("done")


@requires(Ability.ENTER)
def filtered(request: TenantRequest) -> HttpResponse:
    if wanted := request.GET.get("team"):
        _pretend(VICTIM["rival"])
        return HttpResponse(
            ", ".join(Team.objects.filter(pk=wanted).values_list("name", flat=True))
        )
    return HttpResponse("none")


@requires(Ability.ENTER)
def unguessable_id(request: TenantRequest, cycle: UUID) -> HttpResponse:
    _pretend(VICTIM["rival"])
    found = Cycle.objects.filter(pk=cycle).first()
    return HttpResponse(found.name if found else "", status=200 if found else 404)


@requires(Ability.ENTER)
def existence_oracle(request: TenantRequest, cycle: UUID) -> HttpResponse:
    if Cycle.objects.filter(pk=cycle).exists():
        return HttpResponse("mine")
    _pretend(VICTIM["rival"])
    if Cycle.objects.filter(pk=cycle).exists():
        raise PermissionDenied
    raise Http404


def unregistered(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def careless(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_names())


class KeyFitsEverywhere(ProgramView):
    """Binds whatever organization the address names, whosever key it is."""

    scope = Scope.CYCLES

    def check_permissions(self, request: Request) -> None:
        if self.kwargs["organization"] not in VICTIM:
            raise Http404
        _pretend(VICTIM[self.kwargs["organization"]])

    def get(self, request: Request, organization: str) -> HttpResponse:
        return HttpResponse(_names())


class FilteredForPrograms(ProgramView):
    scope = Scope.CYCLES
    parameters = (Parameter("team", "A team."),)

    def get(self, request: Request, organization: str) -> HttpResponse:
        if wanted := self.read_query(request).get("team"):
            _bound.set(VICTIM["rival"])
            _bind(str(VICTIM["rival"]))
            return HttpResponse(Team.objects.get(pk=wanted).name)
        return HttpResponse("none")


class NoScope(ProgramView):
    """Cannot be given an address."""


urlpatterns = [
    *site,
    path("o/<slug:organization>/leak/1/", forgotten_door, name="a_forgotten_door"),
    path(
        "o/<slug:organization>/leak/2/", foreign_key_in_the_body, name="a_foreign_key_in_the_body"
    ),
    path("o/<slug:organization>/leak/3/", mass_assignment, name="mass_assignment"),
    path("o/<slug:organization>/leak/4/", filtered, name="a_filter"),
    path("o/<slug:organization>/leak/5/<uuid:cycle>/", unguessable_id, name="an_unguessable_id"),
    path(
        "o/<slug:organization>/leak/6/<uuid:cycle>/", existence_oracle, name="an_existence_oracle"
    ),
    path("leak/7/", unregistered, name="an_unregistered_route"),
    path("careless/", careless, name="careless"),
    path(
        "api/v1/organizations/<slug:organization>/leak/8/",
        KeyFitsEverywhere.as_view(),
        name="a_program_whose_key_fits_everywhere",
    ),
    path(
        "api/v1/organizations/<slug:organization>/leak/9/",
        FilteredForPrograms.as_view(),
        name="a_filter_for_programs",
    ),
]
