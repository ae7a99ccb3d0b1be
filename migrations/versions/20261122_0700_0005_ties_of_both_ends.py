"""ties of both ends, and who is needed

Comes after 0004. A release that runs while this is applied must not
break: add before you use, stop using before you drop.

A tie that was declared before counted without the other end; it goes on counting, as confirmed, so
that no running competition is given other groups than it had. A competition whose deadline for bids
has passed is given the ties of this moment, which are those that it read until now.
"""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIES = {
    "ownership": ("owner_id", "owned_id"),
    "consortium_membership": ("consortium_id", "member_id"),
}
_PAST = (
    "itn_closed",
    "quality_evaluation",
    "quality_locked",
    "price_evaluation",
    "award_modelling",
    "award_recommended",
    "preferred_bidders",
)


def upgrade() -> None:
    for table, (first, _second) in _TIES.items():
        _add_answers(table, first)
    op.create_table(
        "role_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("need", sa.String(length=10), nullable=False),
        sa.CheckConstraint("need IN ('one', 'replaced', 'all')", name=op.f("ck_role_need_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_need")),
        sa.UniqueConstraint("competition", "role", name=op.f("uq_role_need_competition_role")),
    )
    _tell_who_is_needed()
    op.create_table(
        "tie_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(version = 1) = (decision_id IS NULL)", name=op.f("ck_tie_record_corrected_by_two")
        ),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_tie_record_competition_id_competition"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_tie_record_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tie_record")),
        sa.UniqueConstraint(
            "competition_id", "version", name=op.f("uq_tie_record_competition_id_version")
        ),
    )
    op.create_index(
        op.f("ix_tie_record_competition_id"), "tie_record", ["competition_id"], unique=False
    )
    _keep_ties()
    with op.batch_alter_table("award_run") as batch:
        batch.add_column(sa.Column("ties_version", sa.Integer(), nullable=True))
    op.execute("UPDATE award_run SET ties_version = 1")
    with op.batch_alter_table("award_run") as batch:
        batch.alter_column("ties_version", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("award_run") as batch:
        batch.drop_column("ties_version")
    op.drop_index(op.f("ix_tie_record_competition_id"), table_name="tie_record")
    op.drop_table("tie_record")
    op.drop_table("role_need")
    for table in _TIES:
        # What only one end said would count again without the other; it is left out instead.
        op.execute(f"DELETE FROM {table} WHERE status <> 'confirmed'")  # noqa: S608 - our own name
        with op.batch_alter_table(table) as batch:
            for name in ("status", "answered", "only_a_tie_that_counts_ends"):
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            for column in ("ending_asked_by", "answered_at", "declared_by", "status"):
                batch.drop_column(column)


def _add_answers(table: str, first: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("status", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("declared_by", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("ending_asked_by", sa.String(length=40), nullable=True))
    op.execute(
        f"UPDATE {table} SET status = 'confirmed', answered_at = recorded_at, declared_by ="  # noqa: S608 - our own names
        f" (SELECT reference FROM organisation WHERE organisation.id = {table}.{first})"
    )
    with op.batch_alter_table(table) as batch:
        batch.alter_column("status", existing_type=sa.String(length=10), nullable=False)
        batch.alter_column("declared_by", existing_type=sa.String(length=40), nullable=False)
        batch.create_check_constraint(
            op.f(f"ck_{table}_status"), "status IN ('waiting', 'confirmed', 'refused')"
        )
        batch.create_check_constraint(
            op.f(f"ck_{table}_answered"), "(status = 'waiting') = (answered_at IS NULL)"
        )
        batch.create_check_constraint(
            op.f(f"ck_{table}_only_a_tie_that_counts_ends"),
            "ending_asked_by IS NULL OR status = 'confirmed'",
        )


def _tell_who_is_needed() -> None:
    op.execute(
        "INSERT INTO role_need (competition, role, need)"
        " SELECT reference, 'procurement_lead', 'one' FROM competition WHERE stage <> 'terminated'"
    )
    op.execute(
        "INSERT INTO role_need (competition, role, need)"
        " SELECT reference, 'key_holder', CASE WHEN stage IN"
        " ('draft', 'pqq_open', 'pqq_closed', 'shortlisted') THEN 'replaced' ELSE 'all' END"
        " FROM competition WHERE stage IN ('draft', 'pqq_open', 'pqq_closed', 'shortlisted',"
        " 'itn_open', 'itn_closed', 'quality_evaluation', 'quality_locked')"
    )


def _keep_ties() -> None:
    if op.get_context().as_sql:
        return  # a script that is run by hand reads no rows: such competitions are past their bids
    connection = op.get_bind()
    content = json.dumps(
        {
            "memberships": _pairs(connection, "consortium_membership"),
            "ownerships": _pairs(connection, "ownership"),
            "unconfirmed": [],
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    competition = sa.table(
        "competition",
        sa.column("id"),
        sa.column("stage"),
        sa.column("stage_since", sa.DateTime(timezone=True)),
    )
    record = sa.table(
        "tie_record",
        sa.column("competition_id", sa.Integer),
        sa.column("version", sa.Integer),
        sa.column("content", sa.Text),
        sa.column("sha256", sa.String),
        sa.column("kept_at", sa.DateTime(timezone=True)),
    )
    past = sa.select(competition.c.id, competition.c.stage_since).where(
        competition.c.stage.in_(_PAST)
    )
    for identifier, since in connection.execute(past).all():
        connection.execute(
            sa.insert(record).values(
                competition_id=identifier,
                version=1,
                content=content,
                sha256=hashlib.sha256(content.encode()).hexdigest(),
                kept_at=since,
            )
        )


def _pairs(connection: sa.Connection, table: str) -> list[list[str]]:
    first, second = _TIES[table]
    rows = connection.execute(
        sa.text(
            f"SELECT one.reference, other.reference FROM {table}"  # noqa: S608 - our own names
            f" JOIN organisation AS one ON one.id = {table}.{first}"
            f" JOIN organisation AS other ON other.id = {table}.{second}"
        )
    )
    return sorted([one, other] for one, other in rows)
