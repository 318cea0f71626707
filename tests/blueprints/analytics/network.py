"""A network with a past, made by the database itself: leads, offers, marks and visits by the thousand."""

from __future__ import annotations

from datetime import datetime

import psycopg

from tests.house import House

DEALERS = """
INSERT INTO network.tenants (id, number, slug, name, legal_name, inn, kind, state, city_id, activated_at)
SELECT 't_' || lpad(n::text, 6, '0'), n, 'dealer-' || n, 'Дилер ' || n, 'ООО «Дилер ' || n || '»', n::text, 'dealer',
       'active', (SELECT id FROM network.cities ORDER BY population DESC OFFSET n %% 100 LIMIT 1), %(at)s
FROM generate_series(4, %(dealers)s + 1) n
"""

LEADS = """
INSERT INTO network.leads (
    owner_id, id, number, assignee_id, visible_to, kind, source, region_code, city_id, value_minor, state, rounds,
    offered_at, deadline_at, accepted_at, shipped_at, delivered_at, closed_at, lost_reason, received, satisfaction,
    feedback_at, created_at, escalated_at)
SELECT CASE WHEN is_own THEN dealer ELSE 't_000001' END, gen_random_uuid(), n::text,
    CASE WHEN fate < 0.97 THEN dealer END, CASE WHEN fate < 0.97 THEN ARRAY[dealer] ELSE '{}' END,
    CASE WHEN n %% 6 = 0 THEN 'question' ELSE 'order' END,
    CASE WHEN is_own THEN 'dealer_site' WHEN n %% 9 = 0 THEN 'phone' WHEN n %% 17 = 0 THEN 'ads' ELSE 'brand_site' END,
    city.region_code, city.id, (500000 + (luck * 18000000)::bigint / 100 * 100),
    CASE WHEN fate < 0.72 THEN 'won' WHEN fate < 0.86 THEN 'lost' WHEN fate < 0.95 THEN 'accepted'
         WHEN fate < 0.97 THEN 'offered' ELSE 'new' END,
    CASE WHEN is_own THEN 0 ELSE 1 END,
    CASE WHEN NOT is_own THEN born + interval '1 second' END, CASE WHEN NOT is_own THEN born + interval '2 hours' END,
    CASE WHEN fate < 0.95
         THEN born + (CASE WHEN is_own THEN 0 ELSE 3 + luck * luck * 230 END) * interval '1 minute' END,
    CASE WHEN fate < 0.72 THEN born + interval '1 day' END, CASE WHEN fate < 0.72 THEN born + interval '3 days' END,
    CASE WHEN fate < 0.86 THEN born + interval '3 days' END,
    CASE WHEN fate >= 0.72 AND fate < 0.86
         THEN (ARRAY['price', 'bought_elsewhere', 'no_answer', 'changed_mind'])[1 + n %% 4] END,
    CASE WHEN fate < 0.5 THEN true END,
    CASE WHEN fate < 0.5 THEN (ARRAY[5, 5, 5, 4, 5, 4, 3, 5, 2, 4, 5, 1])[1 + n %% 12] END,
    CASE WHEN fate < 0.5 THEN born + interval '4 days' END, born,
    CASE WHEN fate >= 0.97 THEN born + interval '1 hour' END
FROM (
    SELECT n, n %% 5 < 2 AS is_own, random() AS fate, random() AS luck,
        't_' || lpad((2 + floor(power(random(), 1.5) * %(dealers)s))::int::text, 6, '0') AS dealer,
        %(at)s::timestamptz - power(random(), 1.1) * %(days)s * interval '1 day' AS born
    FROM generate_series(1, %(leads)s) n
) made JOIN network.tenants t ON t.id = dealer JOIN network.cities city ON city.id = t.city_id
"""

