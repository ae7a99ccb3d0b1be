"""Consensus: what the evaluators of an answer agree on, in versions, with every dissent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.evaluation import queries
from commissioning.evaluation.domain import lifecycle, moderation
from commissioning.evaluation.models import Consensus, ConsensusAgreement
from commissioning.evaluation.queries import Key, Sheet
from commissioning.evaluation.services.entries import Entry, check_entries
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs, Conflict
from commissioning.kernel.lifecycle import advance
from commissioning.permissions import Permission, require


def record_consensus(
    actor: Actor,
    competition: str,
    lot: str,
    criterion: str,
    entries: Mapping[Key, Entry],
    *,
    clock: Clock,
) -> list[Consensus]:
    """The moderator records what was agreed, with reasons, once every evaluator has submitted.

    `entries` {(bid, leaf): (agreed mark, reason)} may be the whole sheet or a part of it. Raises
    BadInputs with "bid/leaf" as the field, Conflict for an answer whose consensus stands already
    (`change_consensus` changes it), and Forbidden while a sheet of the item is missing.
    """
    now = clock.now()
    sheet = _moderated(actor, competition, lot, criterion, now)
    if not entries:
        raise BadInput("entries", "Give at least one agreed mark.")
    check_entries(sheet, entries)
    versions = queries.consensus_versions(sheet)
    for bid, leaf in entries:
        if any(v.superseded_at is None for v in versions.get((bid, leaf), ())):
            raise Conflict(
                f"The consensus on {leaf} of {bid} is recorded already. Change it instead."
            )
    rows = [
        _version(actor, sheet, key, entry, version=len(versions.get(key, ())) + 1, now=now)
        for key, entry in entries.items()
    ]
    db.session.flush()
    audit.record(
        actor,
        Event.CONSENSUS_RECORDED,
        Subject("sheet", sheet.reference),
        {"model_sha256": sheet.competition.model_sha256, "agreed": _stated(entries, {})},
        at=now,
        stream=competition_stream(competition),
    )
    return rows


def change_consensus(
    actor: Actor,
    competition: str,
    lot: str,
    criterion: str,
    entries: Mapping[Key, Entry],
    *,
    clock: Clock,
) -> list[Consensus]:
    """The moderator changes what was agreed, before the quality lock and with a new reason.

    The version before stays on the record with its answers, and every evaluator is asked again.
    Raises BadInputs with "bid/leaf" as the field, and Conflict where nothing is recorded yet.
    """
    now = clock.now()
    sheet = _moderated(actor, competition, lot, criterion, now)
    if not entries:
        raise BadInput("entries", "Give at least one agreed mark.")
    check_entries(sheet, entries)
    standing = queries.consensus_on(sheet)
    problems = []
    for (bid, leaf), (mark, reason) in entries.items():
        before = standing.get((bid, leaf))
        if before is None:
            raise Conflict(f"No consensus on {leaf} of {bid} is recorded yet. Record it first.")
        lifecycle.CONSENSUS_TABLE.find(
            lifecycle.consensus_status(before.closed_at, is_locked=False), "consensus_changed"
        )
        if (before.mark, before.reason) == (mark, reason.strip()):
            problems.append((f"{bid}/{leaf}", "Change the mark or the reason, or leave it as is."))
    if problems:
        raise BadInputs(problems)
    earlier = {key: standing[key] for key in entries}
    for row in earlier.values():
        row.superseded_at = now
    rows = [
        _version(actor, sheet, key, entry, version=earlier[key].version + 1, now=now)
        for key, entry in entries.items()
    ]
    db.session.flush()
    audit.record(
        actor,
        Event.CONSENSUS_CHANGED,
        Subject("sheet", sheet.reference),
        {
            "model_sha256": sheet.competition.model_sha256,
            "agreed": _stated(entries, {key: row.mark for key, row in earlier.items()}),
        },
        at=now,
        stream=competition_stream(competition),
    )
    return rows


def agree_consensus(
    actor: Actor, competition: str, lot: str, criterion: str, *, clock: Clock
) -> int:
    """An evaluator agrees to every agreed mark of a sheet on which they have not yet spoken.

    When the last evaluator has spoken, it closes by the rule of the published model. Raises
    Conflict while the moderator has not recorded the whole sheet, or where the evaluator has
    spoken on all of it. Returns how many agreed marks are closed by this.
    """
    now = clock.now()
    sheet = _agreeing(actor, competition, lot, criterion, now)
    standing = queries.consensus_on(sheet)
    if set(standing) != set(sheet.by_key):
        raise Conflict("The moderator has not recorded every agreed mark of this sheet yet.")
    open_rows = [
        row
        for row in standing.values()
        if row.closed_at is None and _answer_of(row, actor.reference) is None
    ]
    if not open_rows:
        raise Conflict("You have already said what you think of every mark of this sheet.")
    for row in open_rows:
        _answer(row, actor.reference, "", now)
    closed = _close(sheet, open_rows, now)
    db.session.flush()
    audit.record(
        actor,
        Event.CONSENSUS_AGREED,
        Subject("sheet", sheet.reference),
        {"agreed": len(open_rows)},
        at=now,
        stream=competition_stream(competition),
    )
    _record_closing(actor, sheet, closed, now)
    return len(closed)


def dissent(
    actor: Actor, competition: str, bid: str, leaf: str, *, reason: str, clock: Clock
) -> Consensus:
    """An evaluator who does not agree says so with the reason, which stays with the agreed mark.

    Where the published model says so, it closes over a dissent when more agree. Raises BadInput at
    `reason`, and Conflict where no consensus stands, or once it is closed.
    """
    now = clock.now()
    sheet = queries.sheet_of_answer(competition, bid, leaf, for_writing=True)
    _require_agreeing(actor, sheet, now)
    row = queries.consensus_on(sheet).get((bid, leaf))
    if row is None:
        raise Conflict("The moderator has not recorded this agreed mark yet.")
    if row.closed_at is not None:
        raise Conflict("This agreed mark is closed. The moderator can record a new one.")
    if not reason.strip():
        raise BadInput("reason", "Give the reason why you do not agree.")
    _answer(row, actor.reference, reason.strip(), now)
    closed = _close(sheet, [row], now)
    db.session.flush()
    audit.record(
        actor,
        Event.CONSENSUS_DISSENTED,
        Subject("sheet", sheet.reference),
        {"bid": bid, "leaf": leaf, "reason_sha256": sha256_hex(reason.strip())},
        at=now,
        stream=competition_stream(competition),
    )
    _record_closing(actor, sheet, closed, now)
    return row


def withdraw_dissent(
    actor: Actor, competition: str, bid: str, leaf: str, *, clock: Clock
) -> Consensus:
    """An evaluator who dissented may come to agree, until the agreed mark is closed.

    The trail keeps both words. Raises Conflict where the evaluator has no open dissent on it.
    """
    now = clock.now()
    sheet = queries.sheet_of_answer(competition, bid, leaf, for_writing=True)
    _require_agreeing(actor, sheet, now)
    row = queries.consensus_on(sheet).get((bid, leaf))
    answer = None if row is None else _answer_of(row, actor.reference)
    if row is None or row.closed_at is not None or answer is None or answer.agrees:
        raise Conflict("You have no open dissent on this agreed mark.")
    _answer(row, actor.reference, "", now)
    closed = _close(sheet, [row], now)
    db.session.flush()
    audit.record(
        actor,
        Event.CONSENSUS_AGREED,
        Subject("sheet", sheet.reference),
        {"bid": bid, "leaf": leaf, "dissent_withdrawn": True},
        at=now,
        stream=competition_stream(competition),
    )
    _record_closing(actor, sheet, closed, now)
    return row


def _moderated(actor: Actor, competition: str, lot: str, criterion: str, now: datetime) -> Sheet:
    sheet = queries.sheet(competition, lot, criterion, for_writing=True)
    facts = queries.facts_on(sheet, actor, now, role=Role.MODERATOR)
    require(actor, Permission.EVALUATION_RECORD_CONSENSUS, facts)
    return sheet


def _agreeing(actor: Actor, competition: str, lot: str, criterion: str, now: datetime) -> Sheet:
    sheet = queries.sheet(competition, lot, criterion, for_writing=True)
    _require_agreeing(actor, sheet, now)
    return sheet


def _require_agreeing(actor: Actor, sheet: Sheet, now: datetime) -> None:
    facts = queries.facts_on(sheet, actor, now, role=Role.EVALUATOR)
    require(actor, Permission.EVALUATION_AGREE_CONSENSUS, facts)


def _version(
    actor: Actor, sheet: Sheet, key: Key, entry: Entry, *, version: int, now: datetime
) -> Consensus:
    bid, leaf = sheet.by_key[key]
    row = Consensus(
        bid_id=bid.id,
        leaf_id=leaf.id,
        version=version,
        mark=entry[0],
        reason=entry[1].strip(),
        moderator=actor.reference,
        model_sha256=sheet.competition.model_sha256 or "",
        recorded_at=now,
        agreements=[],
    )
    db.session.add(row)
    return row


def _stated(entries: Mapping[Key, Entry], before: Mapping[Key, int]) -> list[dict[str, object]]:
    """The agreed marks for the trail; the reasons stand there as a digest."""
    return [
        {
            "bid": bid,
            "leaf": leaf,
            "mark": mark,
            "before": before.get((bid, leaf)),
            "reason_sha256": sha256_hex(reason.strip()),
        }
        for (bid, leaf), (mark, reason) in sorted(entries.items())
    ]


def _answer_of(row: Consensus, evaluator: str) -> ConsensusAgreement | None:
    return next((a for a in row.agreements if a.evaluator == evaluator), None)


def _answer(row: Consensus, evaluator: str, reason: str, now: datetime) -> None:
    """Write down what an evaluator says to a consensus; a word given before is replaced."""
    answer = _answer_of(row, evaluator)
    if answer is None:
        answer = ConsensusAgreement(evaluator=evaluator)
        row.agreements.append(answer)
    answer.agrees = not reason
    answer.dissent = reason
    answer.at = now


def _close(sheet: Sheet, rows: Collection[Consensus], now: datetime) -> list[Consensus]:
    """Close those that may close by the rule of the published model: everyone has spoken first."""
    rule = competition_queries.evaluation_model(sheet.competition).closing_rule
    evaluators = {assignment.person for assignment in sheet.evaluators}
    closed = []
    for row in rows:
        stated = moderation.Consensus(
            mark=row.mark,
            reason=row.reason,
            moderator=row.moderator,
            recorded_at=row.recorded_at,
            answers=tuple(
                moderation.Answer(a.evaluator, agrees=a.agrees, dissent=a.dissent)
                for a in row.agreements
            ),
            version=row.version,
        )
        if moderation.may_close(stated, evaluators, rule):
            advance(
                lifecycle.CONSENSUS_TABLE,
                lifecycle.ConsensusStatus.RECORDED,
                "consensus_closed",
                {"all_have_answered": True},
            )
            row.closed_at = now
            closed.append(row)
    return closed


def _record_closing(
    actor: Actor, sheet: Sheet, closed: Collection[Consensus], now: datetime
) -> None:
    if not closed:
        return
    audit.record(
        actor,
        Event.CONSENSUS_CLOSED,
        Subject("sheet", sheet.reference),
        {
            "closed": len(closed),
            "dissents": sum(not a.agrees for row in closed for a in row.agreements),
        },
        at=now,
        stream=competition_stream(sheet.competition.reference),
    )
