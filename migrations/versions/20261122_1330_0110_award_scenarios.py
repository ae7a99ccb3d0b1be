"""award scenarios

Scenarios beside the published award, and what is solved in the background. Comes after 0109. A
release that runs while this is applied must not break: add before you use, stop using before you
drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0109"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_award_scenario_competition_id_competition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_scenario")),
        sa.UniqueConstraint("reference", name=op.f("uq_award_scenario_reference")),
    )
    with op.batch_alter_table("award_scenario") as batch_op:
        batch_op.create_index(batch_op.f("ix_award_scenario_competition_id"), ["competition_id"])
    op.create_table(
        "award_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("margin_ppm", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("problem_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'stopped', 'failed')",
            name=op.f("ck_award_work_status"),
        ),
        sa.CheckConstraint(
            "(scenario_id IS NULL) <> (run_id IS NULL)", name=op.f("ck_award_work_one_subject")
        ),
        sa.CheckConstraint(
            "(status = 'done') = (answer IS NOT NULL)", name=op.f("ck_award_work_answer")
        ),
        sa.CheckConstraint(
            "(run_id IS NULL) = (margin_ppm IS NULL)", name=op.f("ck_award_work_margin")
        ),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_award_work_competition_id_competition"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["award_run.id"], name=op.f("fk_award_work_run_id_award_run")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"],
            ["award_scenario.id"],
            name=op.f("fk_award_work_scenario_id_award_scenario"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_work")),
        sa.UniqueConstraint("reference", name=op.f("uq_award_work_reference")),
    )
    with op.batch_alter_table("award_work") as batch_op:
        batch_op.create_index(batch_op.f("ix_award_work_competition_id"), ["competition_id"])
        batch_op.create_index(batch_op.f("ix_award_work_run_id"), ["run_id"])
        batch_op.create_index(batch_op.f("ix_award_work_scenario_id"), ["scenario_id"])
        batch_op.create_index(batch_op.f("ix_award_work_status"), ["status"])


def downgrade() -> None:
    with op.batch_alter_table("award_work") as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_work_status"))
        batch_op.drop_index(batch_op.f("ix_award_work_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_award_work_run_id"))
        batch_op.drop_index(batch_op.f("ix_award_work_competition_id"))
    op.drop_table("award_work")
    with op.batch_alter_table("award_scenario") as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_scenario_competition_id"))
    op.drop_table("award_scenario")
