"""So many rows of everything that pages show: in `network`, at HQ and at the dealer in Kazan, straight by SQL.

Each statement adds rows `first` to `last`; number one is the one whose own page is opened, so its children multiply.
"""

from __future__ import annotations

import json
import uuid

import psycopg

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.accounts import service
from blueprints.accounts.models import Customer
from blueprints.accounts.passwords import hash_password
from blueprints.routing.rules import DEFAULT_PROFILE
from tests.factories.rehearsal import made_summary
from tests.house import KAZAN, House

PASSWORD = "a long word for everybody"

SOLD, OFFERED, OWN, ESCALATED, PRAISED = range(1, 6)
"""Families of leads; each has ids of its own."""

NUMBERS = "generate_series(%(first)s::int, %(last)s::int) g"
GOODS = "network.products p JOIN generate_series(%(first)s::int, %(last)s::int + 1) g ON p.external_id = 'p' || g"
"""One product more than rows: its own page shows the others."""
AGAIN = " ON CONFLICT DO NOTHING"
ROUTED = (
    '{"v": 1, "marks": ["territory.primary 80", "stock_now.all 100", "freshness.hours", "distance.km",'
    ' "rating.known"], "tried": [], "ranked": 1, "reason": "decision.chosen", "profile": ["default", 1],'
    ' "excluded": 0, "strategy": "orders", "lines": {"t_000002": "1abc100,1d100,2e85,91,20"}}'
)
DEFINITION = json.dumps(DEFAULT_PROFILE.to_dict())
REHEARSED = json.dumps(made_summary(12, 4))
ACT = (
    '{"operator": {"name": "Очаг", "inn": "7707083893", "address": ""}, "processors": [],'
    ' "by": {"name": "Анна", "post": "owner"}, "reason": "asked", "numbers": [], "system": "Zveno",'
    ' "categories": [], "kept": [], "at": "2026-11-01T10:00:00+00:00"}'
)


def key(number: int, family: int = 0) -> uuid.UUID:
    """The id of a row that is told apart by UUID."""
    return uuid.UUID(f"{family * 1_000_000 + number:032d}")


def _key(family: int = 0, number: str = "g") -> str:
    return f"lpad(({family * 1_000_000} + {number})::text, 32, '0')::uuid"


def _insert(table: str, columns: str, values: str, source: str = NUMBERS) -> str:
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {source}"


def _leads(family: int, owner: str, assignee: str, state: str, columns: str = "", values: str = "") -> str:
    return _insert(
        "network.leads",
        "owner_id, id, number, assignee_id, visible_to, source, city_id, region_code, value_minor, created_at,"
        f" state{columns}",
        f"'{owner}', {_key(family)}, '{family}-' || g, {assignee}, ARRAY['{KAZAN}'], 'brand_site', 551487, '73',"
        f" 500000, now() - g * interval '1 minute', '{state}'{values}",
    )


def _of_leads(table: str, columns: str, values: str) -> list[str]:
    """Rows of the first lead of HQ and of the dealer's own first one."""
    return [
        _insert(f"network.{table}", f"owner_id, lead_id, {columns}", f"'{owner}', {_key(family, '1')}, {values}")
        for owner, family in ((HQ, SOLD), (KAZAN, OWN))
    ]


_ACCEPTED = "now() - interval '1 hour', now(), 1, now() + interval '1 hour'"
_TIMES = ", offered_at, accepted_at, rounds, deadline_at"

