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

STOCKED_NEAR = """
CREATE FUNCTION network.stocked_near(city integer)
RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT DISTINCT s.product_id
    FROM network.cities here
    JOIN network.cities c ON c.region_code = here.region_code
    JOIN network.tenants t ON t.city_id = c.id AND t.kind = 'dealer' AND t.state = 'active'
    JOIN network.stock s ON s.owner_id = t.id AND s.on_hand > s.reserved
    WHERE here.id = city
$$
"""
"""Products that some dealer in the region of a city has now, and never who. It reads those dealers' shelves alone."""

EXPLAIN_TO_ME = """
CREATE FUNCTION network.explain_to_me(wanted uuid)
RETURNS TABLE (at timestamptz, is_chosen boolean, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT r.at, coalesce(r.chosen_id = current_setting('role'), false),
           (r.explanation - 'missed') || jsonb_build_object(
               'lines', jsonb_build_object(current_setting('role'), r.explanation -> 'lines' -> current_setting('role')))
    FROM network.routing_runs r
    WHERE r.lead_id = wanted AND r.explanation -> 'lines' ? current_setting('role')
    ORDER BY r.at
$$
"""
"""What routing said of the caller himself each time it placed a lead; nothing of the others but how many they were."""

PASSED_OVER = """
CREATE FUNCTION network.passed_over(since timestamptz)
RETURNS TABLE (at timestamptz, city_id integer, value_minor bigint, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT r.at, l.city_id, l.value_minor,
           (r.explanation - 'missed') || jsonb_build_object(
               'lines', jsonb_build_object(current_setting('role'), r.explanation -> 'lines' -> current_setting('role')))
    FROM network.routing_runs r
    JOIN network.leads l ON l.owner_id = r.owner_id AND l.id = r.lead_id
    JOIN network.territories t ON t.owner_id = current_setting('role') AND t.region_code = l.region_code
    WHERE r.at >= since AND r.chosen_id IS DISTINCT FROM current_setting('role')
      AND r.explanation -> 'lines' ? current_setting('role')
    ORDER BY r.at DESC LIMIT 50
$$
"""
"""Leads of the caller's own territory that went to somebody else, and why not to him."""

WHY_CLOSED = """
CREATE FUNCTION network.why_closed()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT state_reason FROM network.tenants WHERE id = current_setting('role')
$$
"""
"""Why HQ suspended or refused the caller; he reads of nobody else."""

FUNCTIONS = {
    "availability(integer, bigint[])": AVAILABILITY,
    "stocked_near(integer)": STOCKED_NEAR,
    "explain_to_me(uuid)": EXPLAIN_TO_ME,
    "passed_over(timestamptz)": PASSED_OVER,
    "why_closed()": WHY_CLOSED,
}
READ = ("stock", "tenants", "cities", "routing_runs", "leads", "territories")


def upgrade() -> None:
    op.execute("CREATE SEQUENCE network.lead_number START 1001")
    op.execute("GRANT USAGE ON SEQUENCE network.lead_number TO network_tenant, network_hq, network_worker")
    for table in READ:
        op.execute(f"CREATE POLICY definer_reads ON network.{table} FOR SELECT TO network_definer USING (true)")
        op.execute(f"GRANT SELECT ON network.{table} TO network_definer")
    for signature, body in FUNCTIONS.items():
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION network.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION network.{signature} TO network_tenant, network_hq")
        op.execute(f"ALTER FUNCTION network.{signature} OWNER TO network_definer")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION network.{signature}")
    for table in READ:
        op.execute(f"DROP POLICY definer_reads ON network.{table}")
        op.execute(f"REVOKE SELECT ON network.{table} FROM network_definer")
    op.execute("DROP SEQUENCE network.lead_number")
