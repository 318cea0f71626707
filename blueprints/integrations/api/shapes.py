"""Shapes of orders and leads."""

from __future__ import annotations

from app.kernel.words import _l
from blueprints.integrations.api.cursors import MOST
from blueprints.integrations.api.fields import (
    MOST_MINOR,
    Choice,
    Day,
    Flag,
    Instant,
    Link,
    Rows,
    Shape,
    Text,
    Uuid,
    Whole,
)
from blueprints.integrations.api.schemas import Amount, CityShape, Listed, Words, told
from blueprints.leads import rules
from blueprints.leads.disputes import WORDS_LIMIT
from blueprints.leads.models import STATES
from blueprints.leads.outcome import DOCUMENT_LIMIT, LARGEST
from blueprints.leads.passing import NOTE_LIMIT
from blueprints.leads.rules_words import CONTRADICTION_WORDS

ORDER_STATES = ("awaiting_payment", "placed", "cancelled")
PAYMENTS = ("card", "on_delivery", "invoice")
STEPS = (
    "acceptance", "refusal", "contact", "attempt", "quote", "sale", "shipment", "delivery", "loss", "invalidation",
    "reopening", "handing", "agreement", "objection",
)


class Person(Shape):
    """Whom to call."""

    name = Text(required=True)
    email = Text(required=True, allow_none=True)
    phone = Text(required=True, allow_none=True)
    address = Text(longest=2000, required=True, allow_none=True)
    comment = Text(longest=10_000, required=True, allow_none=True)
    company = Text(required=True, allow_none=True)


class OrderLineShape(Shape):
    """One product as it was sold; amounts with VAT, in the order's currency."""

    product_id = Text(longest=20, required=True)
    sku = Text(required=True)
    name = Link(Words, required=True)
    quantity = Whole(1, required=True)
    unit_minor = Whole(0, MOST_MINOR, required=True)
    total_minor = Whole(0, MOST_MINOR, required=True)
    vat_rate = Text(longest=8, required=True)
    vat_minor = Whole(0, MOST_MINOR, required=True)


class PointShape(Shape):
    """Where the customer fetches the goods, as it was when he chose it."""

    name = Text(longest=2000, required=True)
    address = Text(longest=2000, required=True)
    hours = Text(longest=2000, required=True)


class PartShape(Shape):
    """A part of an order that is served by several dealers: each is a lead of its own."""

    lead_id = Uuid(required=True)
    number = Text(required=True)
    part = Whole(1, required=True)
    state = Choice(STATES, required=True)
    dealer = Text(
        longest=63, required=True, allow_none=True, metadata=told(_l("Slug of the dealer who has taken it.")),
    )
    value = Link(Amount, required=True)


class OrderShape(Shape):
    """A placed order."""

    id = Uuid(required=True)
    number = Text(required=True)
    state = Choice(ORDER_STATES, required=True)
    lead_id = Uuid(required=True, allow_none=True)
    contact = Link(Person, required=True)
    city_id = Text(longest=20, required=True)
    delivery_method = Choice(("courier", "pickup", "carrier"), required=True)
    payment_method = Choice(PAYMENTS, required=True)
    goods = Link(Amount, required=True)
    delivery = Link(Amount, required=True)
    total = Link(Amount, required=True)
    vat = Link(Amount, required=True)
    lines = Rows(Link(OrderLineShape), required=True)
    pickup = Link(PointShape, required=True, allow_none=True)
    parts = Rows(Link(PartShape), required=True, metadata=told(
        _l("Its leads: one, or one for each dealer where several serve it; none before it is paid."),
    ))
    placed_at = Instant(required=True)
    cancelled_at = Instant(required=True, allow_none=True)
    cancel_reason = Text(required=True, allow_none=True)


