"""Half a year of the demo: orders, leads with their offers, contacts and events, visits, ratings."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.config import Settings
from app.demo.data.catalogue import Catalogue
from app.demo.data.dealers import Dealer
from app.demo.data.history import HistoryLead, Offer, history
from app.demo.data.visits import visits
from app.demo.load.bulk import Copier
from app.demo.load.reasons import Reasons
from app.kernel.ids import HQ, TenantId
from app.kernel.money import Money, vat_included

VAT = ((datetime(2026, 1, 1).date(), Decimal(22)), (datetime(2019, 1, 1).date(), Decimal(20)))
WEEKS_RATED = 12
JUDGED = 100_000
"""How many judgements of a dealer the explanations of the latest leads may cost; all of a large network take hours."""

DECLINES = {"no_stock": "out_of_stock", "busy": "no_capacity", "too_far": "too_far", "not_worth_it": "price"}
LOST = {"no_dealer": "out_of_stock", "cancelled": "changed_mind", "too_slow": "bought_elsewhere"}
ONLINE = ("brand_site", "dealer_site", "ads")

LEADS = (
    "owner_id", "id", "number", "order_id", "assignee_id", "visible_to", "kind", "source", "campaign", "city_id",
    "region_code", "lines", "value_minor", "delivery_method", "payment_method", "is_paid", "state", "rounds",
    "escalated_at", "offered_at", "deadline_at", "accepted_at", "shipped_at", "delivered_at", "closed_at",
    "lost_reason", "received", "satisfaction", "feedback_at", "created_at",
)  # fmt: skip
CONTACTS = ("name", "email", "phone", "address", "comment", "feedback")
OFFERS = (
    "owner_id", "lead_id", "round", "dealer_id", "state", "offered_at", "deadline_at", "reminded_at", "responded_at",
    "reason",
)
ORDERS = (
    "id", "number", "cart_id", "lead_id", "state", "contact", "city_id", "delivery_method", "payment_method",
    "goods_minor", "total_minor", "vat_minor", "source", "campaign", "placed_at",
)  # fmt: skip
ORDER_LINES = (
    "order_id", "position", "product_id", "sku", "name_ru", "name_en", "quantity", "unit_minor", "total_minor",
    "vat_rate", "vat_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reserved:
    """Pieces kept for open leads, by owner and product, and the rows that say for which."""

    held: Mapping[tuple[str, int], int]
    rows: Sequence[tuple[Any, ...]]


class _Past:
    """Rows gathered by table, as the history is read once."""

    def __init__(self, numbers: Mapping[str, int], ids: Mapping[int, TenantId], seed: int) -> None:
        self.numbers, self.ids = numbers, ids
        self.random = Random(f"past {seed}")
        self.rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.held: dict[tuple[str, int], int] = defaultdict(int)
        self.orders: dict[str, int] = defaultdict(int)

    def new_id(self, at: datetime) -> uuid.UUID:
        """A time-ordered id (UUID 7) of that moment, the same for the same seed."""
        value = (int(at.timestamp() * 1000) << 80) | (7 << 76) | self.random.getrandbits(12) << 64
        return uuid.UUID(int=value | (0b10 << 62) | self.random.getrandbits(62))

    def add(self, lead: HistoryLead) -> uuid.UUID:
        """Gather all rows of one lead; answers its id. A lead of a dealer's own site is his from the first second."""
        if lead.owner and lead.accepted_at is None:
            lead.state, lead.accepted_at = "accepted", lead.created_at
        owner, lead_id = self.ids[lead.owner or 0], self.new_id(lead.created_at)
        is_order = lead.kind == "order" and lead.source in ONLINE
        order_id, number = self._order(lead, owner, lead_id) if is_order else (None, str(100000 + lead.sequence))
        holder = self.ids[lead.assignee] if lead.assignee else None
        seen = tuple(dict.fromkeys([*(self.ids[offer.dealer] for offer in lead.offers), *([holder] if holder else [])]))
        self.rows["network.leads"].append(self._lead(lead, owner, lead_id, order_id, number, holder, seen))
        self._contact(lead, owner, lead_id, holder)
        self._offers(lead, owner, lead_id)
        self._events(lead, owner, lead_id, seen)
        self._reserve(lead, lead_id, holder)
        return lead_id

    def _lead(
        self, lead: HistoryLead, owner: str, lead_id: uuid.UUID, order_id: uuid.UUID | None, number: str,
        holder: str | None, seen: tuple[str, ...],
    ) -> tuple[Any, ...]:
        lines = [
            {
                "product_id": self.numbers[line.product.sku], "sku": line.product.sku, "name_ru": line.product.name.ru,
                "name_en": line.product.name.en, "quantity": line.quantity, "minor": line.product.price_minor,
            }
            for line in lead.lines
        ]
        last = lead.offers[-1] if lead.offers else None
        waits = lead.state == "offered" and last is not None
        return (
            owner, lead_id, number, order_id, holder, seen, lead.kind, lead.source, lead.campaign, lead.city.id,
            lead.city.region_code, lines or "[]", lead.value_minor, lead.delivery_method if order_id else None,
            lead.payment_method, lead.is_paid, lead.state, lead.rounds, lead.escalated_at,
            last.offered_at if last else None, last.deadline_at if waits and last else None, lead.accepted_at,
            lead.shipped_at, lead.delivered_at, lead.closed_at, _lost(lead), lead.received, lead.satisfaction,
            lead.feedback_at, lead.created_at,
        )

    def _contact(self, lead: HistoryLead, owner: str, lead_id: uuid.UUID, holder: str | None) -> None:
        who = lead.customer
        contact = (who.name, who.email, who.phone, lead.address, lead.comment, lead.feedback)
        if owner == HQ:
            self.rows["network.lead_contacts"].append((owner, lead_id, (holder,) if holder else (), *contact))
        else:
            self.rows[f"{owner}.own_contacts"].append((lead_id, *contact))

    def _offers(self, lead: HistoryLead, owner: str, lead_id: uuid.UUID) -> None:
        for offer in lead.offers:
            self.rows["network.lead_offers"].append((
                owner, lead_id, offer.round, self.ids[offer.dealer], offer.state, offer.offered_at, offer.deadline_at,
                offer.offered_at if offer.state == "offered" else None, offer.responded_at,
                DECLINES.get(offer.reason or ""),
            ))

    def _events(self, lead: HistoryLead, owner: str, lead_id: uuid.UUID, seen: tuple[str, ...]) -> None:
        for at, actor, kind, data in sorted(self._happened(lead), key=lambda line: line[0]):
            self.rows["network.lead_events"].append((owner, lead_id, self.new_id(at), seen, at, actor, kind, data))

    def _happened(self, lead: HistoryLead) -> Iterator[tuple[datetime, str, str, dict[str, Any]]]:
        yield lead.created_at, "customer", "opened", {}
        for offer in lead.offers:
            yield from self._offered(offer)
        dealer = self.ids[lead.assignee] if lead.assignee else "network"
        for at, actor, kind, data in (
            (lead.escalated_at, "network", "escalated", {}),
            (lead.accepted_at, dealer, "accepted", {}),
            (lead.shipped_at, dealer, "shipped", {}),
            (lead.delivered_at, dealer, "delivered", {}),
            (lead.feedback_at, "customer", "confirmed" if lead.received else "missing", {"stars": lead.satisfaction}),
        ):
            if at:
                yield at, actor, kind, data
        if lead.state == "lost" and lead.closed_at:
            yield lead.closed_at, dealer, "lost", {"reason": _lost(lead)}

    def _offered(self, offer: Offer) -> Iterator[tuple[datetime, str, str, dict[str, Any]]]:
        dealer = self.ids[offer.dealer]
        yield offer.offered_at, "network", "offered", {"dealer_id": dealer}
        if offer.state == "declined" and offer.responded_at:
            yield offer.responded_at, dealer, "declined", {"reason": DECLINES[offer.reason or ""], "dealer_id": dealer}
        if offer.state == "expired" and offer.responded_at:
            yield offer.responded_at, "network", "expired", {"dealer_id": dealer}

    def _reserve(self, lead: HistoryLead, lead_id: uuid.UUID, holder: str | None) -> None:
        """Goods of an order that has not left yet are kept at whoever holds it."""
        if lead.kind != "order" or lead.state not in ("offered", "accepted") or lead.shipped_at or not holder:
            return
        wanted: dict[int, int] = defaultdict(int)
        for line in lead.lines:
            wanted[self.numbers[line.product.sku]] += line.quantity
        for product_id, quantity in wanted.items():
            self.held[holder, product_id] += quantity
            self.rows["network.reservations"].append(
                (holder, self.new_id(lead.created_at), product_id, lead_id, quantity, "held", lead.created_at)
            )

    def _order(self, lead: HistoryLead, owner: str, lead_id: uuid.UUID) -> tuple[uuid.UUID, str]:
        """Gather the order of a lead; answers its id and number."""
        order_id = self.new_id(lead.created_at)
        self.orders[owner] += 1
        number = f"{int(owner[2:])}-{1000 + self.orders[owner]}"
        rate = next(rate for since, rate in VAT if lead.created_at.date() >= since)
        lines = list(self._order_lines(lead, order_id, rate))
        who = lead.customer
        contact = {
            "name": who.name, "email": who.email, "phone": who.phone, "address": lead.address, "comment": lead.comment,
        }
        state = "cancelled" if lead.lost_reason == "cancelled" else "placed"
        self.rows[f"{owner}.orders"].append((
            order_id, number, self.new_id(lead.created_at), lead_id, state,
            contact, lead.city.id, lead.delivery_method, lead.payment_method, lead.value_minor, lead.value_minor,
            sum(line[-1] for line in lines), "ads" if lead.source == "ads" else "site", lead.campaign, lead.created_at,
        ))
        self.rows[f"{owner}.order_lines"] += lines
        if lead.payment_method == "card":
            self.rows[f"{owner}.payments"].append((
                self.new_id(lead.created_at), order_id, "stripe", f"pi_demo_{lead.sequence}", "paid", lead.value_minor,
                lead.created_at, lead.created_at + timedelta(minutes=1),
            ))
        return order_id, number

    def _order_lines(self, lead: HistoryLead, order_id: uuid.UUID, rate: Decimal) -> Iterator[tuple[Any, ...]]:
        for position, line in enumerate(lead.lines):
            product = line.product
            yield (
                order_id, position, self.numbers[product.sku], product.sku, product.name.ru, product.name.en,
                line.quantity, product.price_minor, line.minor, rate, vat_included(Money(line.minor), rate).minor,
            )


