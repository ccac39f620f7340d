"""The demo's mail, readable in the browser: only in the demo, and only from this machine."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from functools import wraps
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organizations.access import public

LINK_PATTERN = re.compile(r"(https?://\S+)")
MAX_FILES = 200


@dataclass(frozen=True, slots=True)
class DemoMessage:
    name: str
    to: str
    subject: str
    body: str

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The body in pieces; True where a piece is a link."""
        return [
            (piece, bool(LINK_PATTERN.fullmatch(piece))) for piece in LINK_PATTERN.split(self.body)
        ]


def _read_file(path: Path) -> list[DemoMessage]:
    """Return the messages of a file; each ends with a line of hyphens."""
    messages = re.split(rb"\n-{70,}\n", path.read_bytes())
    return [
        _parse_message(f"{path.stem}-{index}", raw)
        for index, raw in enumerate(messages)
        if raw.strip()
    ]


def _parse_message(name: str, raw: bytes) -> DemoMessage:
    message = email.message_from_bytes(raw.strip(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    body = part.get_content() if part is not None else ""
    return DemoMessage(name, str(message["To"]), str(message["Subject"]), body)


def _newest_messages() -> list[DemoMessage]:
    files = sorted(settings.MAILBOX.glob("*.log"), key=lambda path: path.stat().st_mtime)
    return [
        letter for path in reversed(files[-MAX_FILES:]) for letter in reversed(_read_file(path))
    ]


def is_local_peer(peer: str) -> bool:
    """Return whether a connection comes from this machine. A Host header would be no proof."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def local_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page that answers 404 to other machines."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if not is_local_peer(request.META.get("REMOTE_ADDR", "")):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@public
@local_only
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/letters.html", {"letters": _newest_messages()})


@public
@local_only
@require_safe
def message_detail(request: HttpRequest, name: str) -> HttpResponse:
    message = next((each for each in _newest_messages() if each.name == name), None)
    if message is None:
        raise Http404
    return render(request, "mailbox/letter.html", {"letter": message})
