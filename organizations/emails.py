"""Letters: plain text in the reader's own language, with the same ending everywhere, and no link but
our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from organizations.text import without_links


def render_message(
    template: str,
    *,
    to: str,
    language: str,
    time_zone: str = "UTC",
    key: str = "",
    addresses: Iterable[str] = (),
    **context: Any,
) -> EmailMessage:
    """`template` is a text whose first line is the subject. The same `key` makes the same
    Message-ID, so that a letter sent twice by a broken line is shown once by many mail programs.

    Links are kept where a text of the context is one to this site, and `addresses` as they are. All
    else is written so that no mail program makes a link of it: a name may have been chosen for that.
    """
    with translation.override(language), timezone.override(time_zone):
        text: str = render_to_string(template, {"site": settings.SITE_URL, **context})
    text = _with_links_only_to(text.strip(), [*_own_links(context.values()), *addresses])
    subject, body = text.split("\n", 1)
    headers = {"Message-ID": f"<{key}@{_host()}>"} if key else {}
    headers["Auto-Submitted"] = "auto-generated"
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[to], headers=headers)


def _own_links(values: Iterable[Any]) -> list[str]:
    own = settings.SITE_URL + "/"
    return [value for value in values if isinstance(value, str) and value.startswith(own)]


def _with_links_only_to(text: str, kept: list[str]) -> str:
    """Only where one stands alone: a longer word that begins with it leads somewhere else."""
    if not kept:
        return without_links(text)
    exact = "|".join(re.escape(one) for one in kept)
    parts = re.split(rf"(?<!\S)({exact})(?=[\s,)]|$)", text)
    return "".join(part if place % 2 else without_links(part) for place, part in enumerate(parts))


def _host() -> str:
    return settings.SITE_URL.split("://")[-1].split("/")[0].split(":")[0]
