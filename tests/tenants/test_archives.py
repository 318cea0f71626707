"""A dealer's archive holds him whole and nobody else; restored, he is as he was and others are untouched."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.kernel.errors import HouseError
from tenants import exporting, restoring
from tenants.archives import sealing_key, verified
from tenants.belongings import PEOPLE, SHOP
from tenants.owner import owner_engine
from tenants.provisioning import NewTenant
from tests.blueprints.orders.shelf import NOON, draft, fill_shelf
from tests.house import HQ, KAZAN, House
from tests.tenants.dealer import files, furnish, network_prints, open_shop, prints


@pytest.fixture
def goods(house: House) -> tuple[int, int]:
    return fill_shelf(house)


@pytest.fixture
def ural(house: House, goods: tuple[int, int]) -> str:
    furnish(house, KAZAN, "kazan", goods)
    return open_shop(house, "ural", goods)


def owner(house: House) -> sa.Engine:
    return owner_engine(house.settings.database_owner)


def export(house: House, dealer: str, path: Path) -> exporting.Written:
    return exporting.export(
        owner(house), dealer, path, media=house.settings.media_dir / dealer, key=sealing_key(house.settings.secret_key)
    )


def restore(house: House, path: Path, key: bytes | None = None) -> restoring.Restored:
    with verified(path, key or sealing_key(house.settings.secret_key)) as archive:
        return restoring.restore(owner(house), archive, media=house.settings.media_dir)


def do(house: House, *statements: str) -> None:
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_archive_holds_the_dealer_whole_and_nobody_else(house: House, ural: str, tmp_path: Path) -> None:
    written = export(house, ural, tmp_path / "ural.zip")
    with zipfile.ZipFile(written.path) as archive:
        bodies = {name: archive.read(name) for name in archive.namelist()}
    everything = b"".join(bodies.values())
    assert b"canary-kazan" not in everything
    assert everything.count(b"canary-ural") > 2000
    for table in ("staff", "customers", "site", "offers", "orders", "mails", "api_keys"):
        assert b"canary-ural" in bodies[f"tenant/{table}.copy"] or table == "orders", table
    assert b"canary-ural" in bodies["network/lead_messages.copy"]
    assert "tenant/web_sessions.copy" not in bodies
    assert (written.path.stat().st_mode & 0o777, written.files) == (0o600, 2)


def test_a_restored_dealer_is_as_he_was_and_others_are_untouched(house: House, ural: str, tmp_path: Path) -> None:
    before, path = prints(house, ural), tmp_path / "ural.zip"
    export(house, ural, path)
    others = network_prints(house, ural, others=True), prints(house, KAZAN), prints(house, HQ)
    do(
        house, f"DELETE FROM {ural}.order_lines", f"DELETE FROM {ural}.offers",
        f"UPDATE {ural}.site SET texts = '{{}}'",
        f"UPDATE {ural}.customers SET name = 'spoiled'", f"DELETE FROM network.lead_messages WHERE owner_id = '{ural}'",
        f"UPDATE network.tenants SET name = 'spoiled' WHERE id = '{ural}'",
    )
    files(house, ural)[0].unlink()
    begun = time.monotonic()
    restored = restore(house, path)
    assert time.monotonic() - begun < 60
    assert prints(house, ural) == before
    assert (network_prints(house, ural, others=True), prints(house, KAZAN), prints(house, HQ)) == others
    assert (restored.added, restored.files) == ({"lead_messages": 1}, 1)
    assert files(house, ural)[0].read_bytes().startswith(b"canary-ural")
    assert house.scalar(f"SELECT name FROM network.tenants WHERE id = '{ural}'") == "canary-ural"
    assert house.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%%before%%'") == []


def test_what_others_saw_since_stays(
    house: House, ural: str, goods: tuple[int, int], tmp_path: Path
) -> None:
    from blueprints.orders.service import place_order

    export(house, ural, tmp_path / "ural.zip")
    with house.speaking(ural):
        late = place_order(draft=draft((goods[0], 3)), at=NOON).number
    do(house, f"UPDATE network.leads SET state = 'won' WHERE owner_id = '{ural}'")
    do(house, f"UPDATE network.tenants SET tier = 'gold' WHERE id = '{ural}'")
    seen = network_prints(house, ural, others=False)
    assert restore(house, tmp_path / "ural.zip").added == {}
    assert network_prints(house, ural, others=False) == seen
    with house.speaking(ural):
        number = place_order(draft=draft((goods[0], 1)), at=NOON).number
    assert number > late, "a number that a customer has is never given again"


def test_what_was_shut_since_stays_shut(house: House, ural: str, tmp_path: Path) -> None:
    export(house, ural, tmp_path / "ural.zip")
    do(
        house, f"UPDATE {ural}.api_keys SET revoked_at = now()",
        f"UPDATE {ural}.staff SET is_active = false, password_hash = 'now'",
        f"INSERT INTO {ural}.web_sessions (secret_hash, staff_id, expires_at)"
        f" SELECT 'x', id, now() + interval '1 day' FROM {ural}.staff",
        f"INSERT INTO {ural}.audit_log (number, at, actor, action, prev_hash, hash)"
        " SELECT 1000, now(), 'staff:x', 'keys.revoked', '', ''",
        f"INSERT INTO {ural}.authenticators (staff_id, sealed_secret) SELECT id, 'sealed' FROM {ural}.staff",
        f"INSERT INTO {ural}.personal_requests (id, number, kind, whose, origin, received_at, state, handled_at)"
        " SELECT gen_random_uuid(), 1, 'erasure', 'customer', 'desk', now(), 'done', now()",
    )
    assert restore(house, tmp_path / "ural.zip").erasures == 1
    assert house.scalar(f"SELECT max(number) FROM {ural}.audit_log") == 1000
    assert house.rows(f"SELECT sealed_secret FROM {ural}.authenticators") == [("sealed",)]
    assert house.scalar(f"SELECT count(*) FROM {ural}.personal_requests") == 1
    assert house.rows(f"SELECT revoked_at IS NULL FROM {ural}.api_keys") == [(False,)]
    assert house.rows(f"SELECT is_active, password_hash FROM {ural}.staff") == [(False, "now")]
    assert house.scalar(f"SELECT count(*) FROM {ural}.web_sessions") == 0


def test_the_restored_schema_serves_its_tenant(house: House, ural: str, tmp_path: Path) -> None:
    export(house, ural, tmp_path / "ural.zip")
    restore(house, tmp_path / "ural.zip")
    from tests.house import Browser

    page = Browser(house.web, "http://ural.localhost:8000").get("/")
    assert (page.status_code, "canary-ural" in page.text) == (200, True)


def test_a_clone_is_the_shop_without_its_secrets(house: House, ural: str, tmp_path: Path) -> None:
    written = export(house, ural, tmp_path / "ural.zip")
    for number, tables in enumerate((SHOP, SHOP | PEOPLE)):
        new = NewTenant(
            slug=f"twin{number}", name="Близнец", legal_name="", inn="", hosts=(f"twin{number}.localhost",),
            state="pending",
        )
        with verified(written.path, sealing_key(house.settings.secret_key)) as archive:
            clone = restoring.restore_as(
                owner(house), archive, new, media=house.settings.media_dir, tables=tables
            ).tenant_id
        empty = prints(house, clone)["web_sessions"]
        filled = {name for name, told in prints(house, clone).items() if told != empty}
        assert filled == tables | {"schema_version"}
        assert {name: told for name, told in prints(house, clone).items() if name in SHOP} == {
            name: told for name, told in prints(house, ural).items() if name in SHOP
        }
        stock = house.rows(f"SELECT on_hand, reserved FROM network.stock WHERE owner_id = '{clone}' ORDER BY 1, 2")
        assert stock == [(10, 0), (10, 0)]
        for table in ("leads", "lead_contacts", "reservations", "territories", "visits"):
            assert house.scalar(f"SELECT count(*) FROM network.{table} WHERE owner_id = '{clone}'") == 0
        assert [path.exists() for path in files(house, clone)] == [True, True, False]


def test_hq_has_no_archive(house: House, tmp_path: Path) -> None:
    with pytest.raises(exporting.NotForOne):
        export(house, HQ, tmp_path / "hq.zip")
    assert list(tmp_path.iterdir()) == []


# -- hostile archives ----------------------------------------------------------------------------

Spoil = Callable[[dict[str, bytes]], None]


def rewritten(path: Path, spoil: Spoil) -> Path:
    """The archive with other members, its manifest in order again but not its seal."""
    import hashlib

    with zipfile.ZipFile(path) as archive:
        bodies = {name: archive.read(name) for name in archive.namelist()}
    spoil(bodies)
    manifest = json.loads(bodies["manifest.json"])
    for name, body in bodies.items():
        if name in manifest["members"]:
            told = manifest["members"][name]
            told |= {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
            told["rows"] = body.count(b"\n") if name.endswith(".copy") else 0
    bodies["manifest.json"] = json.dumps(manifest).encode()
    spoiled = path.with_name("spoiled.zip")
    with zipfile.ZipFile(spoiled, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in bodies.items():
            archive.writestr(name, body)
    return spoiled


def edit(change: Callable[[dict], None]) -> Spoil:
    def spoil(bodies: dict[str, bytes]) -> None:
        manifest = json.loads(bodies["manifest.json"])
        change(manifest)
        bodies["manifest.json"] = json.dumps(manifest).encode()

    return spoil


def swap(name: str, old: bytes, new: bytes) -> Spoil:
    def spoil(bodies: dict[str, bytes]) -> None:
        assert old in bodies[name]
        bodies[name] = bodies[name].replace(old, new)

    return spoil


def move(old: str, new: str) -> Spoil:
    def spoil(bodies: dict[str, bytes]) -> None:
        bodies[new] = bodies.pop(old)
        edit(lambda manifest: manifest["members"].update({new: manifest["members"].pop(old)}))(bodies)

    return spoil


HOSTILE: dict[str, Spoil] = {
    "another's id": edit(lambda manifest: manifest["tenant"].update(id=KAZAN)),
    "hq's id": edit(lambda manifest: manifest["tenant"].update(id=HQ)),
    "an id that is SQL": edit(lambda manifest: manifest["tenant"].update(id="t_000004; DROP SCHEMA network")),
    "rows of another": swap("network/stock.copy", b"t_000004", KAZAN.encode()),
    "a message of another": swap("network/lead_messages.copy", b"t_000004", KAZAN.encode()),
    "a table of SQL": move("tenant/mails.copy", "tenant/mails; drop.copy"),
    "a table too many": move("tenant/mails.copy", "tenant/letters.copy"),
    "a column of SQL": edit(lambda manifest: manifest["members"]["tenant/mails.copy"]["columns"].__setitem__(
        0, 'id") FROM PROGRAM \'touch /tmp/owned\' --')),
    "a column too few": edit(lambda manifest: manifest["members"]["tenant/mails.copy"]["columns"].pop()),
    "another's table": move("network/stock.copy", "network/outbox.copy"),
    "rows that are none": swap("tenant/mails.copy", b"\t", b" "),
    "a broken rule": swap("tenant/staff.copy", b"\towner\t", b"\tking\t"),
    "a file outside": move(f"media/{'a' * 32}.webp", "media/../../../owned"),
    "a hidden file": move(f"media/{'a' * 32}.webp", "media/.htaccess"),
    "another revision": edit(lambda manifest: manifest["revisions"].update(tenant="9999")),
    "another format": edit(lambda manifest: manifest.update(format=2)),
    "a sequence of SQL": edit(lambda manifest: manifest["sequences"].update(order_number="1); DROP")),
    "no manifest": lambda bodies: bodies.update({"manifest.json": b'{"format": 1, "members": {}}'}),
    "a member too many": lambda bodies: bodies.update({"media/more.webp": b"x"}),
}


def test_a_hostile_archive_changes_nothing(house: House, ural: str, tmp_path: Path) -> None:
    export(house, ural, tmp_path / "ural.zip")
    before = standing(house, ural)
    for name, spoil in HOSTILE.items():
        spoiled = rewritten(tmp_path / "ural.zip", spoil)
        with pytest.raises(HouseError, match="archive"):
            restore(house, spoiled)
        with pytest.raises(HouseError), verified(spoiled, None) as archive:
            restoring.restore(owner(house), archive, media=house.settings.media_dir)
        assert standing(house, ural) == before, name


def test_every_damaged_byte_is_seen(house: House, ural: str, tmp_path: Path) -> None:
    body = bytearray(export(house, ural, tmp_path / "ural.zip").path.read_bytes())
    with zipfile.ZipFile(tmp_path / "ural.zip") as archive:
        packed = [(info.header_offset + 30 + len(info.filename) + 20, info) for info in archive.infolist()]
    places = [start + info.compress_size // 2 for start, info in packed if info.compress_size > 100]
    assert len(places) > 5
    for place in places:
        damaged = bytearray(body)
        damaged[place] ^= 0x55
        (tmp_path / "damaged.zip").write_bytes(damaged)
        with pytest.raises(HouseError), verified(tmp_path / "damaged.zip", None):
            pytest.fail("taken")


def test_a_bomb_is_refused_unread(house: House, ural: str, tmp_path: Path) -> None:
    export(house, ural, tmp_path / "ural.zip")
    bomb = rewritten(tmp_path / "ural.zip", lambda bodies: bodies.update({"media/bomb.webp": bytes(64 * 1024 * 1024)}))
    with pytest.raises(HouseError), verified(bomb, None):
        pytest.fail("taken")


def standing(house: House, dealer: str) -> object:
    """All there is: rows of everybody, schemas, files."""
    return (
        [prints(house, one) for one in (dealer, KAZAN, HQ)], network_prints(house, dealer, others=True),
        network_prints(house, dealer, others=False),
        house.rows("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"),
        sorted(str(path) for path in house.settings.media_dir.rglob("*")), Path("/tmp/owned").exists(),
    )
