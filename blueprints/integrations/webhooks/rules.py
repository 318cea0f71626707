"""What webhooks tell, how it is signed, when it is tried again and when an address is given up. Pure."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from flask_babel.speaklater import LazyString

from app.kernel.words import _l

EVENT_WORDS: dict[str, LazyString] = {
    "lead.opened": _l("A lead came in"),
    "lead.offered": _l("A lead is offered to a dealer"),
    "lead.expired": _l("The time to answer an offer ran out"),
    "lead.escalated": _l("A lead found no dealer"),
    "lead.accepted": _l("A dealer took a lead"),
    "lead.declined": _l("A dealer declined a lead or gave it back"),
    "lead.contacted": _l("The customer was called"),
    "lead.quoted": _l("An offer was made"),
    "lead.shipped": _l("The goods were shipped"),
    "lead.won": _l("A lead ended in a sale"),
    "lead.lost": _l("A lead ended without a sale"),
    "lead.invalid": _l("There was no real request"),
    "lead.reopened": _l("A lead was opened again"),
    "lead.feedback": _l("The customer told how it went"),
    "lead.message": _l("A message was written"),
}
ERROR_WORDS: dict[str, LazyString] = {
    "name": _l("There is no such name"),
    "address": _l("The name leads into a private network"),
    "connect": _l("Nobody takes the connection"),
    "tls": _l("The certificate does not hold"),
    "time": _l("It took too long"),
    "answer": _l("The answer cannot be read"),
    "refused": _l("The other side did not accept it"),
}
MOST_ATTEMPTS = 12
PATIENCE = timedelta(days=3)
"""How long an address may fail before it is told nothing more."""
LONGEST_WAIT = timedelta(hours=12)


def signature(secret: str, body: bytes, at: datetime) -> str:
    """`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>`, so that a call caught once is no good later."""
    moment = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def is_taken(status: int) -> bool:
    """Whether the other side accepted the call: a redirect is no acceptance."""
    return 200 <= status < 300


def wait(attempts: int) -> timedelta | None:
    """How long until the next try after so many: half a minute, doubled each time; None when it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(LONGEST_WAIT, timedelta(seconds=30) * 2 ** (attempts - 1))


def is_hopeless(failing_since: datetime | None, at: datetime) -> bool:
    """Whether an address has failed for so long that it is told nothing more."""
    return failing_since is not None and at >= failing_since + PATIENCE
