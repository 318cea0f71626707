"""Leads, their offers to dealers, history and messages.

`owner_id` is the tenant on whose site a lead was born and comes first in every key; `assignee_id` is
the dealer who holds it now; `visible_to` lists every dealer who may see the row. A lead itself holds no
personal data: contacts of leads that are handed on stand in `lead_contacts`, contacts of a dealer's own
leads never leave his schema (`own_contacts`).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)

STATES = ("new", "offered", "accepted", "contacted", "quoted", "won", "lost", "invalid")
OPEN_STATES = ("new", "offered", "accepted", "contacted", "quoted")
WAYS = ("assign", "one_after_another", "broadcast", "by_hand", "handed_on")
"""How a dealer came to be offered a lead."""


def _to_lead() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["owner_id", "lead_id"], ["network.leads.owner_id", "network.leads.id"])


class Lead(db.Model):
    """A wish of a consumer, with an order or without one, on its way to a dealer and to its end.

    `lines` is a list of `{product_id, sku, name_ru, name_en, quantity, minor, is_wish}`; `value_minor` their sum. For
    one that `is_wish` no stock is kept.
    An order's lead bears the order's `number`, so that customer, dealer and HQ call it alike, and is `won` when
    delivered; one without an order is `won` for the sum its dealer tells. `value_minor` answers *for how much*,
    `satisfaction` 1..5. `attempts` counts calls nobody answered, `closed_by` is the tenant who ended it. Of `rounds` of
    offers those up to `recycled_after` count no more. A lead offered to several at once has no assignee until one of
    them takes it, and the latest of their deadlines.
    `pickup` is the point where the customer fetches the goods, `{dealer_id, id, name, address, hours}`.
    An order served by several dealers has a lead for each `part` of it, `1042`, `1042/2`, …; their values add up.

    `preferred_id` is the dealer the customer picked himself, `own_dealer_id` who served him before; `external_id` is
    what the system that brought the lead calls it. The same person asking again about an open lead is joined to it
    (`joined_to`), which counts how often it was `asked`.
    `promised_on` is the day for which the customer was promised his goods.
    `ask_at` and `customer_ask_at` are when dealer and customer are asked next; `contradiction` is where their words
    differ, `questioned_at` when HQ asked the dealer about it. The database sets `changed_at` with every change.
    """

    __tablename__ = "leads"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('new', 'offered', 'accepted', 'contacted', 'quoted', 'won', 'lost', 'invalid')", name="state"
        ),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
        sa.CheckConstraint("delivery_method IN ('courier', 'pickup', 'carrier')", name="delivery_method"),
        sa.CheckConstraint("kind IN ('order', 'question', 'callback', 'quote', 'installation')", name="kind"),
        sa.UniqueConstraint("owner_id", "order_id", "part"),
        sa.Index("ix_leads_created", "created_at"),
        sa.Index(
            "ix_leads_escalated", "escalated_at",
            postgresql_where=sa.text("state = 'new' AND escalated_at IS NOT NULL"),
        ),
        sa.Index("ix_leads_ask", "ask_at", postgresql_where=sa.text("state IN ('accepted', 'contacted', 'quoted')")),
        sa.Index("ix_leads_customer_ask", "customer_ask_at", postgresql_where=sa.text("customer_ask_at IS NOT NULL")),
        sa.Index("ix_leads_contradicted", "contradicted_at", postgresql_where=sa.text("contradiction IS NOT NULL")),
        sa.Index("ix_leads_changed_owner", "owner_id", "changed_at", "id"),
        sa.Index("ix_leads_changed_assignee", "assignee_id", "changed_at", "id"),
        sa.Index("ix_leads_assignee", "assignee_id", "state", "created_at"),
        sa.Index("ix_leads_feedback", "feedback_at", postgresql_where=sa.text("feedback_at IS NOT NULL")),
        sa.Index("ix_leads_number", "number"),
        sa.Index("ix_leads_owner", "owner_id", "created_at"),
        sa.Index(
            "ix_leads_response", "created_at", postgresql_include=["assignee_id", "offered_at", "accepted_at"],
            postgresql_where=sa.text("offered_at IS NOT NULL AND accepted_at IS NOT NULL"),
        ),
        sa.Index("ix_leads_visible_to", "visible_to", postgresql_using="gin"),
        sa.ForeignKeyConstraint(["owner_id", "joined_to"], ["network.leads.owner_id", "network.leads.id"]),
        sa.Index(
            "uq_leads_external", "owner_id", "external_id", unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL"),
        ),
        sa.Index("ix_leads_joined", "owner_id", "joined_to", postgresql_where=sa.text("joined_to IS NOT NULL")),
        sa.Index("ix_leads_words", sa.text("(lines::text) ext.gin_trgm_ops"), postgresql_using="gin"),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(sa.Text)
    order_id: Mapped[uuid.UUID | None]
    part: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    assignee_id: Mapped[str | None] = mapped_column(sa.Text)
    visible_to: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    kind: Mapped[str] = mapped_column(sa.Text, server_default="order")
    source: Mapped[str] = mapped_column(sa.Text)
    campaign: Mapped[str | None] = mapped_column(sa.Text)
    city_id: Mapped[int | None] = mapped_column(sa.ForeignKey("network.cities.id"))
    region_code: Mapped[str | None] = mapped_column(sa.ForeignKey("network.regions.code"), index=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    value_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    currency: Mapped[str] = mapped_column(sa.Text, server_default="RUB")
    delivery_method: Mapped[str | None] = mapped_column(sa.Text)
    pickup: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    payment_method: Mapped[str | None] = mapped_column(sa.Text)
    is_paid: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())
    locale: Mapped[str] = mapped_column(sa.Text, server_default="ru")
    state: Mapped[str] = mapped_column(sa.Text, server_default="new")
    rounds: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    recycled_after: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    escalated_at: Mapped[datetime | None] = mapped_column(INSTANT)
    offered_at: Mapped[datetime | None] = mapped_column(INSTANT)
    deadline_at: Mapped[datetime | None] = mapped_column(INSTANT)
    accepted_at: Mapped[datetime | None] = mapped_column(INSTANT)
    shipped_at: Mapped[datetime | None] = mapped_column(INSTANT)
    delivered_at: Mapped[datetime | None] = mapped_column(INSTANT)
    closed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    closed_by: Mapped[str | None] = mapped_column(sa.Text)
    lost_reason: Mapped[str | None] = mapped_column(sa.Text)
    invalid_reason: Mapped[str | None] = mapped_column(sa.Text)
    attempts: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    contacted_at: Mapped[datetime | None] = mapped_column(INSTANT)
    quoted_at: Mapped[datetime | None] = mapped_column(INSTANT)
    quoted_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    sold_on: Mapped[date | None]
    sale_document: Mapped[str | None] = mapped_column(sa.Text)
    received: Mapped[bool | None]
    satisfaction: Mapped[int | None] = mapped_column(sa.Integer)
    preferred_id: Mapped[str | None] = mapped_column(sa.ForeignKey("network.tenants.id"))
    own_dealer_id: Mapped[str | None] = mapped_column(sa.Text)
    external_id: Mapped[str | None] = mapped_column(sa.Text)
    wished_on: Mapped[date | None] = mapped_column(sa.Date)
    wished_hours: Mapped[str | None] = mapped_column(sa.Text)
    promised_on: Mapped[date | None] = mapped_column(sa.Date)
    joined_to: Mapped[uuid.UUID | None]
    head: Mapped[Lead | None] = relationship(
        primaryjoin=lambda: sa.and_(
            remote(Lead.owner_id) == foreign(Lead.owner_id), remote(Lead.id) == foreign(Lead.joined_to)
        ),
        viewonly=True, lazy="selectin", join_depth=1,
    )
    """The lead it is joined to, where the speaker may see it; asked for only where some lead is joined."""
    asked: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    feedback_at: Mapped[datetime | None] = mapped_column(INSTANT)
    customer_contacted: Mapped[bool | None]
    customer_bought: Mapped[bool | None]
    customer_value_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    ask_at: Mapped[datetime | None] = mapped_column(INSTANT)
    asked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    asks: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    customer_ask_at: Mapped[datetime | None] = mapped_column(INSTANT)
    customer_asks: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    customer_quiet_at: Mapped[datetime | None] = mapped_column(INSTANT)
    contradiction: Mapped[str | None] = mapped_column(sa.Text)
    contradicted_at: Mapped[datetime | None] = mapped_column(INSTANT)
    questioned_at: Mapped[datetime | None] = mapped_column(INSTANT)
    objected_at: Mapped[datetime | None] = mapped_column(INSTANT)
    settled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    changed_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class LeadContact(db.Model):
    """Whom to call about a lead that is handed on; seen by its owner and the dealer who holds it now."""

    __tablename__ = "lead_contacts"
    __table_args__ = (
        _to_lead(),
        sa.Index("ix_lead_contacts_phone", "owner_id", "phone"),
        sa.Index("ix_lead_contacts_email", "owner_id", sa.text("lower(email)")),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    lead_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    visible_to: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    name: Mapped[str] = mapped_column(sa.Text)
    email: Mapped[str | None] = mapped_column(sa.Text)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    address: Mapped[str | None] = mapped_column(sa.Text)
    comment: Mapped[str | None] = mapped_column(sa.Text)
    company: Mapped[str | None] = mapped_column(sa.Text)
    feedback: Mapped[str | None] = mapped_column(sa.Text)


class OwnContact(db.Model):
    """Whom to call about a dealer's own lead; private to the dealer."""

    __tablename__ = "own_contacts"
    __table_args__ = (
        sa.Index("ix_own_contacts_phone", "phone"),
        sa.Index("ix_own_contacts_email", sa.text("lower(email)")),
    )

    lead_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    email: Mapped[str | None] = mapped_column(sa.Text)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    address: Mapped[str | None] = mapped_column(sa.Text)
    comment: Mapped[str | None] = mapped_column(sa.Text)
    company: Mapped[str | None] = mapped_column(sa.Text)
    feedback: Mapped[str | None] = mapped_column(sa.Text)


