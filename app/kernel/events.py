"""Events: facts in the past tense, written in the transaction that made them true.

`publish` writes `network.outbox`. The relay notes one `network.deliveries` row per handler and wakes a
worker; the handler marks its row done in the same transaction as its effect. So the queue may lose
everything at any moment: nothing is lost, and nothing takes effect twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import tracing
from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id
from app.kernel.jobs import DUTY

E = TypeVar("E")

INSTANT = sa.TIMESTAMP(timezone=True)
NETWORK_SPEAKS = "network"
PROVISIONER_SPEAKS = "provisioner"


class Later(Exception):
    """Raised by a handler: nothing to do yet, tell me again in so many seconds.

    Its unit of work is rolled back and it counts as no failure, so a handler may wait as long as it takes.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class OutboxEvent(db.Model):
    """An event as published; `tenant_id` is the tenant in whose name it happened, `trace` the W3C traceparent then."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_waiting", "created_at", postgresql_where=sa.text("dispatched_at IS NULL")),
        NETWORK,
    )

    tenant_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    dispatched_at: Mapped[datetime | None] = mapped_column(INSTANT)
    trace: Mapped[str | None] = mapped_column(sa.Text)


class Delivery(db.Model):
    """One handler's duty towards one event: `queued`, `done`, `dead` with its reason, or `set_aside` by a person.

    `tenant_id` is whoever speaks while it is handled: a tenant, `network_worker` or `provisioner`.
    `attempts` counts tries that began; `begun_at` stands while one runs, so one that is found standing
    was lost with its process, and `losses` counts those. `ids` are the event's ids once it is dead: what
    HQ may see of an event that is not its own.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.CheckConstraint("state IN ('queued', 'done', 'dead', 'set_aside')", name="state"),
        sa.Index("ix_deliveries_due", "next_at", postgresql_where=sa.text("state = 'queued'")),
        sa.Index("ix_deliveries_dead", "died_at", postgresql_where=sa.text("state IN ('dead', 'set_aside')")),
        sa.Index("ix_deliveries_duties", "handler", postgresql_where=sa.text(f"event = '{DUTY}'")),
        NETWORK,
    )

    tenant_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    handler: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    owner_id: Mapped[str] = mapped_column(sa.Text)
    event: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[datetime] = mapped_column(INSTANT)
    state: Mapped[str] = mapped_column(sa.Text, server_default="queued")
    attempts: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    losses: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    next_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    begun_at: Mapped[datetime | None] = mapped_column(INSTANT)
    error: Mapped[str | None] = mapped_column(sa.Text)
    done_at: Mapped[datetime | None] = mapped_column(INSTANT)
    died_at: Mapped[datetime | None] = mapped_column(INSTANT)
    ids: Mapped[dict[str, str] | None] = mapped_column(JSONB)


