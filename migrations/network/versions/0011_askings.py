"""Leads without an order: the dealer the visitor picked, when he wishes to be served, the same person asking again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("preferred_id", sa.Text(), nullable=True),
    sa.Column("external_id", sa.Text(), nullable=True),
    sa.Column("wished_on", sa.Date(), nullable=True),
    sa.Column("wished_hours", sa.Text(), nullable=True),
    sa.Column("joined_to", sa.Uuid(), nullable=True),
    sa.Column("asked", sa.Integer(), server_default="1", nullable=False),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("leads", column, schema="network")
    op.create_foreign_key(
        "fk_leads_preferred_id", "leads", "tenants", ["preferred_id"], ["id"], source_schema="network",
        referent_schema="network",
    )
    op.create_foreign_key(
        "fk_leads_owner_id_joined_to", "leads", "leads", ["owner_id", "joined_to"], ["owner_id", "id"],
        source_schema="network", referent_schema="network",
    )
    op.create_index(
        "uq_leads_external", "leads", ["owner_id", "external_id"], unique=True, schema="network",
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "ix_leads_joined", "leads", ["owner_id", "joined_to"], schema="network",
        postgresql_where=sa.text("joined_to IS NOT NULL"),
    )
    op.add_column("lead_contacts", sa.Column("company", sa.Text(), nullable=True), schema="network")
    op.create_index("ix_lead_contacts_phone", "lead_contacts", ["owner_id", "phone"], schema="network")
    op.create_index("ix_lead_contacts_email", "lead_contacts", ["owner_id", sa.text("lower(email)")], schema="network")


def downgrade() -> None:
    op.drop_index("ix_lead_contacts_email", "lead_contacts", schema="network")
    op.drop_index("ix_lead_contacts_phone", "lead_contacts", schema="network")
    op.drop_column("lead_contacts", "company", schema="network")
    op.drop_index("ix_leads_joined", "leads", schema="network")
    op.drop_index("uq_leads_external", "leads", schema="network")
    op.drop_constraint("fk_leads_owner_id_joined_to", "leads", schema="network", type_="foreignkey")
    op.drop_constraint("fk_leads_preferred_id", "leads", schema="network", type_="foreignkey")
    for column in reversed(COLUMNS):
        op.drop_column("leads", column.name, schema="network")
