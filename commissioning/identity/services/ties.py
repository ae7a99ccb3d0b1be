"""What organisations are to each other: who owns whom, and who is a member of which bidder.

The award counts the lots of everybody behind whom one organisation stands. So a tie is declared by
one of its two ends, and counts when the other has confirmed it; it ends likewise, by both. Until
then, or where the other end refuses, only the authority of a competition can decide that it counts
there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from commissioning.audit.domain.events import Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain.identifiers import normal_identifier
from commissioning.identity.domain.ties import Standing, TieKind, TieStatus
from commissioning.identity.models import ConsortiumMembership, Organisation, Ownership
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import post
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.permissions import Permission, may, require

WHOLE_PPM = 1_000_000

Tie = Ownership | ConsortiumMembership
_ENDED = {
    TieKind.OWNERSHIP: Event.OWNERSHIP_ENDED,
    TieKind.MEMBERSHIP: Event.CONSORTIUM_MEMBER_REMOVED,
}


_BETWEEN: dict[TieKind, Callable[[Organisation, Organisation], Tie | None]] = {
    TieKind.OWNERSHIP: queries.ownership_between,
    TieKind.MEMBERSHIP: queries.membership_between,
}


def other_organisation(scheme: str, identifier: str) -> Organisation:
    """The registered organisation with a number, as another one names it; BadInput otherwise."""
    try:
        number = normal_identifier(scheme, identifier)
    except ValueError as error:
        raise BadInput("identifier", str(error)) from None
    found = queries.organisation_by_identifier(scheme, number)
    if found is None:
        raise BadInput(
            "identifier",
            "No organisation with this number is registered here. Check the number, or ask the "
            "organisation to register first.",
        )
    return found


def record_ownership(actor: Actor, owner: str, owned: str, *, clock: Clock) -> Ownership:
    """A bidder says which organisation controls it, or which it controls; the other one answers.

    `owner` and `owned` are references, one of them the actor's own organisation. It counts from the
    other's confirmation on; one that was refused can be declared again. Raises BadInput at
    `identifier` for a tie to itself, that is declared already, or that would make an organisation
    own itself through others.
    """
    above, below = _held_ends(owner, owned)
    own = _own_end(actor, above, below)
    if above.id == below.id:
        raise BadInput("identifier", "An organisation cannot own itself.")
    row = queries.ownership_between(above, below)
    _refuse_declared(row, own, f"That {above.name} owns {below.name}")
    _refuse_circle(above, below)
    now = clock.now()
    if row is None:
        row = Ownership(owner=above, owned=below)
        db.session.add(row)
    _declare(row, own, now)
    record(
        actor,
        Event.OWNERSHIP_RECORDED,
        Subject("organisation", below.reference),
        {"owner": above.reference, "owned": below.reference},
        at=now,
        stream=organisation_stream(own.reference),
    )
    return row


def record_consortium_member(
    actor: Actor, consortium: str, member: str, share_ppm: int | None, *, clock: Clock
) -> ConsortiumMembership:
    """The lead of a consortium names its members, each with its share; each member confirms.

    `share_ppm` is in parts per million of the consortium, None where shares are not stated. Raises
    BadInput at `identifier` for itself or a member named already, at `share` for a share that is
    not above 0 or that takes the sum above the whole.
    """
    whole, part = _held_ends(consortium, member)
    require(actor, Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(whole))
    if whole.id == part.id:
        raise BadInput("identifier", "A consortium is not a member of itself.")
    row = queries.membership_between(whole, part)
    _refuse_declared(row, whole, f"That {part.name} is a member")
    if share_ppm is not None and not 0 < share_ppm <= WHOLE_PPM:
        raise BadInput("share", "Enter a share above 0% and up to 100%.")
    stated = db.session.scalar(
        select(func.sum(ConsortiumMembership.share_ppm)).where(
            ConsortiumMembership.consortium_id == whole.id,
            ConsortiumMembership.status != TieStatus.REFUSED.value,
        )
    )
    if int(stated or 0) + (share_ppm or 0) > WHOLE_PPM:
        raise BadInput("share", "The members’ shares come to more than 100%: lower one of them.")
    now = clock.now()
    if row is None:
        row = ConsortiumMembership(consortium=whole, member=part)
        db.session.add(row)
    row.share_ppm = share_ppm
    _declare(row, whole, now)
    record(
        actor,
        Event.CONSORTIUM_MEMBER_RECORDED,
        Subject("organisation", whole.reference),
        {"member": part.reference, "share_ppm": share_ppm},
        at=now,
        stream=organisation_stream(whole.reference),
    )
    return row


def _held_ends(first: str, second: str) -> tuple[Organisation, Organisation]:
    """Both ends, held in one order, so that two who declare at the same moment never block."""
    held = {one: queries.organisation_for_change(one) for one in sorted({first, second})}
    return held[first], held[second]


def confirm_tie(actor: Actor, kind: TieKind, first: str, second: str, *, clock: Clock) -> None:
    """A tie that one end declared counts from the moment at which the other end confirms it.

    `first` and `second` are the references of owner and owned, or of consortium and member. Raises
    NotFound where none is declared, Conflict where it is not this end's to answer, or where it
    would make an organisation own itself through others.
    """
    row, own, other = _found(actor, kind, first, second)
    if queries.standing_of(row, own) is not Standing.ANSWER_WANTED:
        raise Conflict(f"Nothing waits for your answer here: {other.name} is asked, or it is over.")
    if kind is TieKind.OWNERSHIP:
        try:
            _refuse_circle(*row.ends)
        except BadInput as circle:
            raise Conflict(f"{circle.sentence} Refuse it, or end the other tie first.") from None
    _answer(actor, row, own, Event.TIE_CONFIRMED, at=clock.now())


def refuse_tie(actor: Actor, kind: TieKind, first: str, second: str, *, clock: Clock) -> None:
    """Whoever is asked says that a declared tie does not exist: it does not count.

    Who declared it is told, and can take it back. Raises NotFound, and Conflict where it is not
    this end's to answer.
    """
    row, own, other = _found(actor, kind, first, second)
    if queries.standing_of(row, own) is not Standing.ANSWER_WANTED:
        raise Conflict(f"Nothing waits for your answer here: {other.name} is asked, or it is over.")
    _answer(actor, row, own, Event.TIE_REFUSED, at=clock.now())


def keep_tie(actor: Actor, kind: TieKind, first: str, second: str, *, clock: Clock) -> None:
    """Whoever is asked to end a confirmed tie says that it goes on; the other end is told.

    Raises NotFound, and Conflict where nobody has asked this end.
    """
    row, own, other = _found(actor, kind, first, second)
    if queries.standing_of(row, own) is not Standing.END_WANTED_BY_THEM:
        raise Conflict(f"{other.name} has not asked you to end this tie.")
    _answer(actor, row, own, Event.TIE_KEPT, at=clock.now())


def end_ownership(actor: Actor, owner: str, owned: str, *, clock: Clock) -> bool:
    """Who declared an ownership takes it back before it is confirmed; afterwards both ends end it.

    See `end_tie`.
    """
    return end_tie(actor, TieKind.OWNERSHIP, owner, owned, clock=clock)


def remove_consortium_member(actor: Actor, consortium: str, member: str, *, clock: Clock) -> bool:
    """The lead of a consortium takes a member out, or a member leaves: both say so.

    See `end_tie`.
    """
    return end_tie(actor, TieKind.MEMBERSHIP, consortium, member, clock=clock)


def end_tie(actor: Actor, kind: TieKind, first: str, second: str, *, clock: Clock) -> bool:
    """A tie that is not confirmed is taken back by its declarer; one that counts ends by both ends.

    The first of them asks, and the tie counts until the other one ends it as well: nobody alone
    steps out of a group that an award looks at. Returns whether it has ended. Raises NotFound where
    there is none, and Conflict where it is the other end's turn.
    """
    row, own, other = _found(actor, kind, first, second)
    now = clock.now()
    match queries.standing_of(row, own):
        case Standing.ANSWER_WANTED:
            raise Conflict(f"{other.name} declared this. Refuse it, if it is wrong.")
        case Standing.REFUSED_BY_US:
            raise Conflict(f"You have refused this. Only {other.name} can take it back.")
        case Standing.END_WANTED_BY_US:
            raise Conflict(f"You have asked for this already. It ends when {other.name} agrees.")
        case Standing.COUNTS:
            row.ending_asked_by = own.reference
            event, is_over = Event.TIE_END_ASKED, False
        case _:
            event, is_over = _ENDED[kind], True
    told = _told(row)
    if is_over:
        db.session.delete(row)
    db.session.flush()
    _tell(other, now)
    record(
        actor,
        event,
        Subject("organisation", second if kind is TieKind.OWNERSHIP else first),
        told,
        at=now,
        stream=organisation_stream(own.reference),
    )
    return is_over


def _found(
    actor: Actor, kind: TieKind, first: str, second: str
) -> tuple[Tie, Organisation, Organisation]:
    """The tie, the end for which the actor may speak, and the other one."""
    ends = queries.organisation_by_reference(first), queries.organisation_by_reference(second)
    own = _own_end(actor, *ends)
    row = _BETWEEN[TieKind(kind)](*ends)
    if row is None:
        raise NotFound
    return row, own, ends[1] if own.id == ends[0].id else ends[0]


def _own_end(actor: Actor, first: Organisation, second: Organisation) -> Organisation:
    """Which of the two the actor may speak for; Forbidden for neither."""
    permission = Permission.IDENTITY_EDIT_ORGANISATION
    for end in (first, second):
        if may(actor, permission, queries.facts(end)):
            return end
    require(actor, permission, queries.facts(first))
    raise NotFound


def _refuse_declared(row: Tie | None, own: Organisation, said: str) -> None:
    if row is None or row.status == TieStatus.REFUSED.value:
        return
    if queries.standing_of(row, own) is Standing.ANSWER_WANTED:
        raise BadInput(
            "identifier", f"{said} is declared by the other organisation. Confirm it instead."
        )
    raise BadInput("identifier", f"{said} is declared already.")


def _refuse_circle(above: Organisation, below: Organisation) -> None:
    """Of the ties that count, none may make an organisation own itself through others.

    Nor may the opposite be declared, as long as nobody has refused it.
    """
    opposite = queries.ownership_between(below, above)
    is_declared = opposite is not None and opposite.status != TieStatus.REFUSED.value
    if is_declared or above.reference in _owned_through(queries.ownership_pairs(), below.reference):
        raise BadInput(
            "identifier",
            f"{below.name} owns {above.name}, itself or through others: look at the direction.",
        )


def _declare(row: Tie, own: Organisation, at: datetime) -> None:
    row.status = TieStatus.WAITING.value
    row.declared_by = own.reference
    row.answered_at = None
    row.recorded_at = at
    db.session.flush()
    first, second = row.ends
    _tell(second if own.id == first.id else first, at)


def _answer(actor: Actor, row: Tie, own: Organisation, event: Event, *, at: datetime) -> None:
    """Keep what the other end says, tell the first one, and record it."""
    is_refused = event is Event.TIE_REFUSED
    row.status = (TieStatus.REFUSED if is_refused else TieStatus.CONFIRMED).value
    row.answered_at = at
    row.ending_asked_by = None
    db.session.flush()
    first, second = row.ends
    _tell(second if own.id == first.id else first, at)
    record(
        actor,
        event,
        Subject("organisation", (second if isinstance(row, Ownership) else first).reference),
        _told(row),
        at=at,
        stream=organisation_stream(own.reference),
    )


def _told(row: Tie) -> dict[str, Any]:
    first, second = (end.reference for end in row.ends)
    if isinstance(row, ConsortiumMembership):
        return {"consortium": first, "member": second, "share_ppm": row.share_ppm}
    return {"owner": first, "owned": second}


def _owned_through(pairs: set[tuple[str, str]], top: str) -> set[str]:
    """Everything that an organisation owns, itself or through others."""
    found: set[str] = set()
    frontier = {top}
    while frontier:
        frontier = {owned for owner, owned in pairs if owner in frontier} - found
        found |= frontier
    return found


def _tell(other: Organisation, at: datetime) -> None:
    for address in queries.emails_of([other.reference]):
        post(
            address,
            "A tie of your organisation was declared, answered or taken back",
            "Another organisation has said that it owns yours, is owned by it, or is in a "
            "consortium with it, or has answered what yours said. Sign in to read it, and to "
            "answer where you are asked: ties that both confirm count against the limits of an "
            "award.",
            at=at,
        )
