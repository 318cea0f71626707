"""When dealer and customer are asked how it went, what the customer says, where the two differ, and when a lead changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
COLUMNS = (
    sa.Column("ask_at", INSTANT),
    sa.Column("asked_at", INSTANT),
    sa.Column("asks", sa.Integer(), server_default="0", nullable=False),
    sa.Column("customer_ask_at", INSTANT),
    sa.Column("customer_asks", sa.Integer(), server_default="0", nullable=False),
    sa.Column("customer_quiet_at", INSTANT),
    sa.Column("customer_contacted", sa.Boolean()),
    sa.Column("customer_bought", sa.Boolean()),
    sa.Column("customer_value_minor", sa.BigInteger()),
    sa.Column("contradiction", sa.Text()),
    sa.Column("contradicted_at", INSTANT),
    sa.Column("questioned_at", INSTANT),
    sa.Column("objected_at", INSTANT),
    sa.Column("settled_at", INSTANT),
    sa.Column("changed_at", INSTANT, server_default=sa.func.now(), nullable=False),
)
INDEXES: dict[str, tuple[list[str], str | None]] = {
    "ix_leads_ask": (["ask_at"], "state IN ('accepted', 'contacted', 'quoted')"),
    "ix_leads_customer_ask": (["customer_ask_at"], "customer_ask_at IS NOT NULL"),
    "ix_leads_contradicted": (["contradicted_at"], "contradiction IS NOT NULL"),
    "ix_leads_changed_owner": (["owner_id", "changed_at", "id"], None),
    "ix_leads_changed_assignee": (["assignee_id", "changed_at", "id"], None),
}
MARK = """
CREATE FUNCTION network.mark_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("leads", column, schema="network")
    for name, (columns, condition) in INDEXES.items():
        where = sa.text(condition) if condition else None
        op.create_index(name, "leads", columns, schema="network", postgresql_where=where)
    op.execute(MARK)
    op.execute(
        "CREATE TRIGGER mark_change BEFORE UPDATE ON network.leads"
        " FOR EACH ROW EXECUTE FUNCTION network.mark_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER mark_change ON network.leads")
    op.execute("DROP FUNCTION network.mark_change()")
    for name in INDEXES:
        op.drop_index(name, "leads", schema="network")
    for column in reversed(COLUMNS):
        op.drop_column("leads", column.name, schema="network")
