"""Letters that are rows: each is sent by a worker, once, or says that it was not.

A worker that died while sending leaves the row in SENDING: it is sent once more, with the same
Message-ID. Who dies twice may have sent it twice; then it stays as it is, and says so. More than
this no mail can promise.
"""

from __future__ import annotations

from collections.abc import Callable
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import Any

from django.core.mail import EmailMessage

from organizations.tenancy import working_for
from organizations.work import Claim

WAITING, SENDING, AGAIN = "waiting", "sending", "resending"
SENT, FAILED, NEEDLESS = "sent", "failed", "needless"
_NEXT = {WAITING: SENDING, SENDING: AGAIN}
UNKNOWN = "It is not known whether this mail arrived."
REFUSED = "refused"
_PERMANENT = 500

Written = Callable[[Any], EmailMessage | None]
"""The row's letter as it is to be sent now; None when it has become needless."""
Settled = Callable[[Any, str], None]
"""What else is remembered with the end of a letter: the row, and its error or nothing."""


def _nothing(_row: Any, _error: str) -> None:
    """Nothing else follows from the end of this letter."""


def post(claim: Claim, written: Written, settled: Settled = _nothing) -> None:
    """Send one letter. A worker calls this; it may be called again after a worker has died."""
    message = _take(claim, written, settled)
    if message is None:
        return
    try:
        message.send()
    except (SMTPException, OSError) as problem:
        _not_sent(claim, problem, settled)
    else:
        _settle(claim, SENT, settled)


def _take(claim: Claim, written: Written, settled: Settled) -> EmailMessage | None:
    """The letter to send now, marked as being sent; None if there is nothing to send any more."""
    claim.renew("sending")
    with working_for(claim.organization):
        row = claim.model.objects.filter(pk=claim.id).first()
        if row is None:  # the person was removed, and the letter with them
            return None
        following = _NEXT.get(row.state)
        message = written(row) if following else None
        if message is not None:
            claim.model.objects.filter(pk=row.pk).update(state=following)
    if message is None:
        _settle(claim, NEEDLESS if following else FAILED, settled, "" if following else UNKNOWN)
    return message


def _not_sent(claim: Claim, problem: Exception, settled: Settled) -> None:
    """An address that refuses mail for good is said to the administrator; anything else is tried
    again. Neither the address nor the server's words (which may repeat it) are written down."""
    code = _code(problem)
    if code >= _PERMANENT and not _is_ours(problem):
        _settle(claim, FAILED, settled, f"{REFUSED} {code}")
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


def _settle(claim: Claim, state: str, settled: Settled, error: str = "") -> None:
    """The end of a letter, and what follows from it, in one transaction."""
    with working_for(claim.organization):
        claim.finish()
        row = claim.model.objects.get(pk=claim.id)
        claim.model.objects.filter(pk=claim.id).update(state=state, error=error)
        settled(row, "" if state == SENT else error or state)
