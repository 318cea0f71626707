"""What a rehearsal is given, read in bulk as the network's worker: few queries, leads a thousand at a time."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from app.kernel.db import db
from app.kernel.ids import HQ, ProductId, TenantId
from blueprints.catalog.models import Category, DealerPrice, Product, StockHistory
from blueprints.leads.models import Lead, LeadEvent, LeadOffer
from blueprints.leads.rules import PICKUP
from blueprints.routing import candidates, outcomes, rules
from blueprints.routing.abilities import certificates, recommended_prices
from blueprints.routing.hours import usual_hours
from blueprints.routing.models import RoutingRun
from blueprints.routing.rules.rehearsal import Answer, Fact, History, PastDealer, PastLead
from blueprints.routing.rules.rehearsal.past import Report, Taken
from tenants.models import City, Tenant

AT_ONCE = 1000
TAKEN = ("offered", "accepted")
ASSIGN, INVALID = "assign", "invalid"

_ROUTED = (
    Lead.owner_id == HQ,
    sa.not_(sa.and_(Lead.rounds == 0, Lead.escalated_at.is_(None), Lead.state.in_(("lost", "invalid")))),
)
"""Leads that came as far as routing: what was thrown out before is nothing to decide about."""


def load_history(since: datetime, until: datetime, *, asks_stock: bool) -> History:
    """Everything of the period and what was known when it began. Stock is read only where somebody asks about it."""
    dealers = _dealers()
    return History(
        since=since, until=until, dealers=dealers, leads=_leads(since, until, dealers, asks_stock=asks_stock),
        count=count_of(since, until), grounds=_grounds, taken=_taken(since),
        facts=sorted([*_offer_facts(since, until, dealers), *_own_facts(since, until)], key=lambda fact: fact.at),
        reports=_reports(until) if asks_stock else (), prices=_prices(), recommended=recommended_prices(until),
    )


def count_of(since: datetime, until: datetime) -> int:
    """How many leads of the period there are to decide about."""
    count = sa.select(sa.func.count()).select_from(Lead).where(*_ROUTED, *_within(since, until))
    return db.session.scalar(count) or 0


def _within(since: datetime, until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Lead.created_at >= since, Lead.created_at < until


def _grounds(demand: rules.Demand) -> Mapping[TenantId, rules.Ground]:
    return {TenantId(dealer_id): ground for dealer_id, ground in candidates.grounds_of(demand).items()}


def _dealers() -> dict[TenantId, PastDealer]:
    rows = db.session.execute(sa.select(Tenant.id, Tenant.activated_at, Tenant.timezone).where(Tenant.kind == "dealer"))
    about, papers, found = {row.id: row for row in rows}, certificates(), {}
    for candidate in candidates.dealers_as_they_stand():
        row, hours = about[candidate.dealer_id], candidate.hours
        usual = hours if hours and any(hours.weekly) else usual_hours(row.timezone)
        then = replace(candidate, paused_until=None, certificates=papers.get(row.id, ()))
        found[candidate.dealer_id] = PastDealer(then, row.activated_at, usual)
    return found


def _leads(
    since: datetime, until: datetime, dealers: Mapping[TenantId, PastDealer], *, asks_stock: bool
) -> Iterator[PastLead]:
    places = {row.id: (row.lat, row.lon) for row in db.session.execute(sa.select(City.id, City.lat, City.lon))}
    categories = _categories()
    for rows in _batches(since, until):
        ids = [row.id for row in rows]
        answers, runs = _answers(ids, until, dealers), _runs(ids) if asks_stock else {}
        for row in rows:
            yield _past(row, places, categories, answers.get(row.id, {}), runs.get(row.id), until)


def _batches(since: datetime, until: datetime) -> Iterator[Sequence[Any]]:
    columns = (
        Lead.id, Lead.created_at, Lead.number, Lead.source, Lead.kind, Lead.city_id, Lead.region_code, Lead.lines,
        Lead.value_minor, Lead.delivery_method, Lead.state, Lead.assignee_id, Lead.accepted_at, Lead.closed_at,
        Lead.delivered_at, Lead.preferred_id,
    )
    after: tuple[datetime, uuid.UUID] | None = None
    while True:
        query = sa.select(*columns).where(*_ROUTED, *_within(since, until))
        if after:
            query = query.where(sa.tuple_(Lead.created_at, Lead.id) > after)
        rows = db.session.execute(query.order_by(Lead.created_at, Lead.id).limit(AT_ONCE)).all()
        if not rows:
            return
        yield rows
        after = (rows[-1].created_at, rows[-1].id)


def _past(
    row: Any, places: Mapping[int, tuple[float, float]], categories: Mapping[int, frozenset[int]],
    answers: Mapping[TenantId, Answer], told: Mapping[str, Any] | None, until: datetime,
) -> PastLead:
    lat, lon = places.get(row.city_id, (None, None))
    lines = _lines(row.lines)
    ended = row.delivered_at or row.closed_at
    is_won = {"won": True, "lost": False}.get(row.state) if ended and ended <= until else None
    held = row.accepted_at is not None and row.accepted_at <= until
    return PastLead(
        demand=rules.Demand(
            lead_id=str(row.id), owner_id=HQ, at=row.created_at, source=row.source, kind=row.kind, lat=lat, lon=lon,
            region_code=row.region_code, city_id=row.city_id, lines=lines, value_minor=row.value_minor,
            is_fetched=row.delivery_method == PICKUP, is_wish=any(line.get("is_wish") for line in row.lines),
            picked_id=TenantId(row.preferred_id) if row.preferred_id else None,
            categories=frozenset().union(*(categories.get(line.product_id, frozenset()) for line in lines)),
        ),
        answers=answers, holder=TenantId(row.assignee_id) if held and row.assignee_id else None,
        accepted_at=row.accepted_at if held else None, closed_at=ended, is_won=is_won, told=told, number=row.number,
        city=row.city_id,
    )


def _lines(lines: Iterable[Mapping[str, Any]]) -> tuple[rules.Line, ...]:
    wanted: dict[int, int] = defaultdict(int)
    for line in lines:
        if line.get("product_id"):
            wanted[line["product_id"]] += line["quantity"]
    return tuple(rules.Line(ProductId(product_id), quantity) for product_id, quantity in wanted.items())


def _categories() -> dict[int, frozenset[int]]:
    """Categories of every product, and those above them."""
    own, above = sa.orm.aliased(Category), sa.orm.aliased(Category)
    pairs = sa.select(own.id, above.id).join(above, own.path.startswith(above.path))
    over: dict[int, set[int]] = defaultdict(set)
    for category, one in db.session.execute(pairs):
        over[category].add(one)
    frozen = {category: frozenset(ones) for category, ones in over.items()}
    products = db.session.execute(sa.select(Product.id, Product.category_id).where(Product.category_id.is_not(None)))
    return {product_id: frozen.get(category_id, frozenset()) for product_id, category_id in products}


def _answers(
    ids: Sequence[uuid.UUID], until: datetime, dealers: Mapping[TenantId, PastDealer]
) -> dict[uuid.UUID, dict[TenantId, Answer]]:
    found: dict[uuid.UUID, dict[TenantId, Answer]] = defaultdict(dict)
    rows = db.session.execute(
        sa.select(
            LeadOffer.lead_id, LeadOffer.dealer_id, LeadOffer.state, LeadOffer.offered_at, LeadOffer.responded_at,
            LeadOffer.deadline_at,
        ).where(LeadOffer.owner_id == HQ, LeadOffer.lead_id.in_(ids), LeadOffer.state.in_(outcomes.ANSWERED),
            LeadOffer.way != ASSIGN,  # given without being asked, he said neither yes nor no
        )
    )
    for row in rows:
        answered, dealer = row.responded_at or row.deadline_at, dealers.get(row.dealer_id)
        if dealer is not None and answered <= until:
            minutes = rules.working_minutes(row.offered_at, answered, dealer.hours)
            found[row.lead_id][row.dealer_id] = Answer(row.offered_at, answered, row.state == "accepted", minutes)
    return found


def _runs(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, Any]]:
    """The first decision about each lead."""
    rows = db.session.execute(
        sa.select(RoutingRun.lead_id, RoutingRun.explanation).ext(distinct_on(RoutingRun.lead_id))
        .where(RoutingRun.owner_id == HQ, RoutingRun.lead_id.in_(ids)).order_by(RoutingRun.lead_id, RoutingRun.at)
    )
    return {row.lead_id: row.explanation for row in rows}


def _taken(since: datetime) -> list[Taken]:
    rows = db.session.execute(
        sa.select(LeadOffer.dealer_id, LeadOffer.offered_at, LeadOffer.state)
        .where(LeadOffer.offered_at >= since - candidates.RECENT, LeadOffer.offered_at < since)
        .order_by(LeadOffer.offered_at)
    )
    return [Taken(TenantId(row.dealer_id), row.offered_at, row.state not in TAKEN) for row in rows]


def _offer_facts(since: datetime, until: datetime, dealers: Mapping[TenantId, PastDealer]) -> Iterator[Fact]:
    """What became known of every offer, and when: the answer, then the end of the lead, then the customer's mark."""
    rows = db.session.execute(
        sa.select(
            LeadOffer.lead_id, LeadOffer.round, LeadOffer.dealer_id, LeadOffer.way, LeadOffer.offered_at,
            sa.func.coalesce(LeadOffer.responded_at, LeadOffer.deadline_at).label("answered_at"),
            LeadOffer.state.label("answer"), _RETURNED.label("returned_at"), Lead.kind, *_ENDS,
        )
        .join(Lead, sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id))
        .where(
            LeadOffer.state.in_(outcomes.ANSWERED), LeadOffer.offered_at >= since - outcomes.SINCE,
            LeadOffer.offered_at < until,
        )
    )
    for row in rows:
        if row.dealer_id in dealers:
            yield from _known(_facts_of(row, dealers[row.dealer_id]), until)


