"""What the half year alone does not show, made by the house's own verbs: rules in versions, parts, papers, a webhook.

Only in networks large enough for it. Whatever waits for a worker afterwards, a rehearsal, a table, is done once the
demo runs.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.config import Settings
from app.demo.data import showcase as told
from app.demo.data.dealers import Dealer
from app.kernel.clock import frozen
from app.kernel.db import db, unit_of_work
from app.kernel.identity import Identity, hq, network_worker, speaking_as, tenant
from app.kernel.ids import HQ, TenantId, new_id
from app.kernel.money import Money
from blueprints.accounts.models import Staff
from blueprints.catalog import stock
from blueprints.catalog.models import Product
from blueprints.catalog.prices import prices_for
from blueprints.integrations.webhooks import service as webhooks
from blueprints.integrations.webhooks.models import WebhookCall
from blueprints.leads import customer, disputes
from blueprints.leads import service as leads
from blueprints.leads.importing import service as tables
from blueprints.leads.mailbox import service as mailbox
from blueprints.leads.models import Lead
from blueprints.orders.placing import Draft, PricedLine, place_order
from blueprints.routing import batching, certifying, profiles, reception, rules
from blueprints.routing import service as routing
from blueprints.routing.rehearsal import service as rehearsals
from blueprints.sites import belonging
from blueprints.sites import settings as sites

LEAST = 12
"""Dealers from which on there is something to show."""
PAUSED = {7: 9, 10: 3}
"""Places of dealers, and for how many days they take no leads."""
CHEAP, DEAR = 1_000_000, 6_000_000
"""Kopecks a piece of what is worth a part of its own."""
REHEARSED_DAYS = 90
DRAFTED = timedelta(days=2)
"""How long a version was thought over."""
RARE = sa.text("""
SELECT s.product_id FROM network.stock s
JOIN network.prices p ON p.product_id = s.product_id AND p.owner_id = :hq AND p.minor BETWEEN :least AND :most
WHERE s.owner_id = :dealer AND s.on_hand > s.reserved AND s.product_id <> :but
ORDER BY (
    SELECT count(*) FROM network.stock o WHERE o.product_id = s.product_id AND o.on_hand > o.reserved
), s.product_id LIMIT 1
""")
"""What a dealer has and few others."""


@dataclass(frozen=True)
class _Stage:
    """Two logins, one for those who sit at desks and one for the network's worker; and the moment."""

    web: Flask
    worker: Flask
    at: datetime

    @contextmanager
    def as_(self, who: Identity) -> Iterator[None]:
        """Speak as somebody, in one unit of work."""
        app = self.worker if who == network_worker() else self.web
        with app.app_context(), speaking_as(who), unit_of_work():
            yield


def show(settings: Settings, ids: Mapping[int, TenantId], who: Sequence[Dealer], until: datetime) -> None:
    """Make all of it, as if it happened at `until`."""
    if len(who) < LEAST:
        return
    from app.factory import create_app

    stage = _Stage(create_app(settings), create_app(settings, login="worker"), until)
    with frozen(until):
        _furnish_dealers(stage, ids, who)
        manager = _rules(stage)
        _order_in_parts(stage, ids, near=who[2], far=who[0])
        _ask_by_letter(stage)
        _ask_by_table(stage, manager)
        _contradict(stage)
        _webhook(stage, ids[1])


def _furnish_dealers(stage: _Stage, ids: Mapping[int, TenantId], who: Sequence[Dealer]) -> None:
    """Sub-dealers, certificates, pauses, points."""
    with stage.as_(hq()):
        for branch, head in ((who[-1], who[0]), (who[-2], who[0]), (who[-3], who[1])):
            belonging.attach(dealer_id=ids[branch.number], head_id=ids[head.number])
        for dealer in who:
            _papers(ids[dealer.number], dealer, stage.at)
    today = stage.at.date()
    for place, days in PAUSED.items():
        with stage.as_(tenant(ids[who[place].number])):
            reception.keep(reception.Reception(paused_until=today + timedelta(days=days)), at=stage.at)
    for place, (name, street, hours) in enumerate(told.POINTS):
        dealer = who[place]
        with stage.as_(tenant(ids[dealer.number])):
            sites.keep_point(
                tenant_id=ids[dealer.number], point_id="", name=name, city_id=dealer.city.id,
                address=street, hours=hours, place=None,
            )


