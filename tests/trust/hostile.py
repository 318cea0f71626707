"""What somebody at one tenant tries to get of another, by class. Each try answers all he was shown.

The classes named `sql …` suppose the worst: a hole in our own code lets him put any text into a query of
his tenant's unit of work. Nothing here may be answered with another's canary, nor be let in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import relay, worker
from app.kernel.db import IsolationBroken, db
from app.kernel.events import OutboxEvent
from app.kernel.identity import NobodySpeaks, hq, network_worker, speaking_as, tenant
from app.kernel.ids import HQ
from blueprints.accounts import keys
from blueprints.accounts.models import Customer
from blueprints.leads.models import Lead
from tests.trust.village import SAME_ID, Inhabitant, Village

REFUSED = (DBAPIError, IsolationBroken, NobodySpeaks)
PRIVATE = ("customers", "staff", "mails", "own_contacts", "web_sessions", "api_keys", "site")
SHARED = ("leads", "lead_contacts", "lead_messages", "lead_events", "outbox", "deliveries", "stock", "reservations")


@dataclass(frozen=True, slots=True)
class Answer:
    """All that was shown, and whether a door opened that should not have."""

    text: str = ""
    is_let_in: bool = False


Try = Callable[[Village, Inhabitant, Inhabitant, Random], Answer]
CLASSES: dict[str, Try] = {}


def hostile(name: str) -> Callable[[Try], Try]:
    """Register a class of tries."""

    def register(function: Try) -> Try:
        CLASSES[name] = function
        return function

    return register


def inject(village: Village, who: object, *statements: str) -> str:
    """Each text in one unit of work of `who`; everything answered, until it is refused."""
    shown: list[str] = []
    with suppress(*REFUSED), village.speaking(who):  # type: ignore[arg-type]
        for statement in statements:
            result = db.session.execute(sa.text(statement.replace(":", r"\:")))
            if result.returns_rows:
                shown += [str(tuple(row)) for row in result]
    return " ".join(shown)


def _any_table(chance: Random) -> str:
    return chance.choice(PRIVATE)


@hostile("sql: set role")
def set_role(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    change = chance.choice([
        f"SET ROLE {other.id}", f"/**/set role {other.id}", f"set\n\tlocal role {other.id}", "RESET ROLE",
        f"SET SESSION ROLE '{other.id}'", "SET ROLE network_hq", "SET SESSION AUTHORIZATION DEFAULT", "DISCARD ALL",
    ])
    return Answer(inject(village, me.id, change, f"SELECT * FROM {other.id}.{_any_table(chance)}"))


@hostile("sql: stacked")
def stacked(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    return Answer(inject(village, me.id, chance.choice([
        f"SELECT 1; SET ROLE {other.id}", f"SELECT 1; RESET ROLE; SET ROLE {other.id} --",
        f"SELECT 1; COMMIT; SET ROLE {other.id}; SELECT 1",
    ]), f"SELECT * FROM {other.id}.{_any_table(chance)}"))


@hostile("sql: forged settings")
def forged(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    forge = chance.choice([
        f"SELECT set_config('role', '{other.id}', true), set_config('search_path', '{other.id}', true)",
        f"SELECT * FROM (SELECT pg_catalog.set_config('role', '{other.id}', false)) AS t",
        f"INSERT INTO customers (id, email, name) SELECT gen_random_uuid(), set_config('role', '{other.id}', true), ''",
    ])
    return Answer(inject(village, me.id, forge, f"SELECT * FROM {other.id}.{_any_table(chance)}"))


@hostile("sql: search path and names")
def names(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    table = _any_table(chance)
    statements = chance.choice([
        (f"SET LOCAL search_path = {other.id}", f"SELECT * FROM {table}"),
        (f"SELECT * FROM {other.id}.{table}",),
        (f"TABLE \"{other.id}\".\"{table}\"",),
        (f"SELECT * FROM {table} UNION ALL SELECT * FROM {other.id}.{table}",),
        (f"WITH x AS (SELECT * FROM {other.id}.{table}) SELECT * FROM x",),
        (f"SELECT most_common_vals::text FROM pg_stats WHERE schemaname = '{other.id}'",),
    ])
    return Answer(inject(village, me.id, *statements))


@hostile("sql: temporary tables and code")
def temporary(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    read = f"SELECT * FROM {other.id}.customers"
    return Answer(inject(village, me.id, *chance.choice([
        (f"CREATE TEMP TABLE loot AS {read}", "SELECT * FROM loot"),
        (f"DO $$ BEGIN EXECUTE 'SET ROLE {other.id}'; END $$", read),
        (f"CREATE FUNCTION pg_temp.f() RETURNS SETOF text LANGUAGE sql AS '{read}'", "SELECT pg_temp.f()"),
        (f"PREPARE loot AS {read}", "EXECUTE loot"),
        (f"DECLARE loot CURSOR WITH HOLD FOR {read}", "FETCH ALL FROM loot"),
        (f"COPY ({read}) TO STDOUT",),
    ])))


@hostile("sql: functions that run text")
def functions(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    return Answer(inject(village, me.id, chance.choice([
        f"SELECT query_to_xml('SELECT * FROM {other.id}.customers', true, true, '')",
        f"SELECT table_to_xml('{other.id}.customers', true, true, '')",
        f"SELECT schema_to_xml('{other.id}', true, true, '')",
        "SELECT database_to_xml(true, true, '')",
        f"SELECT * FROM ts_stat('SELECT array_to_tsvector(ARRAY[name]) FROM {other.id}.customers')",
        f"SELECT query_to_xml('SET ROLE {other.id}', true, true, '')",
        "SELECT query FROM pg_stat_activity",
    ])))


@hostile("sql: rows of the network")
def network_rows(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    table = chance.choice(SHARED)
    return Answer(inject(village, me.id, chance.choice([
        f"SELECT * FROM network.{table}",
        f"SELECT * FROM network.{table} WHERE true OR owner_id = '{other.id}'",
        f"SELECT * FROM network.{table} FOR UPDATE",
        f"UPDATE network.{table} SET visible_to = ARRAY['{me.id}'] RETURNING *",
        f"DELETE FROM network.{table} RETURNING *",
        f"SELECT * FROM network.leads l JOIN network.lead_messages m ON m.lead_id = l.id, {me.id}.site",
    ]), "SELECT 1 / 0"))  # what was shown is enough: the next class needs the rows


@hostile("plans prepared for another")
def prepared(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    shown = ""
    for who in chance.sample([me, other, me, other], 4):
        answer = inject(village, who.id, "SELECT name FROM customers", "SELECT body FROM network.lead_messages")
        shown += answer if who is me else ""
    return Answer(shown)


@hostile("objects loaded for another")
def objects(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    shown: list[str] = []
    with suppress(*REFUSED), village.speaking(other.id):
        kept = [db.session.get(Customer, SAME_ID), db.session.get(Lead, (other.id, other.lead_id))]
        assert all(kept)
        with speaking_as(tenant(me.id)):
            shown += [customer.name for customer in db.session.scalars(sa.select(Customer))]
    with village.speaking(me.id):
        lead = db.session.get(Lead, (other.id, other.lead_id))
        shown += [db.session.get(Customer, SAME_ID).name, str(lead and lead.campaign)]
    return Answer(" ".join(shown))


@hostile("cookie of another")
def cookie(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    kind, path = chance.choice([
        ("staff", "/desk/me"), ("staff", "/desk/people"), ("staff", "/desk/leads"), ("customer", "/account"),
    ])
    stolen = me.cookies[kind]  # his own, carried to the other's host by hand
    reply = village.ask(other, path, cookie=stolen)
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("signed link of another")
def link(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    reply = village.ask(me, chance.choice(list(other.tokens.values())))
    is_let_in = reply.status_code == 200 or (reply.status_code == 303 and "sign-in" not in reply.location)
    return Answer(reply.text, is_let_in)


@hostile("host and forwarding headers")
def host(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    name = chance.choice([
        "X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-Host", "Forwarded", "X-HTTP-Host-Override",
    ])
    value = f"host={other.host}" if name == "Forwarded" else other.host
    sent = {name: value, "X-Forwarded-For": "1.2.3.4"}
    shown = village.ask(me, "/desk/me", cookie=other.cookies["staff"], headers=sent)
    strange = SimpleNamespace(base=chance.choice([
        f"http://{other.host}.evil.example", f"http://evil{other.host}", f"http://{other.id}.localhost", "http://127.0.0.1",
    ]))
    reply = village.ask(strange, "/desk/me", cookie=other.cookies["staff"])  # type: ignore[arg-type]
    return Answer(shown.text + reply.text, is_let_in=reply.status_code != 404)


@hostile("caches")
def cached(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    theirs = village.ask(other, f"/media/{other.picture}")
    tag = theirs.headers.get("ETag", '"x"')
    mine = village.ask(me, f"/media/{other.picture}", headers={"If-None-Match": tag})
    page = village.ask(me, "/desk/me", cookie=me.cookies["staff"], headers={"If-None-Match": tag})
    is_let_in = mine.status_code in (200, 304) or "public" in page.headers.get("Cache-Control", "")
    return Answer(mine.text + page.text, is_let_in)


@hostile("files by path")
def files(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    climb = chance.choice(["..", "%2e%2e", "..%2f..%2fmedia", "....//", "%252e%252e", "catalogue/.."])
    reply = village.ask(me, chance.choice([
        f"/media/{other.picture}", f"/media/{climb}/{other.id}/{other.picture}", f"/media/{other.id}/{other.picture}",
        f"/media/catalogue/../../{other.id}/{other.picture}", f"/static/../{other.id}/{other.picture}",
    ]))
    return Answer(reply.text, is_let_in=reply.status_code == 200)


@hostile("forms from a sibling")
def forms(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    """He has his visitor's browser post to the other, where she is signed in; he knows a token of his own."""
    data = {"name": f"by {me.id}", "locale": "ru", "csrf_token": _form_token(village, me)}
    site = chance.choice(["same-site", "cross-site", "none", ""])
    headers = {"Sec-Fetch-Site": site} if site else {}
    reply = village.ask(other, "/desk/me", "POST", cookie=other.cookies["staff"], headers=headers, data=data)
    return Answer(is_let_in=reply.status_code < 400)


