"""A dropped dealer is nowhere: no schema, role, row, key or file; what HQ keeps bears a number and no name."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from click.testing import CliRunner, Result

from app.commands.tenants import tenants
from app.config import environment
from tenants import dropping
from tenants.belongings import SHARES, erased, exported
from tenants.models import City
from tenants.owner import owner_engine
from tenants.policies import POLICIES, TENANT
from tests.blueprints.orders.shelf import fill_shelf
from tests.factories.leads import open_lead
from tests.house import HQ, KAZAN, House
from tests.tenants.dealer import URAL_CITY, files, furnish, network_prints, open_shop, prints

Run = Callable[..., Result]
KEPT = {"tenants", "leads", "lead_events", "lead_offers", "routing_runs", "visits", "delivery_acts"}


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `zveno tenants ...` with the settings of the house."""
    for name, value in environment(house.settings).items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(tenants, list(map(str, arguments)))


@pytest.fixture
def ural(house: House) -> str:
    goods = fill_shelf(house)
    furnish(house, KAZAN, "kazan", goods)
    return open_shop(house, "ural", goods)


def settle(house: House) -> None:
    """Let what is due be tried once; mails have nowhere to go here."""
    with suppress(AssertionError):
        house.work(rounds=1)


def traces(house: House, dealer: str) -> dict[str, object]:
    """Everything that names the dealer or bears his canary, wherever it could be."""
    store = redis.Redis.from_url(house.settings.queue)
    values = {key: store.dump(key) or b"" for key in store.scan_iter()}
    data = Path(house.settings.data_dir)
    found = {
        "schema": house.scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE %(like)s", like=f"%{dealer}%"),
        "role": house.scalar("SELECT count(*) FROM pg_roles WHERE rolname = %(name)s", name=dealer),
        "keys": [key for key, body in values.items() if dealer.encode() in key + body],
        "files": [path for path in data.rglob("*") if dealer in str(path)],
    }
    for table in SHARES:
        rows = house.rows(f"SELECT t::text FROM network.{table} t")
        found[table] = sum(dealer in str(row) for row in rows)
        assert not any("canary-ural" in str(row) for row in rows) or house.scalar(
            f"SELECT state <> 'dropped' FROM network.tenants WHERE id = '{dealer}'"
        ), table
    return {name: trace for name, trace in found.items() if trace}


def test_a_dropped_dealer_is_nowhere(house: House, ural: str, run: Run, tmp_path: Path) -> None:
    settle(house)
    assert {"schema", "role", "keys", "files", "hosts", "stock", "lead_messages"} <= set(traces(house, ural))
    others = network_prints(house, ural, others=True), prints(house, KAZAN), prints(house, HQ)
    closed = run("drop", "ural", "--reason", "Договор расторгнут")
    assert closed.exit_code == 0 and "network.stock: 2" in closed.output, closed.output
    settle(house)
    assert house.rows(f"SELECT DISTINCT template, params ->> 'reason' FROM {ural}.mails WHERE template ~ 'dealer'") == [
        ("mail/dealer_closed", "Договор расторгнут")
    ]
    assert house.scalar(f"SELECT action FROM {HQ}.audit_log ORDER BY number DESC LIMIT 1") == "network.closed"
    dropped = run("drop", "ural", "--yes", "--slug", "ural", "--archive", tmp_path / "ural.zip")
    assert dropped.exit_code == 0, dropped.output
    assert set(traces(house, ural)) <= KEPT | {"outbox"}, "HQ's own word of him stays until it is forgotten"
    assert house.rows("SELECT state, slug, name, legal_name, inn, profile::text FROM network.tenants WHERE id = %(id)s",
                      id=ural) == [("dropped", "dropped-4", "№ 4", "", "", "{}")]
    assert house.scalar("SELECT count(*) FROM network.leads WHERE owner_id = %(id)s", id=ural) == 1
    after = network_prints(house, ural, others=True), prints(house, KAZAN), prints(house, HQ)
    said = ({"outbox", "deliveries"}, set(), {"audit_log"})  # HQ's own word that he is closed, and the note of it
    for before, now, added in zip(others, after, said, strict=True):
        changed = {table for table in before if before[table] != now[table]}
        assert changed <= added, "only HQ's own word that he is closed was added"