class OrderList(Shape):
    """A page of orders."""

    items = Rows(Link(OrderShape), most=MOST, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class OrdersAsked(Listed):
    """Which orders."""

    state = Choice(ORDER_STATES, metadata=told(_l("Only orders in this state.")))
    placed_since = Instant(metadata=told(_l("Only orders placed at this instant or later.")))


class LeadLineShape(Shape):
    """What the customer wants; `total_minor` is for the whole line."""

    sku = Text(required=True, allow_none=True)
    name = Link(Words, required=True)
    quantity = Whole(1, required=True)
    total_minor = Whole(0, MOST_MINOR, required=True)


class MessageShape(Shape):
    """A message between the customer and who serves him."""

    id = Uuid(required=True)
    author = Choice(("customer", "dealer", "owner"), required=True)
    body = Text(longest=4000, required=True)
    at = Instant(required=True)


class QuestionShape(Shape):
    """What the customer says otherwise than you: answer it with `agreement` or `objection`."""

    code = Choice(CONTRADICTION_WORDS, required=True)
    asked_at = Instant(required=True)
    received = Flag(required=True, allow_none=True)
    contacted = Flag(required=True, allow_none=True)
    bought = Flag(required=True, allow_none=True)
    value_minor = Whole(0, MOST_MINOR, required=True, allow_none=True)


class LeadShape(Shape):
    """A lead you are offered or hold; the contact is there once you have taken it."""

    id = Uuid(required=True)
    number = Text(required=True)
    kind = Choice(rules.KIND_WORDS, required=True)
    source = Text(required=True)
    state = Choice(STATES, required=True)
    is_own = Flag(required=True, metadata=told(_l("Whether the lead was born on your own site.")))
    next_steps = Rows(
        Choice(STEPS), most=len(STEPS), required=True, metadata=told(_l("What you may do now: `POST /leads/{id}/…`.")),
    )
    city = Link(CityShape, required=True, allow_none=True)
    lines = Rows(Link(LeadLineShape), required=True)
    value = Link(Amount, required=True)
    delivery_method = Choice(rules.DELIVERY_WORDS, required=True, allow_none=True)
    payment_method = Text(required=True, allow_none=True)
    is_paid = Flag(required=True)
    pickup = Link(PointShape, required=True, allow_none=True)
    part = Whole(1, required=True, metadata=told(_l("Which part of its order it is.")))
    other_parts = Rows(Link(PartShape), required=True, metadata=told(
        _l("Further parts of the same order that are yours, too: for the customer it is one order."),
    ))
    question = Link(QuestionShape, required=True, allow_none=True)
    contact = Link(Person, required=True, allow_none=True)
    external_id = Text(required=True, allow_none=True, metadata=told(_l("What the system that brought it calls it.")))
    asked = Whole(required=True, metadata=told(_l("How often the customer asked: repeated wishes are one lead.")))
    joined_to = Uuid(required=True, allow_none=True, metadata=told(_l("The lead this one only repeats.")))
    wished_on = Day(required=True, allow_none=True)
    wished_hours = Text(required=True, allow_none=True)
    satisfaction = Whole(1, 5, required=True, allow_none=True)
    lost_reason = Text(required=True, allow_none=True)
    invalid_reason = Text(required=True, allow_none=True)
    attempts = Whole(required=True, metadata=told(_l("Calls nobody answered.")))
    created_at = Instant(required=True)
    deadline_at = Instant(required=True, allow_none=True, metadata=told(_l("Until when the offer can be taken.")))
    accepted_at = Instant(required=True, allow_none=True)
    contacted_at = Instant(required=True, allow_none=True)
    quoted_at = Instant(required=True, allow_none=True)
    shipped_at = Instant(required=True, allow_none=True)
    delivered_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    updated_at = Instant(required=True)


class LeadDetail(LeadShape):
    """A lead with its messages."""

    messages = Rows(Link(MessageShape), most=100_000, required=True)


class LeadList(Shape):
    """A page of leads."""

    items = Rows(Link(LeadShape), most=MOST, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class LeadsAsked(Listed):
    """Which leads."""

    state = Choice(STATES, metadata=told(_l("Only leads in this state; `offered` waits for your answer.")))
    created_since = Instant(metadata=told(_l("Only leads opened at this instant or later.")))
    updated_since = Instant(metadata=told(
        _l("Only leads that changed at this instant or later, in the order of their last change."),
    ))


class Customer(Shape):
    """Who wants something."""

    name = Text(shortest=1, required=True)
    phone = Text(longest=40, shortest=5, required=True)
    email = Text(
        load_default=None, allow_none=True,
        metadata=told(_l("The customer is asked by mail how content he is, when it is given.")),
    )
    address = Text(longest=300, load_default=None, allow_none=True)
    comment = Text(longest=2000, load_default=None, allow_none=True)
    company = Text(longest=200, load_default=None, allow_none=True)


class WantedLine(Shape):
    """A product and how many."""

    sku = Text(shortest=1, required=True)
    quantity = Whole(1, 9999, load_default=1)


class NewLead(Shape):
    """A lead from another system; prices are those of this site."""

    kind = Choice(rules.KIND_WORDS, required=True)
    customer = Link(Customer, required=True)
    city_id = Text(
        longest=20, load_default=None, allow_none=True,
        metadata=told(_l("Where the customer is, an id of `GET /cities`; your own city when left out.")),
    )
    lines = Rows(Link(WantedLine), most=100, load_default=list)
    campaign = Text(load_default=None, allow_none=True)
    locale = Choice(("ru", "en"), load_default="ru", metadata=told(_l("The language the customer is written to in.")))
    external_id = Text(
        longest=120, shortest=1, load_default=None, allow_none=True,
        metadata=told(_l("What your system calls the lead; the same one is never opened twice, but answered.")),
    )
    dealer = Text(
        longest=63, load_default=None, allow_none=True,
        metadata=told(_l("Slug of the dealer the customer asked for: he is offered the lead first.")),
    )
    wished_on = Day(load_default=None, allow_none=True, metadata=told(_l("The day the customer wishes.")))
    wished_hours = Choice(
        rules.HOURS, load_default=None, allow_none=True, metadata=told(_l("When in the day he wishes to be called.")),
    )


class KeyNeeded(Shape):
    """The header of a call that must be repeatable."""

    idempotency_key = Text(longest=255, shortest=1, required=True, data_key="Idempotency-Key")


class KeyWelcome(Shape):
    """The header of a call that may be made repeatable."""

    idempotency_key = Text(longest=255, data_key="Idempotency-Key")


class Refusal(Shape):
    """Why the lead is not taken, or given back."""

    reason = Choice(rules.DECLINE_REASONS, required=True)
    skus = Rows(
        Text(), most=100, load_default=list,
        metadata=told(_l("With `out_of_stock`: which products are not there; all of the lead when left out.")),
    )


class BranchShape(Shape):
    """A branch or sub-dealer of yours."""

    slug = Text(longest=63, required=True)
    name = Text(required=True)


class BranchList(Shape):
    """All of them."""

    items = Rows(Link(BranchShape), most=100_000, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class Handing(Shape):
    """To whom a lead is handed on, and why."""

    dealer = Text(longest=63, shortest=1, required=True, metadata=told(_l("Slug of a branch of `GET /branches`.")))
    note = Text(longest=NOTE_LIMIT, shortest=1, required=True, metadata=told(_l("Why, in a word: he reads it.")))


class Objection(Shape):
    """How it was."""

    words = Text(longest=WORDS_LIMIT, shortest=1, required=True)


class Loss(Shape):
    """Why there will be no sale."""

    reason = Choice(rules.LOST_REASONS, required=True)


class Invalidation(Shape):
    """Why there is no real request behind the lead."""

    reason = Choice(rules.INVALID_REASONS, required=True)


class Sum(Shape):
    """A sum of money that is more than nothing."""

    minor = Whole(1, LARGEST.minor, required=True)
    currency = Choice(("RUB",), load_default="RUB")


class Quote(Shape):
    """What the customer was offered, VAT included."""

    value = Link(Sum, required=True)


class Sale(Shape):
    """What was sold without an order, for how much, VAT included."""

    value = Link(Sum, required=True)
    sold_on = Day(load_default=None, allow_none=True, metadata=told(_l("The day of the sale; today when left out.")))
    document = Text(
        longest=DOCUMENT_LIMIT, load_default=None, allow_none=True,
        metadata=told(_l("The number of your invoice or contract.")),
    )


class NewMessage(Shape):
    """Words to the customer."""

    body = Text(longest=4000, shortest=1, required=True)
