"""The base of every API view: check key, rate, organization and scope, then answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from organizations import access_log, api_keys
from organizations.access import Program, Scope, authorize_key, find_program
from organizations.api import errors, pagination, parameters, throttling
from organizations.api.parameters import Parameter

ETAG_VERSION = b"1"  # raise it when the same rows get another form
Response = TypeVar("Response", bound=HttpResponseBase)
VARY = ["Accept", "Accept-Language", "Authorization"]


class BearerKey(BaseAuthentication):
    """Authenticate by `Authorization: Bearer naite_…` and nothing else: no cookie, no session, no query."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Program] | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() != "bearer":
            return None
        address = request.parser_context["kwargs"]["organization"]
        program = find_program(address, token.strip())
        if program is None:
            raise AuthenticationFailed
        return AnonymousUser(), program

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Naite"'


class ProgramView(APIView):
    """A view that a program may read. It states its scope, its parameters and its meaning; without a scope
    the site does not start."""

    scope: ClassVar[Scope]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    http_method_names = ["get", "head", "options"]
    authentication_classes = [BearerKey]
    permission_classes = []
    throttle_classes = []
    parser_classes = []
    renderer_classes: Sequence[type[BaseRenderer]] = [JSONRenderer]
    allowance: throttling.Allowance | None = None
    # For the documentation:
    operation: ClassVar[str]
    tag: ClassVar[str]
    summary: ClassVar[Any]
    meaning: ClassVar[Any]
    item: ClassVar[type[BaseSerializer[Any]]]
    example: ClassVar[Any]
    is_list: ClassVar[bool] = True
    as_table: ClassVar[str] = ""  # "also" or "only" as CSV

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        view.scope = cls.scope  # type: ignore[attr-defined]  # read by the isolation walk
        return view

    # --- Checking -----------------------------------------------------------------------------

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        parameters.refuse_keys_in_url(request)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Check who asks, and whether they may ask again so soon."""
        if request.auth is None:
            raise NotAuthenticated
        self.allowance = throttling.count_request(self.program)
        if self.allowance is not None and self.allowance.is_spent:
            raise Throttled(wait=self.allowance.seconds)

    def check_permissions(self, request: Request) -> None:
        underlying = request._request  # noqa: SLF001  # the request that the log reads
        authorize_key(underlying, self.kwargs["organization"], self.scope, self.program)
        api_keys.record_use(self.program, moment=timezone.now())

    @property
    def program(self) -> Program:
        return cast("Program", self.request.auth)

    def read_query(self, request: Request) -> dict[str, str]:
        return parameters.parse_query(request.GET, self.parameters)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    # --- Answering ----------------------------------------------------------------------------

    def get_exception_handler(self) -> Any:
        return errors.exception_handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        for name, value in (self.allowance.headers() if self.allowance else {}).items():
            response[name] = value
        final_response = super().finalize_response(request, response, *args, **kwargs)
        underlying = request._request  # noqa: SLF001  # where authorize_key stored the program
        program: Program | None = getattr(underlying, "program", None)
        if program is not None:
            moment = timezone.now()
            access_log.record_read(underlying, final_response, reader=program.key_id, moment=moment)
        return final_response

    def not_modified(self, request: Request, tag: str) -> HttpResponse | None:
        """Return 304 if the program has this very response already, else None."""
        etags = parse_etags(request.headers.get("If-None-Match", ""))
        if "*" not in etags and tag not in [etag.removeprefix("W/") for etag in etags]:
            return None
        return self.with_etag(HttpResponseNotModified(), tag)

    def page_response(
        self,
        request: Request,
        page_request: pagination.PageRequest,
        page: pagination.CursorPage[Any],
        tag: str = "",
    ) -> HttpResponse:
        """Return one page of a list, with the URL of the next."""
        next_url = page_request.address(request, page.last)
        items = self.item(page.items, many=True).data
        response = self.json_response(request, {"items": items, "next": next_url}, tag)
        if next_url:
            response["Link"] = f'<{next_url}>; rel="next"'
        return response

    def json_response(self, request: Request, content: Any, tag: str = "") -> HttpResponse:
        body = JSONRenderer().render(content)
        tag = tag or make_etag(body)
        response = HttpResponse(body, content_type="application/json")
        return self.not_modified(request, tag) or self.with_etag(response, tag)

    def with_etag(self, response: Response, tag: str) -> Response:
        """Let the program keep the response for itself, and ask each time whether it is still valid."""
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, VARY)
        return response


def make_etag(*parts: bytes | str) -> str:
    """Return a strong ETag: the same parts in the same form have the same tag."""
    digest = hashlib.sha256(ETAG_VERSION)
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8) + content)
    return f'"{digest.hexdigest()[:32]}"'
