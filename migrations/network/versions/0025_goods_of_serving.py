"""Which dealers serve a city, and for which goods where their areas there are for some only."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SIGNATURE = "network.serving_goods(integer)"

SERVING_GOODS = """
CREATE FUNCTION network.serving_goods(city integer)
RETURNS TABLE (dealer_id text, category_ids bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT t.id, CASE WHEN bool_or(a.category_ids = '{}') THEN '{}' ELSE array_agg(DISTINCT one) END
    FROM network.cities c
    CROSS JOIN LATERAL network.areas_at(c.id, c.region_code, c.lat, c.lon) a
    JOIN network.tenants t ON t.id = a.owner_id AND t.kind = 'dealer' AND t.state = 'active'
    LEFT JOIN LATERAL unnest(a.category_ids) one ON true
    WHERE c.id = city GROUP BY t.id
$$
"""
"""Neither the areas themselves nor of what kind they are; no category where one of them is for all goods.

`network.serving`, which knows of no goods, stays for the code before this revision.
"""


def upgrade() -> None:
    op.execute(SERVING_GOODS)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO network_tenant")
    op.execute(f"ALTER FUNCTION {SIGNATURE} OWNER TO network_definer")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
