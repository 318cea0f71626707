"""How a lead was offered: to one, to several at once, or given without asking; the first to claim it gets it, once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WAYS = "'assign', 'one_after_another', 'broadcast', 'by_hand', 'handed_on'"
STATES = "'offered', 'accepted', 'declined', 'expired', 'withdrawn'"

CLAIM_LEAD = """
CREATE FUNCTION network.claim_lead(owner text, lead uuid, claimed_at timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
DECLARE
    me CONSTANT text := current_setting('role');
    stands text;
    mine network.lead_offers;
BEGIN
    SELECT l.state INTO stands FROM network.leads l WHERE l.owner_id = owner AND l.id = lead FOR NO KEY UPDATE;
    SELECT * INTO mine FROM network.lead_offers o
    WHERE o.owner_id = owner AND o.lead_id = lead AND o.dealer_id = me AND o.state = 'offered' FOR NO KEY UPDATE;
    IF mine.dealer_id IS NULL OR stands IS DISTINCT FROM 'offered' THEN
        RETURN 'gone';
    END IF;
    IF mine.deadline_at <= claimed_at THEN
        RETURN 'late';
    END IF;
    IF NOT EXISTS (SELECT FROM network.tenants t WHERE t.id = me AND t.state = 'active') THEN
        RETURN 'closed';
    END IF;
    UPDATE network.leads l
    SET state = 'accepted', assignee_id = me, accepted_at = claimed_at, deadline_at = mine.deadline_at
    WHERE l.owner_id = owner AND l.id = lead;
    UPDATE network.lead_offers o
    SET state = CASE WHEN o.dealer_id = me THEN 'accepted' ELSE 'withdrawn' END,
        reason = CASE WHEN o.dealer_id = me THEN NULL ELSE 'faster' END, responded_at = claimed_at
    WHERE o.owner_id = owner AND o.lead_id = lead AND o.state = 'offered';
    UPDATE network.lead_contacts c SET visible_to = ARRAY[me] WHERE c.owner_id = owner AND c.lead_id = lead;
    UPDATE network.lead_messages m SET visible_to = ARRAY[me] WHERE m.owner_id = owner AND m.lead_id = lead;
    UPDATE network.lead_events e SET visible_to = ARRAY[me]
    WHERE e.owner_id = owner AND e.lead_id = lead AND e.kind IN ('opened', 'confirmed', 'missing');
    RETURN CASE WHEN mine.reserves_at_claim THEN 'unreserved' ELSE 'taken' END;
END
$$
"""
"""The caller takes a lead he is offered. Claims of one lead wait for each other, and only the first finds it offered:
his is the lead, his the contact, and the offers of all others end."""

ME = "current_setting('role')"
MINE = f"jsonb_build_object({ME}, r.explanation -> 'lines' -> {ME})"
TOLD = f"(r.explanation - 'missed') || jsonb_build_object('lines', {MINE})"
WAS_ASKED = f"coalesce({ME} = ANY (r.asked), false)"

EXPLAIN_TO_ME = f"""
CREATE OR REPLACE FUNCTION network.explain_to_me(wanted uuid)
RETURNS TABLE (at timestamptz, is_chosen boolean, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT r.at, coalesce(r.chosen_id = {ME}, false) OR {{asked}}, {TOLD}
    FROM network.routing_runs r
    WHERE r.lead_id = wanted AND r.explanation -> 'lines' ? {ME}
    ORDER BY r.at
$$
"""

PASSED_OVER = f"""
CREATE OR REPLACE FUNCTION network.passed_over(since timestamptz)
RETURNS TABLE (at timestamptz, city_id integer, value_minor bigint, explanation jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    SELECT r.at, l.city_id, l.value_minor, {TOLD}
    FROM network.routing_runs r
    JOIN network.leads l ON l.owner_id = r.owner_id AND l.id = r.lead_id
    LEFT JOIN network.cities c ON c.id = l.city_id
    WHERE r.at >= since AND r.chosen_id IS DISTINCT FROM {ME} AND NOT {{asked}}
      AND r.explanation -> 'lines' ? {ME}
      AND EXISTS (SELECT FROM network.areas_at(l.city_id, l.region_code, c.lat, c.lon) a WHERE a.owner_id = {ME})
    ORDER BY r.at DESC LIMIT 50
$$
"""
"""Who was asked together with others was not passed over."""

CLAIMED = {
    "leads": "UPDATE (state, assignee_id, accepted_at, deadline_at)",
    "lead_offers": "SELECT, UPDATE (state, reason, responded_at)",
    "lead_contacts": "SELECT (owner_id, lead_id), UPDATE (visible_to)",
    "lead_messages": "SELECT (owner_id, lead_id), UPDATE (visible_to)",
    "lead_events": "SELECT (owner_id, lead_id, kind), UPDATE (visible_to)",
}
"""What the verb may do, beside what `0002` lets such verbs read."""


def upgrade() -> None:
    op.add_column("leads", sa.Column("recycled_after", sa.Integer(), server_default="0", nullable=False),
                  schema="network")
    op.add_column("routing_runs", sa.Column("asked", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
                  schema="network")
    for column in (
        sa.Column("way", sa.Text(), server_default="one_after_another", nullable=False),
        sa.Column("reserves_at_claim", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("handed_by", sa.Text()),
        sa.Column("is_forgotten", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("lead_offers", column, schema="network")
    op.create_foreign_key(op.f("fk_lead_offers_handed_by"), "lead_offers", "tenants", ["handed_by"], ["id"],
                          source_schema="network", referent_schema="network")
    op.create_check_constraint("way", "lead_offers", f"way IN ({WAYS})", schema="network")
    _restate(f"{STATES}, 'handed_on'")
    _key("owner_id", "lead_id", "round", "dealer_id")
    _one_open("owner_id", "lead_id", "dealer_id")
    for table, rights in CLAIMED.items():
        op.execute(f"GRANT {rights} ON network.{table} TO network_definer")
        if table != "leads":
            op.execute(f"CREATE POLICY definer_reads ON network.{table} FOR SELECT TO network_definer USING (true)")
        op.execute(f"CREATE POLICY definer_claims ON network.{table} FOR UPDATE TO network_definer USING (true)")
    op.execute(CLAIM_LEAD)
    signature = "network.claim_lead(text, uuid, timestamptz)"
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO network_tenant")
    op.execute(f"ALTER FUNCTION {signature} OWNER TO network_definer")
    _explain(WAS_ASKED)


def downgrade() -> None:
    _explain("false")
    op.execute("DROP FUNCTION network.claim_lead(text, uuid, timestamptz)")
    for table in CLAIMED:
        op.execute(f"DROP POLICY definer_claims ON network.{table}")
        if table == "leads":
            op.execute("REVOKE UPDATE ON network.leads FROM network_definer")
        else:
            op.execute(f"DROP POLICY definer_reads ON network.{table}")
            op.execute(f"REVOKE ALL ON network.{table} FROM network_definer")
    _one_open("owner_id", "lead_id")
    _key("owner_id", "lead_id", "round")
    _restate(STATES)
    for name in ("way", "reserves_at_claim", "handed_by", "is_forgotten"):
        op.drop_column("lead_offers", name, schema="network")
    op.drop_column("leads", "recycled_after", schema="network")
    op.drop_column("routing_runs", "asked", schema="network")


def _explain(asked: str) -> None:
    for function in (EXPLAIN_TO_ME, PASSED_OVER):
        op.execute(function.format(asked=asked))


def _restate(states: str) -> None:
    name = op.f("ck_lead_offers_state")
    op.drop_constraint(name, "lead_offers", schema="network", type_="check")
    op.create_check_constraint(name, "lead_offers", f"state IN ({states})", schema="network")


def _key(*columns: str) -> None:
    name = op.f("pk_lead_offers")
    op.drop_constraint(name, "lead_offers", schema="network", type_="primary")
    op.create_primary_key(name, "lead_offers", list(columns), schema="network")


def _one_open(*columns: str) -> None:
    op.drop_index("uq_lead_offers_open", table_name="lead_offers", schema="network")
    op.create_index("uq_lead_offers_open", "lead_offers", list(columns), unique=True, schema="network",
                    postgresql_where=sa.text("state = 'offered'"))
