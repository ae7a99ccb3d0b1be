"""Changing the documents after the ITN is issued: by two people, and one event for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.changes import MINIMUMS, earliest_deadline
from commissioning.competition.domain.lifecycle import CHANGE
from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.models import (
    Competition,
    Decision,
    DocumentVersion,
    InvitationChange,
    TenderDocument,
)
from commissioning.competition.services import mail
from commissioning.competition.services.decisions import (
    close_decision,
    needed_reason,
    open_decision,
    take_up_decision,
)
from commissioning.competition.services.documents import (
    Measured,
    checked_file_name,
    own_document,
)
from commissioning.competition.services.extension import (
    as_payload,
    check_dates,
    dates_of,
    later_dates,
    put_dates,
)
from commissioning.competition.services.timetable import Moment, as_deadline
from commissioning.competition.services.typed import Faults
from commissioning.infrastructure import discards, documents
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, MoveRefused
from commissioning.kernel.references import new_reference
from commissioning.kernel.statutory import Regime
from commissioning.permissions import Permission, require

_ITN = TimetableEvent.ITN_DEADLINE
CHANGED = "has a changed invitation: read what changed, and confirm your bid or replace it"
FORM_CHANGED = (
    "has a changed invitation that alters the form of the bid: a bid that is not confirmed or "
    "replaced before the deadline does not count"
)


def draft_change(
    actor: Actor,
    competition: str,
    *,
    document: str | None,
    title: str,
    file_name: str,
    media_type: str,
    pieces: Iterable[bytes],
    summary: str,
    alters_form: bool,
    deadline: Moment | None = None,
    later: Mapping[TimetableEvent | str, Moment | None] | None = None,
    clock: Clock,
) -> InvitationChange:
    """The lead drafts a change of the issued invitation: a document, what changed, and how long.

    `document` is the reference of the one of which this is a new version, None for a document that
    is new, which then needs a `title`. `summary` says in words what changed; `alters_form` whether
    a bid written before can no longer count as it is. `deadline` is the new one, None where it
    stays; at least the published minimum remains after the change. A draft in hand gives way to it.
    Nothing is published. Raises NotFound, Forbidden, BadInput(s).
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_CHANGE, queries.facts(row, now))
    kept = None if document is None else own_document(row, document)
    faults = Faults()
    if kept is None:
        title = faults.line("title", title, what="the title of the document")
    name = checked_file_name(faults, file_name)
    faults.refuse()
    summary = needed_reason_at("summary", summary, "Say what changed: every bidder reads it.")
    dates = {} if deadline is None else {_ITN: as_deadline(deadline, "deadline")}
    dates |= later_dates(later or {})
    _check(row, dates, now)
    measured = Measured(pieces)
    key = documents.store().put(measured)
    if not measured.size:
        documents.store().delete(key)
        raise BadInput("file", "The file is empty. Choose another.")
    _drop_drafts(row, at=now)
    change = InvitationChange(
        reference=new_reference("CHG"),
        competition=row,
        document=kept,
        title=title if kept is None else kept.title,
        file_name=name,
        media_type=media_type,
        size_bytes=measured.size,
        sha256=measured.sha256,
        store_key=key,
        summary=summary,
        alters_form=alters_form,
        dates=as_payload(row, dates),
        status="drafted",
        drafted_by=actor.reference,
        drafted_at=now,
    )
    db.session.add(change)
    db.session.flush()
    audit.record(
        actor,
        Event.ITN_CHANGE_DRAFTED,
        Subject("invitation_change", change.reference),
        _told(change),
        at=now,
        stream=competition_stream(row.reference),
    )
    return change


def propose_change(actor: Actor, competition: str, change: str, *, clock: Clock) -> Decision:
    """The lead proposes a drafted change, or one that was sent back, to the second person.

    Raises NotFound, Forbidden (also once the deadline has passed), Conflict, and BadInput(s) where
    its dates do not hold any more.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_CHANGE, queries.facts(row, now))
    found = queries.change_by_reference(row, change)
    if not queries.is_in_hand(found):
        raise MoveRefused("This change is proposed already, or decided. Go back to the documents.")
    _check(row, dates_of(found.dates), now)
    decision = open_decision(
        actor,
        row,
        CHANGE,
        payload={"change": found.reference, **_told(found)},
        reason=found.summary,
        clock=clock,
    )
    found.status, found.decision = "proposed", decision
    db.session.flush()
    return decision


def drop_change(actor: Actor, competition: str, change: str, *, clock: Clock) -> InvitationChange:
    """The lead gives a drafted change up; its file is deleted.

    Raises NotFound, Forbidden, and Conflict for what is proposed, published or dropped.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_CHANGE, queries.facts(row, now))
    found = queries.change_by_reference(row, change)
    if not queries.is_in_hand(found):
        raise Conflict("This change is proposed already, or decided. Go back to the documents.")
    _drop(found, at=now)
    db.session.flush()
    audit.record(
        actor,
        Event.ITN_CHANGE_DROPPED,
        Subject("invitation_change", found.reference),
        {"sha256": found.sha256},
        at=now,
        stream=competition_stream(row.reference),
    )
    return found


