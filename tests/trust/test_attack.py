"""A short siege: twenty tenants on four connections, thousands of requests, a third of them hostile; nothing leaks.

Then each class once more with its guard switched off: now it must leak, else the siege proved nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from random import Random
from unittest.mock import patch

import psycopg
import pytest
import sqlalchemy as sa
import structlog

from app import worker
from app.config import Settings
from app.kernel import db as kernel
from app.kernel.db import check_tag, db
from app.kernel.events import SUBSCRIPTIONS
from app.web import boundary, forms, links, media, sessions
from blueprints.accounts import keys
from blueprints.accounts import sessions as people
from tests.trust import hostile
from tests.trust.village import HQ, Inhabitant, Village, foreign, settled

REQUESTS, THREADS = 1500, 3
TENANT_KEY, FINGERPRINT = sessions.tenant_key, people.fingerprint
LOOSE_SESSION = sessions.SecureCookieSessionInterface.open_session
READERS = {"HQ looks into a dealer": HQ, "network's worker reads contacts": "", "cookie of another": ""}
"""Who is shown the answer, where it is not the tenant that tries; nobody's canaries are for nobody."""
MIND = 0.45
"""Share of hostile requests."""


@pytest.fixture(scope="module")
def village(
    services: tuple[str, str], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Village]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with settled(services[0], settings, tmp_path_factory.mktemp("village")) as village:
        yield village
    structlog.configure(**before)


def test_nothing_leaks_under_siege(village: Village) -> None:
    tries, leaks, own = Counter[str](), list[str](), Counter[str]()
    names = list(hostile.CLASSES)

    def besiege(seed: int) -> None:
        chance = Random(seed)
        for number in range(REQUESTS // THREADS):
            me, other = chance.sample(village.inhabitants, 2)
            if chance.random() < MIND:
                name = names[(number * THREADS + seed) % len(names)]
                leaks.extend(leaked(village, name, me, other, chance))
            else:
                name, shown = "ordinary", hostile.ordinary(village, me, chance)
                own[me.id] += me.canary in shown
                leaks.extend(foreign(shown, me.id))
            tries[name] += 1

    begun = time.monotonic()
    _at_once(besiege)
    _report(tries, time.monotonic() - begun, leaks)
    assert leaks == []
    assert sum(tries.values()) - tries["ordinary"] >= 500
    assert len(tries) > 12
    assert len(own) == len(village.inhabitants) and sum(own.values()) > tries["ordinary"] / 2
    assert _untouched(village)


@pytest.mark.parametrize("name", list(hostile.CLASSES))
def test_control_with_its_guard_switched_off_the_class_leaks(village: Village, name: str) -> None:
    me, other = village.inhabitants[4], village.inhabitants[9]
    with GUARDS[name](village, me, other):
        found = next((leak for seed in range(40) for leak in leaked(village, name, me, other, Random(seed))), None)
    assert found, "the guard that was switched off guards nothing of this class"


def leaked(village: Village, name: str, me: Inhabitant, other: Inhabitant, chance: Random) -> list[str]:
    """What a try got that it should not have."""
    answer = hostile.CLASSES[name](village, me, other, chance)
    found = foreign(answer.text, READERS.get(name, me.id))
    return found + ([f"{name}: let in"] if answer.is_let_in else [])


# -- guards, switched off one at a time -----------------------------------------------------------

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
    village.web.config["WTF_CSRF_ENABLED"] = False
    try:
        with (
            patch.object(boundary, "_refuse_siblings", lambda: None), patch.object(forms.csrf, "protect", lambda: None),
        ):
            yield
    finally:
        village.web.config["WTF_CSRF_ENABLED"] = True
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


def _believed_host() -> str:
    names = ("X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "X-HTTP-Host-Override")
    told = [boundary.request.headers[name] for name in names if name in boundary.request.headers]
    return (told or [boundary.request.host])[0].rsplit(":", 1)[0]


def _believed_duties(event: object) -> list[dict[str, object]]:
    return [
        {"tenant_id": sub.speaker(event.payload), "event_id": event.id, "handler": sub.name,  # type: ignore[attr-defined]
         "owner_id": event.tenant_id}  # type: ignore[attr-defined]
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
    "host and forwarding headers": patched((boundary, "_host", _believed_host)),
    "caches": one_folder,
    "files by path": one_folder,
    "forms from a sibling": without_csrf,
    "jobs for another": patched((worker, "_duties", _believed_duties)),
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


def _at_once(act: Callable[[int], None]) -> None:
    raised: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            act(seed)
        except BaseException as error:  # a thread's failure is the test's
            raised.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def _untouched(village: Village) -> bool:
    """Nobody wrote into another's rooms."""
    people_of = "SELECT name FROM {0}.staff UNION ALL SELECT name FROM {0}.customers"
    return all(village.rows(people_of.format(one.id)) == [(one.canary,)] * 2 for one in village.inhabitants)


def _report(tries: Counter[str], seconds: float, leaks: list[str]) -> None:
    hostile_tries = sum(tries.values()) - tries["ordinary"]
    print(f"\n{sum(tries.values())} requests, {hostile_tries} hostile, {len(leaks)} leaks, {seconds:.0f} s")
    for name, count in sorted(tries.items()):
        print(f"  {count:5d}  {name}")
