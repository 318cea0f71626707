"""Narrow verbs that see more than their caller, and the numbers of leads."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AVAILABILITY = """
CREATE FUNCTION network.availability(city integer, products bigint[])
RETURNS TABLE (product_id bigint, in_city integer, in_region integer, elsewhere integer, at_hq integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT s.product_id,
           count(*) FILTER (WHERE t.kind = 'dealer' AND t.city_id = city)::integer,
           count(*) FILTER (WHERE t.kind = 'dealer' AND t.city_id <> city AND c.region_code = here.region_code)::integer,
           count(*) FILTER (WHERE t.kind = 'dealer' AND c.region_code IS DISTINCT FROM here.region_code)::integer,
           count(*) FILTER (WHERE t.kind = 'hq')::integer
    FROM network.stock s
    JOIN network.tenants t ON t.id = s.owner_id AND t.state = 'active'
    LEFT JOIN network.cities c ON c.id = t.city_id
    LEFT JOIN network.cities here ON here.id = city
    WHERE s.product_id = ANY (products) AND s.on_hand > s.reserved
    GROUP BY s.product_id
$$
"""
"""How many places near a city have each product now: numbers of dealers, never who or how much."""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE network.lead_number START 1001")
    op.execute("GRANT USAGE ON SEQUENCE network.lead_number TO network_tenant, network_hq, network_worker")
    op.execute("CREATE POLICY definer_reads ON network.stock FOR SELECT TO network_definer USING (true)")
    op.execute("CREATE POLICY definer_reads ON network.tenants FOR SELECT TO network_definer USING (true)")
    op.execute("CREATE POLICY definer_reads ON network.cities FOR SELECT TO network_definer USING (true)")
    op.execute("CREATE POLICY definer_reads ON network.routing_runs FOR SELECT TO network_definer USING (true)")
    op.execute(
        "GRANT SELECT ON network.stock, network.tenants, network.cities, network.routing_runs TO network_definer"
    )
    op.execute(AVAILABILITY)
    op.execute("REVOKE ALL ON FUNCTION network.availability(integer, bigint[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION network.availability(integer, bigint[]) TO network_tenant, network_hq")
    op.execute("ALTER FUNCTION network.availability(integer, bigint[]) OWNER TO network_definer")


def downgrade() -> None:
    op.execute("DROP FUNCTION network.availability(integer, bigint[])")
    for table in ("stock", "tenants", "cities", "routing_runs"):
        op.execute(f"DROP POLICY definer_reads ON network.{table}")
    op.execute("REVOKE SELECT ON network.stock, network.tenants, network.cities, network.routing_runs FROM network_definer")
    op.execute("DROP SEQUENCE network.lead_number")