IN_NETWORK: list[str] = [
    _insert("network.categories", "owner_id, external_id, slug, name_ru, path",
            f"'{HQ}', 'c' || g, 'category-' || g, 'Раздел ' || g, 'c' || g"),
    _insert("network.attributes", "owner_id, code, name_ru, kind, is_facet, choices",
            f"'{HQ}', 'a' || g, 'Свойство ' || g, 'choice', true, '{{\"x\": {{\"ru\": \"Да\"}}}}'"),
    _insert("network.products", "owner_id, external_id, sku, slug, name_ru, category_id, attributes, images",
            f"'{HQ}', 'p' || g, 'SKU-' || g, 'pump-' || g, 'Насос ' || g,"
            " (SELECT id FROM network.categories WHERE external_id = 'c1'), jsonb_build_object('a1', 'x'),"
            " '[\"x.webp\"]'", "generate_series(%(first)s::int, %(last)s::int + 1) g") + AGAIN,
    _insert("network.prices", "product_id, owner_id, minor, valid_from", f"id, '{HQ}', 500000, '2026-01-01'", GOODS)
    + AGAIN,
    *(
        _insert("network.stock", "owner_id, product_id, on_hand", f"'{owner}', id, 500", GOODS) + AGAIN
        for owner in (HQ, KAZAN)
    ),
    _leads(SOLD, HQ, f"'{KAZAN}'", "accepted", f", order_id{_TIMES}", f", {_key()}, {_ACCEPTED}"),
    _leads(OFFERED, HQ, f"'{KAZAN}'", "offered", ", offered_at, rounds, deadline_at",
           ", now() - interval '1 hour', 1, now() + interval '30 minutes'"),
    _leads(OWN, KAZAN, f"'{KAZAN}'", "accepted", ", order_id, accepted_at", f", {_key()}, now()"),
    _leads(ESCALATED, HQ, "NULL", "new", ", escalated_at, rounds", ", now(), 1"),
    _leads(PRAISED, HQ, f"'{KAZAN}'", "won", f", satisfaction, feedback_at, delivered_at{_TIMES}",
           f", 5, now(), now(), {_ACCEPTED}"),
    *(
        _insert("network.lead_contacts", "owner_id, lead_id, visible_to, name, phone, email, feedback",
                f"'{HQ}', {_key(family)}, ARRAY['{KAZAN}'], 'Анна ' || g, '+79160000000', 'anna' || g || '@example.ru',"
                " 'Хорошо'")
        for family in (SOLD, OFFERED, ESCALATED, PRAISED)
    ),
    *_of_leads("lead_events", "id, visible_to, at, actor, kind",
               f"gen_random_uuid(), ARRAY['{KAZAN}'], now(), 'staff:' || {_key()}, 'opened'"),
    *_of_leads("lead_messages", "id, visible_to, author, body",
               f"gen_random_uuid(), ARRAY['{KAZAN}'], 'customer', 'Где?'"),
    *_of_leads("routing_runs", "id, profile_id, profile_version, explanation, at",
               f"gen_random_uuid(), {_key()}, 1, '{ROUTED}', now()"),
    _insert("network.lead_offers", "owner_id, lead_id, round, dealer_id, state, reason, offered_at, deadline_at",
            f"'{HQ}', {_key(SOLD, '1')}, g, '{KAZAN}', 'declined', 'no_capacity', now(), now()"),
    _insert("network.lead_offers", "owner_id, lead_id, round, dealer_id, state, offered_at, deadline_at",
            f"'{HQ}', {_key(OFFERED)}, 1, '{KAZAN}', 'offered', now(), now() + interval '30 minutes'"),
    _insert("network.routing_runs", "owner_id, lead_id, id, profile_id, profile_version, chosen_id, explanation",
            f"'{HQ}', {_key(ESCALATED)}, gen_random_uuid(), {_key()}, 1, 't_000003', '{ROUTED}'"),
    _insert("network.reservations", "owner_id, id, product_id, lead_id, quantity",
            f"'{KAZAN}', gen_random_uuid(), p.id, {_key(OWN, '1')}, 1",
            GOODS + " WHERE g <= %(last)s") + AGAIN,
    _insert("network.visits", "owner_id, day, source, visits", f"'{HQ}', now()::date, 'source' || g, 5"),
    _insert("network.dealer_applications", "owner_id, id, state, company, email, slug, inn, city_id",
            f"'{HQ}', {_key()}, 'new', 'ООО ' || g, 'shop' || g || '@example.ru', 'shop-' || g, '7707083893', 551487"),
    _insert("network.sourcing_profiles", "owner_id, id, version, name, definition, state",
            f"'{HQ}', {_key()}, 100 + g, 'By distance', '{DEFINITION}', 'draft'"),
    _insert("network.rehearsals",
            "owner_id, id, version, against, definition, since, until, started_by, asked_at, state, summary",
            f"'{HQ}', {_key()}, 101, 1, '{DEFINITION}', now() - interval '90 days', now(), 'staff:' || {_key()}, now(),"
            f" 'done', '{REHEARSED}'"),
    _insert("network.stock_history", "owner_id, day, reported_at, levels",
            f"'{KAZAN}', now()::date - g, now(), '{{}}'"),
    _insert("network.hosts", "host, tenant_id", f"'more' || g || '.localhost', '{KAZAN}'"),
    _insert("network.territories", "owner_id, region_code, kind", f"'{KAZAN}', code, 'shared'",
            "(SELECT code, row_number() OVER (ORDER BY code) n FROM network.regions WHERE code <> '73') r JOIN "
            + NUMBERS + " ON n = g"),
    _insert("network.certificates", "owner_id, id, scheme, number, holder, valid_from, valid_until",
            f"'{KAZAN}', {_key()}, 'Котлы', 'N-' || g, 'Пётр', now() - interval '1 year', now() + interval '1 year'"),
    _insert("network.dealer_prices", "owner_id, product_id, minor", f"'{KAZAN}', id, 490000", GOODS) + AGAIN,
    _insert("network.vat_rates", "code, valid_from, rate", "'code' || g, '2020-01-01', 22"),
    _insert("network.dealer_ratings", "tenant_id, score", f"'{KAZAN}', 0.8", NUMBERS + " WHERE g = 1"),
    _insert("network.rating_weeks", "tenant_id, week, score", f"'{KAZAN}', date '2020-01-06' + 7 * g, 0.7"),
    _insert("network.outbox", "tenant_id, id, name, payload, dispatched_at",
            f"'{HQ}', {_key()}, 'LeadOpened', '{{}}', now()"),
    _insert("network.deliveries",
            "tenant_id, event_id, handler, owner_id, event, published_at, state, attempts, error, died_at, ids",
            f"'{HQ}', {_key()}, 'routing.subscribers.route_lead', '{HQ}', 'LeadOpened', now(), 'dead', 8, 'ValueError',"
            f" now(), jsonb_build_object('owner_id', '{HQ}', 'lead_id', {_key(SOLD)})"),
    _insert("network.delivery_acts", "tenant_id, id, event_id, handler, kind, actor, at",
            f"'{HQ}', gen_random_uuid(), {_key(0, '1')}, 'routing.subscribers.route_lead', 'died', 'network', now()"),
    _insert("network.webhooks", "owner_id, id, url, events, sealed_secret",
            f"'{KAZAN}', {_key()}, 'https://crm.example.ru/' || g, ARRAY['lead.won'], 'x'"),
    _insert("network.webhook_calls", "owner_id, id, webhook_id, event, payload, created_at",
            f"'{KAZAN}', gen_random_uuid(), {_key(0, '1')}, 'ping', '{{}}', now()"),
    _insert("network.figure_changes", "at", "now()"),
    _insert("network.figure_days", "day, zone", "date '2026-01-01' + g, 'Europe/Moscow'"),
    _insert("network.daily_figures", "day, kind, key, leads", "date '2026-01-01', 'dealer', 'd' || g, 1"),
]

