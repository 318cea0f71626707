"""Whose draft a sourcing profile is, when it last changed and what for; what was in force is never rewritten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


KEPT = """
CREATE FUNCTION network.keep_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NEW.state = 'draft' OR
        (NEW.owner_id, NEW.id, NEW.version, NEW.name, NEW.definition)
            IS DISTINCT FROM (OLD.owner_id, OLD.id, OLD.version, OLD.name, OLD.definition)) THEN
        RAISE EXCEPTION 'a sourcing profile that was in force does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    for column in (
        sa.Column("author", sa.Text()),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), server_default=sa.func.now(), nullable=False),
    ):
        op.add_column("sourcing_profiles", column, schema="network")
    op.create_index(
        "uq_sourcing_profiles_version", "sourcing_profiles", ["owner_id", "version"], unique=True, schema="network"
    )
    op.execute(KEPT)
    op.execute(
        "CREATE TRIGGER keep_profile BEFORE UPDATE OR DELETE ON network.sourcing_profiles"
        " FOR EACH ROW EXECUTE FUNCTION network.keep_profile()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_profile ON network.sourcing_profiles")
    op.execute("DROP FUNCTION network.keep_profile()")
    op.drop_index("uq_sourcing_profiles_version", "sourcing_profiles", schema="network")
    for column in ("changed_at", "note", "author"):
        op.drop_column("sourcing_profiles", column, schema="network")
