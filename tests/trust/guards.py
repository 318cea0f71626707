"""Guards switched off one at a time, so that each class of `hostile` must leak."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from unittest.mock import patch

import psycopg
import sqlalchemy as sa
from flask import g, request

from app import relay
from app.kernel import db as kernel
from app.kernel.db import check_tag, db
from app.kernel.events import SUBSCRIPTIONS
from app.web import boundary, forms, here, links, media, sessions
from blueprints.accounts import keys
from blueprints.accounts import sessions as people
from tests.trust import hostile
from tests.trust.village import Inhabitant, Village

TENANT_KEY, FINGERPRINT = sessions.tenant_key, people.fingerprint
LOOSE_SESSION = sessions.SecureCookieSessionInterface.open_session

Off = Callable[[Village, Inhabitant, Inhabitant], AbstractContextManager[None]]


def granted(*rights: str) -> Off:
    """Rights the database would have to have given; taken back in the end."""

    @contextmanager
    def off(village: Village, me: Inhabitant, other: Inhabitant) -> Iterator[None]:
        words = [right.format(me=me.id, other=other.id) for right in rights]
        village.do(*(f"GRANT {word}" for word in words))
        try:
            yield
        finally:
            village.do(*(f"REVOKE {word.replace(' TO ', ' FROM ')}" for word in words))

    return off


def patched(*targets: tuple[object, str, object]) -> Off:
    """Functions of ours replaced by what a careless author would have written."""

    @contextmanager
    def off(_village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
        with ExitStack() as stack:
            for place, name, careless in targets:
                stack.enter_context(patch.object(place, name, careless))
            yield

    return off


@contextmanager
def without_tags(village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """No look at what the server says a statement was."""
    with village.web.app_context():
        engine = db.engine
    sa.event.remove(engine, "after_cursor_execute", check_tag)
    try:
        yield
    finally:
        engine.dispose()
        sa.event.listen(engine, "after_cursor_execute", check_tag)


@contextmanager
def with_plain_cursors(village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """psycopg as it comes: text without parameters goes by the simple protocol."""
    with village.web.app_context():
        engine = db.engine

    def loosen(connection: psycopg.Connection, _record: object) -> None:
        connection.cursor_factory = psycopg.Cursor

    engine.dispose()
    sa.event.listen(engine, "connect", loosen)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", loosen)
        engine.dispose()


@contextmanager
def without_row_security(village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """Tables of the network as an ORM's filter would leave them."""
    village.do(*(f"ALTER TABLE network.{table} DISABLE ROW LEVEL SECURITY" for table in hostile.SHARED))
    try:
        yield
    finally:
        village.do(*(f"ALTER TABLE network.{table} ENABLE ROW LEVEL SECURITY" for table in hostile.SHARED))


@contextmanager
def without_csrf(village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """Forms believed because the cookie came along."""

    def believe(**_options: object) -> None:
        g.csrf_valid = True

    try:
        with (
            patch.object(boundary, "_refuse_siblings", lambda: None), patch.object(forms.csrf, "protect", believe),
        ):
            yield
    finally:
        village.do(*(f"UPDATE {one.id}.staff SET name = '{one.canary}'" for one in village.inhabitants))


@contextmanager
def units_for_anybody(_village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """A unit of work that answers whoever reaches for it."""
    registry = db.session.registry
    strict, registry.scopefunc = registry.scopefunc, lambda: id(kernel._unit.get())
    try:
        yield
    finally:
        registry.scopefunc = strict


def _key_of(tenant_id: str) -> Callable[[str, str, str], bytes]:
    """One key for all, as if theirs were the same as this tenant's."""
    return lambda secret, _tenant_id, purpose: TENANT_KEY(secret, tenant_id, purpose)


def _any_person(user_id: str) -> object:
    """Whoever the cookie says, of the tenant whose host was asked: user 1 of one dealer is user 1 of another."""
    kind = user_id.split(":")[1]
    account = db.session.scalars(sa.select(people.MODELS[kind])).first()
    return people.person_of(account) if account else None


def _believed_host(host: str) -> str:
    names = ("X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "X-HTTP-Host-Override")
    told = [request.headers[name] for name in names if name in request.headers]
    return (told or [host])[0].rsplit(":", 1)[0]


def _believed_duties(event: object) -> list[dict[str, object]]:
    return [
        {"tenant_id": sub.speaker(event.payload), "event_id": event.id, "handler": sub.name,  # type: ignore[attr-defined]
         "owner_id": event.tenant_id, "event": event.name, "published_at": event.created_at}  # type: ignore[attr-defined]
        for sub in SUBSCRIPTIONS[event.name]  # type: ignore[attr-defined]
    ]


@contextmanager
def one_folder(_village: Village, _me: Inhabitant, other: Inhabitant) -> Iterator[None]:
    """All tenants' files in one place."""
    real = media.folder
    with patch.object(media, "folder", lambda _tenant_id: real(other.id)):
        yield


@contextmanager
def with_anonymous_code(village: Village, me: Inhabitant, other: Inhabitant) -> Iterator[None]:
    """`DO` for everybody, and no look at tags."""
    with granted("USAGE ON LANGUAGE plpgsql TO PUBLIC")(village, me, other), without_tags(village, me, other):
        yield


NEIGHBOUR = granted("USAGE ON SCHEMA {other} TO {me}", "SELECT ON ALL TABLES IN SCHEMA {other} TO {me}")
GUARDS: dict[str, Off] = {
    "sql: set role": without_tags,
    "sql: stacked": with_plain_cursors,
    "sql: forged settings": granted("EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC"),
    "sql: search path and names": NEIGHBOUR,
    "sql: temporary tables and code": with_anonymous_code,
    "sql: functions that run text": NEIGHBOUR,
    "sql: rows of the network": without_row_security,
    "plans prepared for another": without_row_security,
    "objects loaded for another": units_for_anybody,
    "cookie of another": lambda village, me, other: patched(
        (sessions, "tenant_key", _key_of(me.id)), (sessions.TenantSessions, "open_session", LOOSE_SESSION),
        (people.login_manager, "_user_callback", _any_person),
    )(village, me, other),
    "signed link of another": lambda village, me, other: patched(
        (links, "tenant_key", _key_of(other.id))
    )(village, me, other),
    "host and forwarding headers": patched((here, "host_name", _believed_host)),
    "caches": one_folder,
    "files by path": one_folder,
    "forms from a sibling": without_csrf,
    "jobs for another": patched((relay, "_duties", _believed_duties)),
    "HQ looks into a dealer": granted(
        "USAGE ON SCHEMA {other} TO network_hq", "SELECT ON ALL TABLES IN SCHEMA {other} TO network_hq"
    ),
    "network's worker reads contacts": granted(
        "SELECT ON network.lead_contacts TO network_worker", "SELECT ON network.lead_messages TO network_worker"
    ),
    "key of another": lambda village, me, other: patched(
        (keys, "fingerprint", lambda _secret: FINGERPRINT(me.key))
    )(village, me, other),
}
