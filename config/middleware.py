"""Middleware for every request: responses are private, and input is complete and readable text."""

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError, split_domain_port
from django.utils.http import parse_header_parameters

GetResponse = Callable[[HttpRequest], HttpResponse]
UTF_8 = re.compile(r';\s*charset\s*=\s*("?)utf-?8\1\s*(?=;|$)', re.IGNORECASE)
PART_CONTENT_TYPE = re.compile(rb"\r\ncontent-type:([^\r\n]*)", re.IGNORECASE)
REFUSED_CONTENT_TYPE = "application/octet-stream; charset=refused"
UNREADABLE = re.compile("[\0\ud800-\udfff]")  # no database and no screen can hold these


class PublicHost:
    """Refuses, in production, pages under a name of INSIDE_HOSTS that is not the site's own.

    Under such a name a client may have reached the web server directly; only its health is served there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.IN_PRODUCTION and request.path not in settings.HEALTH_PATHS:
            host, _port = split_domain_port(request.get_host())
            if host in settings.INSIDE_HOSTS and host != urlsplit(settings.SITE_URL).hostname:
                raise DisallowedHost("pages are not served under a name from inside")
        return self.get_response(request)


class PrivateResponses:
    """Forbids shared caches to store a page: it may show one organization's data."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class CompleteBody:
    """Refuses a body that is shorter than its header announced, before anything reads it.

    The connection broke while the body was sent. What has arrived may still parse: a form with half of
    its fields, a text cut in the middle. It would be carried out as if it had been meant.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        try:
            complete = len(request.body) >= int(announced)
        except (UnreadablePostError, ValueError):
            complete = False
        if not complete:
            raise BadRequest("the body broke off")


class ReadableInput:
    """Refuses what no form can mean: a charset other than UTF-8, NUL bytes and broken Unicode."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if REFUSED_CONTENT_TYPE in map(normalize_content_type, content_types(request)):
            raise BadRequest("a charset other than UTF-8")
        try:
            sources = (request.GET, request.POST)
        except (LookupError, ValueError):  # a charset inside, such as that of a file's name
            raise BadRequest("unreadable text") from None
        for source in sources:
            for name, values in source.lists():
                if any(UNREADABLE.search(str(text)) for text in (name, *values)):
                    raise BadRequest("unreadable characters")


def content_types(request: HttpRequest) -> Iterator[str]:
    """Yield the content type of the body, and of each part of a multipart form."""
    yield request.META.get("CONTENT_TYPE", "")
    if request.content_type == "multipart/form-data":
        boundary = (request.content_params or {}).get("boundary", "").encode("latin-1", "replace")
        for part in request.body.split(b"--" + boundary):
            head, _, _ = part.partition(b"\r\n\r\n")
            yield from (kind.decode("latin-1") for kind in PART_CONTENT_TYPE.findall(head))


def normalize_content_type(content_type: str) -> str:
    """Return the header of a body in UTF-8 without its charset; of any other body, and where the header
    cannot be read, one that `ReadableInput` refuses.

    Django reads the query with the charset of the body while it creates the request. What fails there
    has no page, no headers and no line in the log.
    """
    kind = UTF_8.sub("", content_type)
    try:
        _kind, parameters = parse_header_parameters(kind)
    except (LookupError, ValueError):
        return REFUSED_CONTENT_TYPE
    return REFUSED_CONTENT_TYPE if "charset" in parameters else kind


def with_plain_kind(site: WSGIApplication) -> WSGIApplication:
    """Wrap the site so that no Content-Type can fail before there is a request to refuse."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = normalize_content_type(environ.get("CONTENT_TYPE", ""))
        return site(environ, start_response)

    return application
