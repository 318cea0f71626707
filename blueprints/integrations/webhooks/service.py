"""Verbs on webhooks: register, stop, resume, remove, try out, tell, tell again. They speak as the tenant."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import new_id
from app.kernel.outgoing import BadAddress, Unreachable, read_address, send
from app.kernel.words import _
from app.web.audit import audit
from app.web.links import site_url
from app.web.mail import send_later
from app.web.sealing import seal, unseal
from blueprints.accounts.models import Staff
from blueprints.integrations.webhooks import listening, rules
from blueprints.integrations.webhooks.events import WebhookDue
from blueprints.integrations.webhooks.models import Webhook, WebhookCall

PURPOSE = "webhooks"
MOST = 10


class NoSuchWebhook(NotFound):
    """There is none of that id here."""


class TooMany(Refused):
    """A tenant has only so many."""


def register(*, url: str, events: Iterable[str], at: datetime) -> tuple[Webhook, str]:
    """A new webhook and its secret, which nobody can read later; `BadAddress` for one that is never opened."""
    read_address(url, allow_private=_may_be_private())
    if db.session.scalar(sa.select(sa.func.count()).select_from(Webhook)) >= MOST:
        raise TooMany(_("There are %(count)s webhooks already; remove one first.", count=MOST))
    secret = "whsec_" + secrets.token_urlsafe(32)
    hook = Webhook(
        owner_id=current_tenant(), id=new_id(), url=url, events=sorted(events), created_at=at,
        sealed_secret=seal(PURPOSE, secret),
    )
    db.session.add(hook)
    db.session.flush()
    audit("webhooks.made", f"webhook:{hook.id}", events=" ".join(hook.events))
    listening.forget()
    return hook, secret


def get_webhook(webhook_id: uuid.UUID) -> Webhook:
    """The tenant's own webhook, or `NoSuchWebhook`."""
    hook = db.session.get(Webhook, (current_tenant(), webhook_id))
    if hook is None:
        raise NoSuchWebhook(_("There is no such webhook."))
    return hook


def remove(*, hook: Webhook) -> None:
    """Forget the address with its log."""
    audit("webhooks.removed", f"webhook:{hook.id}")
    db.session.delete(hook)
    listening.forget()


def turn(*, hook: Webhook, is_on: bool, at: datetime) -> None:
    """Let the address be told of things, or not."""
    hook.disabled_at, hook.failing_since = (None, None) if is_on else (at, hook.failing_since)
    audit("webhooks.turned", f"webhook:{hook.id}", on=is_on)
    listening.forget()


def call(*, hook: Webhook, code: str, about: dict[str, Any], at: datetime) -> WebhookCall:
    """Note what is to be told and have it told."""
    call_id = new_id()
    row = WebhookCall(
        owner_id=hook.owner_id, id=call_id, webhook_id=hook.id, event=code, created_at=at,
        payload={"id": str(call_id), "event": code, "at": at.isoformat(), **about},
    )
    db.session.add(row)
    publish(WebhookDue(tenant_id=hook.owner_id, call_id=call_id))
    return row


def replay(*, hook: Webhook, call_id: uuid.UUID, at: datetime) -> None:
    """Tell the same once more."""
    row = db.session.get(WebhookCall, (current_tenant(), call_id))
    if row is None or row.webhook_id != hook.id:
        raise NoSuchWebhook(_("There is no such call."))
    if row.state == "waiting" and row.next_at is None:
        raise Refused(_("This call is on its way already."))
    row.state, row.attempts, row.next_at, row.error = "waiting", 0, None, None
    publish(WebhookDue(tenant_id=row.owner_id, call_id=row.id))


def attempt(*, row: WebhookCall, hook: Webhook, at: datetime) -> None:
    """Make the call once; what came of it is noted, and a next try planned where it failed."""
    row.attempts, row.tried_at, row.next_at = row.attempts + 1, at, None
    row.status, row.error = _tell(hook, row, at)
    if row.error is None:
        row.state, hook.failing_since = "done", None
        return
    hook.failing_since = hook.failing_since or at
    wait = rules.wait(row.attempts)
    if rules.is_hopeless(hook.failing_since, at):
        _give_up(hook, at)
    if hook.disabled_at or wait is None:
        row.state = "given_up"
        return
    row.next_at = at + wait
    publish(WebhookDue(tenant_id=row.owner_id, call_id=row.id))


def _tell(hook: Webhook, row: WebhookCall, at: datetime) -> tuple[int | None, str | None]:
    """Status and, where it is no success, the code of the error."""
    body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json", "User-Agent": "Zveno-Webhooks/1", "Zveno-Event": row.event,
        "Zveno-Call": str(row.id), "Zveno-Signature": rules.signature(unseal(PURPOSE, hook.sealed_secret), body, at),
    }
    is_open = _may_be_private()
    try:
        status = send(read_address(hook.url, allow_private=is_open), body, headers, allow_private=is_open)
    except BadAddress:
        return None, "address"
    except Unreachable as error:
        return None, error.code
    return status, None if rules.is_taken(status) else "refused"


def _give_up(hook: Webhook, at: datetime) -> None:
    """Tell the owners that the address is told nothing more."""
    hook.disabled_at = at
    owners = db.session.scalars(sa.select(Staff).where(Staff.is_active, Staff.role == "owner"))
    for person in owners:
        send_later(
            to=person.email, template="mail/webhook_disabled", locale=person.locale, address=hook.url,
            link=site_url(f"/desk/webhooks/{hook.id}"),
        )


def _may_be_private() -> bool:
    return current_app.config["ZVENO"].webhooks_private
