"""A mail server that refuses what it is told to refuse, and mails sent as a worker sends them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from assessments.cycles import emails
from assessments.models import Cycle, Notice, Participation
from devstack.mail import MailServer
from organizations import jobs
from organizations.tenancy.scope import working_for
from tests.conftest import House

PAST = timezone.now() - timedelta(days=3)


class PostOffice(MailServer):
    """Refuses what it is told to refuse, with the words of a real server, which repeat the address."""

    def __init__(self) -> None:
        self.refuses: dict[str, str] = {}
        self.refuses_content = ""
        super().__init__()

    async def handle_RCPT(  # noqa: N802  # the protocol's word
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the protocol's word
        return self.refuses_content or await super().handle_DATA(server, session, envelope)


def deliver(
    house: House, cycle: Cycle, name: str, mail: str = "opened", *, turn: int = 0
) -> Notice:
    """As a worker does it, and what is written on the row afterwards."""
    with working_for(house.id):
        row = Notice.objects.get(cycle=cycle, membership__name=name, mail=mail, turn=turn)
        Notice.objects.filter(pk=row.pk).update(due_at=PAST)
    jobs.perform(Notice, house.id, row.pk, emails.send)
    with working_for(house.id):
        return Notice.objects.get(pk=row.pk)


def is_bounced(house: House, name: str) -> bool:
    with working_for(house.id):
        return Participation.objects.get(membership__name=name).bounced
