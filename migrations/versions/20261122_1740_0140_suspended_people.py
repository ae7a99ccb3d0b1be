"""suspended people

Since when a person is suspended, so that leaving and coming back does not end it. Comes after 0130.
A release that runs while this is applied must not break: add before you use, stop using before you
drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commissioning.infrastructure.database import UtcDateTime

revision = "0140"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("app_user") as batch_op:
        batch_op.add_column(sa.Column("suspended_at", UtcDateTime(), nullable=True))
    # Since when is on the trail alone; that they are is what counts here.
    op.execute(
        "UPDATE app_user SET suspended_at = created_at WHERE NOT is_active AND removed_at IS NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("app_user") as batch_op:
        batch_op.drop_column("suspended_at")