AT_A_TENANT: list[str] = [
    _insert("staff", "id, email, name, role, password_hash",
            f"{_key()}, 'clerk' || g || '@example.ru', 'Клерк ' || g, 'clerk', 'x'"),
    _insert("customers", "id, email, name, password_hash",
            f"{_key()}, 'buyer' || g || '@example.ru', 'Покупатель', 'x'"),
    _insert("authenticators", "staff_id, sealed_secret", f"{_key()}, 'x'"),
    _insert("recovery_codes", "staff_id, code_hash", f"{_key()}, 'x' || g"),
    _insert("passkeys", "id, staff_id, credential_id, public_key, host, name",
            f"{_key()}, (SELECT id FROM staff WHERE email = 'owner@example.ru'), decode(md5(g::text), 'hex'), '\\x00',"
            " 'x', 'Ключ ' || g"),
    _insert("web_sessions", "secret_hash, staff_id, expires_at",
            "'s' || g, (SELECT id FROM staff WHERE email = 'owner@example.ru'), now() + interval '1 day'"),
    _insert("web_sessions", "secret_hash, customer_id, expires_at",
            "'c' || g, (SELECT id FROM customers WHERE email = 'customer@example.ru'), now() + interval '1 day'"),
    _insert("api_keys", "id, name, secret_hash, scopes", f"{_key()}, 'Ключ ' || g, 'x' || g, ARRAY['orders:read']"),
    _insert("audit_log", "number, at, actor, subject, action, prev_hash, hash",
            "(SELECT coalesce(max(number), 0) FROM audit_log) + g, now(), 'staff:' || " + _key() + ", 'key:' || "
            + _key() + ", 'keys.made', '\\x00', '\\x00'"),
    _insert("incoming_mail", "mark, received_at, state, reason", "'m' || g, now(), 'rejected', 'bulk'"),
    _insert("mails", "id, to_address, template, locale", f"{_key()}, 'x@example.ru', 'mail/none', 'ru'"),
    *(
        statement for family, purpose in enumerate(("stock", "catalogue", "leads")) for statement in (
            _insert("import_runs", "id, purpose, filename, format, state, total, done",
                    f"{_key(family)}, '{purpose}', 'goods.csv', 'csv', 'done', 1, 1"),
            _insert("import_lines", "run_id, position, place, code",
                    f"{_key(family, '1')}, g, 'line ' || g, 'no_such_product'"),
        )
    ),
    _insert("offers", "product_id, minor", "id, 490000",
            GOODS + " WHERE g <= %(last)s") + AGAIN,
    _insert("carts", "id, secret_hash, customer_id, city_id",
            f"{_key()}, 'x' || g, (SELECT id FROM customers WHERE email = 'customer@example.ru'), 551487",
            NUMBERS + " WHERE g = 1"),
    _insert("cart_lines", "cart_id, product_id, quantity", f"{_key(0, '1')}, id, 1",
            GOODS + " WHERE g <= %(last)s") + AGAIN,
    _insert("orders",
            "id, number, cart_id, customer_id, lead_id, state, contact, city_id, delivery_method, payment_method,"
            " goods_minor, total_minor, vat_minor",
            f"{_key()}, '9-' || g, {_key()}, (SELECT id FROM customers WHERE email = 'customer@example.ru'),"
            f" CASE current_schema() WHEN '{HQ}' THEN {_key(SOLD)} ELSE {_key(OWN)} END, 'placed',"
            " '{\"name\": \"Анна\", \"email\": \"anna@example.ru\", \"phone\": \"+79160000000\", \"address\": null,"
            " \"comment\": null}', 551487, 'courier', 'card', 500000, 500000, 90000"),
    _insert("order_lines",
            "order_id, position, product_id, sku, name_ru, quantity, unit_minor, total_minor, vat_rate, vat_minor",
            f"{_key(0, '1')}, g, p.id, p.sku, p.name_ru, 1, 500000, 500000, 22, 90000",
            GOODS + " WHERE g <= %(last)s") + AGAIN,
    _insert("payments", "id, order_id, provider, reference, state, minor",
            f"{_key()}, {_key(0, '1')}, 'stripe', 'r' || g, 'failed', 500000"),
    _insert("own_contacts", "lead_id, name, phone", f"{_key(OWN)}, 'Анна ' || g, '+79160000000'"),
    _insert("personal_requests", "id, number, kind, whose, origin, email, received_at, state, act",
            f"{_key()}, g, 'erasure', 'customer', 'desk', 'anna@example.ru', now(), 'done', '{ACT}'"),
    _insert("idempotency_keys", "actor, key, request_hash", "'key:x', 'k' || g, 'x'"),
]


