"""What an event named when it was published, beside what stands there now."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import url_for

from app.kernel.db import db
from app.kernel.events import Delivery
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.models import Mail
from blueprints.integrations.failures.words import RECORDS
from blueprints.leads import queries as leads
from blueprints.leads.models import Lead
from blueprints.leads.rules import joined_word, state_word
from blueprints.orders.models import Order, Payment
from blueprints.orders.words import ORDER_STATES, PAYMENT_STATES
from blueprints.sites.models import DealerApplication
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Named:
    """One id of an event: what it is called, what it says, what stands there now and what happened since."""

    label: str
    id: str
    now: str
    href: str | None = None
    since: tuple[leads.Told, ...] = ()


def named_by(delivery: Delivery) -> list[Named]:
    """Each id of the event with its present state, as far as HQ may see it."""
    ids = delivery.ids or {}
    tenants = _tenants(ids.values())
    return [_named(delivery, name, value, tenants) for name, value in ids.items()]


def _named(delivery: Delivery, name: str, value: str, tenants: dict[str, str]) -> Named:
    label = str(RECORDS.get(name, name))
    if value in tenants:
        return Named(label, value, tenants[value])
    if name == "lead_id":
        return _lead(label, value, delivery)
    look = OWN.get(name)
    if look is None:
        return Named(label, value, "—")
    if name != "application_id" and _keeper(delivery) != current_tenant():
        return Named(label, value, _("Private to the dealer, HQ does not see it"))
    return Named(label, value, look(uuid.UUID(value)) or _("No longer there"))


def _lead(label: str, value: str, delivery: Delivery) -> Named:
    ids = delivery.ids or {}
    owners = {ids[name] for name in ("owner_id", "tenant_id", "dealer_id") if name in ids}
    lead = db.session.scalar(sa.select(Lead).where(Lead.owner_id.in_(owners), Lead.id == uuid.UUID(value)))
    if lead is None:
        return Named(label, value, _("No longer there"))
    since = tuple(told for told in leads.history(lead) if told.when > delivery.published_at)
    href = url_for("hq_leads.show", owner_id=lead.owner_id, lead_id=lead.id)
    stands = joined_word(lead.head and lead.head.number) if lead.joined_to else state_word(lead.state, lead.kind)
    return Named(label, value, f"№ {lead.number} · {stands}", href, since)


def _tenants(ids: object) -> dict[str, str]:
    rows = db.session.execute(sa.select(Tenant.id, Tenant.name, Tenant.state).where(Tenant.id.in_(list(ids))))  # type: ignore[call-overload]
    states = {
        "pending": _("waits for approval"), "active": _("is open"), "suspended": _("is suspended"),
        "closed": _("is closed"), "dropped": _("is dropped"),
    }
    return {tenant_id: f"{name} · {states[state]}" for tenant_id, name, state in rows}


def _keeper(delivery: Delivery) -> str:
    """In whose schema the event's own records stand."""
    return delivery.owner_id


def _order(order_id: uuid.UUID) -> str | None:
    order = db.session.get(Order, order_id)
    return f"№ {order.number} · {ORDER_STATES[order.state][0]}" if order else None


def _payment(payment_id: uuid.UUID) -> str | None:
    payment = db.session.get(Payment, payment_id)
    return str(PAYMENT_STATES[payment.state][0]) if payment else None


def _mail(mail_id: uuid.UUID) -> str | None:
    mail = db.session.get(Mail, mail_id)
    if mail is None:
        return None
    return _("sent") if mail.sent_at else _("not sent yet")


def _application(application_id: uuid.UUID) -> str | None:
    application = db.session.scalar(sa.select(DealerApplication).where(DealerApplication.id == application_id))
    states = {
        "invited": _("invited"), "new": _("mail not confirmed"), "confirmed": _("waits for its site"),
        "live": _("has its site"), "refused": _("refused"),
    }
    return f"{application.company} · {states[application.state]}" if application else None


OWN: dict[str, Callable[[uuid.UUID], str | None]] = {
    "order_id": _order, "payment_id": _payment, "mail_id": _mail, "application_id": _application,
}
"""Records of one tenant alone, by the id that names them; applications are HQ's always."""
