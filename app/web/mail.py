"""Mail: asked for in the transaction, worded and sent by a worker in the tenant's theme.

The values stay in the tenant's own `mails`; the event carries the id only. Those of a job go over one connection.
A mail sent twice after a crash has the same `Message-ID`, so the reader's mailbox can show it once.
"""

from __future__ import annotations

import smtplib
import ssl
import uuid
from collections.abc import Iterable, Iterator, Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale

from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import event, publish, subscribe
from app.kernel.identity import current_tenant
from app.kernel.ids import new_id
from app.web.links import site_url
from app.web.models import Mail
from app.web.templating import render, site_view

TIMEOUT = 15


class Folding(EmailPolicy):
    """Subjects and names of senders as one run of encoded words: the default folding loses blanks next to numbers."""

    def fold(self, name: str, value: Any) -> str:
        """The header as it goes over the wire."""
        if value.isascii() or name not in ("Subject", "From"):
            return super().fold(name, value)
        words, address = str(value), ""
        if name == "From":
            words, address = value.addresses[0].display_name, f" <{value.addresses[0].addr_spec}>"
        encoded = Header(words, "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {encoded}{address}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same for who writes bytes."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


@event
class MailQueued:
    """A mail stands in the tenant's `mails`."""

    tenant_id: str
    mail_id: str


def send_later(*, to: str, template: str, locale: str, **params: Any) -> None:
    """Queue a mail from `templates/<template>.html` and `.txt`; the template sets its `subject` block."""
    mail = Mail(id=new_id(), to_address=to, template=template, locale=locale, params=params)
    db.session.add(mail)
    publish(MailQueued(tenant_id=current_tenant(), mail_id=str(mail.id)))


@subscribe(MailQueued, speaks="tenant_id", together=8)
def send(events: Sequence[MailQueued]) -> None:
    """Word the mails and hand them to the server; errors raise, so what was not sent is tried again."""
    ids = [uuid.UUID(event.mail_id) for event in events]
    asked = sa.select(Mail).where(Mail.id.in_(ids), Mail.sent_at.is_(None)).order_by(Mail.id)
    sent: list[uuid.UUID] = []
    try:
        for mail in _transmit(db.session.scalars(asked).all()):
            sent.append(mail.id)
    except Exception:
        with unit_of_work(separate=True):  # whatever is wrong with one, none of those before it leaves again
            _note_sent(sent)
        raise
    _note_sent(sent)


def _note_sent(mail_ids: Sequence[uuid.UUID]) -> None:
    if mail_ids:
        db.session.execute(sa.update(Mail.__table__).where(Mail.id.in_(mail_ids)).values(sent_at=now()))


def compose(mail: Mail) -> EmailMessage:
    """The message with its plain part first, in the language of the reader."""
    with force_locale(mail.locale):
        values = {**mail.params, "site_url": site_url, "locale": mail.locale}
        text = render(f"{mail.template}.txt", **values)
        html = render(f"{mail.template}.html", **values)
        sender = site_view().name
    subject, _newline, body = text.lstrip().partition("\n")
    message = EmailMessage(policy=Folding())
    message["Subject"] = " ".join(subject.split())
    message["From"] = Address(sender, addr_spec=current_app.config["ZVENO"].mail_from)
    message["To"] = mail.to_address
    message["Date"] = formatdate(mail.created_at.timestamp())
    message["Message-ID"] = f"<{mail.id}@{current_tenant()}.zveno>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.strip() + "\n")
    message.add_alternative(html, subtype="html")
    return message


def _transmit(mails: Iterable[Mail]) -> Iterator[Mail]:
    """Hand them to the server over one connection; each is answered once it has been taken."""
    server = urlsplit(current_app.config["ZVENO"].smtp)
    with smtplib.SMTP(server.hostname or "127.0.0.1", server.port or 25, timeout=TIMEOUT) as smtp:
        if server.scheme == "smtp+starttls":
            smtp.starttls(context=ssl.create_default_context())
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        for mail in mails:
            smtp.send_message(compose(mail))
            yield mail
