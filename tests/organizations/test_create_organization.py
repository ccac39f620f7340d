"""An operator sets up an organization for someone else."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from organizations.access import organizations_of
from organizations.models import Membership, User
from tests.conftest import Cast

TOLD = {"name": "Nova", "owner_email": "Noa@Nova.example", "owner_name": "Noa", "slug": ""}


def run(**more: Any) -> str:
    out = io.StringIO()
    call_command("create_organization", stdout=out, **TOLD | more)
    return out.getvalue()


def test_the_printed_link_lets_the_owner_in(db: None) -> None:
    told = run(slug="nova-1", language="ko")
    assert "Nova: /o/nova-1/" in told
    found = re.search(r"http://testserver(/join/\S+/)", told)
    assert found
    client = Client()
    assert client.post(found[1], {"password": "a long enough sentence"}).status_code == 302
    ((_id, slug, _name),) = organizations_of(User.objects.get(email="noa@nova.example"))
    assert slug == "nova-1"
    assert client.get("/o/nova-1/settings/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"slug": "acme"}, "This address is taken: acme"),
        ({"name": "Acme"}, "This address is taken: acme"),
        ({"slug": "No Way"}, "Use lowercase letters"),
        ({"owner_email": "nobody"}, "Not an email address: nobody"),
        ({"owner_name": " "}, "Name the organization"),
        ({"name": "x" * 121}, "up to 120 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    cast: Cast, wrong: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(**wrong)
    assert not User.objects.filter(email="noa@nova.example").exists()


def test_a_language_that_is_not_there_is_refused(db: None) -> None:
    with pytest.raises(CommandError):
        call_command(
            "create_organization",
            "--name=N",
            "--owner-email=n@n.example",
            "--owner-name=N",
            "--language=fr",
        )


def test_nobody_is_in_before_the_link_is_followed(db: None) -> None:
    run()
    assert not User.objects.exists()
    with pytest.raises(RuntimeError):
        Membership.objects.count()