OFFERS = """
INSERT INTO network.lead_offers (
    owner_id, lead_id, round, dealer_id, state, offered_at, deadline_at, responded_at, reason)
SELECT owner_id, id, 1, assignee_id, CASE WHEN state = 'offered' THEN 'offered' ELSE 'accepted' END, offered_at,
    deadline_at, accepted_at, NULL
FROM network.leads WHERE offered_at IS NOT NULL AND assignee_id IS NOT NULL
UNION ALL
SELECT owner_id, id, 2, 't_' || lpad((2 + (number::int * 7) %% %(dealers)s)::text, 6, '0'),
    CASE WHEN number::int %% 3 = 0 THEN 'expired' ELSE 'declined' END, offered_at, deadline_at, offered_at,
    CASE WHEN number::int %% 3 > 0 THEN (ARRAY['out_of_stock', 'no_capacity', 'too_far'])[1 + number::int %% 3] END
FROM network.leads WHERE offered_at IS NOT NULL AND number::int %% 4 = 0
"""

CONTACTS = """
INSERT INTO network.lead_contacts (owner_id, lead_id, visible_to, name, phone, feedback)
SELECT owner_id, id, visible_to, 'Покупатель ' || number, '+79160000000', CASE WHEN satisfaction >= 4
    THEN 'Привезли на день раньше, монтажник всё объяснил и проверил.' WHEN satisfaction IS NOT NULL
    THEN 'Ждали дольше обещанного, но котёл работает.' END
FROM network.leads WHERE owner_id = 't_000001'
"""

VISITS = """
INSERT INTO network.visits (owner_id, day, source, visits)
SELECT CASE WHEN source = 'dealer_site' THEN assignee_id ELSE owner_id END, created_at::date, source, 28 * count(*)
FROM network.leads WHERE source IN ('brand_site', 'dealer_site', 'ads') AND assignee_id IS NOT NULL GROUP BY 1, 2, 3
"""

RATINGS = """
INSERT INTO network.dealer_ratings (tenant_id, score, parts, stars, reviews)
SELECT id, 0.55 + random() * 0.4, jsonb_build_object('count', 20, 'parts', jsonb_build_array(
        jsonb_build_object('code', 'response', 'value', 48, 'score', 0.71, 'count', 20),
        jsonb_build_object('code', 'acceptance', 'value', 0.82, 'score', 0.8, 'count', 20),
        jsonb_build_object('code', 'satisfaction', 'value', 4.4, 'score', 0.83, 'count', 12),
        jsonb_build_object('code', 'conversion', 'value', 0.7, 'score', 0.68, 'count', 15)),
    'hints', jsonb_build_array(jsonb_build_object('reason', 'raise.response', 'values', ARRAY[48, 13], 'gain', 6))),
    3.5 + random() * 1.5, 12
FROM network.tenants WHERE kind = 'dealer'
"""

STOCK = """
INSERT INTO network.stock (owner_id, product_id, on_hand, reserved, reported_at)
SELECT t.id, p.id, (t.number * p.id) %% 9, 0, %(at)s::timestamptz - (t.number %% 20) * interval '1 day'
FROM network.tenants t CROSS JOIN network.products p WHERE t.kind = 'dealer'
"""

PRODUCTS = """
INSERT INTO network.products (owner_id, external_id, sku, slug, name_ru, name_en)
SELECT 't_000001', 'p' || n, 'SKU-' || n, 'pump-' || n, 'Насос ' || n, 'Pump ' || n
FROM generate_series(1, %(products)s) n
"""


def fill(
    house: House, at: datetime, *, leads: int, dealers: int = 2, days: int = 181, products: int = 20
) -> None:
    """So many leads of the last days for so many dealers; dealers beyond the house's two have no schema.

    A half year of the overview is 182 days *with* today, so 181 full days are in it at any hour of the day.
    """
    values = {"at": at, "leads": leads, "dealers": dealers, "days": days, "products": products}
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        connection.execute("SELECT setseed(0.42)")
        for statement in (DEALERS, LEADS, OFFERS, CONTACTS, VISITS, RATINGS, PRODUCTS, STOCK):
            connection.execute(statement, {name: values[name] for name in values if f"%({name})s" in statement})
        connection.execute("ANALYZE")


def empty(house: House) -> None:
    """Take it all away again, above all the dealers without a schema: the house would look for one."""
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        connection.execute(
            "TRUNCATE network.leads, network.products, network.visits, network.dealer_ratings, network.daily_figures,"
            " network.figure_days, network.figure_changes CASCADE"
        )
        connection.execute("DELETE FROM network.tenants WHERE number > 3 AND slug LIKE 'dealer-%'")