class DeliveryAct(db.Model):
    """What became of a delivery that could not be made: it died, was sent again, or was set aside, by whom and why.

    Rows are added and never changed. `actor` is `system`, `command` or `staff:<id>` of HQ.
    """

    __tablename__ = "delivery_acts"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('died', 'replayed', 'set_aside')", name="kind"),
        sa.Index(None, "event_id"),
        NETWORK,
    )

    tenant_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[uuid.UUID]
    handler: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    actor: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(INSTANT)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler and who speaks while it runs (see `subscribe`)."""

    event: type
    handler: Callable[[Any], None]
    speaks: str
    when: Callable[[Any], bool] | None = None
    together: int = 0

    @property
    def name(self) -> str:
        """Dotted name of the handler, as stored with its deliveries."""
        return f"{self.handler.__module__}.{self.handler.__qualname__}"

    def hear(self, events: list[Any]) -> None:
        """Let the handler hear them: a list, or the only one there is."""
        self.handler(events if self.together else events[0])

    def concerns(self, payload: dict[str, Any]) -> bool:
        """Whether the handler has anything to do with an event of this payload."""
        return self.when is None or self.when(revive(self.event.__name__, payload))

    def speaker(self, payload: dict[str, Any]) -> str:
        """Role that handles this payload: `network_worker`, `provisioner` or a tenant id."""
        if self.speaks == NETWORK_SPEAKS:
            return "network_worker"
        if self.speaks == PROVISIONER_SPEAKS:
            return PROVISIONER_SPEAKS
        return str(payload[self.speaks])


EVENTS: dict[str, type] = {}
SUBSCRIPTIONS: dict[str, list[Subscription]] = {}


def event(cls: type[E]) -> type[E]:
    """Register a frozen dataclass of ids and primitives as an event; it needs a `tenant_id`."""
    cls = dataclass(frozen=True, kw_only=True)(cls)
    if "tenant_id" not in {field.name for field in fields(cls)}:  # type: ignore[arg-type]
        raise TypeError(f"{cls.__name__} does not say in whose name it happened (tenant_id)")
    if cls.__name__ in EVENTS and EVENTS[cls.__name__].__module__ != cls.__module__:
        raise TypeError(f"two events are called {cls.__name__}")
    EVENTS[cls.__name__] = cls
    return cls


def subscribe(
    event: type, *, speaks: str, when: Callable[[Any], bool] | None = None, together: int = 0
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Let a function hear an event in a worker, in one unit of work.

    `speaks` is `"network"` (spans tenants, sees no tenant's schema), `"provisioner"` (the owner's
    login, its own queue), or the field of the event that names the tenant who handles it. Events for which
    `when` is false cost no delivery. A handler that hears so many `together` is given a list: those of a job in one
    unit of work, each alone once one of them failed.
    """

    def register(handler: Callable[[Any], None]) -> Callable[[Any], None]:
        if speaks not in (NETWORK_SPEAKS, PROVISIONER_SPEAKS) and speaks not in {f.name for f in fields(event)}:
            raise TypeError(f"{event.__name__} has no field {speaks}")
        subscription = Subscription(event, handler, speaks, when, together)
        known = SUBSCRIPTIONS.setdefault(event.__name__, [])
        if subscription.name not in {other.name for other in known}:
            known.append(subscription)
        return handler

    return register


def publish(event: Any) -> uuid.UUID:
    """Write the event into the outbox of this transaction; answers its id."""
    name = type(event).__name__
    if EVENTS.get(name) is not type(event):
        raise TypeError(f"{name} is not a registered event")
    payload = {key: _primitive(value) for key, value in asdict(event).items()}
    event_id = new_id()
    db.session.add(OutboxEvent(
        id=event_id, tenant_id=payload["tenant_id"], name=name, payload=payload, trace=tracing.carried(),
    ))
    return event_id


def revive(name: str, payload: dict[str, Any]) -> Any:
    """The event of that name from its stored payload; fields a newer code forgot are left out."""
    cls = EVENTS[name]
    known = {field.name for field in fields(cls)}
    return cls(**{key: value for key, value in payload.items() if key in known})


def subscription(name: str, handler: str) -> Subscription:
    """The subscription of that event and handler name, or `KeyError`."""
    for candidate in SUBSCRIPTIONS.get(name, ()):
        if candidate.name == handler:
            return candidate
    raise KeyError(f"{handler} does not hear {name}")


def heard_together(handler: str) -> int:
    """How many events a handler of that name hears in one unit of work; 0 where it hears them one by one."""
    known = (each for subscriptions in SUBSCRIPTIONS.values() for each in subscriptions)
    return next((each.together for each in known if each.name == handler), 0)


def is_heard_by(handler: str) -> bool:
    """Whether a handler of that name hears anything."""
    return any(known.name == handler for subscriptions in SUBSCRIPTIONS.values() for known in subscriptions)


def _primitive(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, int, bool, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [_primitive(item) for item in value]
    raise TypeError(f"an event holds ids and primitives, not {type(value).__name__}")