def _facts_of(row: Any, dealer: PastDealer) -> Iterator[Fact]:
    """As `outcomes` tells them for a rating, but one after the other, as they became known."""
    has_taken = row.answer == "accepted" or row.returned_at is not None
    minutes = rules.working_minutes(row.offered_at, row.answered_at, dealer.hours)
    said = {"is_accepted": has_taken, "response_minutes": minutes} if row.way != ASSIGN else {}
    key, is_order = f"{row.lead_id} {row.round} {row.dealer_id}", row.kind == "order"
    first = Fact(
        row.answered_at, dealer.candidate.dealer_id, key, rules.Outcome(row.answered_at, **said), is_order
    )
    yield first
    if row.returned_at is not None:
        returned = replace(first.outcome, is_returned=True)
        yield first._replace(at=max(row.returned_at, first.at), outcome=returned)
    elif has_taken:
        yield from _ends(first, row)
    elif row.state == INVALID and row.closed_at is not None:  # to refuse what proved to be no request is no fault
        yield first._replace(at=max(row.closed_at, first.at), outcome=rules.Outcome(row.answered_at))


def _own_facts(since: datetime, until: datetime) -> Iterator[Fact]:
    """The same of leads of dealers' own sites, which were offered to nobody."""
    rows = db.session.execute(
        sa.select(Lead.id, Lead.owner_id, Lead.created_at, Lead.kind, *_ENDS).where(
            Lead.owner_id != HQ, Lead.created_at >= since - outcomes.SINCE, Lead.created_at < until,
            Lead.state != INVALID,
        )
    )
    for row in rows:
        born = rules.Outcome(row.created_at)
        first = Fact(row.created_at, TenantId(row.owner_id), str(row.id), born, row.kind == "order")
        yield from _known([first, *_ends(first, row)], until)