def _papers(dealer_id: TenantId, dealer: Dealer, at: datetime) -> None:
    for place, paper in enumerate(told.PAPERS[dealer.number % len(told.PAPERS)]):
        since, until = (at.date() + timedelta(days=days) for days in (paper.since, paper.until))
        number = f"ОЧ-{since:%y}-{dealer.number:03d}{place}"
        certifying.record(dealer_id=dealer_id, paper=certifying.Paper(
            paper.scheme, number, since, until, dealer.director,
        ))
        if paper.is_revoked:
            db.session.flush()
            (kept,) = [one for one in certifying.certificates_of(dealer_id) if one.number == number]
            certifying.revoke(dealer_id=dealer_id, certificate_id=kept.id, at=at)


def _rules(stage: _Stage) -> str:
    """Rules that divide orders in force, and a rehearsed draft with a broadcast; answers the name of who drafted them.
    """
    with stage.as_(hq()):
        manager = db.session.scalars(sa.select(Staff).where(Staff.role == "manager")).one()
        author, name = f"staff:{manager.id}", manager.name
        whole = rules.DEFAULT_PROFILE.to_dict() | {"name": told.DIVIDING_NAME}
        whole["strategies"][0]["split"] = rules.SplitRule(max_split=2, min_part_minor=300_000).to_dict()
        dividing = profiles.draft(definition=whole, author=author, note=told.DIVIDING_NOTE, at=stage.at - DRAFTED)
        profiles.activate(version=dividing.version, at=stage.at)
        quick = whole | {
            "name": told.QUICK_NAME, "explore_percent": 10, "explore_below": 30, "batch_minutes": 10,
            "strategies": [told.CALLS, *whole["strategies"]],
        }
        draft = profiles.draft(definition=quick, author=author, note=told.QUICK_NOTE, at=stage.at)
        rehearsals.ask(version=draft.version, days=REHEARSED_DAYS, started_by=author, at=stage.at)
    return name


def _order_in_parts(stage: _Stage, ids: Mapping[int, TenantId], near: Dealer, far: Dealer) -> None:
    """An order of two goods that no dealer has both of, for the others have sold theirs; its first part is taken."""
    with stage.as_(network_worker()):
        one = _rare(ids[near.number])
        other = _rare(ids[far.number], but=one)
        for dealer_id in ids.values():
            kept = {ids[near.number]: one, ids[far.number]: other}.get(dealer_id)
            stock.empty(owner_id=dealer_id, product_ids={one, other} - {kept})
    with stage.as_(tenant(HQ)):
        order = place_order(at=stage.at, draft=Draft(
            cart_id=new_id(), lines=(_line(one, stage.at), _line(other, stage.at)), city_id=near.city.id,
            contact=leads.Contact(*told.BUYER), delivery_method="courier", payment_method="on_delivery",
            source="brand_site",
        ))
        lead_id = order.lead_id
    assert lead_id is not None
    with stage.as_(network_worker()):
        taker = routing.route(owner_id=HQ, lead_id=lead_id, at=stage.at)
    if taker:
        with stage.as_(tenant(TenantId(taker))):
            leads.accept(lead=db.session.get_one(Lead, (HQ, lead_id)), at=stage.at, actor="link")


def _rare(dealer_id: TenantId, but: int = 0) -> int:
    return db.session.execute(
        RARE, {"hq": HQ, "dealer": dealer_id, "least": CHEAP, "most": DEAR, "but": but}
    ).scalar_one()


