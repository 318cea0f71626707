"""The database, and the unit of work: one transaction, one speaker, at the boundary.

Isolation is the database's promise. This module only keeps the four habits it rests on:

1. each transaction takes its role and schema on first, for itself alone, in one round trip;
2. one `Session` belongs to one identity for life;
3. only the extended protocol is spoken, so a string never carries two statements, but for the one that says who
   speaks: it is made here, of names quoted by the driver, and spares each transaction a question of its own;
4. the command tag of each finished statement is compared with a list of what an application does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NoReturn

import psycopg
import psycopg.sql
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase

from app.kernel import metrics
from app.kernel.identity import Identity, NobodySpeaks, current, current_or_none

NETWORK = {"schema": "network"}
"""Table option of a row that two tenants must both see; without it a table is each tenant's own."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

TAGS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE"})
"""Commands an application gives. SET, RESET, DO, COPY, COMMIT and the rest end the connection."""

MANY_ROLES = 300
"""So many tenants one connection serves before it is opened anew; each costs its backend a quarter of a megabyte."""

BECOME = (
    "SELECT set_config('search_path', {path}, true), set_config('role', {role}, true) WHERE current_user = session_user"
)


class IsolationBroken(RuntimeError):
    """A guard found the connection in a state it must never be in; the connection is thrown away."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        metrics.ISOLATION_BROKEN.inc()


class Base(DeclarativeBase):
    """Root of all mapped classes."""

    metadata = sa.MetaData(naming_convention=NAMING)


class ExtendedCursor(psycopg.Cursor[Any]):
    """A cursor that never uses the simple protocol, which would run stacked statements."""

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        super()._execute_send(query, force_extended=True, binary=binary)


class BoundSession(FlaskSession):
    """A session of one identity: loaded objects of one tenant can never be answered to another."""

    def bind_identity(self, identity: Identity) -> None:
        """Remember the first speaker and refuse every other."""
        if self.info.setdefault("identity", identity) != identity:
            raise IsolationBroken(f"session of {self.info['identity'].role} used by {identity.role}")


_unit: ContextVar[object | None] = ContextVar("unit_of_work", default=None)


def _session_scope() -> int:
    """Which session `db.session` means: that of the running unit, and only for whom the unit was opened."""
    unit = _unit.get()
    if isinstance(unit, _Unit) and current_or_none() != unit.identity:
        raise IsolationBroken(f"a unit of work of {unit.identity.role} was reached for by somebody else")
    return id(unit)


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"class_": BoundSession, "scopefunc": _session_scope, "expire_on_commit": False},
)


@event.listens_for(BoundSession, "after_begin")
def _bind_session(session: BoundSession, _transaction: Any, _connection: sa.Connection) -> None:
    if _unit.get() is None:
        raise NobodySpeaks("database work outside a unit of work")
    session.bind_identity(current())


def guard(engine: sa.Engine) -> None:
    """Fasten the isolation guards to an engine that a web or worker login uses."""
    event.listen(engine, "begin", become)
    event.listen(engine, "after_cursor_execute", check_tag)
    event.listen(engine, "checkin", renew)
    _count_connections(engine)


def _count_connections(engine: sa.Engine) -> None:
    """Let the metrics know how many are at work, and how many there may be."""
    if isinstance(engine.pool, sa.QueuePool):
        limit = engine.pool.size() + engine.pool._max_overflow
        event.listen(engine, "connect", lambda *_: metrics.CONNECTIONS_LIMIT.set(limit))  # by each process for itself
    event.listen(engine, "checkout", lambda *_: metrics.CONNECTIONS.inc())
    event.listen(engine, "checkin", lambda *_: metrics.CONNECTIONS.dec())


def become(connection: sa.Connection) -> None:
    """Take on role and schema for this transaction; a connection that is somebody already is thrown away."""
    identity = current()
    answer = connection.connection.driver_connection.pgconn.exec_(b"BEGIN; " + _words_of(identity))
    if answer.ntuples != 1:
        _throw_away(connection, identity)
    connection.info.setdefault("roles", set()).add(identity.role)


@lru_cache(maxsize=5_000)
def _words_of(identity: Identity) -> bytes:
    path, role = (psycopg.sql.quote(name) for name in (identity.search_path, identity.role))
    return BECOME.format(path=path, role=role).encode()


def _throw_away(connection: sa.Connection, identity: Identity) -> NoReturn:
    """Tell what is the matter, asked for once more as SQLAlchemy asks: of a lost connection its pool hears so."""
    try:
        with suppress(psycopg.Error):
            connection.connection.driver_connection.rollback()
        connection.exec_driver_sql(_words_of(identity).decode())
    finally:  # somebody who is a tenant may not ask for `set_config`
        connection.invalidate()
    raise IsolationBroken("the connection was not handed back clean")


def check_tag(
    connection: sa.Connection, cursor: Any, statement: str, _parameters: Any, context: Any, _executemany: bool
) -> None:
    """Refuse a statement by what the server says it was, which no spelling can disguise."""
    tag = (cursor.statusmessage or "").split(" ", 1)[0]
    if tag in TAGS or not tag or (tag == "ROLLBACK" and statement.startswith("ROLLBACK TO SAVEPOINT")):
        return
    connection.invalidate()
    raise IsolationBroken(f"the statement was a {tag}")


def renew(_connection: Any, record: Any) -> None:
    """Close a connection that has been many: its backend remembers the tables of each, and never lets go."""
    if len(record.info.get("roles", ())) >= MANY_ROLES:
        record.invalidate()


class _Unit:
    """One unit of work; its identity tells whether an inner one joins it."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity


@contextmanager
def unit_of_work(*, separate: bool = False) -> Iterator[None]:
    """One transaction around a request, job or command: returning commits, raising rolls back.

    Inside a unit of the same identity it joins that one, unless it asks to be `separate` (progress of
    long work that others shall see meanwhile); under another identity it is always a transaction and
    a connection of its own.
    """
    identity = current()
    outer = _unit.get()
    if isinstance(outer, _Unit) and outer.identity == identity and not separate:
        yield
        return
    unit = _Unit(identity)
    token = _unit.set(unit)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.remove()
        _unit.reset(token)


def open_unit() -> Any:
    """Begin the unit of a request by hand; end it with `close_unit`."""
    return _unit.set(_Unit(current()))


def close_unit(token: Any) -> None:
    """Throw away whatever was not committed and forget the unit."""
    db.session.rollback()
    db.session.remove()
    _unit.reset(token)


def start_over() -> None:
    """Throw away whatever this unit has done so far; it goes on in a transaction of the same speaker."""
    db.session.rollback()


def commit_request() -> None:
    """Commit the unit of the running request; only the boundary in `app.web` calls this."""
    db.session.commit()