def load_history(
    copy: Copier, catalogue: Catalogue, numbers: Mapping[str, int], who: Sequence[Dealer], ids: Mapping[int, TenantId],
    *, orders: int, seed: int, until: datetime,
) -> Reserved:
    """Write the half year but for the reservations, which wait for the stock they are of."""
    past = _Past(numbers, ids, seed)
    latest: list[tuple[uuid.UUID, HistoryLead]] = []
    for lead in history(catalogue, who, orders, seed, until):
        latest.append((past.add(lead), lead))
        del latest[: -JUDGED // len(who)]
    _write(copy, past)
    _make_popular(copy)
    Reasons(copy, who, ids, numbers).explain(latest)
    return Reserved(past.held, past.rows["network.reservations"])


def load_visits(
    copy: Copier, who: Sequence[Dealer], ids: Mapping[int, TenantId], *, orders: int, seed: int, until: datetime
) -> None:
    """Visits of each site by day and source."""
    rows = (
        (ids[each.owner or 0], each.day, each.source, each.visits)
        for each in visits(who, orders, seed, until) if each.visits
    )
    copy.rows("network.visits", ("owner_id", "day", "source", "visits"), rows)


def rate(settings: Settings, ids: Mapping[int, TenantId], until: datetime) -> None:
    """Rate each dealer by what happened, as routing itself does."""
    from app.factory import create_app
    from app.kernel.db import unit_of_work
    from app.kernel.identity import network_worker, speaking_as
    from blueprints.routing import ratings

    dealers = [dealer_id for number, dealer_id in ids.items() if number]
    with create_app(settings, login="worker").app_context(), speaking_as(network_worker()), unit_of_work():
        ratings.look_back(dealers, weeks=WEEKS_RATED, at=until)
        ratings.rate_all(dealers, until)


def _write(copy: Copier, past: _Past) -> None:
    columns = {
        "network.leads": LEADS, "network.lead_contacts": ("owner_id", "lead_id", "visible_to", *CONTACTS),
        "network.lead_offers": OFFERS,
        "network.lead_events": ("owner_id", "lead_id", "id", "visible_to", "at", "actor", "kind", "data"),
        "own_contacts": ("lead_id", *CONTACTS), "orders": ORDERS, "order_lines": ORDER_LINES,
        "payments": ("id", "order_id", "provider", "reference", "state", "minor", "created_at", "settled_at"),
    }
    reservations = past.rows.pop("network.reservations", [])
    order = list(columns)
    for table, kind in sorted(((name, _kind(name)) for name in past.rows), key=lambda pair: order.index(pair[1])):
        copy.rows(table, columns[kind], past.rows[table])
    past.rows["network.reservations"] = reservations
    for owner, count in past.orders.items():
        copy.execute(f"SELECT setval('{owner}.order_number', {1000 + count})")
    copy.execute(f"SELECT setval('network.lead_number', {100001 + len(past.rows['network.leads'])})")


def _make_popular(copy: Copier) -> None:
    """What was sold most comes first in lists; one of each series before the next of the same."""
    copy.execute("""
        WITH sold AS (
            SELECT (line ->> 'product_id')::bigint AS product_id, count(*) AS times
            FROM network.leads, jsonb_array_elements(lines) AS line GROUP BY 1
        ), ranked AS (
            SELECT p.id, coalesce(times, 0) AS times, row_number() OVER (
                PARTITION BY p.category_id ORDER BY coalesce(times, 0) DESC, p.id
            ) AS place
            FROM network.products p LEFT JOIN sold ON sold.product_id = p.id
        )
        UPDATE network.products p SET popularity = greatest(0, 100000 - 1000 * least(place, 90) + least(times, 999))
        FROM ranked WHERE ranked.id = p.id
    """)


def load_reservations(copy: Copier, reserved: Reserved) -> None:
    """The reservations, once the stock they are of stands."""
    columns = ("owner_id", "id", "product_id", "lead_id", "quantity", "state", "created_at")
    copy.rows("network.reservations", columns, reserved.rows)


def _kind(table: str) -> str:
    """`network.leads` as it is, `t_000042.orders` as `orders`."""
    return table if table.startswith("network.") else table.split(".")[1]


def _lost(lead: HistoryLead) -> str | None:
    return LOST.get(lead.lost_reason, lead.lost_reason) if lead.lost_reason else None
