"""The door for letters: SMTP on an address of this machine, to which an operator's mail server relays `leads@…`."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from app.kernel.clock import now
from app.kernel.db import unit_of_work
from app.kernel.identity import speaking_as, tenant
from blueprints.leads.mailbox.letter import LARGEST
from blueprints.leads.mailbox.service import owner_of, receive

log = structlog.get_logger()
MOST_RECIPIENTS = 5


class Handler:
    """Asks for each recipient whose it is, and hands the letter to every one of them in a transaction of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Only addresses that take leads, and not many at once."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        owner = await asyncio.to_thread(self._owner, address)
        if owner is None:
            return "550 5.1.1 Nobody takes leads at this address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Taken or kept with a reason; what goes wrong on our side is to be sent again."""
        try:
            await asyncio.to_thread(self._hand_over, list(envelope.rcpt_tos), envelope.original_content or b"")
        except Exception as error:
            log.warning("letter_failed", error=f"{type(error).__name__}: {error}"[:300])
            return "451 4.3.0 Try again later"
        return "250 OK"

    def _owner(self, address: str) -> Any:
        with self._app.app_context():
            return owner_of(address)

    def _hand_over(self, addresses: list[str], raw: bytes) -> None:
        for address in addresses:
            deliver(self._app, address, raw)


def deliver(app: Flask, address: str, raw: bytes) -> tuple[str, str | None]:
    """Hand a letter to whom the address belongs; `LookupError` when nobody takes leads there."""
    with app.app_context():
        owner = owner_of(address)
        if owner is None:
            raise LookupError(address)
        with speaking_as(tenant(owner.id)), unit_of_work():
            mail = receive(raw, at=now())
            answer = (mail.state, mail.reason)
    log.info("letter", tenant=owner.id, state=answer[0], reason=answer[1])
    return answer


def controller(app: Flask, host: str, port: int) -> Controller:
    """The listening door, not yet open."""
    return Controller(
        Handler(app), hostname=host, port=port, data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="zveno",
    )
