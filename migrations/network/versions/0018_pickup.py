"""Points where customers fetch their goods: who near has them, and which one a customer chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PICKUP_DEALERS = """
CREATE FUNCTION network.pickup_dealers(cities integer[], products bigint[], quantities integer[])
RETURNS TABLE (dealer_id text, has_all boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT t.id, bool_and(coalesce(s.on_hand - s.reserved, 0) >= w.quantity)
    FROM network.tenants t
    CROSS JOIN unnest(products, quantities) AS w (product_id, quantity)
    LEFT JOIN network.stock s ON s.owner_id = t.id AND s.product_id = w.product_id
    LEFT JOIN network.stock h ON h.owner_id = current_setting('role') AND h.product_id = w.product_id
    WHERE EXISTS (SELECT FROM network.tenants hq WHERE hq.id = current_setting('role') AND hq.kind = 'hq')
      AND t.kind = 'dealer' AND t.state = 'active'
      AND (t.city_id = ANY (cities) OR EXISTS (
          SELECT FROM jsonb_array_elements(coalesce(t.profile -> 'points', '[]')) p
          WHERE (p ->> 'city_id')::integer = ANY (cities)))
    GROUP BY t.id
    HAVING bool_and(coalesce(s.on_hand - s.reserved, 0) + coalesce(h.on_hand - h.reserved, 0) >= w.quantity)
$$
"""
"""For HQ's own site alone: dealers with a point in these cities who have all of it, or will with HQ's stock. Whether,
never how much."""
SIGNATURE = "network.pickup_dealers(integer[], bigint[], integer[])"


def upgrade() -> None:
    op.add_column("leads", sa.Column("pickup", postgresql.JSONB()), schema="network")
    op.execute(PICKUP_DEALERS)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO network_tenant, network_hq")
    op.execute(f"ALTER FUNCTION {SIGNATURE} OWNER TO network_definer")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.drop_column("leads", "pickup", schema="network")
