"""Send e-mails that are rows: a worker sends each once, or the row says that it was not sent.

A worker that dies while sending leaves the row in SENDING: it is sent once more, with the same
Message-ID. If that worker dies, too, the e-mail may have been sent twice; the row then becomes
UNKNOWN and is not sent again. SMTP allows no stronger guarantee.
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
_LETTERS_A_CONNECTION = 50  # many mail servers end a connection after a hundred e-mails

MessageBuilder = Callable[[Any], EmailMessage | None]
"""Builds the row's e-mail as it is to be sent now; None when it has become needless."""
FinishCallback = Callable[[Any, str], None]
"""Called with the row and its final state, in the transaction that stores the state."""


def _do_nothing(_row: Any, _state: str) -> None:
    """Do nothing: nothing else follows from the end of this e-mail."""


def deliver(claim: Claim, build: MessageBuilder, on_finish: FinishCallback = _do_nothing) -> None:
    """Send one e-mail, or postpone it where the organization has sent as many today as it may.

    A worker calls this; it may be called again after a worker has died.
    """
    if retry_at := email_limits.count_email(claim.organization, timezone.now()):
        claim.postpone(retry_at)
        return
    message = _take(claim, build, on_finish)
    if message is None:
        return
    try:
        _send(message)
    except (SMTPException, OSError) as problem:
        _handle_failure(claim, problem, on_finish)
    else:
        _finish(claim, SENT, on_finish)


def _take(claim: Claim, build: MessageBuilder, on_finish: FinishCallback) -> EmailMessage | None:
    """Return the e-mail to send now, marked as being sent; None if there is nothing to send any more."""
    with working_for(claim.organization):
        claim.renew("sending")
        row = claim.model.objects.filter(pk=claim.id).first()
        if row is None:  # the person was removed, and the row with them
            return None
        next_state = _NEXT.get(row.state)
        message = build(row) if next_state else None
        if message is None:
            _finish(claim, NEEDLESS if next_state else UNKNOWN, on_finish)
        else:
            claim.model.objects.filter(pk=row.pk).update(state=next_state)
    return message


def _handle_failure(claim: Claim, problem: Exception, on_finish: FinishCallback) -> None:
    """Refuse for good or try again later, by what the mail server answered.

    An address that refuses mail for good is shown to the administrator; anything else is tried again.
    Neither the address nor the server's words (which may repeat it) are stored.
    """
    code = _reply_code(problem)
    if code >= _PERMANENT and not _is_ours(problem):
        _finish(claim, REFUSED, on_finish, str(code))
        return
    with working_for(claim.organization):
        claim.model.objects.filter(pk=claim.id, lease=claim.lease).update(state=WAITING)
    claim.fail(f"{type(problem).__name__} {code or ''}".strip())


def _reply_code(problem: Exception) -> int:
    """Return the mail server's reply code; 0 where it gave none."""
    if isinstance(problem, SMTPRecipientsRefused):
        return max((code for code, _ in problem.recipients.values()), default=0)
    return problem.smtp_code if isinstance(problem, SMTPResponseException) else 0


def _is_ours(problem: Exception) -> bool:
    """Return whether the refusal is about us (sender, password, greeting), not about the recipient."""
    return not isinstance(problem, (SMTPRecipientsRefused, SMTPDataError))


def _finish(claim: Claim, state: str, on_finish: FinishCallback, error: str = "") -> None:
    """Store how the e-mail ended, and what follows from it, in one transaction."""
    with working_for(claim.organization):
        claim.finish()
        row = claim.model.objects.get(pk=claim.id)
        claim.model.objects.filter(pk=claim.id).update(state=state, error=error)
        on_finish(row, state)


# --- The connection to the mail server --------------------------------------------------------


class MailConnection:
    """One connection to the mail server for e-mails that follow each other."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._left = 0

    def send(self, message: EmailMessage) -> None:
        """Send over this connection; after a failure the next e-mail gets a new one."""
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
        """Return whether the server still answers: it may have hung up since the e-mail before."""
        server = getattr(self._backend, "connection", None)
        try:
            return server is not None and server.noop()[0] == 250
        except (SMTPException, OSError):
            return False

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
        self._backend, self._left = None, 0


_connection: ContextVar[MailConnection | None] = ContextVar("line", default=None)


@contextmanager
def shared_connection() -> Iterator[None]:
    """Let the e-mails that are sent in this block share one connection."""
    shared = MailConnection()
    token = _connection.set(shared)
    try:
        yield
    finally:
        _connection.reset(token)
        shared.close()


def _send(message: EmailMessage) -> None:
    shared = _connection.get()
    if shared is None:
        message.send()
    else:
        shared.send(message)