def _line(product_id: int, at: datetime) -> PricedLine:
    product, price = db.session.get_one(Product, product_id), prices_for([product_id], at)[product_id]
    return PricedLine(
        product_id=product.id, sku=product.sku, name_ru=product.name_ru, name_en=product.name_en, quantity=1,
        unit=Money(price.money.minor), vat_rate=Decimal(22),
    )


def _ask_by_letter(stage: _Stage) -> None:
    """Letters become leads, which are placed together."""
    with stage.as_(tenant(HQ)):
        for letter in told.LETTERS:
            mailbox.receive(letter.encode(), at=stage.at)
    with stage.as_(network_worker()):
        batching.place_waiting(at=stage.at)


def _ask_by_table(stage: _Stage, started_by: str) -> None:
    """A table from a fair waits for a worker to take it in."""
    with stage.as_(tenant(HQ)):
        source = io.BytesIO(told.TABLE.encode("utf-8-sig"))
        run = tables.upload(
            source=source, filename=told.TABLE_NAME, started_by=started_by, locale="ru", at=stage.at
        )
        tables.start(run, tables.preview(run).columns)


def _contradict(stage: _Stage) -> None:
    """Customers who bought where the dealer says that nobody did: one waits, one is asked about, one is objected to."""
    with stage.as_(tenant(HQ)):
        lost = db.session.scalars(
            sa.select(Lead).where(
                Lead.owner_id == HQ, Lead.kind != "order", Lead.state == "lost", Lead.accepted_at.is_not(None),
                Lead.feedback_at.is_(None), Lead.closed_at > stage.at - timedelta(days=20),
            ).order_by(Lead.closed_at.desc(), Lead.id).limit(len(told.BOUGHT))
        ).all()
        for lead, (contacted, bought, minor, stars, words) in zip(lost, told.BOUGHT, strict=False):
            customer.tell(
                lead=lead, contacted=contacted, bought=bought, value=Money(minor) if minor else None,
                satisfaction=stars, comment=words, at=stage.at,
            )
        questioned = [(lead.id, lead.assignee_id) for lead in lost[1:]]
    with stage.as_(hq()):
        for lead_id, _dealer in questioned:
            disputes.question(lead=db.session.get_one(Lead, (HQ, lead_id)), at=stage.at, actor="network")
    for lead_id, dealer in questioned[1:]:
        with stage.as_(tenant(TenantId(str(dealer)))):
            disputes.object_to(
                lead=db.session.get_one(Lead, (HQ, lead_id)), words=told.OBJECTION, at=stage.at, actor="link"
            )


def _webhook(stage: _Stage, dealer: TenantId) -> None:
    """An address of the first dealer's that was told of his leads, until it answered no more and was turned off."""
    with stage.as_(tenant(dealer)):
        hook, _secret = webhooks.register(url=told.HOOK, events=told.HOOK_EVENTS, at=stage.at - timedelta(days=40))
        hook.failing_since, hook.disabled_at = stage.at - timedelta(days=4), stage.at - timedelta(days=1)
        held = db.session.scalars(
            sa.select(Lead).where(Lead.assignee_id == dealer, Lead.closed_at.is_not(None))
            .order_by(Lead.closed_at.desc(), Lead.id).limit(9)
        ).all()
        for place, lead in enumerate(held):
            db.session.add(_call(hook.id, dealer, lead, place))


def _call(hook_id: Any, dealer: TenantId, lead: Lead, place: int) -> WebhookCall:
    is_failed, at = place < 2, lead.closed_at
    assert at is not None
    return WebhookCall(
        owner_id=dealer, id=new_id(), webhook_id=hook_id, event=f"lead.{lead.state}", created_at=at, tried_at=at,
        payload={"id": str(lead.id), "event": f"lead.{lead.state}", "at": at.isoformat(),
                 "lead": {"id": str(lead.id), "number": lead.number, "kind": lead.kind, "state": lead.state}},
        state="given_up" if is_failed else "done", attempts=12 if is_failed else 1,
        status=502 if is_failed else 200, error="refused" if is_failed else None,
    )
