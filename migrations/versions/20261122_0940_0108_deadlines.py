"""what deadlines need: outages, changes of the invitation, requests for help

The log of the service and its outages; changes of the documents after the ITN, with the
confirmations of bids and the bids that lapse without one; requests for help and their answers.
Comes after 0107. A release that runs while this is applied must not break: add before you use, stop
using before you drop.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0108"
down_revision = "0107"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.CheckConstraint("seen_at >= started_at", name=op.f("ck_service_run_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_run")),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ended_at > started_at", name=op.f("ck_outage_forward")),
        sa.CheckConstraint(
            "source IN ('silence', 'probe', 'person')", name=op.f("ck_outage_source")
        ),
        sa.CheckConstraint(
            "source <> 'person' OR reason <> ''", name=op.f("ck_outage_entered_with_a_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("reference", name=op.f("uq_outage_reference")),
    )
    with op.batch_alter_table("outage") as batch_op:
        batch_op.create_index(batch_op.f("ix_outage_ended_at"), ["ended_at"])
    op.create_table(
        "invitation_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("store_key", sa.String(length=32), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("alters_form", sa.Boolean(), nullable=False),
        sa.Column("dates", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("drafted_by", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('drafted', 'proposed', 'published', 'dropped')",
            name=op.f("ck_invitation_change_status"),
        ),
        sa.CheckConstraint(
            "(status = 'published') = (version IS NOT NULL)",
            name=op.f("ck_invitation_change_published_as_a_version"),
        ),
        sa.CheckConstraint(
            "status <> 'published' OR (decision_id IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_invitation_change_published_by_two"),
        ),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_invitation_change_competition_id_competition"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["tender_document.id"],
            name=op.f("fk_invitation_change_document_id_tender_document"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_invitation_change_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_change")),
        sa.UniqueConstraint("reference", name=op.f("uq_invitation_change_reference")),
        sa.UniqueConstraint(
            "competition_id", "version", name=op.f("uq_invitation_change_competition_id_version")
        ),
    )
    with op.batch_alter_table("invitation_change") as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_change_document_id"), ["document_id"])
        batch_op.create_index(batch_op.f("ix_invitation_change_decision_id"), ["decision_id"])
    op.create_table(
        "bid_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_bid_confirmation_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_confirmation")),
        sa.UniqueConstraint(
            "receipt_id", "version", name=op.f("uq_bid_confirmation_receipt_id_version")
        ),
    )
    op.create_table(
        "help_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_help_request_answered_when")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL)", name=op.f("ck_help_request_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_help_request_competition_id_competition"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_help_request_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_help_request_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_help_request_reference")),
        sa.UniqueConstraint(
            "organisation_id",
            "idempotency_key",
            name=op.f("uq_help_request_organisation_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("help_request") as batch_op:
        batch_op.create_index(batch_op.f("ix_help_request_competition_id"), ["competition_id"])
        batch_op.create_index(batch_op.f("ix_help_request_organisation_id"), ["organisation_id"])
        batch_op.create_index(batch_op.f("ix_help_request_lot_id"), ["lot_id"])
    _bid_statuses("'draft', 'submitted', 'withdrawn', 'lapsed'")


def downgrade() -> None:
    op.execute("UPDATE bid SET status = 'withdrawn' WHERE status = 'lapsed'")
    _bid_statuses("'draft', 'submitted', 'withdrawn'")
    op.drop_table("help_request")
    op.drop_table("bid_confirmation")
    op.drop_table("invitation_change")
    op.drop_table("outage")
    op.drop_table("service_run")


def _bid_statuses(statuses: str) -> None:
    with op.batch_alter_table("bid") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_bid_status"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_bid_status"), f"status IN ({statuses})")
