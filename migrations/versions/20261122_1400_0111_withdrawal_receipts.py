"""receipts of withdrawals are signed once and kept

Comes after 0110.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commissioning.infrastructure.database import UtcDateTime

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawal_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["bid.id"], name=op.f("fk_withdrawal_receipt_bid_id_bid")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_receipt")),
        sa.UniqueConstraint("reference", name=op.f("uq_withdrawal_receipt_reference")),
    )
    op.create_index(op.f("ix_withdrawal_receipt_bid_id"), "withdrawal_receipt", ["bid_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_withdrawal_receipt_bid_id"), table_name="withdrawal_receipt")
    op.drop_table("withdrawal_receipt")
