"""The journal: in the transaction of the deed, in order under concurrency, and a change in it is named."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from app.commands.audit import audit as command
from app.config import environment
from app.kernel.db import db
from app.kernel.identity import hq
from app.web.audit import ACTIONS, GROUPS, Verdict, audit, verify
from tests.house import HQ, KAZAN, SIBIR, House


def note(house: House, count: int, tenant_id: str = KAZAN) -> None:
    for number in range(count):
        with house.speaking(tenant_id):
            audit("prices.changed", f"product:{number}", minor=100 + number)


def judged(house: House, tenant_id: str = KAZAN) -> Verdict:
    with house.speaking(tenant_id):
        return verify()


def superuser(house: House, statement: str) -> None:
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        connection.execute(statement)


def test_lines_are_numbered_and_chained(house: House) -> None:
    note(house, 3)
    verdict = judged(house)
    assert (verdict.lines, verdict.broken) == (3, None)
    assert verdict.head == house.scalar("SELECT hash FROM t_000002.audit_log WHERE number = 3")


def test_what_rolls_back_leaves_no_line(house: House) -> None:
    with pytest.raises(ZeroDivisionError), house.speaking(KAZAN):
        audit("keys.made")
        raise ZeroDivisionError
    with house.speaking(KAZAN):
        audit("keys.revoked", "key:1")
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            audit("keys.made")
            raise ZeroDivisionError
        with db.session.begin_nested():
            audit("keys.revoked", "key:2")
    assert house.rows("SELECT subject FROM t_000002.audit_log ORDER BY number") == [("key:1",), ("key:2",)]


def test_an_unknown_action_is_a_mistake_of_the_caller(house: House) -> None:
    with pytest.raises(LookupError), house.speaking(KAZAN):
        audit("prices.chagned")


def test_many_at_once_keep_the_chain(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _turn: note(house, 5), range(8)))
    verdict = judged(house)
    assert (verdict.lines, verdict.broken) == (40, None)


def test_hqs_own_desk_writes_to_hqs_journal(house: House) -> None:
    with house.speaking(hq()):
        audit("network.suspended", "tenant:t_000002")
    assert house.scalar("SELECT action FROM t_000001.audit_log") == "network.suspended"
    assert judged(house, SIBIR).lines == 0


@pytest.mark.parametrize("statement", [
    "UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log",
])
@pytest.mark.parametrize("who", [KAZAN, HQ, "hq"])
def test_nobody_who_speaks_for_a_tenant_changes_a_line(house: House, who: str, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), \
            house.speaking(hq() if who == "hq" else who):
        db.session.execute(sa.text(statement))


@pytest.mark.parametrize(("harm", "number", "why"), [
    ("UPDATE t_000002.audit_log SET details = '{\"minor\": 1}' WHERE number = 3", 3, "changed"),
    ("UPDATE t_000002.audit_log SET actor = 'staff:other' WHERE number = 1", 1, "changed"),
    ("UPDATE t_000002.audit_log SET at = at - interval '1 day' WHERE number = 5", 5, "changed"),
    ("DELETE FROM t_000002.audit_log WHERE number = 2", 3, "missing"),
    ("DELETE FROM t_000002.audit_log WHERE number = 1", 2, "missing"),
])
def test_what_a_superuser_changed_is_named(house: House, harm: str, number: int, why: str) -> None:
    note(house, 5)
    assert judged(house).broken is None
    superuser(house, harm)
    broken = judged(house).broken
    assert broken is not None
    assert (broken.number, broken.why) == (number, why)


def test_the_command_names_the_broken_link(house: House) -> None:
    note(house, 3)
    note(house, 2, SIBIR)
    settings = environment(house.settings)
    fine = CliRunner().invoke(command, ["verify"], env=settings)
    assert fine.exit_code == 0, fine.output
    assert re.search(r"t_000002 teplo-kazan: 3 lines hold, head [0-9a-f]{16}", fine.output)
    superuser(house, "UPDATE t_000002.audit_log SET action = 'keys.made' WHERE number = 2")
    broken = CliRunner().invoke(command, ["verify"], env=settings)
    assert broken.exit_code == 1
    assert "t_000002 teplo-kazan: BROKEN: line 2 (keys.made" in broken.output
    assert "t_000003 sibir: 2 lines hold" in broken.output
    assert CliRunner().invoke(command, ["verify", "--tenant", "sibir"], env=settings).exit_code == 0


def test_every_action_belongs_to_a_group_of_the_filter() -> None:
    assert {action.partition(".")[0] for action in ACTIONS} == set(GROUPS)
