"""Areas that hold for some goods only: which categories, and leads of a dealer's own ground by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ME = "current_setting('role')"
MINE = f"jsonb_build_object({ME}, run.explanation -> 'lines' -> {ME})"

AREAS_AT = """
CREATE FUNCTION network.areas_at(city integer, region text, north double precision, east double precision)
RETURNS TABLE (owner_id text, id bigint, kind text{column})
LANGUAGE sql STABLE
AS $$
    SELECT t.owner_id, t.id, t.kind{goods} FROM network.territories t
    WHERE t.shape = 'region' AND t.ended_at IS NULL AND t.region_code = region
    UNION ALL
    SELECT t.owner_id, t.id, t.kind{goods} FROM network.territories t
    WHERE t.shape = 'city' AND t.ended_at IS NULL AND t.city_id = city
    UNION ALL
    SELECT t.owner_id, t.id, t.kind{goods} FROM network.territories t
    WHERE t.shape = 'circle' AND t.ended_at IS NULL AND t.lat BETWEEN north - 9 AND north + 9
      AND 12742.0176 * asin(least(1, sqrt(
          sin(radians(north - t.lat) / 2) ^ 2
          + cos(radians(north)) * cos(radians(t.lat)) * sin(radians(east - t.lon) / 2) ^ 2))) <= t.radius_km
    UNION ALL
    SELECT t.owner_id, t.id, t.kind{goods} FROM network.territories t
    WHERE t.ended_at IS NULL AND t.outline && polygon(box(point(east, north), point(east, north)))
      AND t.outline @> point(east, north)
$$
"""
SIGNATURE = "network.areas_at(integer, text, double precision, double precision)"

HAS_GOODS_OF = """
CREATE FUNCTION network.has_goods_of(category_ids bigint[], lines jsonb) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT category_ids = '{}' OR EXISTS (
        SELECT FROM jsonb_array_elements(lines) line
        JOIN network.products p ON p.id = (line ->> 'product_id')::bigint
        JOIN network.categories own ON own.id = p.category_id
        JOIN network.categories above ON above.id = ANY (category_ids) AND starts_with(own.path, above.path)
    )
$$
"""
"""Whether any of a lead's goods is of one of the categories or below; all are where no category is named."""

GROUND = f"""
CREATE OR REPLACE FUNCTION network.leads_of_my_ground(since timestamptz, most integer)
RETURNS TABLE (at timestamptz, city_id integer, value_minor bigint, was_offered boolean, fate text, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    WITH places AS MATERIALIZED (
        SELECT l.city_id, l.region_code FROM network.leads l
        WHERE l.owner_id = 't_000001' AND l.created_at >= since GROUP BY l.city_id, l.region_code
    ), grounds AS MATERIALIZED (
        {{grounds}}
    ), mine AS MATERIALIZED (
        SELECT l.owner_id, l.id, l.created_at, l.city_id, l.value_minor, l.state, l.assignee_id, l.accepted_at
        FROM network.leads l JOIN grounds g
          ON l.city_id IS NOT DISTINCT FROM g.city_id AND l.region_code IS NOT DISTINCT FROM g.region_code
        WHERE l.owner_id = 't_000001' AND l.created_at >= since AND l.state <> 'invalid' AND l.joined_to IS NULL
          {{goods}}
        ORDER BY l.created_at DESC LIMIT least(most, 1000)
    )
    SELECT m.created_at, m.city_id, m.value_minor,
           EXISTS (SELECT FROM network.lead_offers o
                   WHERE o.owner_id = m.owner_id AND o.lead_id = m.id AND o.dealer_id = {ME}),
           CASE WHEN m.accepted_at IS NOT NULL AND m.assignee_id = {ME} THEN 'mine'
                WHEN m.accepted_at IS NOT NULL THEN 'others'
                WHEN m.state IN ('new', 'offered') THEN 'open' ELSE 'nobody' END,
           CASE WHEN run.explanation -> 'lines' ? {ME}
                THEN (run.explanation - 'missed') || jsonb_build_object('lines', {MINE}) END
    FROM mine m
    LEFT JOIN LATERAL (
        SELECT r.explanation FROM network.routing_runs r
        WHERE r.owner_id = m.owner_id AND r.lead_id = m.id ORDER BY r.at DESC LIMIT 1
    ) run ON true
    ORDER BY m.created_at DESC
$$
"""
BY_PLACE = f"""SELECT p.city_id, p.region_code FROM places p LEFT JOIN network.cities c ON c.id = p.city_id
        WHERE EXISTS (SELECT FROM network.areas_at(p.city_id, p.region_code, c.lat, c.lon) a WHERE a.owner_id = {ME})"""
