"""files under way

A file that arrives in pieces, sealed as they come. Comes after 0108. A release that runs while this
is applied must not break: add before you use, stop using before you drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0109"
down_revision = "0108"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_under_way",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("announced", sa.LargeBinary(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("became", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_file_under_way_bid_id_bid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_under_way")),
        sa.UniqueConstraint("reference", name=op.f("uq_file_under_way_reference")),
    )
    with op.batch_alter_table("file_under_way") as batch_op:
        batch_op.create_index(batch_op.f("ix_file_under_way_bid_id"), ["bid_id"])
        batch_op.create_index(batch_op.f("ix_file_under_way_touched_at"), ["touched_at"])
    op.create_table(
        "file_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("store_key", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["file_under_way.id"],
            name=op.f("fk_file_piece_upload_id_file_under_way"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_piece")),
        sa.UniqueConstraint("upload_id", "number", name=op.f("uq_file_piece_upload_id_number")),
    )
    with op.batch_alter_table("file_piece") as batch_op:
        batch_op.create_index(batch_op.f("ix_file_piece_upload_id"), ["upload_id"])


def downgrade() -> None:
    with op.batch_alter_table("file_piece") as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_piece_upload_id"))
    op.drop_table("file_piece")
    with op.batch_alter_table("file_under_way") as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_under_way_touched_at"))
        batch_op.drop_index(batch_op.f("ix_file_under_way_bid_id"))
    op.drop_table("file_under_way")
