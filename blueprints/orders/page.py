"""What pages of one order show, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import format_date

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.words import _
from app.web.locale import localized
from blueprints.catalog.promise import from_json
from blueprints.leads import queries as leads
from blueprints.leads import rules as lead_rules
from blueprints.leads.models import Lead, LeadMessage
from blueprints.leads.rules import PICKUP
from blueprints.leads.story import story_of
from blueprints.orders.models import Order, Payment
from blueprints.orders.queries import is_cancellable, parts_of, payments_of
from blueprints.orders.rules import PricedLine, payable_until, progress, vat_by_rate
from blueprints.orders.words import (
    CANCEL_REASONS,
    DELIVERY_METHODS,
    ORDER_STATES,
    PAYMENT_METHODS,
    PAYMENT_STATES,
    PROGRESS,
)
from tenants.models import City, Tenant
from tenants.registry import get_tenant


class Parcel(NamedTuple):
    """A part of an order on its way: its lead, who has taken it, what happened, what was written; what was returned."""

    lead: Lead
    dealer: Tenant | None
    history: Sequence[leads.Told]
    messages: Sequence[LeadMessage]
    returned: Money | None = None


def order_page(order: Order) -> dict[str, Any]:
    """Order, payments, where its parts are now and who serves them, for the customer's page and the desk's."""
    payments = payments_of(order.id)
    parcels = [_parcel(lead, payments) for lead in parts_of(order)]
    dealer = parcels[0].dealer if parcels else None
    return {
        "order": order,
        "payments": payments,
        "parcels": parcels,
        "lead": parcels[0].lead if parcels else None,
        "progress": progress([part.lead.state for part in parcels]) if len(parcels) > 1 else None,
        "destination": destination(order, dealer),
        "promise": promised(order),
        "vat": vat_by_rate(priced_lines(order)),
        "is_cancellable": is_cancellable(order, [part.lead for part in parcels]),
        "until": payable_until(order.placed_at),
        "order_states": ORDER_STATES, "payment_states": PAYMENT_STATES, "payment_methods": PAYMENT_METHODS,
        "delivery_methods": DELIVERY_METHODS, "cancel_reasons": CANCEL_REASONS, "progress_words": PROGRESS,
        "lead_rules": lead_rules,
    }


def tracking_page(order: Order) -> dict[str, Any]:
    """As `order_page`, with the way of each part in its customer's words."""
    values = order_page(order)
    parcels = [part._replace(history=story_of(part.lead)) for part in values["parcels"]]
    return values | {"parcels": parcels}


def _parcel(lead: Lead, payments: Sequence[Payment]) -> Parcel:
    returned = (Money(each.returns[str(lead.id)]["minor"], each.currency) for each in payments
                if str(lead.id) in each.returns)
    return Parcel(lead, leads.dealer_of(lead), leads.history(lead), leads.messages(lead), next(returned, None))


def destination(order: Order, dealer: Tenant | None = None) -> str:
    """Where the goods go, with the city, or where they are to be fetched."""
    address = order.contact.get("address") or ""
    if order.delivery_method == PICKUP:
        known = address or (dealer.profile.get("address") or dealer.name if dealer else "")
        return known or _("at the dealer who takes the order; we will e-mail you the address")
    city = db.session.get(City, order.city_id)
    place = localized(city) if city else ""
    is_named = {place.casefold(), (city.name_ru if city else "").casefold()} & {address.split(",")[0].casefold()}
    return ", ".join(part for part in ("" if is_named else place, address) if part)


def promised(order: Order) -> str | None:
    """What was promised when the order was placed, by its day: who has the goods is settled only afterwards.

    Where they are fetched stands with it, and why there is no day yet.
    """
    if not order.promise:
        return None
    promise, day = from_json(order.promise), promised_on(order)
    if day is None or promise.code in ("point", "to_point"):
        return promise.sentence
    return _("Expected by %(day)s", day=format_date(day, "long"))


def promised_on(order: Order) -> date | None:
    """The day the customer was told, by the seller's clock; none where the dealer names it himself."""
    days = order.promise.get("days")
    if days is None:
        return None
    return (order.placed_at.astimezone(ZoneInfo(get_tenant(current_tenant()).timezone)) + timedelta(days=days)).date()


def priced_lines(order: Order) -> list[PricedLine]:
    """The lines as they were sold."""
    return [
        PricedLine(
            product_id=line.product_id, sku=line.sku, name_ru=line.name_ru, name_en=line.name_en,
            quantity=line.quantity, unit=Money(line.unit_minor, order.currency), vat_rate=line.vat_rate,
        )
        for line in order.lines
    ]
