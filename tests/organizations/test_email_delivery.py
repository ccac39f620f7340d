"""A mail server may refuse at every step: what is said about the address, what is tried again, and
that the next letter is not drawn into it. Real servers, which speak the protocol."""

from __future__ import annotations

import resource
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from devstack.mail import MailServer, free_port
from organizations import email_delivery, invitations, jobs
from organizations.models import Invitation
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House

PAST = datetime(2026, 1, 1, tzinfo=UTC)
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
WORDS = "<max@acme.example> and what a server says about it"


class Office(MailServer):
    """Refuses at the steps it is told to; counts the connections that were opened."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.connections = 0
        super().__init__()

    async def handle_EHLO(  # noqa: N802  # the protocol's word
        self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = name
        return [self.says["hello"]] if "hello" in self.says else replies

    async def handle_HELO(  # noqa: N802  # the protocol's word
        self, server: SMTP, session: Session, envelope: Envelope, name: str
    ) -> str:
        return self.says["hello"]

    async def handle_MAIL(  # noqa: N802  # the protocol's word
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self.says.get("sender", "250 OK")

    async def handle_RCPT(  # noqa: N802  # the protocol's word
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if "recipient" not in self.says:
            envelope.rcpt_tos.append(address)
        return self.says.get("recipient", "250 OK")

    async def handle_NOOP(  # noqa: N802  # the protocol's word
        self, server: SMTP, session: Session, envelope: Envelope, argument: str
    ) -> str:
        return self.says.get("still there", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the protocol's word
        if "hang up" in self.says:
            assert server.transport is not None
            server.transport.close()
            return "451 never heard"
        return self.says.get("content") or await super().handle_DATA(server, session, envelope)


def reach(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP_BACKEND, "127.0.0.1"
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = port, 5


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    made = Office()
    reach(settings, int(made.url.rpartition(":")[2]))
    yield made
    made.stop()


def invited(house: House, *names: str) -> list[Invitation]:
    with working_for(house.id):
        return [
            Invitation.objects.create(
                membership=house.members[name],
                token_hash=hash_token(name),
                expires_at=PAST,
                due_at=PAST,
            )
            for name in names
        ]


def sent(house: House, row: Invitation) -> Invitation:
    """As a worker does it, and what is written on the row afterwards."""
    with working_for(house.id):
        Invitation.objects.filter(pk=row.pk).exclude(due_at=None).update(due_at=PAST)
    jobs.perform(Invitation, house.id, row.pk, invitations.send)
    with working_for(house.id):
        return Invitation.objects.get(pk=row.pk)


AGAIN, NOT_AGAIN = "waiting", "refused"
STEPS = [
    ("hello", "550", AGAIN, "SMTPHeloError 550"),
    ("sender", "451", AGAIN, "SMTPSenderRefused 451"),
    ("sender", "550", AGAIN, "SMTPSenderRefused 550"),  # what we are, not for whom it is
    ("recipient", "451", AGAIN, "SMTPRecipientsRefused 451"),
    ("recipient", "550", NOT_AGAIN, "550"),
    ("content", "452", AGAIN, "SMTPDataError 452"),
    ("content", "552", NOT_AGAIN, "552"),
    ("hang up", "", AGAIN, "SMTPServerDisconnected"),
]
on_one_line = pytest.mark.parametrize("line", [nullcontext, email_delivery.shared_connection])


@on_one_line
@pytest.mark.parametrize(("step", "code", "state", "error"), STEPS)
def test_a_server_may_refuse_at_every_step(
    cast: Cast,
    office: Office,
    step: str,
    code: str,
    state: str,
    error: str,
    line: Callable[[], Any],
) -> None:
    first, second, third = invited(cast.acme, "Cho", "Max", "Ana")
    with line():
        assert sent(cast.acme, first).state == "sent"
        office.says[step] = f"{code} {WORDS}"
        if line is not nullcontext and step == "hello":
            office.says["still there"] = "421 closing"  # or there would be no second hello
        row = sent(cast.acme, second)
        office.says.clear()
        assert sent(cast.acme, third).state == "sent"
    assert (row.state, row.error, row.due_at is None) == (state, error, state == NOT_AGAIN)
    assert not row.gave_up
    if state == AGAIN:
        assert sent(cast.acme, second).state == "sent"
    assert [letter["To"] for letter in office.letters][:2] == [
        "cho@acme.example",
        "ana@acme.example",
    ]


@contextmanager
def greeting(words: bytes) -> Iterator[int]:
    """A server that says this and hangs up; its port."""

    class Greeter(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(words)

    with socketserver.TCPServer(("127.0.0.1", 0), Greeter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@on_one_line
@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"421 too busy\r\n", "SMTPConnectError 421"),
        (b"554 we do not know you\r\n", "SMTPConnectError 554"),
        (b"", "SMTPServerDisconnected"),
    ],
)
def test_a_server_that_does_not_want_us_is_asked_again(
    cast: Cast, settings: Settings, words: bytes, error: str, line: Callable[[], Any]
) -> None:
    (row,) = invited(cast.acme, "Max")
    with greeting(words) as port, line():
        reach(settings, port)
        after = sent(cast.acme, row)
    assert (after.state, after.error) == ("waiting", error)


@on_one_line
def test_a_server_that_is_not_there_is_asked_again(
    cast: Cast, settings: Settings, line: Callable[[], Any]
) -> None:
    (row,) = invited(cast.acme, "Max")
    reach(settings, free_port())
    with line():
        after = sent(cast.acme, row)
    assert (after.state, after.error) == ("waiting", "ConnectionRefusedError")


def test_letters_that_follow_each_other_share_a_connection(cast: Cast, office: Office) -> None:
    rows = invited(cast.acme, "Cho", "Max", "Ana")
    with email_delivery.shared_connection():
        assert {sent(cast.acme, row).state for row in rows} == {"sent"}
    assert (len(office.letters), office.connections) == (3, 1)


def test_a_server_that_hung_up_in_between_gets_the_letter_over_a_new_connection(
    cast: Cast, office: Office
) -> None:
    first, second = invited(cast.acme, "Cho", "Max")
    with email_delivery.shared_connection():
        sent(cast.acme, first)
        office.says["still there"] = "421 closing"
        after = sent(cast.acme, second)
    assert (after.state, after.attempts, office.connections) == ("sent", 0, 2)


def test_a_connection_is_not_used_for_ever(
    cast: Cast, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_delivery, "_LETTERS_A_CONNECTION", 2)
    with email_delivery.shared_connection():
        for row in invited(cast.acme, "Cho", "Max", "Ana"):
            assert sent(cast.acme, row).state == "sent"
    assert office.connections == 2


def test_an_invitation_of_a_suspended_person_is_needless(cast: Cast, office: Office) -> None:
    (row,) = invited(cast.acme, "Sue")
    assert (sent(cast.acme, row).state, office.letters) == ("needless", [])


def test_a_worker_that_died_over_an_invitation_twice_leaves_it(cast: Cast, office: Office) -> None:
    (row,) = invited(cast.acme, "Max")
    with working_for(cast.acme.id):
        Invitation.objects.update(state=email_delivery.RESENDING)
    after = sent(cast.acme, row)
    assert (after.state, after.due_at, office.letters) == ("unknown", None, [])


# Django's backend leaves the file open that it could not write.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_under_the_demos_mailbox_is_waited_for(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    """As far as a test may fill one: no file of this process may grow."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    (row,) = invited(cast.acme, "Max")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        after = sent(cast.acme, row)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (after.state, after.error) == ("waiting", "OSError")
    assert sent(cast.acme, row).state == "sent"