def approve_change(
    actor: Actor, decision: str, *, reason: str = "", clock: Clock
) -> InvitationChange:
    """A second person publishes a change: a new version of the invitation, told to all at once.

    The document gets its new version, the deadline moves, and everyone concerned gets the same mail
    in one event. What was submitted before keeps its receipt; where the change alters the form of
    the bid, it counts only if it is confirmed or replaced. Raises NotFound, Forbidden, also once
    the deadline has passed, Conflict, and BadInput(s) where less than the minimum would remain.
    """
    proposal = take_up_decision(actor, decision, CHANGE, clock=clock)
    now = clock.now()  # under the lock: what came while this waited has not seen the change
    competition = proposal.competition
    change = queries.change_by_reference(competition, proposal.payload["change"])
    if proposal.payload != {"change": change.reference, **_told(change)}:
        raise MoveRefused("The change is not the one that was proposed. Send it back.")
    dates = dates_of(change.dates)
    _check(competition, dates, now)
    moved = put_dates(actor, competition, dates, at=now) if dates else {}
    document = change.document or TenderDocument(
        reference=new_reference("DOC"),
        competition=competition,
        title=change.title,
        part="itn",
        versions=[],
    )
    document.versions.append(_version_of(change, len(document.versions) + 1, at=now))
    change.document = document
    change.version = queries.invitation_version(competition) + 1
    change.status, change.published_at = "published", now
    close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    db.session.flush()
    happened = FORM_CHANGED if change.alters_form else CHANGED
    mail.tell(queries.everyone_concerned(competition), competition, happened, at=now)
    audit.record(
        actor,
        Event.ITN_CHANGED,
        Subject("invitation_change", change.reference),
        {
            **_told(change),
            "version": change.version,
            "document_version": len(document.versions),
            "dates": moved,
            "decision": proposal.reference,
            "proposed_by": proposal.proposed_by,
        },
        at=now,
        stream=competition_stream(competition.reference),
    )
    return change


def needed_reason_at(field: str, text: str, sentence: str) -> str:
    """A text that is needed, refused at its own field."""
    try:
        return needed_reason(text, sentence)
    except BadInput as error:
        raise BadInput(field, error.sentence) from error


def _check(
    competition: Competition, dates: Mapping[TimetableEvent, Deadline], now: datetime
) -> None:
    """The dates hold, and the published minimum remains after the change."""
    if dates:
        check_dates(competition, dates, now)
    deadline = dates.get(_ITN) or queries.deadline_of(competition, _ITN)
    if deadline is None:
        raise Conflict("There is no deadline for bids that a change could be measured by.")
    regime = Regime(competition.regime)
    earliest = earliest_deadline(now, regime, deadline.zone)
    if deadline.instant_utc < earliest.instant_utc:
        raise BadInput(
            "deadline",
            f"After a change bidders have at least {MINIMUMS[regime].days} days: choose "
            f"{earliest.in_words} or later.",
        )


def _told(change: InvitationChange) -> dict[str, object]:
    return {
        "document": None if change.document is None else change.document.reference,
        "title": change.title,
        "file_name": change.file_name,
        "sha256": change.sha256,
        "summary": change.summary,
        "alters_form": change.alters_form,
        "dates": change.dates,
    }


def _version_of(change: InvitationChange, version: int, *, at: datetime) -> DocumentVersion:
    return DocumentVersion(
        version=version,
        file_name=change.file_name,
        media_type=change.media_type,
        size_bytes=change.size_bytes,
        sha256=change.sha256,
        store_key=change.store_key,
        added_by=change.drafted_by,
        added_at=at,
    )


def _drop_drafts(competition: Competition, *, at: datetime) -> None:
    found = queries.drafted_change(competition)
    if found is not None:
        _drop(found, at=at)


def _drop(change: InvitationChange, *, at: datetime) -> None:
    change.status = "dropped"
    discards.discard(change.store_key, at=at)
