"""Which dealers serve a city, for the brand's page of where to buy."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SERVING = """
CREATE FUNCTION network.serving(city integer)
RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT DISTINCT t.id
    FROM network.cities c
    CROSS JOIN LATERAL network.areas_at(c.id, c.region_code, c.lat, c.lon) a
    JOIN network.tenants t ON t.id = a.owner_id AND t.kind = 'dealer' AND t.state = 'active'
    WHERE c.id = city
$$
"""
"""Dealers one of whose areas holds the city; neither the areas themselves nor of what kind they are."""


def upgrade() -> None:
    op.execute(SERVING)
    op.execute("REVOKE ALL ON FUNCTION network.serving(integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION network.serving(integer) TO network_tenant")
    op.execute("ALTER FUNCTION network.serving(integer) OWNER TO network_definer")


def downgrade() -> None:
    op.execute("DROP FUNCTION network.serving(integer)")