def settle(house: House, tenant_id: str) -> None:
    """The owner and the customer whose own things there will be many of; both sign in with the same password."""
    with house.speaking(tenant_id):
        hashed = hash_password(PASSWORD)
        service.create_staff(email="owner@example.ru", name="Owner", role="owner", password_hash=hashed, at=now())
        db.session.add(Customer(id=uuid.uuid4(), email="customer@example.ru", name="Анна", password_hash=hashed))


def fill(house: House, first: int, last: int) -> None:
    """Rows `first` to `last` of everything; those before stand already."""
    values = {"first": first, "last": last}
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        for statement in IN_NETWORK:
            connection.execute(statement, values)
        for schema in (HQ, KAZAN):
            connection.execute(f"SET search_path = {schema}, ext")
            for statement in AT_A_TENANT:
                connection.execute(statement, values)
        connection.execute("ANALYZE")


MANY_TENANTS = (
    """
    INSERT INTO network.tenants (id, number, slug, name, legal_name, inn, kind, state, city_id, activated_at)
    SELECT 't_' || lpad(n::text, 6, '0'), n, 'dealer-' || n, 'Дилер ' || n, 'ООО «Дилер»', n::text, 'dealer', 'active',
           551487, now()
    FROM generate_series(4, %(tenants)s::int) n
    """,
    "INSERT INTO network.hosts (host, tenant_id, is_primary) SELECT slug || '.localhost', id, true"
    " FROM network.tenants WHERE number BETWEEN 4 AND %(tenants)s",
    "INSERT INTO network.territories (owner_id, region_code, kind) SELECT id, '73', 'shared'"
    " FROM network.tenants WHERE number BETWEEN 4 AND %(tenants)s",
    "INSERT INTO network.dealer_ratings (tenant_id, score) SELECT id, 0.7"
    " FROM network.tenants WHERE number BETWEEN 4 AND %(tenants)s",
)
NO_TENANTS = (
    "DELETE FROM network.dealer_ratings", "DELETE FROM network.territories WHERE kind = 'shared'",
    "DELETE FROM network.hosts WHERE host LIKE 'dealer-%' OR host LIKE 'more%'",
    "DELETE FROM network.vat_rates WHERE code LIKE 'code%'",
    "DELETE FROM network.tenants WHERE number > 3 AND slug LIKE 'dealer-%'",
)


def fill_tenants(house: House, tenants: int) -> None:
    """So many dealers in the directory; those beyond the house's own have no schema."""
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        for statement in MANY_TENANTS:
            connection.execute(statement, {"tenants": tenants})
        connection.execute("ANALYZE network.tenants, network.hosts")


def empty(house: House) -> None:
    """Take away what the house does not clean by itself."""
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        connection.execute("TRUNCATE network.leads, network.products CASCADE")
        for statement in NO_TENANTS:
            connection.execute(statement)