_ENDS = (Lead.state, Lead.closed_at, Lead.delivered_at, Lead.satisfaction, Lead.feedback_at, Lead.lost_reason)
_RETURNED = (
    sa.select(sa.func.min(LeadEvent.at))
    .where(
        LeadEvent.owner_id == LeadOffer.owner_id, LeadEvent.lead_id == LeadOffer.lead_id, LeadEvent.kind == "returned",
        LeadOffer.dealer_id == sa.any_(LeadEvent.visible_to),
    )
    .correlate(LeadOffer).scalar_subquery()
)


def _ends(first: Fact, row: Any) -> Iterator[Fact]:
    """The end and the mark, in the order they became known; each says what the one before it said, too."""
    steps: list[tuple[datetime, dict[str, Any]]] = []
    ended = row.delivered_at or row.closed_at
    if row.state in ("won", "lost") and ended:
        is_won = row.state == "won"
        is_returned = not is_won and row.lost_reason in outcomes.HIS_REASONS
        steps.append((ended, {"is_won": is_won, "is_returned": is_returned}))
    if row.satisfaction and row.feedback_at:
        steps.append((row.feedback_at, {"satisfaction": row.satisfaction}))
    fact = first
    for at, said in sorted(steps, key=lambda step: step[0]):
        fact = fact._replace(at=max(at, fact.at), outcome=replace(fact.outcome, **said))
        yield fact


def _known(facts: Iterable[Fact], until: datetime) -> Iterator[Fact]:
    return (fact for fact in facts if fact.at <= until)


def _prices() -> dict[TenantId, dict[int, int]]:
    found: dict[TenantId, dict[int, int]] = defaultdict(dict)
    rows = db.session.execute(sa.select(DealerPrice.owner_id, DealerPrice.product_id, DealerPrice.minor))
    for owner_id, product_id, minor in rows:
        found[TenantId(owner_id)][product_id] = minor
    return found


def _reports(until: datetime) -> list[Report]:
    rows = db.session.execute(
        sa.select(StockHistory.owner_id, StockHistory.reported_at, StockHistory.levels)
        .where(StockHistory.reported_at <= until).order_by(StockHistory.reported_at)
    )
    return [
        Report(row.reported_at, TenantId(row.owner_id), {ProductId(int(one)): n for one, n in row.levels.items()})
        for row in rows
    ]
