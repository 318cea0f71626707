"""More of what somebody tries: links and cookies by hand, desks, machines, browsers, and the server's own means."""

from __future__ import annotations

import re
import time
import uuid
from random import Random

from itsdangerous import TimestampSigner

from app.kernel.ids import HQ
from app.web import limits, links, sessions
from blueprints.accounts.sessions import SECRET
from tests.trust.hostile import Answer, hostile, inject
from tests.trust.village import Inhabitant, Village

GUESS = "the secret of the examples"
REGISTER = "/account/register/{}"
YEAR = 400 * 24 * 3600


class _LongAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(time.time()) - YEAR


def _register(village: Village, me: Inhabitant, token: str) -> Answer:
    reply = village.ask(me, REGISTER.format(token))
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("link: registration of another")
def registration(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    reply = village.ask(me, other.tokens["registration"])
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("link: offer of another, from his mail")
def offer(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    reply = village.ask(me, other.tokens["offer"])
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("link: made for something else")
def purpose(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    with village.speaking(me.id):
        token = links.sign(chance.choice(["order", "offer", "feedback", "enter"]), "me@example.ru")
    return _register(village, me, token)


@hostile("link: long over")
def over(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    with village.speaking(me.id):
        serializer = links._serializer("register", me.id)
        serializer.signer = _LongAgo
        token = serializer.dumps("me@example.ru")
    return _register(village, me, str(token))


@hostile("link: changed by hand")
def changed(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    with village.speaking(me.id):
        _subject, _dot, rest = links.sign("register", "me@example.ru").partition(".")
        elses = links.sign("anything", "other@example.ru").partition(".")[0]
    return _register(village, me, chance.choice([f"{elses}.{rest}", f"{elses}.{rest[:-1]}", f"{elses}.{rest.upper()}"]))


@hostile("cookie: written by hand")
def written(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    key = sessions.tenant_key(GUESS, other.id, "session")
    with village.web.test_request_context(base_url=other.base):
        serializer = village.web.session_interface.get_signing_serializer(village.web)  # type: ignore[attr-defined]
        serializer.secret_keys = [key]
        user = f"{other.id}:staff:{uuid.UUID(int=chance.getrandbits(128))}"
        cookie = serializer.dumps({"t": other.id, "_user_id": user, SECRET: "x" * 43, "_fresh": True})
    reply = village.ask(other, "/desk/people", cookie=f"zveno={cookie}")
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("cookie: kept after signing out")
def kept(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    cookie = village.sign_in(me, "/account", f"buyer{int(me.id[2:]) - 1}@example.ru")
    page = village.ask(me, "/account", cookie=cookie)
    token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    gone = village.ask(me, "/account/sign-out", "POST", cookie=cookie, data={"csrf_token": token})
    assert gone.status_code == 303, gone.text
    reply = village.ask(me, "/account", cookie=cookie)
    return Answer(is_let_in=reply.status_code == 200)


@hostile("customer at the desk")
def customer(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    path = chance.choice(["/desk/leads", "/desk/people", "/desk/orders", "/desk/stock"])
    reply = village.ask(me, path, cookie=me.cookies["customer"])
    return Answer(is_let_in=reply.status_code not in (302, 303, 401, 403))


@hostile("HQ's desk at a dealer's")
def office(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    me = village.inhabitants[1] if me.id == HQ else me
    reply = village.ask(me, chance.choice(["/hq/", "/hq/leads", "/hq/dealers"]), cookie=me.cookies["staff"])
    return Answer(is_let_in=reply.status_code != 404)


@hostile("ids of another at the desk")
def at_desk(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    reply = village.ask(me, f"/desk/leads/{other.id}/{other.lead_id}", cookie=me.cookies["staff"])
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("ids of another over the API")
def over_api(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    headers = {"Authorization": f"Bearer {me.key}"}
    reply = village.ask(me, f"/api/v1/leads/{other.lead_id}", headers=headers)
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("exports by another's cookie")
def exports(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    path = "/hq/overview/dealers.csv" if other.id == HQ else "/desk/stock/table.xlsx"
    reply = village.ask(other, path, cookie=me.cookies["staff"])
    return Answer(is_let_in=reply.status_code == 200)


@hostile("read by a page of another origin")
def origins(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    path = chance.choice(["/", "/desk/me", "/api/v1/openapi.json"])
    reply = village.ask(other, path, cookie=other.cookies["staff"], headers={"Origin": me.base})
    return Answer(is_let_in="Access-Control-Allow-Origin" in reply.headers)


@hostile("framed by another")
def framed(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    reply = village.ask(other, chance.choice(["/", "/desk/me", "/desk/sign-in"]), cookie=other.cookies["staff"])
    return Answer(is_let_in="frame-ancestors 'none'" not in reply.headers.get("Content-Security-Policy", ""))


@hostile("limits of another used up")
def used_up(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    keys = set()
    for one in (me, other):
        with village.web.test_request_context(base_url=one.base):
            keys.add(limits.tenant_and_address())
    return Answer(is_let_in=len(keys) == 1)


@hostile("caches: pages kept for strangers")
def kept_page(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    shown = [village.ask(one, "/").text for one in (other, me)]
    return Answer(shown[1], is_let_in=not _is_of(me, shown[1]))


@hostile("caches: whose host")
def whose_host(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    shown = [village.ask(one, "/", cookie="known=1").text for one in (other, me)]
    return Answer(shown[1], is_let_in=not _is_of(me, shown[1]))


def _is_of(me: Inhabitant, page: str) -> bool:
    """Whether the title names him: HQ's name is its own, a dealer's that of his host."""
    title = page.partition("<title>")[2].partition("</title>")[0]
    name = "Очаг" if me.id == HQ else me.host.partition(".")[0]
    return re.search(rf"\b{name}\b", title) is not None


@hostile("sql: settings that last")
def lasting(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    inject(village, me.id, chance.choice([
        f"ALTER ROLE {me.id} SET search_path = {other.id}", f"ALTER ROLE CURRENT_USER SET search_path TO {other.id}",
    ]))  # fmt: skip
    left = village.rows(f"SELECT 1 FROM pg_db_role_setting WHERE setrole = '{me.id}'::regrole")
    if left:
        village.do(f"ALTER ROLE {me.id} RESET ALL")
    return Answer(is_let_in=bool(left))


@hostile("sql: objects of his own")
def own_objects(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    place = chance.choice([me.id, "public", "network", "ext"])
    inject(village, me.id, f"CREATE VIEW {place}.loot AS SELECT 1 AS one")
    left = village.rows("SELECT schemaname FROM pg_views WHERE viewname = 'loot'")
    for (schema,) in left:
        village.do(f"DROP VIEW {schema}.loot")
    return Answer(is_let_in=bool(left))


@hostile("sql: files of the server")
def server_files(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    shown = inject(village, me.id, chance.choice([
        "SELECT pg_read_file('PG_VERSION')", "SELECT pg_read_file('postgresql.conf')",
    ]))  # fmt: skip
    more = inject(village, me.id, chance.choice([
        "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/passwd')", "COPY (SELECT 1) TO PROGRAM 'id'",
        "SELECT pg_stat_file('PG_VERSION')", "CREATE EXTENSION dblink", "LOAD 'plpgsql'",
    ]))  # fmt: skip
    return Answer(is_let_in=bool(shown or more))


@hostile("sql: rights given away")
def given_away(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    inject(village, me.id, f"GRANT SELECT ON {me.id}.customers TO {other.id}")
    told = f"SELECT has_table_privilege('{other.id}', '{me.id}.customers', 'SELECT')"
    has = bool(village.rows(told)[0][0])
    if has:
        village.do(f"REVOKE SELECT ON {me.id}.customers FROM {other.id}")
    return Answer(is_let_in=has)


@hostile("sql: rows written in another's name")
def in_anothers_name(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    inject(village, me.id, (
        "INSERT INTO network.outbox (id, tenant_id, name, payload)"
        f" VALUES (gen_random_uuid(), '{other.id}', 'Planted', '{{}}')"
    ))  # fmt: skip
    left = village.rows("SELECT 1 FROM network.outbox WHERE name = 'Planted'")
    if left:
        village.do("DELETE FROM network.outbox WHERE name = 'Planted'")
    return Answer(is_let_in=bool(left))