class IncomingMail(db.Model):
    """A letter to the tenant's address of leads and what became of it; its words are kept in the lead alone."""

    __tablename__ = "incoming_mail"
    __table_args__ = (
        sa.CheckConstraint("state IN ('lead', 'joined', 'rejected')", name="state"),
        sa.Index("ix_incoming_mail_received", "received_at"),
    )

    mark: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    received_at: Mapped[datetime] = mapped_column(INSTANT)
    state: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    sender: Mapped[str | None] = mapped_column(sa.Text)
    subject: Mapped[str | None] = mapped_column(sa.Text)
    lead_id: Mapped[uuid.UUID | None]


class LeadOffer(db.Model):
    """One dealer's turn at a lead: `offered` until accepted, declined, expired, withdrawn or handed on.

    Offers of one round are made at once; `reserves_at_claim` says that the goods are kept for the lead only when it is
    taken. One that `is_forgotten` does not keep the dealer from being asked again.
    """

    __tablename__ = "lead_offers"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'handed_on')", name="state"
        ),
        sa.CheckConstraint(
            "way IN ('assign', 'one_after_another', 'broadcast', 'by_hand', 'handed_on')", name="way"
        ),
        _to_lead(),
        sa.Index("ix_lead_offers_dealer", "dealer_id", "state", "offered_at"),
        sa.Index("ix_lead_offers_offered", "offered_at", postgresql_include=["dealer_id", "state"]),
        sa.Index("ix_lead_offers_deadline", "deadline_at", postgresql_where=sa.text("state = 'offered'")),
        sa.Index(
            "uq_lead_offers_open", "owner_id", "lead_id", "dealer_id", unique=True,
            postgresql_where=sa.text("state = 'offered'"),
        ),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    lead_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    dealer_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    way: Mapped[str] = mapped_column(sa.Text, server_default="one_after_another")
    state: Mapped[str] = mapped_column(sa.Text, server_default="offered")
    offered_at: Mapped[datetime] = mapped_column(INSTANT)
    deadline_at: Mapped[datetime] = mapped_column(INSTANT)
    reminder_at: Mapped[datetime | None] = mapped_column(INSTANT)
    reminded_at: Mapped[datetime | None] = mapped_column(INSTANT)
    responded_at: Mapped[datetime | None] = mapped_column(INSTANT)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    reserves_at_claim: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())
    handed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("network.tenants.id"))
    is_forgotten: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())


class LeadEvent(db.Model):
    """A line of a lead's history: what happened, by whom; `data` holds values, worded when shown."""

    __tablename__ = "lead_events"
    __table_args__ = (_to_lead(), NETWORK)

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    lead_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    visible_to: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    at: Mapped[datetime] = mapped_column(INSTANT)
    actor: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class LeadMessage(db.Model):
    """A message between the customer and who serves him."""

    __tablename__ = "lead_messages"
    __table_args__ = (
        sa.CheckConstraint("author IN ('customer', 'dealer', 'owner')", name="author"),
        _to_lead(),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    lead_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    visible_to: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    author: Mapped[str] = mapped_column(sa.Text)
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class DealerRating(db.Model):
    """A dealer's rating 0..1 with its parts, as routing last computed it."""

    __tablename__ = "dealer_ratings"
    __table_args__ = (NETWORK,)

    tenant_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    score: Mapped[float] = mapped_column(sa.Double)
    parts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    stars: Mapped[float | None] = mapped_column(sa.Double)
    reviews: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
