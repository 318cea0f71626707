"""What became of the leads of a dealer's own territory: what he was offered, what he took, and why not the others."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ME = "current_setting('role')"
MINE = f"jsonb_build_object({ME}, run.explanation -> 'lines' -> {ME})"

LEADS_OF_MY_GROUND = f"""
CREATE FUNCTION network.leads_of_my_ground(since timestamptz, most integer)
RETURNS TABLE (at timestamptz, city_id integer, value_minor bigint, was_offered boolean, fate text, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    WITH places AS MATERIALIZED (
        SELECT l.city_id, l.region_code FROM network.leads l
        WHERE l.owner_id = 't_000001' AND l.created_at >= since GROUP BY l.city_id, l.region_code
    ), grounds AS MATERIALIZED (
        SELECT p.city_id, p.region_code FROM places p LEFT JOIN network.cities c ON c.id = p.city_id
        WHERE EXISTS (SELECT FROM network.areas_at(p.city_id, p.region_code, c.lat, c.lon) a WHERE a.owner_id = {ME})
    ), mine AS MATERIALIZED (
        SELECT l.owner_id, l.id, l.created_at, l.city_id, l.value_minor, l.state, l.assignee_id, l.accepted_at
        FROM network.leads l JOIN grounds g
          ON l.city_id IS NOT DISTINCT FROM g.city_id AND l.region_code IS NOT DISTINCT FROM g.region_code
        WHERE l.owner_id = 't_000001' AND l.created_at >= since AND l.state <> 'invalid' AND l.joined_to IS NULL
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
"""HQ's leads of the caller's own territory as it is now, the newest first: never who got them, and of a decision only
what it said of the caller."""

PASSED_OVER = f"""
CREATE FUNCTION network.passed_over(since timestamptz)
RETURNS TABLE (at timestamptz, city_id integer, value_minor bigint, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT run.at, l.city_id, l.value_minor,
           (run.explanation - 'missed') || jsonb_build_object('lines', {MINE})
    FROM network.routing_runs run
    JOIN network.leads l ON l.owner_id = run.owner_id AND l.id = run.lead_id
    LEFT JOIN network.cities c ON c.id = l.city_id
    WHERE run.at >= since AND run.chosen_id IS DISTINCT FROM {ME} AND NOT coalesce({ME} = ANY (run.asked), false)
      AND run.explanation -> 'lines' ? {ME}
      AND EXISTS (SELECT FROM network.areas_at(l.city_id, l.region_code, c.lat, c.lon) a WHERE a.owner_id = {ME})
    ORDER BY run.at DESC LIMIT 50
$$
"""


def upgrade() -> None:
    op.execute("DROP FUNCTION network.passed_over(timestamptz)")
    _make("leads_of_my_ground(timestamptz, integer)", LEADS_OF_MY_GROUND)


def downgrade() -> None:
    op.execute("DROP FUNCTION network.leads_of_my_ground(timestamptz, integer)")
    _make("passed_over(timestamptz)", PASSED_OVER)


def _make(signature: str, body: str) -> None:
    op.execute(body)
    op.execute(f"REVOKE ALL ON FUNCTION network.{signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION network.{signature} TO network_tenant, network_hq")
    op.execute(f"ALTER FUNCTION network.{signature} OWNER TO network_definer")
