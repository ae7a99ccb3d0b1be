"""What organisations are to each other: who owns whom, and who is a member of which bidder.

The award counts the lots of everybody behind whom one organisation stands, so each tie is declared
by an organisation about itself, told to the other one, and kept in the trail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from commissioning.audit.domain.events import Event, Subject, organisation_stream
from commissioning.audit.services import record
from commissioning.identity import queries
from commissioning.identity.domain.identifiers import normal_identifier
from commissioning.identity.models import ConsortiumMembership, Organisation, Ownership
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import post
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, NotFound
from commissioning.permissions import Permission, may, require

WHOLE_PPM = 1_000_000


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
    """A bidder says which organisation controls it, or which it controls; the other one is told.

    `owner` and `owned` are references, one of them the actor's own organisation. Raises BadInput at
    `identifier` for a tie to itself, that is recorded already, or that would make an organisation
    own itself through others.
    """
    above = queries.organisation_by_reference(owner)
    below = queries.organisation_by_reference(owned)
    own = _own_end(actor, above, below)
    if above.id == below.id:
        raise BadInput("identifier", "An organisation cannot own itself.")
    pairs = queries.ownership_pairs()
    if (above.reference, below.reference) in pairs:
        raise BadInput("identifier", f"That {above.name} owns {below.name} is recorded already.")
    if above.reference in _owned_through(pairs, below.reference):
        raise BadInput(
            "identifier",
            f"{below.name} owns {above.name}, itself or through others: look at the direction.",
        )
    now = clock.now()
    row = Ownership(owner=above, owned=below, recorded_at=now)
    db.session.add(row)
    db.session.flush()
    _tell_other(own, above, below, now)
    record(
        actor,
        Event.OWNERSHIP_RECORDED,
        Subject("organisation", below.reference),
        {"owner": above.reference, "owned": below.reference},
        at=now,
        stream=organisation_stream(own.reference),
    )
    return row


def end_ownership(actor: Actor, owner: str, owned: str, *, clock: Clock) -> None:
    """Either organisation takes a recorded ownership back when it has ended; the other is told.

    Raises NotFound when none is recorded.
    """
    above = queries.organisation_by_reference(owner)
    below = queries.organisation_by_reference(owned)
    own = _own_end(actor, above, below)
    row = db.session.scalar(
        select(Ownership).where(Ownership.owner_id == above.id, Ownership.owned_id == below.id)
    )
    if row is None:
        raise NotFound
    now = clock.now()
    db.session.delete(row)
    db.session.flush()
    _tell_other(own, above, below, now)
    record(
        actor,
        Event.OWNERSHIP_ENDED,
        Subject("organisation", below.reference),
        {"owner": above.reference, "owned": below.reference},
        at=now,
        stream=organisation_stream(own.reference),
    )


def record_consortium_member(
    actor: Actor, consortium: str, member: str, share_ppm: int | None, *, clock: Clock
) -> ConsortiumMembership:
    """The lead of a consortium names its members, each with its share; the member is told.

    `share_ppm` is in parts per million of the consortium, None where shares are not stated. Raises
    BadInput at `identifier` for itself or a member named already, at `share` for a share that is
    not above 0 or that takes the sum above the whole.
    """
    whole = queries.organisation_by_reference(consortium)
    require(actor, Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(whole))
    part = queries.organisation_by_reference(member)
    if whole.id == part.id:
        raise BadInput("identifier", "A consortium is not a member of itself.")
    if _membership(whole, part) is not None:
        raise BadInput("identifier", f"{part.name} is a member already.")
    if share_ppm is not None and not 0 < share_ppm <= WHOLE_PPM:
        raise BadInput("share", "Enter a share above 0% and up to 100%.")
    stated = db.session.scalar(
        select(func.sum(ConsortiumMembership.share_ppm)).where(
            ConsortiumMembership.consortium_id == whole.id
        )
    )
    if int(stated or 0) + (share_ppm or 0) > WHOLE_PPM:
        raise BadInput("share", "The members’ shares come to more than 100%: lower one of them.")
    now = clock.now()
    row = ConsortiumMembership(consortium=whole, member=part, share_ppm=share_ppm, recorded_at=now)
    db.session.add(row)
    db.session.flush()
    _tell_other(whole, whole, part, now)
    record(
        actor,
        Event.CONSORTIUM_MEMBER_RECORDED,
        Subject("organisation", whole.reference),
        {"member": part.reference, "share_ppm": share_ppm},
        at=now,
        stream=organisation_stream(whole.reference),
    )
    return row


def remove_consortium_member(actor: Actor, consortium: str, member: str, *, clock: Clock) -> None:
    """The lead of a consortium takes a member out, or a member leaves; the other one is told.

    Raises NotFound when the member was not named.
    """
    whole = queries.organisation_by_reference(consortium)
    part = queries.organisation_by_reference(member)
    own = _own_end(actor, whole, part)
    row = _membership(whole, part)
    if row is None:
        raise NotFound
    now = clock.now()
    share = row.share_ppm
    db.session.delete(row)
    db.session.flush()
    _tell_other(own, whole, part, now)
    record(
        actor,
        Event.CONSORTIUM_MEMBER_REMOVED,
        Subject("organisation", whole.reference),
        {"member": part.reference, "share_ppm": share},
        at=now,
        stream=organisation_stream(own.reference),
    )


def _own_end(actor: Actor, first: Organisation, second: Organisation) -> Organisation:
    """Which of the two the actor may speak for; Forbidden for neither."""
    permission = Permission.IDENTITY_EDIT_ORGANISATION
    for end in (first, second):
        if may(actor, permission, queries.facts(end)):
            return end
    require(actor, permission, queries.facts(first))
    raise NotFound


def _membership(whole: Organisation, part: Organisation) -> ConsortiumMembership | None:
    return db.session.scalar(
        select(ConsortiumMembership).where(
            ConsortiumMembership.consortium_id == whole.id,
            ConsortiumMembership.member_id == part.id,
        )
    )


def _owned_through(pairs: set[tuple[str, str]], top: str) -> set[str]:
    """Everything that an organisation owns, itself or through others."""
    found: set[str] = set()
    frontier = {top}
    while frontier:
        frontier = {owned for owner, owned in pairs if owner in frontier} - found
        found |= frontier
    return found


def _tell_other(own: Organisation, first: Organisation, second: Organisation, at: datetime) -> None:
    other = second if own.id == first.id else first
    for address in queries.emails_of([other.reference]):
        post(
            address,
            "A tie to your organisation was declared or taken back",
            "Another organisation has declared, or taken back, that it owns yours, is owned by it, "
            "or is in a consortium with it. Sign in to read it, and tell the authority if it is "
            "wrong: such ties count against the limits of an award.",
            at=at,
        )
