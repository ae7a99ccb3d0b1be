"""Individual marks: each evaluator alone, with a reason for every mark, submitted once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.evaluation import queries
from commissioning.evaluation.domain import lifecycle
from commissioning.evaluation.domain.moderation import check_mark
from commissioning.evaluation.models import Assignment, Mark
from commissioning.evaluation.queries import Key, Sheet
from commissioning.evaluation.services.entries import Entry, check_entries
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.lifecycle import advance
from commissioning.permissions import Permission, require


def save_mark(
    actor: Actor,
    competition: str,
    bid: str,
    leaf: str,
    *,
    mark: int,
    reason: str,
    clock: Clock,
) -> Mark:
    """An evaluator drafts a mark for an answer that was assigned, alone and with a reason.

    `bid` and `leaf` by their references; the mark is a whole number on the published scale. It can
    be changed until the sheet is submitted. Raises BadInput at `mark` or `reason`, and
    IllegalTransition once the sheet is submitted.
    """
    now = clock.now()
    sheet = queries.sheet_of_answer(competition, bid, leaf, for_writing=True)
    _open_assignment(actor, sheet, now)
    sheet.item(bid, leaf)
    check_mark(mark, reason, sheet.competition.max_mark)
    kept = _keep(
        actor, sheet, {(bid, leaf): (mark, reason)}, queries.marks_of(sheet, actor.reference), now
    )
    db.session.flush()
    # The trail says that somebody marked; what it was stays blind until everyone has submitted.
    audit.record(
        actor,
        Event.MARK_SAVED,
        Subject("sheet", sheet.reference),
        {"bid": bid, "leaf": leaf},
        at=now,
        stream=competition_stream(competition),
    )
    return kept[bid, leaf]


def submit_marks(
    actor: Actor,
    competition: str,
    lot: str,
    criterion: str,
    *,
    entries: Mapping[Key, Entry] | None = None,
    clock: Clock,
) -> Assignment:
    """An evaluator submits the marks of a whole sheet, once: every bid's every leaf, with reasons.

    A sheet is a criterion on a lot. `entries` {(bid, leaf): (mark, reason)} are saved first, over
    the drafts. From then on the marks do not change; the trail holds the digest of the sheet.
    Raises BadInputs with "bid/leaf" as the field, and IllegalTransition while a mark is missing or
    once the sheet is submitted. Returns the evaluator's assignment.
    """
    now = clock.now()
    sheet = queries.sheet(competition, lot, criterion, for_writing=True)
    assignment = _open_assignment(actor, sheet, now)
    drafts = queries.marks_of(sheet, actor.reference)
    given = entries or {}
    check_entries(sheet, given)
    advance(
        lifecycle.SHEET_TABLE,
        lifecycle.SheetStatus.OPEN,
        "marks_submitted",
        {"sheet_is_complete": {*drafts, *given} == set(sheet.by_key)},
    )
    marks = _keep(actor, sheet, given, drafts, now)
    for mark in marks.values():
        mark.submitted_at = now
    assignment.submitted_at = now
    db.session.flush()
    audit.record(
        actor,
        Event.MARKS_SUBMITTED,
        Subject("sheet", sheet.reference),
        {
            "marks": len(marks),
            "model_sha256": sheet.competition.model_sha256,
            "sha256": sheet_digest(sheet, actor.reference, marks),
        },
        at=now,
        stream=competition_stream(competition),
    )
    return assignment


def sheet_digest(sheet: Sheet, evaluator: str, marks: Mapping[Key, Mark]) -> str:
    """The SHA-256 that fixes a submitted sheet: each mark with its reason, in canonical JSON."""
    return sha256_hex(
        {
            "competition": sheet.competition.reference,
            "lot": sheet.lot.reference,
            "criterion": sheet.criterion.reference,
            "evaluator": evaluator,
            "model_sha256": sheet.competition.model_sha256,
            "marks": [
                {"bid": bid, "leaf": leaf, "mark": mark.mark, "reason": mark.reason}
                for (bid, leaf), mark in sorted(marks.items())
            ],
        }
    )


def _open_assignment(actor: Actor, sheet: Sheet, now: datetime) -> Assignment:
    """The evaluator's place on a sheet, provided that they may mark and have not submitted it."""
    facts = queries.facts_on(sheet, actor, now, role=Role.EVALUATOR)
    require(actor, Permission.EVALUATION_MARK, facts)
    assignment = next(a for a in sheet.evaluators if a.person == actor.reference)
    lifecycle.SHEET_TABLE.find(lifecycle.sheet_status(assignment.submitted_at), "marks_submitted")
    return assignment


def _keep(
    actor: Actor,
    sheet: Sheet,
    entries: Mapping[Key, Entry],
    drafts: Mapping[Key, Mark],
    now: datetime,
) -> dict[Key, Mark]:
    """The evaluator's marks with the entries written over them."""
    items = sheet.by_key
    marks = dict(drafts)
    for key, (value, reason) in entries.items():
        mark = marks.get(key)
        if mark is None:
            bid, leaf = items[key]
            mark = Mark(bid_id=bid.id, leaf_id=leaf.id, evaluator=actor.reference)
            db.session.add(mark)
            marks[key] = mark
        mark.mark = value
        mark.reason = reason.strip()
        mark.model_sha256 = sheet.competition.model_sha256 or ""
        mark.saved_at = now
    return marks
