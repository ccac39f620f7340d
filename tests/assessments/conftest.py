"""A mail server for tests that look at what arrives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.assessments.refusing_mail_server import PostOffice


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice()
    host, port = office.url.removeprefix("smtp://").split(":")
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST=host, EMAIL_PORT=int(port)):
        yield office
    office.stop()
