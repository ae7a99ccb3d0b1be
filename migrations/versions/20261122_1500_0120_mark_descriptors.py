"""mark descriptors

What each mark of a competition's scale means, set by its lead. Comes after 0111. A release that
runs while this is applied must not break: add before you use, stop using before you drop.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0111"
branch_labels = None
depends_on = None

# As they stood when this was written: what was marked by them stays as it was.
STANDARD = [
    (
        "Unacceptable",
        "There is no answer, or it would not meet the requirement in any part that matters.",
    ),
    ("Poor", "It meets some of the requirement and leaves serious doubts about the rest."),
    ("Acceptable", "It meets the requirement. Some parts are thin or rest on little evidence."),
    (
        "Good",
        "It meets the whole requirement with relevant evidence, and leaves minor doubts at most.",
    ),
    (
        "Excellent",
        "It meets the whole requirement with strong evidence, leaves no doubt, and adds value.",
    ),
]


def upgrade() -> None:
    # The default serves a release that knows nothing of the column yet.
    with op.batch_alter_table("competition") as batch_op:
        batch_op.add_column(
            sa.Column("mark_descriptors", sa.JSON(), nullable=False, server_default="[]")
        )
    stated = json.dumps(
        [
            {"mark": mark, "name": name, "meaning": meaning}
            for mark, (name, meaning) in enumerate(STANDARD)
        ]
    )
    competition = sa.table(
        "competition", sa.column("max_mark", sa.Integer), sa.column("mark_descriptors", sa.Text)
    )
    value = sa.literal(stated, sa.Text)
    if op.get_bind().dialect.name == "postgresql":
        value = sa.cast(value, sa.JSON)
    op.execute(
        competition.update()
        .where(competition.c.max_mark == 4)
        .values({competition.c.mark_descriptors: value})
    )


def downgrade() -> None:
    with op.batch_alter_table("competition") as batch_op:
        batch_op.drop_column("mark_descriptors")
