"""shares of the opening keys

The private half of an opening key exists as shares of its holders alone. Comes after 0003. A key
that was kept whole cannot be split without its holders: where there is one, this stops.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Keys that are still to open something; after the prices are open they have done their work.
_KEPT_WHOLE = """
    SELECT COUNT(*) FROM opening_key JOIN competition ON competition.id = opening_key.competition_id
    WHERE competition.stage IN
        ('shortlisted', 'itn_open', 'itn_closed', 'quality_evaluation', 'quality_locked')
"""


def upgrade() -> None:
    _refuse_keys("Finish every competition whose opening keys are prepared, then upgrade.")
    op.create_table(
        "opening_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opening_key_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sealed_to", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["opening_key_id"],
            ["opening_key.id"],
            name=op.f("fk_opening_share_opening_key_id_opening_key"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_share")),
        sa.UniqueConstraint(
            "opening_key_id", "holder", name=op.f("uq_opening_share_opening_key_id_holder")
        ),
        sa.UniqueConstraint(
            "opening_key_id", "place", name=op.f("uq_opening_share_opening_key_id_place")
        ),
    )
    with op.batch_alter_table("opening_share") as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_share_opening_key_id"), ["opening_key_id"])
    op.create_table(
        "holder_replacement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("leaving", sa.String(length=40), nullable=False),
        sa.Column("joining", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_holder_replacement_competition_id_competition"),
        ),
        sa.CheckConstraint(
            "approved_by <> proposed_by", name=op.f("ck_holder_replacement_two_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_replacement")),
        sa.UniqueConstraint("reference", name=op.f("uq_holder_replacement_reference")),
    )
    with op.batch_alter_table("holder_replacement") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_holder_replacement_competition_id"), ["competition_id"]
        )
    with op.batch_alter_table("opening_key") as batch_op:
        batch_op.drop_column("sealed_private_key")
    with op.batch_alter_table("opening_attendance") as batch_op:
        batch_op.add_column(sa.Column("released", sa.LargeBinary(), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_opening_attendance_purpose"), type_="check")
        batch_op.create_check_constraint(
            "purpose", "purpose IN ('rehearsal', 'opening', 'renewal')"
        )


def downgrade() -> None:
    _refuse_keys("Shares cannot be made whole again without their holders.")
    with op.batch_alter_table("opening_attendance") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_opening_attendance_purpose"), type_="check")
        batch_op.create_check_constraint("purpose", "purpose IN ('rehearsal', 'opening')")
        batch_op.drop_column("released")
    with op.batch_alter_table("opening_key") as batch_op:
        batch_op.add_column(sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False))
    with op.batch_alter_table("holder_replacement") as batch_op:
        batch_op.drop_index(batch_op.f("ix_holder_replacement_competition_id"))
    op.drop_table("holder_replacement")
    with op.batch_alter_table("opening_share") as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_share_opening_key_id"))
    op.drop_table("opening_share")


def _refuse_keys(sentence: str) -> None:
    if context.is_offline_mode():
        return  # printed statements ask nothing: whoever runs them looks first
    if op.get_bind().execute(sa.text(_KEPT_WHOLE)).scalar_one():
        raise RuntimeError(sentence)
