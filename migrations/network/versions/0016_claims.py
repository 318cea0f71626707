"""Who takes a lead reads, too, that its customer asked again."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CLAIM_LEAD = """
CREATE OR REPLACE FUNCTION network.claim_lead(owner text, lead uuid, claimed_at timestamptz)
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
    WHERE e.owner_id = owner AND e.lead_id = lead AND e.kind IN ({kinds});
    RETURN CASE WHEN mine.reserves_at_claim THEN 'unreserved' ELSE 'taken' END;
END
$$
"""


def upgrade() -> None:
    op.execute(CLAIM_LEAD.format(kinds="'opened', 'asked_again', 'confirmed', 'missing'"))


def downgrade() -> None:
    op.execute(CLAIM_LEAD.format(kinds="'opened', 'confirmed', 'missing'"))
