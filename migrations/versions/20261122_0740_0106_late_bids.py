"""late bids in quarantine

What was received at a deadline or later, sealed, until two people have decided on it. Comes after
0006. A release that runs while this is applied must not break: add before you use, stop using
before you drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_bid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_quality", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_price", sa.LargeBinary(), nullable=False),
        sa.Column("own_quality", sa.LargeBinary(), nullable=False),
        sa.Column("own_price", sa.LargeBinary(), nullable=False),
        sa.Column("quality_sha256", sa.String(length=64), nullable=False),
        sa.Column("price_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'accepted', 'refused')", name=op.f("ck_late_bid_status")
        ),
        sa.CheckConstraint(
            "status = 'waiting' OR decision_id IS NOT NULL",
            name=op.f("ck_late_bid_decided_by_two"),
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_late_bid_bid_id_bid")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_late_bid_receipt_id_receipt")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_late_bid_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_bid")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_late_bid_bid_id")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_late_bid_receipt_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_late_bid_reference")),
    )
    with op.batch_alter_table("late_bid") as batch_op:
        batch_op.create_index(batch_op.f("ix_late_bid_decision_id"), ["decision_id"])


def downgrade() -> None:
    with op.batch_alter_table("late_bid") as batch_op:
        batch_op.drop_index(batch_op.f("ix_late_bid_decision_id"))
    op.drop_table("late_bid")
