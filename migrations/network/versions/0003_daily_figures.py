"""Figures of HQ's overview counted by day, and marks at the instants whose day has to be counted anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
WIDE = ("minor", "accepted_minor", "delivered_minor", "order_minor", "lost_minor")
MEASURES = (
    "leads", "minor", "offered", "accepted", "accepted_minor", "delivered", "delivered_minor", "satisfied", "orders",
    "order_minor", "lost", "lost_minor", "escalated", "star_sum", "answers", "stars_1", "stars_2", "stars_3", "stars_4",
    "stars_5", "offers", "offers_accepted", "offers_declined", "offers_expired", "visits",
)

NOTE = """
CREATE FUNCTION network.note_{name}()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, network, pg_temp
AS $$
BEGIN
    INSERT INTO network.figure_changes (at) {rows};
    RETURN NULL;
END
$$
"""
ROWS = {
    "leads": "SELECT DISTINCT date_bin('15 minutes', created_at, timestamptz 'epoch') FROM changed",
    "lead_offers": (
        "SELECT DISTINCT date_bin('15 minutes', l.created_at, timestamptz 'epoch') FROM changed c"
        " JOIN network.leads l ON l.owner_id = c.owner_id AND l.id = c.lead_id"
    ),
    "visits": (
        "SELECT DISTINCT (day + time '10:00') AT TIME ZONE 'UTC' FROM changed"
        " WHERE day < (now() AT TIME ZONE 'UTC')::date"
    ),
}
"""Instants the changed rows belong to. A day of visits is marked by an instant that is of this day in every zone of
the country; visits of a running day need no mark, for it is counted when it is over."""
SEEN = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
"""No update moves a row to another day."""


def upgrade() -> None:
    op.create_table(
        "daily_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger() if name in WIDE else sa.Integer(), server_default="0", nullable=False)
            for name in MEASURES
        ),
        sa.PrimaryKeyConstraint("day", "kind", "key", name=op.f("pk_daily_figures")),
        schema="network",
    )
    op.create_table(
        "figure_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("counted_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_figure_days")),
        schema="network",
    )
    op.create_table(
        "figure_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_changes")),
        schema="network",
    )
    op.create_index(
        "ix_leads_response", "leads", ["created_at"], schema="network",
        postgresql_include=["assignee_id", "offered_at", "accepted_at"],
        postgresql_where=sa.text("offered_at IS NOT NULL AND accepted_at IS NOT NULL"),
    )
    op.execute("GRANT INSERT ON network.figure_changes TO network_definer")
    op.execute("CREATE POLICY definer_notes ON network.figure_changes FOR INSERT TO network_definer WITH CHECK (true)")
    for table in ROWS:
        _watch(table)


def _watch(table: str) -> None:
    op.execute(NOTE.format(name=table, rows=ROWS[table]))
    op.execute(f"REVOKE ALL ON FUNCTION network.note_{table}() FROM PUBLIC")
    op.execute(f"ALTER FUNCTION network.note_{table}() OWNER TO network_definer")
    for command, side in SEEN.items():
        op.execute(
            f"CREATE TRIGGER figures_{command} AFTER {command} ON network.{table}"
            f" REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION network.note_{table}()"
        )


def downgrade() -> None:
    for table in ROWS:
        op.execute(f"DROP FUNCTION network.note_{table}() CASCADE")
    op.drop_index("ix_leads_response", "leads", schema="network")
    for table in ("figure_changes", "figure_days", "daily_figures"):
        op.drop_table(table, schema="network")
