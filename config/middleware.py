"""What holds for every request: answers are private, and input is whole and readable text."""

import re
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

Next = Callable[[HttpRequest], HttpResponse]
UNREADABLE = re.compile("[\0\ud800-\udfff]")  # no database and no screen can hold these


class PrivateResponses:
    """No shared cache may keep a page: it may show one organization's data."""

    def __init__(self, get_response: Next) -> None:
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

    def __init__(self, get_response: Next) -> None:
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
    """Refuses what no form can mean: NUL bytes and broken Unicode in address or query."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        for source in (request.GET, request.POST):
            for name, values in source.lists():
                if any(UNREADABLE.search(str(text)) for text in (name, *values)):
                    raise BadRequest("unreadable characters")
