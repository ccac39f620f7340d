"""Letters: plain text in the reader's own language, with the same ending everywhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation


def letter(
    template: str, *, to: str, language: str, time_zone: str = "UTC", key: str = "", **context: Any
) -> EmailMessage:
    """`template` is a text whose first line is the subject. The same `key` makes the same
    Message-ID, so that a letter sent twice by a broken line is shown once by many mail programs."""
    with translation.override(language), timezone.override(time_zone):
        text = render_to_string(template, {"site": settings.SITE_URL, **context})
    subject, body = text.strip().split("\n", 1)
    headers = {"Message-ID": f"<{key}@{_host()}>"} if key else {}
    headers["Auto-Submitted"] = "auto-generated"
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[to], headers=headers)


def _host() -> str:
    return settings.SITE_URL.split("://")[-1].split("/")[0].split(":")[0]
