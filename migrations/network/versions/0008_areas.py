"""Territories of any shape: regions, cities, circles and outlines, and who serves a place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel.outline import Outline

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = (
    "CASE shape WHEN 'region' THEN region_code IS NOT NULL WHEN 'city' THEN city_id IS NOT NULL"
    " WHEN 'circle' THEN lat IS NOT NULL AND lon IS NOT NULL AND radius_km > 0 AND radius_km <= 1000"
    " ELSE npoints(outline) BETWEEN 3 AND 500 END"
)
COLUMNS = (
    sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
    sa.Column("shape", sa.Text(), server_default="region", nullable=False),
    sa.Column("city_id", sa.Integer(), nullable=True),
    sa.Column("lat", sa.Double(), nullable=True),
    sa.Column("lon", sa.Double(), nullable=True),
    sa.Column("radius_km", sa.Integer(), nullable=True),
    sa.Column("outline", Outline(), nullable=True),
    sa.Column("name", sa.Text(), server_default="", nullable=False),
    sa.Column("note", sa.Text(), server_default="", nullable=False),
    sa.Column("drawn_by", sa.Text(), nullable=True),
    sa.Column("drawn_at", sa.TIMESTAMP(timezone=True), server_default=sa.func.now(), nullable=False),
    sa.Column("ended_by", sa.Text(), nullable=True),
    sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
)

AREAS_AT = """
CREATE FUNCTION network.areas_at(city integer, region text, north double precision, east double precision)
RETURNS TABLE (owner_id text, id bigint, kind text)
LANGUAGE sql STABLE
AS $$
    SELECT t.owner_id, t.id, t.kind FROM network.territories t
    WHERE t.shape = 'region' AND t.ended_at IS NULL AND t.region_code = region
    UNION ALL
    SELECT t.owner_id, t.id, t.kind FROM network.territories t
    WHERE t.shape = 'city' AND t.ended_at IS NULL AND t.city_id = city
    UNION ALL
    SELECT t.owner_id, t.id, t.kind FROM network.territories t
    WHERE t.shape = 'circle' AND t.ended_at IS NULL AND t.lat BETWEEN north - 9 AND north + 9
      AND 12742.0176 * asin(least(1, sqrt(
          sin(radians(north - t.lat) / 2) ^ 2
          + cos(radians(north)) * cos(radians(t.lat)) * sin(radians(east - t.lon) / 2) ^ 2))) <= t.radius_km
    UNION ALL
    SELECT t.owner_id, t.id, t.kind FROM network.territories t
    WHERE t.ended_at IS NULL AND t.outline && polygon(box(point(east, north), point(east, north)))
      AND t.outline @> point(east, north)
$$
"""
"""The areas that hold a place, of those the caller may see. A thousand kilometres are nine degrees of latitude."""

SIGNATURE = "network.areas_at(integer, text, double precision, double precision)"

IS_MINE = """
    EXISTS (SELECT FROM network.areas_at(l.city_id, l.region_code, c.lat, c.lon) a
            WHERE a.owner_id = current_setting('role'))
"""

PASSED_OVER = """
CREATE OR REPLACE FUNCTION network.passed_over(since timestamptz)
RETURNS TABLE (at timestamptz, city_id integer, value_minor bigint, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT r.at, l.city_id, l.value_minor,
           (r.explanation - 'missed') || jsonb_build_object(
               'lines', jsonb_build_object(current_setting('role'), r.explanation -> 'lines' -> current_setting('role')))
    FROM network.routing_runs r
    JOIN network.leads l ON l.owner_id = r.owner_id AND l.id = r.lead_id
    {join}
    WHERE r.at >= since AND r.chosen_id IS DISTINCT FROM current_setting('role')
      AND r.explanation -> 'lines' ? current_setting('role'){mine}
    ORDER BY r.at DESC LIMIT 50
$$
"""
"""Leads of the caller's own territory that went to somebody else, and why not to him."""

NOW = PASSED_OVER.format(join="LEFT JOIN network.cities c ON c.id = l.city_id", mine=f" AND {IS_MINE}")
BEFORE = PASSED_OVER.format(
    join="JOIN network.territories t ON t.owner_id = current_setting('role') AND t.region_code = l.region_code", mine=""
)

KEPT = """
CREATE FUNCTION network.keep_territory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR (NEW.owner_id, NEW.id, NEW.shape, NEW.kind, NEW.region_code, NEW.city_id, NEW.lat,
        NEW.lon, NEW.radius_km, NEW.outline::text, NEW.name, NEW.note, NEW.drawn_by, NEW.drawn_at)
        IS DISTINCT FROM (OLD.owner_id, OLD.id, OLD.shape, OLD.kind, OLD.region_code, OLD.city_id, OLD.lat,
        OLD.lon, OLD.radius_km, OLD.outline::text, OLD.name, OLD.note, OLD.drawn_by, OLD.drawn_at) THEN
        RAISE EXCEPTION 'an area never changes: end it and draw another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("DROP POLICY IF EXISTS network_hq_delete ON network.territories")
    op.drop_constraint("pk_territories", "territories", schema="network")
    for column in COLUMNS:
        op.add_column("territories", column, schema="network")
    op.alter_column("territories", "region_code", nullable=True, schema="network")
    op.create_primary_key("pk_territories", "territories", ["owner_id", "id"], schema="network")
    op.create_foreign_key(
        "fk_territories_city_id", "territories", "cities", ["city_id"], ["id"], source_schema="network",
        referent_schema="network",
    )
    shapes = "shape IN ('region', 'city', 'circle', 'polygon')"
    op.create_check_constraint(op.f("ck_territories_shape"), "territories", shapes, schema="network")
    op.create_check_constraint(op.f("ck_territories_whole"), "territories", WHOLE, schema="network")
    _index("uq_territories_region", ["region_code", "owner_id"], "shape = 'region' AND ended_at IS NULL", unique=True)
    _index("uq_territories_city", ["city_id", "owner_id"], "shape = 'city' AND ended_at IS NULL", unique=True)
    _index("ix_territories_circle", ["lat"], "shape = 'circle' AND ended_at IS NULL")
    _index("ix_territories_outline", ["outline"], "ended_at IS NULL", postgresql_using="gist")
    op.execute(AREAS_AT)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO network_tenant, network_hq, network_worker, network_definer")
    op.execute(NOW)
    op.execute(KEPT)
    op.execute(
        "CREATE TRIGGER keep_territory BEFORE UPDATE ON network.territories"
        " FOR EACH ROW EXECUTE FUNCTION network.keep_territory()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_territory ON network.territories")
    op.execute("DROP FUNCTION network.keep_territory()")
    op.execute(BEFORE)
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DELETE FROM network.territories WHERE shape <> 'region' OR ended_at IS NOT NULL")
    for name in ("ix_territories_outline", "ix_territories_circle", "uq_territories_city", "uq_territories_region"):
        op.drop_index(name, table_name="territories", schema="network")
    for name in ("ck_territories_whole", "ck_territories_shape", "fk_territories_city_id", "pk_territories"):
        op.drop_constraint(op.f(name), "territories", schema="network")
    for column in reversed(COLUMNS):
        op.drop_column("territories", column.name, schema="network")
    op.create_primary_key("pk_territories", "territories", ["owner_id", "region_code"], schema="network")


def _index(name: str, columns: list[str], where: str, **options: object) -> None:
    op.create_index(name, "territories", columns, schema="network", postgresql_where=sa.text(where), **options)
