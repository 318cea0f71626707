"""Orders served by several dealers: each part is a lead of its own, with the contact of the first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COPIED = "name, email, phone, address, comment"
COPY_CONTACT = """
CREATE FUNCTION network.copy_contact(whose text, given uuid, wanted uuid)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
    INSERT INTO network.lead_contacts (owner_id, lead_id, visible_to, name, email, phone, address, comment)
    SELECT c.owner_id, p.id, '{}', c.name, c.email, c.phone, c.address, c.comment
    FROM network.lead_contacts c
    JOIN network.leads f ON f.owner_id = c.owner_id AND f.id = c.lead_id
    JOIN network.leads p ON p.owner_id = f.owner_id AND p.order_id = f.order_id AND p.id = wanted
    WHERE c.owner_id = whose AND c.lead_id = given
$$
"""
"""Gives a part of an order the contact of another part of the same order. Who divides the order reads no contact."""


def upgrade() -> None:
    op.add_column("leads", sa.Column("part", sa.Integer(), server_default="1", nullable=False), schema="network")
    op.add_column("routing_runs", sa.Column("split", postgresql.JSONB()), schema="network")
    op.drop_constraint("uq_leads_owner_id_order_id", "leads", schema="network")
    op.create_unique_constraint(
        "uq_leads_owner_id_order_id_part", "leads", ["owner_id", "order_id", "part"], schema="network"
    )
    op.execute("CREATE POLICY definer_copies ON network.lead_contacts FOR INSERT TO network_definer WITH CHECK (true)")
    op.execute(f"GRANT SELECT ({COPIED}), INSERT ON network.lead_contacts TO network_definer")
    op.execute(COPY_CONTACT)
    op.execute("REVOKE ALL ON FUNCTION network.copy_contact(text, uuid, uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION network.copy_contact(text, uuid, uuid) TO network_worker")
    op.execute("ALTER FUNCTION network.copy_contact(text, uuid, uuid) OWNER TO network_definer")


def downgrade() -> None:
    op.execute("DROP FUNCTION network.copy_contact(text, uuid, uuid)")
    op.execute(f"REVOKE SELECT ({COPIED}), INSERT ON network.lead_contacts FROM network_definer")
    op.execute("DROP POLICY definer_copies ON network.lead_contacts")
    op.drop_constraint("uq_leads_owner_id_order_id_part", "leads", schema="network")
    op.create_unique_constraint("uq_leads_owner_id_order_id", "leads", ["owner_id", "order_id"], schema="network")
    op.drop_column("routing_runs", "split", schema="network")
    op.drop_column("leads", "part", schema="network")
