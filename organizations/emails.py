"""Build e-mails: plain text in the reader's language, with the same ending everywhere, and links only to
this site."""

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
    """Render an e-mail. `template` is a text whose first line is the subject.

    The same `key` makes the same Message-ID, so that many mail programs show an e-mail only once that a
    broken connection caused to be sent twice.

    Links remain where a text of the context is a link to this site, and `addresses` remain as they are.
    All else is written so that no mail program makes a link of it: somebody may have chosen a name for
    that purpose.
    """
    with translation.override(language), timezone.override(time_zone):
        text: str = render_to_string(template, {"site": settings.SITE_URL, **context})
    text = _remove_other_links(text.strip(), [*_own_links(context.values()), *addresses])
    subject, body = text.split("\n", 1)
    headers = {"Message-ID": f"<{key}@{_site_host()}>"} if key else {}
    headers["Auto-Submitted"] = "auto-generated"
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[to], headers=headers)


def _own_links(values: Iterable[Any]) -> list[str]:
    prefix = settings.SITE_URL + "/"
    return [value for value in values if isinstance(value, str) and value.startswith(prefix)]


def _remove_other_links(text: str, links: list[str]) -> str:
    """Keep these links only where one stands alone: a longer word beginning with it leads elsewhere."""
    if not links:
        return without_links(text)
    pattern = "|".join(re.escape(link) for link in links)
    parts = re.split(rf"(?<!\S)({pattern})(?=[\s,)]|$)", text)
    return "".join(part if index % 2 else without_links(part) for index, part in enumerate(parts))


def _site_host() -> str:
    return settings.SITE_URL.split("://")[-1].split("/")[0].split(":")[0]
