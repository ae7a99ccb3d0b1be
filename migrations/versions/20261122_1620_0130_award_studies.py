"""award studies

How firmly an award stands, and the rehearsal of drafted rules, are worked out as scenarios are.
Comes after 0120. A release that runs while this is applied must not break: add before you use,
stop using before you drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None

BEFORE = {
    "one_subject": "(scenario_id IS NULL) <> (run_id IS NULL)",
    "margin": "(run_id IS NULL) = (margin_ppm IS NULL)",
}
# Wider than before: what a release that knows nothing of this writes is allowed as it was.
AFTER = {
    "one_subject": "scenario_id IS NULL OR run_id IS NULL",
    "margin": "margin_ppm IS NULL OR run_id IS NOT NULL",
}


def upgrade() -> None:
    with op.batch_alter_table("award_work") as batch_op:
        batch_op.add_column(sa.Column("details", sa.Text(), nullable=False, server_default="{}"))
        _constrain(batch_op, AFTER)


def downgrade() -> None:
    work = sa.table(
        "award_work",
        sa.column("scenario_id", sa.Integer),
        sa.column("margin_ppm", sa.Integer),
    )
    # The release before knows no studies and no rehearsals.
    op.execute(work.delete().where(work.c.scenario_id.is_(None), work.c.margin_ppm.is_(None)))
    with op.batch_alter_table("award_work") as batch_op:
        _constrain(batch_op, BEFORE)
        batch_op.drop_column("details")


def _constrain(batch_op, conditions: dict[str, str]) -> None:
    for name, condition in conditions.items():
        batch_op.drop_constraint(batch_op.f(f"ck_award_work_{name}"), type_="check")
        batch_op.create_check_constraint(batch_op.f(f"ck_award_work_{name}"), condition)
