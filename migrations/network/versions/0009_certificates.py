"""What routing asks of dealers beside stock and place: their certificates, and their own prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_certificates_valid")),
        sa.ForeignKeyConstraint(["owner_id"], ["network.tenants.id"], name=op.f("fk_certificates_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("owner_id", "scheme", "number", name=op.f("uq_certificates_owner_id_scheme_number")),
        schema="network",
    )
    op.create_table(
        "dealer_prices",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("minor >= 0", name=op.f("ck_dealer_prices_minor")),
        sa.ForeignKeyConstraint(["owner_id"], ["network.tenants.id"], name=op.f("fk_dealer_prices_owner_id")),
        sa.ForeignKeyConstraint(["product_id"], ["network.products.id"], name=op.f("fk_dealer_prices_product_id")),
        sa.PrimaryKeyConstraint("owner_id", "product_id", name=op.f("pk_dealer_prices")),
        schema="network",
    )
    op.create_index("ix_dealer_prices_product", "dealer_prices", ["product_id", "owner_id"], schema="network")


def downgrade() -> None:
    op.drop_table("dealer_prices", schema="network")
    op.drop_table("certificates", schema="network")
