"""Behind PgBouncer in transaction mode many tenants share two connections, one transaction each: nothing stays on them.

Control: what is set for a session does stay, and the next client is somebody else.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random
from threading import Thread

import psycopg
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.kernel.db import IsolationBroken, db
from tenants.cluster import WEB
from tests.conftest import PASSWORDS
from tests.trust import hostile, pgbouncer
from tests.trust.village import Inhabitant, Village, foreign, settled

TENANTS, THREADS, ROUNDS = 4, 3, 24
SQL = [name for name in hostile.CLASSES if name.startswith("sql: ")]


@pytest.fixture(scope="module")
def port(services: tuple[str, str]) -> Iterator[int]:
    with pgbouncer.running(services[0]) as port:
        yield port


@pytest.fixture(scope="module")
def village(
    services: tuple[str, str], settings: Settings, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Village]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    home = tmp_path_factory.mktemp("village")
    with settled(services[0], settings, home, size=TENANTS, pooler=port) as village:
        yield village
    structlog.configure(**before)


def test_tenants_share_connections_and_nothing_leaks(village: Village) -> None:
    leaks, tries = list[str](), Counter[str]()
    seen_by: dict[int, set[str]] = defaultdict(set)

    def visit(seed: int) -> None:
        chance = Random(seed)
        for number in range(ROUNDS):
            me, other = chance.sample(village.inhabitants, 2)
            name = SQL[number % len(SQL)] if number % 2 else "ordinary"
            if name == "ordinary":
                leaks.extend(foreign(hostile.ordinary(village, me, chance), me.id))
                seen_by[backend(village, me)].add(me.id)
            else:
                leaks.extend(foreign(hostile.CLASSES[name](village, me, other, chance).text, me.id))
            tries[name] += 1

    threads = [Thread(target=visit, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"\n{dict(tries)} on connections of PostgreSQL for so many tenants: {[len(ids) for ids in seen_by.values()]}")
    assert leaks == []
    assert sum(tries.values()) == THREADS * ROUNDS, "a visitor met an error"
    assert max(len(ids) for ids in seen_by.values()) >= TENANTS / 2


def test_a_transaction_ends_with_its_role_and_its_statements(village: Village, port: int) -> None:
    me = village.inhabitants[2]
    for _time in range(12):  # more often than psycopg waits before it prepares a statement
        with village.speaking(me.id):
            assert db.session.scalar(sa.text("SELECT current_user || ' ' || name FROM staff")) == f"{me.id} {me.canary}"
    for line in lines(port):
        assert line.execute("SELECT current_user").fetchone() == (WEB,)
        assert me.id not in str(line.execute("SHOW search_path").fetchone())
        assert line.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        line.close()


def test_control_what_is_set_for_a_session_meets_the_next_client(village: Village, port: int) -> None:
    me, other = village.inhabitants[2], village.inhabitants[3]
    first, second = lines(port, 2)
    first.execute(f"SET ROLE {me.id}")
    first.execute(f"SET search_path = {me.id}")
    found = [second.execute("SELECT current_user").fetchone() for _time in range(5)]
    assert (me.id,) in found, "without transactions of its own a role stays for whoever comes next"
    with pytest.raises((DBAPIError, IsolationBroken)), village.speaking(other.id):
        db.session.execute(sa.text("SELECT 1"))
    for line in (first, second):
        line.execute("RESET ALL")
        line.execute("RESET ROLE")
        line.close()


def backend(village: Village, me: Inhabitant) -> int:
    """Which process of PostgreSQL serves him now."""
    with village.speaking(me.id):
        return int(db.session.scalar(sa.text("SELECT pg_backend_pid()")) or 0)


def lines(port: int, number: int = 2) -> list[psycopg.Connection]:
    """Clients of the pooler with the login of a web process and no habits of ours."""
    return [
        psycopg.connect(
            host="127.0.0.1", port=port, dbname="village", user=WEB, password=PASSWORDS[WEB], autocommit=True,
            prepare_threshold=None,
        ) for _line in range(number)
    ]
