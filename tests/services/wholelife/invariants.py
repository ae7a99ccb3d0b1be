"""What must hold after every step, whoever did what: read from the rows, not from the services."""

from __future__ import annotations

import json

from sqlalchemy import select

from commissioning.audit.domain.chain import GENESIS, instant_text, link_hash
from commissioning.audit.models import AuditEvent
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.verifier import verify
from commissioning.infrastructure import documents
from commissioning.infrastructure.database import db
from tests.services.wholelife.twin import MOVES, OPENED_FROM, STAGES
from tests.support.small_competition import REFERENCE
from tests.support.snapshots import Rows, column, has_bytes, records

MARKER = {"quality": b"CANARY-Q", "price": b"CANARY-P"}
# From which stage on the rows of a table are never touched again.
FIXED_FROM = {
    "admission": "shortlisted",
    "selection_outcome": "shortlisted",
    "opening_key": "itn_open",
    "receipt": "quality_evaluation",  # until then a late bid can come, and be accepted
    "bid": "quality_evaluation",
    "late_bid": "quality_evaluation",
    "bid_file": "itn_closed",
    "file_under_way": "itn_closed",
    "file_piece": "itn_closed",
    "mark": "quality_locked",
    "consensus": "quality_locked",
    "consensus_agreement": "quality_locked",
    "assignment": "quality_locked",
    "bid_envelope": "price_evaluation",
    "bid_result": "award_modelling",
    "preferred_bidder": "preferred_bidders",
}


def competition_in(rows: Rows) -> dict:
    return next(row for row in records(rows, "competition") if row["reference"] == REFERENCE)


def reached(row: dict) -> int:
    """How far the competition came, also where it was terminated since."""
    return STAGES.index(row["reached_stage"] or row["stage"])


def check_all(before: Rows, after: Rows) -> None:
    """Everything that can be seen in the rows before and after one step."""
    was, now = competition_in(before), competition_in(after)
    check_stage(was, now)
    check_frozen(was, now, after)
    check_sealed(now, after)
    check_fixed(was, before, after)
    check_late(was, before, after)
    check_award(after)


def check_stage(was: dict, now: dict) -> None:
    """The stage moves along the table only, one row at a time."""
    if was["stage"] != now["stage"]:
        rows = [
            event
            for (stage, event), to in MOVES.items()
            if (stage, to) == (was["stage"], now["stage"])
        ]
        assert rows, f"{was['stage']} became {now['stage']}"


def check_frozen(was: dict, now: dict, after: Rows) -> None:
    """What was frozen stays, and everything that rests on the model carries its hash."""
    for frozen in ("notice", "notice_sha256", "model", "model_sha256", "tie_seed"):
        if was[frozen] is not None:
            assert now[frozen] == was[frozen], frozen
    for table in ("mark", "consensus", "bid_result", "award_run"):
        assert set(column(after, table, "model_sha256")) <= {now["model_sha256"]}, table


def check_sealed(now: dict, after: Rows) -> None:
    """Nothing of an envelope can be read anywhere before the opening of its kind."""
    for envelope, stage in OPENED_FROM.items():
        if reached(now) >= STAGES.index(stage):
            continue
        opened = [
            row["bid_id"]
            for row in records(after, "bid_envelope")
            if row["envelope"] == envelope and row["opened"] is not None
        ]
        assert opened == [], f"{envelope} envelopes are open at {now['stage']}"
        assert has_bytes(after, MARKER[envelope]) == [], f"{envelope} can be read"


def check_fixed(was: dict, before: Rows, after: Rows) -> None:
    """What a stage has ended stays as it was."""
    for table, stage in FIXED_FROM.items():
        if reached(was) >= STAGES.index(stage):
            assert before[table] == after[table], f"{table} changed at {was['stage']}"


def check_late(was: dict, before: Rows, after: Rows) -> None:
    """From the deadline on what was received stays as it is; what is refused never counts."""
    if reached(was) >= STAGES.index("itn_closed"):
        assert after["receipt"][: len(before["receipt"])] == before["receipt"]
        bids = {row["id"]: row for row in records(after, "bid")}
        for row in records(before, "bid"):
            assert row["status"] != "submitted" or bids[row["id"]] == row
    counting = {row["id"] for row in records(after, "bid") if row["status"] == "submitted"}
    for row in records(after, "late_bid"):
        assert (row["bid_id"] in counting) == (row["status"] == "accepted")


def check_award(after: Rows) -> None:
    """Every award that was proven breaks no limit: checked with no solver."""
    for run in records(after, "award_run"):
        answer = json.loads(run["answer"])
        if answer["award"]:
            assert verify(parse_problem(run["problem"]), answer) == []


def check_documents() -> None:
    """No document in the store can be read without a key, before the opening or after it."""
    folder = documents.store()._folder
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(marker in content for marker in MARKER.values()), path


def new_events(before: Rows, after: Rows) -> list[str]:
    """The events that a step added; whatever stood there before stands there unchanged.

    Each new one is checked against the one before it in its stream, and each head against the last.
    """
    kept = len(before["audit_event"])
    assert after["audit_event"][:kept] == before["audit_event"], "the trail was rewritten"
    heads = {row["name"]: (row["length"], row["head"]) for row in records(before, "audit_stream")}
    last = max(column(before, "audit_event", "id"), default=0)
    added = []
    columns = AuditEvent.__table__
    for row in db.session.execute(select(columns).where(columns.c.id > last).order_by("id")):
        length, head = heads.get(row.stream, (0, GENESIS))
        assert (row.position, row.previous_hash) == (length + 1, head), row.stream
        assert row.hash == link_hash(
            stream=row.stream,
            position=row.position,
            at=instant_text(row.at),
            actor=row.actor,
            event=row.event,
            subject_type=row.subject_type,
            subject=row.subject,
            changes=row.changes,
            previous_hash=head,
        )
        heads[row.stream] = (row.position, row.hash)
        added.append(row.event)
    stated = {row["name"]: (row["length"], row["head"]) for row in records(after, "audit_stream")}
    assert stated == heads, "a head does not follow from its chain"
    return added