def test_he_comes_back_from_his_archive(house: House, ural: str, run: Run, tmp_path: Path) -> None:
    settle(house)
    run("drop", "ural", "--reason", "Ошибка")
    settle(house)
    before, own = prints(house, ural), network_prints(house, ural, others=False)
    run("drop", ural, "--yes", "--slug", "ural", "--archive", tmp_path / "ural.zip")
    restored = run("restore", tmp_path / "ural.zip")
    assert restored.exit_code == 0, restored.output
    assert prints(house, ural) == before
    after = network_prints(house, ural, others=False)
    assert {name for name in own if own[name] != after[name]} <= {
        "tenants", "territories", "tenant_migrations", "outbox", "deliveries"
    }
    assert house.rows("SELECT host, is_primary FROM network.hosts WHERE tenant_id = %(id)s ORDER BY 1", id=ural) == [
        ("ural.localhost", True), ("www.ural.localhost", False)
    ]
    assert json.loads(run("show", "ural").output)["state"] == "suspended"
    assert [path.exists() for path in files(house, ural)] == [True, True, False]


def test_an_interrupted_drop_is_finished_by_the_same_command(
    house: House, ural: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("drop", "ural", "--reason", "Договор расторгнут")
    settle(house)

    def broken(_folder: Path) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(dropping, "_remove", broken)
        assert run("drop", ural, "--yes", "--slug", "ural", "--no-archive").exit_code == 1
    assert {"files", "keys"} <= set(traces(house, ural))
    assert run("drop", ural, "--yes").exit_code == 0
    assert set(traces(house, ural)) <= KEPT | {"outbox"}, "HQ's own word of him stays until it is forgotten"


def test_who_still_serves_a_customer_of_hq_is_not_dropped(house: House, ural: str, run: Run) -> None:
    lead = open_lead(house, HQ, {})
    house.rows("UPDATE network.leads SET assignee_id = %(id)s, state = 'accepted' WHERE id = %(lead)s RETURNING 1",
               id=ural, lead=lead)
    run("drop", "ural", "--reason", "Договор расторгнут")
    refused = run("drop", "ural", "--yes", "--slug", "ural", "--no-archive")
    assert refused.exit_code == 1 and "1 customer of others still waits" in refused.output
    assert "schema" in traces(house, ural)


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("ural",), "Say --reason"),
    (("ural", "--yes", "--no-archive"), "Type --slug ural"),
    (("ural", "--yes", "--slug", "kazan", "--no-archive"), "Type --slug ural"),
    (("ural", "--yes", "--slug", "ural"), "Say --archive"),
    (("ural", "--yes", "--slug", "ural", "--no-archive"), "Only a closed dealer"),
    (("ochag", "--yes", "--slug", "ochag", "--no-archive"), "HQ itself"),
    (("ochag", "--reason", "x"), "changed this dealer"),
    (("nobody",), "There is no tenant"),
])
def test_a_drop_needs_every_word(house: House, ural: str, run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    refused = run("drop", *arguments)
    assert refused.exit_code != 0 and sentence in refused.output, refused.output
    assert "schema" in traces(house, ural)


def test_the_commands_export_and_clone(house: House, ural: str, run: Run, tmp_path: Path) -> None:
    saved = run("export", "ural", tmp_path / "ural.zip")
    assert saved.exit_code == 0 and "2 files" in saved.output, saved.output
    cloned = run("clone", "ural", "ural-two", "--name", "Урал Два")
    assert cloned.exit_code == 0 and "t_000005" in cloned.output, cloned.output
    assert json.loads(run("show", "ural-two").output)["hosts"] == ["ural-two.localhost"]
    for arguments in (("clone", "ural", "ural-two"), ("clone", "ural", "Урал"), ("clone", "ochag", "ochag-two"),
                      ("restore", tmp_path / "ural.zip", "--as", "ural")):
        refused = run(*arguments)
        assert refused.exit_code != 0 and "Error:" in refused.output, arguments
    assert house.scalar("SELECT max(number) FROM network.tenants") == 5
    assert run("restore", tmp_path / "ural.zip").exit_code == 0
    assert (tmp_path / "ural.before-restore.zip").exists()


def test_every_table_of_the_network_says_what_becomes_of_a_dealers_rows() -> None:
    assert sorted(SHARES) == sorted(POLICIES), "declare the table in tenants/belongings.py"
    assert {name for name, share in SHARES.items() if share and share.at_drop == "keep"} == KEPT


def test_only_what_a_dealer_writes_himself_is_exported() -> None:
    for name, _share in exported():
        assert any(rule.group == TENANT and rule.command == "insert" for rule in POLICIES[name]), name
    assert [name for name, _share in erased()].index("reservations") < [n for n, _s in erased()].index("stock")


def test_the_city_of_the_examples_is_real(house: House) -> None:
    with owner_engine(house.settings.database_owner).connect() as connection:
        assert connection.scalar(sa.select(City.name_en).where(City.id == URAL_CITY)) == "Yekaterinburg"


