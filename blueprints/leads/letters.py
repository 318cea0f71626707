"""Mails about leads: to the dealer's people with a link that needs no sign-in, to the customer in his language."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from babel.dates import format_datetime, get_timezone
from flask_babel import force_locale, format_date

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.words import _
from app.web.links import sign, site_url
from app.web.locale import localized
from app.web.mail import send_later
from blueprints.accounts.models import Staff
from blueprints.leads import outcome, rules
from blueprints.leads.models import Lead
from blueprints.leads.parts import parts_of
from blueprints.leads.queries import city_of, contact_of, contacts_of, dealer_of
from tenants.models import Tenant
from tenants.registry import get_tenant

OFFER, FEEDBACK, REQUEST = "offer", "feedback", "request"
"""Purposes of signed links."""


def offer_link(lead: Lead, dealer_id: str | None = None) -> str:
    """Address at the dealer's host where he can do everything about the lead without signing in."""
    dealer = dealer_id or current_tenant()
    return site_url(f"/l/offer/{sign(OFFER, f'{lead.owner_id}:{lead.id}', dealer)}", dealer)


def feedback_link(lead: Lead) -> str:
    """Address at the owner's host where the customer says how it went."""
    return site_url(f"/l/feedback/{sign(FEEDBACK, str(lead.id), lead.owner_id)}", lead.owner_id)


def quiet_link(lead: Lead) -> str:
    """Address at the owner's host where the customer says that he wants to be asked no more."""
    return f"{feedback_link(lead)}/quiet"


def tracking_link(lead: Lead) -> str:
    """Address at the owner's host where the customer follows his order or his request, and writes about it."""
    if lead.order_id is None:
        return site_url(f"/l/request/{sign(REQUEST, str(lead.id), lead.owner_id)}", lead.owner_id)
    return site_url(f"/l/order/{sign('order', str(lead.order_id), lead.owner_id)}", lead.owner_id)


def read_offer_subject(subject: str) -> tuple[str, uuid.UUID]:
    """Owner and lead a link of `offer_link` means."""
    owner_id, _colon, lead_id = subject.partition(":")
    return owner_id, uuid.UUID(lead_id)


def tell_staff(lead: Lead, template: str, *, deadline: datetime | None = None, **params: Any) -> None:
    """Mail owners and managers of the tenant that speaks, each in his language and by his clock."""
    city, steps = city_of(lead), outcome.steps_of(lead, now(), deadline)
    for person in _chiefs():
        send_later(
            to=person.email, template=f"mail/{template}", locale=person.locale,
            **facts_of(lead, person.locale), **params,
            city=getattr(city, f"name_{person.locale}", city.name_ru) if city else "",
            deadline=in_words(deadline or lead.deadline_at, person.locale), steps=steps,
        )


def ask_for_news(leads: Sequence[Lead]) -> None:
    """Mail owners and managers of the speaking tenant one letter about leads they hold, with a way to each reply."""
    contacts, at = contacts_of(leads), now()
    for person in _chiefs():
        send_later(
            to=person.email, template="mail/lead_news", locale=person.locale,
            leads=[
                facts_of(lead, person.locale) | {
                    "link": offer_link(lead), "steps": outcome.steps_of(lead, at),
                    "customer": contacts[lead.id].name if lead.id in contacts else "",
                    "since": in_words(lead.accepted_at, person.locale),
                }
                for lead in leads
            ],
        )


def tell_customer(lead: Lead, template: str, **params: Any) -> None:
    """Mail the customer of a lead the speaking tenant owns; nothing happens when he left no address."""
    contact = contact_of(lead)
    if contact is None or not contact.email:
        return
    send_later(
        to=contact.email, template=f"mail/{template}", locale=lead.locale, **facts_of(lead, lead.locale),
        customer=contact.name, tracking=tracking_link(lead), dealer=_served_by(lead),
        is_order=lead.kind == "order", is_fetched=lead.delivery_method == rules.PICKUP, parcel=lead.part,
        parcels=len(parts_of(lead)), **params,
    )


def confirm_asking(lead: Lead) -> None:
    """Mail who has just asked for something without an order what was noted, and what comes next.

    His free words stay out: whoever types a stranger's address could have us send them anything.
    """
    city, picked = city_of(lead), db.session.get(Tenant, lead.preferred_id) if lead.preferred_id else None
    with force_locale(lead.locale):
        day = format_date(lead.wished_on, "long") if lead.wished_on else ""
        hours = rules.said(rules.HOURS_WORDS, lead.wished_hours)
        facts = [
            (_("What you asked for"), rules.said(rules.KIND_WORDS, lead.kind)),
            (_("City"), localized(city) if city else ""), (_("Preferred time"), ", ".join(filter(None, (day, hours)))),
            *((localized(line), _("%(count)s pcs", count=line["quantity"])) for line in lead.lines),
        ]
    tell_customer(
        lead, "lead_received", facts=[pair for pair in facts if pair[1]], picked=picked.name if picked else "",
        is_dealers=lead.owner_id != HQ,
    )


def parcels_of(lead: Lead) -> list[dict[str, Any]]:
    """Number and goods of every part of the lead's order, in the customer's language."""
    told = (facts_of(part, lead.locale) for part in parts_of(lead))
    return [{key: facts[key] for key in ("number", "lines", "total")} for facts in told]


def facts_of(lead: Lead, locale: str) -> dict[str, Any]:
    """What every mail about a lead may say: no personal data."""
    with force_locale(locale):
        delivery = rules.said(rules.DELIVERY_WORDS, lead.delivery_method)
        payment = _("paid") if lead.is_paid else rules.said(rules.PAYMENT_WORDS, lead.payment_method)
        asked = rules.said(rules.KIND_WORDS, lead.kind)
    return {
        "number": lead.number, "kind": lead.kind, "asked": asked, "total": lead.value_minor,
        "delivery": delivery, "payment": payment,
        "lines": [
            [line.get(f"name_{locale}") or line["name_ru"], line["quantity"], line.get("minor", 0)]
            for line in lead.lines
        ],
    }


def in_words(at: datetime | None, locale: str) -> str:
    """An instant by the clock of the speaking tenant."""
    if at is None:
        return ""
    zone = get_timezone(get_tenant(current_tenant()).timezone)
    return format_datetime(at, "EEE d MMM, HH:mm", tzinfo=zone, locale=locale)


def _chiefs() -> Sequence[Staff]:
    return db.session.scalars(
        sa.select(Staff).where(Staff.is_active, Staff.role.in_(("owner", "manager"))).order_by(Staff.email)
    ).all()


def _served_by(lead: Lead) -> dict[str, str | None]:
    dealer = dealer_of(lead)
    if dealer is None:
        return {}
    return {"name": dealer.name, "phone": dealer.profile.get("phone"), "address": dealer.profile.get("address")}