BY_GOODS = f"""SELECT p.city_id, p.region_code, my.category_ids
        FROM places p LEFT JOIN network.cities c ON c.id = p.city_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN bool_or(a.category_ids = '{{}}') THEN '{{}}' ELSE array_agg(one) END AS category_ids
            FROM network.areas_at(p.city_id, p.region_code, c.lat, c.lon) a
            LEFT JOIN LATERAL unnest(a.category_ids) one ON true
            WHERE a.owner_id = {ME} HAVING count(*) > 0
        ) my"""

KEPT = """
CREATE OR REPLACE FUNCTION network.keep_territory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR (NEW.owner_id, NEW.id, NEW.shape, NEW.kind, NEW.region_code, NEW.city_id, NEW.lat,
        NEW.lon, NEW.radius_km, NEW.outline::text, NEW.name, NEW.note, NEW.drawn_by, NEW.drawn_at{new})
        IS DISTINCT FROM (OLD.owner_id, OLD.id, OLD.shape, OLD.kind, OLD.region_code, OLD.city_id, OLD.lat,
        OLD.lon, OLD.radius_km, OLD.outline::text, OLD.name, OLD.note, OLD.drawn_by, OLD.drawn_at{old}) THEN
        RAISE EXCEPTION 'an area never changes: end it and draw another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.add_column(
        "territories", sa.Column("category_ids", ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        schema="network",
    )
    _once_each("category_ids")
    _make_areas_at(column=", category_ids bigint[]", goods=", t.category_ids")
    op.execute(HAS_GOODS_OF)
    op.execute("REVOKE ALL ON FUNCTION network.has_goods_of(bigint[], jsonb) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION network.has_goods_of(bigint[], jsonb) TO network_definer")
    for table, columns in (("products", "id, category_id"), ("categories", "id, path")):
        op.execute(f"CREATE POLICY definer_reads ON network.{table} FOR SELECT TO network_definer USING (true)")
        op.execute(f"GRANT SELECT ({columns}) ON network.{table} TO network_definer")
    op.execute(GROUND.format(grounds=BY_GOODS, goods="AND network.has_goods_of(g.category_ids, l.lines)"))
    op.execute(KEPT.format(new=", NEW.category_ids", old=", OLD.category_ids"))


def downgrade() -> None:
    op.execute(KEPT.format(new="", old=""))
    op.execute(GROUND.format(grounds=BY_PLACE, goods=""))
    for table, columns in (("products", "id, category_id"), ("categories", "id, path")):
        op.execute(f"REVOKE SELECT ({columns}) ON network.{table} FROM network_definer")
        op.execute(f"DROP POLICY definer_reads ON network.{table}")
    op.execute("DROP FUNCTION network.has_goods_of(bigint[], jsonb)")
    _make_areas_at(column="", goods="")
    op.execute("UPDATE network.territories SET ended_at = now() WHERE category_ids <> '{}' AND ended_at IS NULL")
    _once_each()
    op.drop_column("territories", "category_ids", schema="network")


def _make_areas_at(*, column: str, goods: str) -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute(AREAS_AT.format(column=column, goods=goods))
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO network_tenant, network_hq, network_worker, network_definer")


def _once_each(*more: str) -> None:
    """A dealer has each region and each city once, or once for the same goods."""
    for shape, column in (("region", "region_code"), ("city", "city_id")):
        name = f"uq_territories_{shape}"
        op.drop_index(name, table_name="territories", schema="network")
        op.create_index(
            name, "territories", [column, "owner_id", *more], schema="network", unique=True,
            postgresql_where=sa.text(f"shape = '{shape}' AND ended_at IS NULL"),
        )
