"""Reads of failed tasks for HQ's desk. Of what belongs to a dealer alone it sees ids, and nothing behind them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.dead_letters import Key, NoSuchDelivery
from app.kernel.events import Delivery, DeliveryAct
from app.kernel.paging import Page, paginate
from blueprints.accounts.models import Staff
from blueprints.integrations.failures.words import ACTS, reason
from blueprints.leads.queries import Told
from tenants.models import Tenant

SHOWN = ("dead", "set_aside")


@dataclass(frozen=True, slots=True)
class Kind:
    """So many tasks of one handler wait, the oldest since `since`."""

    handler: str
    total: int
    since: datetime


def kinds() -> list[Kind]:
    """What waits for a decision by handler, the most frequent first."""
    rows = db.session.execute(
        sa.select(Delivery.handler, sa.func.count(), sa.func.min(Delivery.died_at))
        .where(Delivery.state == "dead").group_by(Delivery.handler).order_by(sa.func.count().desc(), Delivery.handler)
    )
    return [Kind(*row) for row in rows]


def failures(*, state: str, handler: str = "", page: int = 1) -> Page[tuple[Delivery, str | None]]:
    """Tasks in that state and whom they concern, the latest first."""
    query = (
        sa.select(Delivery, Tenant.name).outerjoin(Tenant, Tenant.id == _concerned())
        .where(Delivery.state == state).order_by(Delivery.died_at.desc(), Delivery.event_id, Delivery.handler)
    )
    if handler:
        query = query.where(Delivery.handler == handler)
    return paginate(query, page=page, scalars=False)


def set_aside_count() -> int:
    """How many were set aside."""
    return db.session.scalar(sa.select(sa.func.count()).where(Delivery.state == "set_aside")) or 0


def get_failure(key: Key) -> tuple[Delivery, str | None]:
    """A task that failed once, whatever became of it, and whom it concerns; `NoSuchDelivery` otherwise."""
    tenant_id, event_id, handler = key
    row = db.session.execute(
        sa.select(Delivery, Tenant.name).outerjoin(Tenant, Tenant.id == _concerned()).where(
            Delivery.tenant_id == tenant_id, Delivery.event_id == event_id, Delivery.handler == handler,
            Delivery.died_at.is_not(None),
        )
    ).first()
    if row is None:
        raise NoSuchDelivery
    return row[0], row[1]


def history(key: Key) -> list[Told]:
    """What became of the task, oldest first, with the names of HQ's people."""
    tenant_id, event_id, handler = key
    acts = db.session.scalars(
        sa.select(DeliveryAct).where(
            DeliveryAct.tenant_id == tenant_id, DeliveryAct.event_id == event_id, DeliveryAct.handler == handler,
        ).order_by(DeliveryAct.id)
    ).all()
    names = _names(acts)
    return [_told(act, names.get(act.actor, "")) for act in acts]


def _told(act: DeliveryAct, name: str) -> Told:
    title, tone = ACTS[act.kind]
    said = reason(act.reason) if act.kind == "died" else act.reason
    return Told(str(title), act.at, " · ".join(filter(None, (name, said))), tone)


def _names(acts: Iterable[DeliveryAct]) -> dict[str, str]:
    ids = [uuid.UUID(act.actor.removeprefix("staff:")) for act in acts if act.actor.startswith("staff:")]
    rows: Sequence[Any] = db.session.execute(sa.select(Staff.id, Staff.name).where(Staff.id.in_(ids))).all()
    return {f"staff:{staff_id}": name for staff_id, name in rows}


def _concerned() -> sa.ColumnElement[str]:
    """The tenant who was to do it, or where the network was, in whose name it happened."""
    return sa.case(
        (Delivery.tenant_id.in_(("network_worker", "provisioner")), Delivery.owner_id), else_=Delivery.tenant_id
    )
