"""Mail: asked for in the transaction, worded and sent by a worker in the tenant's theme.

The values stay in the tenant's own `mails`; the event carries the id only. A mail sent twice after a
crash has the same `Message-ID`, so the reader's mailbox can show it once.
"""

from __future__ import annotations

import smtplib
import ssl
import uuid
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import event, publish, subscribe
from app.kernel.identity import current_tenant
from app.kernel.ids import new_id
from app.web.links import site_url
from app.web.models import Mail
from app.web.templating import render, site_view

TIMEOUT = 15


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


@subscribe(MailQueued, speaks="tenant_id")
def send(event: MailQueued) -> None:
    """Word the mail and hand it to the server; errors raise, so the delivery is tried again."""
    mail = db.session.get(Mail, uuid.UUID(event.mail_id))
    if mail is None or mail.sent_at:
        return
    message = compose(mail)
    _transmit(message)
    mail.sent_at = now()


def compose(mail: Mail) -> EmailMessage:
    """The message with its plain part first, in the language of the reader."""
    with force_locale(mail.locale):
        values = {**mail.params, "site_url": site_url, "locale": mail.locale}
        text = render(f"{mail.template}.txt", **values)
        html = render(f"{mail.template}.html", **values)
        sender = site_view().name
    subject, _newline, body = text.lstrip().partition("\n")
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = formataddr((sender, current_app.config["ZVENO"].mail_from))
    message["To"] = mail.to_address
    message["Date"] = formatdate(mail.created_at.timestamp())
    message["Message-ID"] = f"<{mail.id}@{current_tenant()}.zveno>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.strip() + "\n")
    message.add_alternative(html, subtype="html")
    return message


def _transmit(message: EmailMessage) -> None:
    server = urlsplit(current_app.config["ZVENO"].smtp)
    with smtplib.SMTP(server.hostname or "127.0.0.1", server.port or 25, timeout=TIMEOUT) as smtp:
        if server.scheme == "smtp+starttls":
            smtp.starttls(context=ssl.create_default_context())
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)
