"""Letters that are rows: each is sent by a worker, once, or says that it was not.

A worker that died while sending leaves the row in SENDING: it is sent once more, with the same
Message-ID. Who dies twice may have sent it twice; then it stays as it is, and says so. More than
this no mail can promise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from organizations import email_limits
from organizations.jobs import Claim
from organizations.tenancy.scope import working_for

WAITING, SENDING, RESENDING = "waiting", "sending", "resending"
SENT, REFUSED, UNKNOWN, NEEDLESS = "sent", "refused", "unknown", "needless"
_NEXT = {WAITING: SENDING, SENDING: RESENDING}
_PERMANENT = 500
_LETTERS_A_CONNECTION = 50  # many mail servers end a connection after a hundred

MessageBuilder = Callable[[Any], EmailMessage | None]
"""The row's letter as it is to be sent now; None when it has become needless."""
FinishCallback = Callable[[Any, str], None]
"""What else is remembered with the end of a letter: the row, and the state in which it ended."""


def _nothing(_row: Any, _state: str) -> None:
    """Nothing else follows from the end of this letter."""


def deliver(claim: Claim, written: MessageBuilder, settled: FinishCallback = _nothing) -> None:
    """Send one letter. A worker calls this; it may be called again after a worker has died. It waits
    where the organization has sent as many today as it may."""
    if later := email_limits.count_email(claim.organization, timezone.now()):
        claim.postpone(later)
        return
    message = _take(claim, written, settled)
    if message is None:
        return
    try:
        _send(message)
    except (SMTPException, OSError) as problem:
        _not_sent(claim, problem, settled)
    else:
        _settle(claim, SENT, settled)


def _take(claim: Claim, written: MessageBuilder, settled: FinishCallback) -> EmailMessage | None:
    """The letter to send now, marked as being sent; None if there is nothing to send any more."""
    with working_for(claim.organization):
        claim.renew("sending")
        row = claim.model.objects.filter(pk=claim.id).first()
        if row is None:  # the person was removed, and the letter with them
            return None
        following = _NEXT.get(row.state)
        message = written(row) if following else None
        if message is None:
            _settle(claim, NEEDLESS if following else UNKNOWN, settled)
        else:
            claim.model.objects.filter(pk=row.pk).update(state=following)
    return message


def _not_sent(claim: Claim, problem: Exception, settled: FinishCallback) -> None:
    """An address that refuses mail for good is said to the administrator; anything else is tried
    again. Neither the address nor the server's words (which may repeat it) are written down."""
    code = _code(problem)
    if code >= _PERMANENT and not _is_ours(problem):
        _settle(claim, REFUSED, settled, str(code))
        return
    with working_for(claim.organization):
        claim.model.objects.filter(pk=claim.id, lease=claim.lease).update(state=WAITING)
    claim.fail(f"{type(problem).__name__} {code or ''}".strip())


def _code(problem: Exception) -> int:
    """What the mail server answered; 0 where it said nothing."""
    if isinstance(problem, SMTPRecipientsRefused):
        return max((code for code, _ in problem.recipients.values()), default=0)
    return problem.smtp_code if isinstance(problem, SMTPResponseException) else 0


def _is_ours(problem: Exception) -> bool:
    """Refused for what we are (sender, password, greeting), not for whom it is for."""
    return not isinstance(problem, (SMTPRecipientsRefused, SMTPDataError))


def _settle(claim: Claim, state: str, settled: FinishCallback, error: str = "") -> None:
    """The end of a letter, and what follows from it, in one transaction."""
    with working_for(claim.organization):
        claim.finish()
        row = claim.model.objects.get(pk=claim.id)
        claim.model.objects.filter(pk=claim.id).update(state=state, error=error)
        settled(row, state)


# --- The connection to the mail server --------------------------------------------------------


class MailConnection:
    """One connection to the mail server for letters that follow each other."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._left = 0

    def send(self, message: EmailMessage) -> None:
        """After a letter that failed, the next one gets a new connection."""
        try:
            if self._left <= 0 or not self._is_open():
                self.close()
                self._backend, self._left = get_connection(), _LETTERS_A_CONNECTION
                self._backend.open()
            self._left -= 1
            message.connection = self._backend
            message.send()
        except (SMTPException, OSError):
            self.close()
            raise

    def _is_open(self) -> bool:
        """A server may have hung up since the letter before; a letter to be sent must not find out."""
        server = getattr(self._backend, "connection", None)
        try:
            return server is not None and server.noop()[0] == 250
        except (SMTPException, OSError):
            return False

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
        self._backend, self._left = None, 0


_line: ContextVar[MailConnection | None] = ContextVar("line", default=None)


@contextmanager
def shared_connection() -> Iterator[None]:
    """Letters that are sent meanwhile share one connection."""
    line = MailConnection()
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)
        line.close()


def _send(message: EmailMessage) -> None:
    line = _line.get()
    if line is None:
        message.send()
    else:
        line.send(message)
