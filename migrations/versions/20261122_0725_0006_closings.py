"""the closing of a round

The root over every receipt that counted at a deadline, and its leaves. Comes after 0005. A release
that runs while this is applied must not break: add before you use, stop using before you drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("leaves", sa.JSON(), nullable=False),
        sa.Column("sealed_seed", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_round_closing_competition_id_competition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_closing")),
        sa.UniqueConstraint(
            "competition_id", "round", name=op.f("uq_round_closing_competition_id_round")
        ),
    )
    with op.batch_alter_table("round_closing") as batch_op:
        batch_op.create_index(batch_op.f("ix_round_closing_competition_id"), ["competition_id"])


def downgrade() -> None:
    with op.batch_alter_table("round_closing") as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_closing_competition_id"))
    op.drop_table("round_closing")
