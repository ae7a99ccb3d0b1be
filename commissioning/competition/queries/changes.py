"""Reading the changes of an invitation after its issue."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from commissioning.competition.domain.changes import IssuedVersion, current_version
from commissioning.competition.models import Competition, InvitationChange
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound


def published_changes(competition: Competition) -> Sequence[InvitationChange]:
    """The published changes of the invitation, in the order of their versions."""
    return db.session.scalars(
        _published([competition.id]).options(joinedload(InvitationChange.document))
    ).all()


def _published(competitions: Collection[int]) -> Select[tuple[InvitationChange]]:
    return (
        select(InvitationChange)
        .where(
            InvitationChange.competition_id.in_(competitions),
            InvitationChange.status == "published",
        )
        .order_by(InvitationChange.version)
    )


def issued_versions(competition: Competition) -> list[IssuedVersion]:
    """The versions of the invitation after the first, as a bid is judged by them."""
    return issued_versions_of_each(competition)[competition.id]


def issued_versions_of_each(*competitions: Competition) -> dict[int, list[IssuedVersion]]:
    """The versions of several invitations, by competition."""
    found: dict[int, list[IssuedVersion]] = {row.id: [] for row in competitions}
    for row in db.session.scalars(_published(found)):
        if row.version is not None and row.published_at is not None:
            found[row.competition_id].append(
                IssuedVersion(row.version, row.published_at, row.alters_form)
            )
    return found


def invitation_version(competition: Competition) -> int:
    """The version of the invitation that holds now; it is issued as version 1."""
    return current_version(issued_versions(competition))


def change_by_reference(competition: Competition, reference: str) -> InvitationChange:
    """One change, published or not; NotFound where the competition has none of that reference."""
    found = db.session.scalar(
        select(InvitationChange)
        .options(joinedload(InvitationChange.decision), joinedload(InvitationChange.document))
        .where(
            InvitationChange.competition_id == competition.id,
            InvitationChange.reference == reference,
        )
    )
    if found is None:
        raise NotFound
    return found


def drafted_change(competition: Competition) -> InvitationChange | None:
    """The change that its lead has in hand: drafted, or sent back."""
    rows = db.session.scalars(
        select(InvitationChange)
        .options(joinedload(InvitationChange.decision))
        .where(
            InvitationChange.competition_id == competition.id,
            InvitationChange.status.in_(["drafted", "proposed"]),
        )
        .order_by(InvitationChange.id.desc())
    )
    return next((row for row in rows if is_in_hand(row)), None)


def is_in_hand(change: InvitationChange) -> bool:
    """Whether a change can be proposed: it was not yet, or was sent back."""
    if change.status == "proposed":
        return change.decision is not None and change.decision.status == "sent_back"
    return change.status == "drafted"