@hostile("jobs for another")
def jobs(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    """A job in the queue that names the other, and an event in his own outbox that speaks for the other."""
    before = _mails(village, other)
    event_id, payload = uuid.uuid4(), {"tenant_id": other.id, "mail_id": str(uuid.uuid4())}
    with village.speaking(me.id):
        db.session.add(OutboxEvent(id=event_id, tenant_id=me.id, name="MailQueued", payload=payload))
    with village.worker.app_context():
        for handler in ("app.web.mail.send", "blueprints.leads.subscribers.mail_own_lead"):
            worker.deliver(tenant=other.id, event_id=str(event_id), handler=handler)
        with speaking_as(network_worker()), worker.unit_of_work():
            relay._note_deliveries()
    told = village.rows(f"SELECT 1 FROM network.deliveries WHERE tenant_id = '{other.id}' AND event_id = '{event_id}'")
    return Answer(is_let_in=bool(told) or _mails(village, other) != before)


@hostile("HQ looks into a dealer")
def overseer(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    other = other if other.id != HQ else village.inhabitants[1]
    shown = inject(village, hq(), chance.choice([
        f"SELECT * FROM {other.id}.{_any_table(chance)}",
        f"SELECT name, phone FROM network.lead_contacts WHERE owner_id = '{other.id}'",
        f"SELECT body FROM network.lead_messages WHERE owner_id = '{other.id}'",
        f"SELECT payload FROM network.outbox WHERE tenant_id = '{other.id}'",
    ]))
    return Answer(shown)


@hostile("network's worker reads contacts")
def contacts(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    return Answer(inject(village, network_worker(), chance.choice([
        "SELECT name FROM network.lead_contacts", "SELECT phone, address FROM network.lead_contacts",
        "SELECT body FROM network.lead_messages", f"SELECT * FROM {other.id}.{_any_table(chance)}",
        "UPDATE network.lead_contacts SET visible_to = '{}' RETURNING name",
    ])))


@hostile("key of another")
def key(village: Village, me: Inhabitant, other: Inhabitant, chance: Random) -> Answer:
    headers = {"Authorization": f"Bearer {other.key}"}
    reply = village.ask(me, chance.choice(["/api/v1/orders", "/api/v1/leads"]), headers=headers)
    with village.speaking(me.id):
        known = keys.check_key(other.key, "orders:read")
    return Answer(reply.text, is_let_in=reply.status_code == 200 or known is not None)


def ordinary(village: Village, me: Inhabitant, chance: Random) -> str:
    """What people do all day; everything shown is theirs."""
    path = chance.choice(["/", "/desk/me", "/desk/people", "/desk/leads", "/account", f"/media/{me.picture}"])
    reply = village.ask(me, path, cookie=me.cookies["customer" if path == "/account" else "staff"])
    return reply.text


def _form_token(village: Village, me: Inhabitant) -> str:
    page = village.ask(me, "/desk/me", cookie=me.cookies["staff"]).text
    return page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]


def _mails(village: Village, who: Inhabitant) -> int:
    return int(village.rows(f"SELECT count(*) FROM {who.id}.mails")[0][0])
