"""records that stay

An assignment is ended and kept, also before marking has started; a competition says how an agreed
mark closes; documents that are to be deleted have rows. Comes after 0002. A release that runs
while this is applied must not break: add before you use, stop using before you drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discarded_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_key", sa.String(length=32), nullable=False),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discarded_document")),
        sa.UniqueConstraint("store_key", name=op.f("uq_discarded_document_store_key")),
    )
    with op.batch_alter_table("competition", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "closing_rule", sa.String(length=20), nullable=False, server_default="majority"
            )
        )
    with op.batch_alter_table("competition", schema=None) as batch_op:
        batch_op.alter_column("closing_rule", server_default=None)
        batch_op.create_check_constraint(
            batch_op.f("ck_competition_closing_rule"),
            "closing_rule IN ('all_agree', 'majority')",
        )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_by", sa.String(length=40), nullable=True))
    # who ended an assignment was not kept until now; what is known is who was given it
    op.execute("UPDATE assignment SET ended_by = 'unknown' WHERE ended_at IS NOT NULL")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_assignment_ends_with_a_reason"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("uq_assignment_lot_id_criterion_id_person"), type_="unique"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_assignment_ended_by_somebody"),
            "(ended_at IS NULL) = (ended_by IS NULL)",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_assignment_no_reason_to_stand"),
            "ended_at IS NOT NULL OR ended_because = ''",
        )
        batch_op.create_index(
            "ix_assignment_one_place",
            ["lot_id", "criterion_id", "person"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def downgrade() -> None:
    # the older form has one row a person and sheet, and no end without a reason
    op.execute("DELETE FROM assignment WHERE ended_at IS NOT NULL AND ended_because = ''")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_one_place")
        batch_op.drop_constraint(batch_op.f("ck_assignment_no_reason_to_stand"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_assignment_ended_by_somebody"), type_="check")
        batch_op.create_unique_constraint(
            batch_op.f("uq_assignment_lot_id_criterion_id_person"),
            ["lot_id", "criterion_id", "person"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_assignment_ends_with_a_reason"),
            "(ended_at IS NULL) = (ended_because = '')",
        )
        batch_op.drop_column("ended_by")
    with op.batch_alter_table("competition", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_competition_closing_rule"), type_="check")
        batch_op.drop_column("closing_rule")
    op.drop_table("discarded_document")
