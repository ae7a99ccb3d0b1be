"""What every page of a bidder begins with: whose bid it is, for what, and whether there is time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint

from commissioning.competition.domain.lifecycle import OPEN_UNTIL
from commissioning.competition.domain.timetable import Deadline, TimetableEvent
from commissioning.competition.models import Competition, Lot
from commissioning.competition.queries import deadline_of, moved_from
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may
from commissioning.submission import queries, services
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.models import SelectionResponse
from commissioning.web.access import clock, current_actor

blueprint = Blueprint("submission", __name__)


def own_organisation() -> str:
    """The reference of the organisation that the person has signed in for."""
    organisation = current_actor().organisation
    if organisation is None:
        raise NotFound
    return organisation


@dataclass(frozen=True, slots=True)
class Frame:
    """A bidder's place in a competition, and what the person who reads may do there now."""

    standing: services.Standing
    write: Permission
    submit: Permission

    @property
    def competition(self) -> Competition:
        return self.standing.competition

    @property
    def reference(self) -> str:
        return self.standing.competition.reference

    @property
    def stage(self) -> Stage:
        return Stage(self.standing.competition.stage)

    @property
    def deadline(self) -> datetime | None:
        return self.standing.deadline

    @property
    def moved_from(self) -> Deadline | None:
        """The deadline that people set, where it moved since because the service failed."""
        return moved_from(self.standing.competition, OPEN_UNTIL[self.standing.open_stage])

    @property
    def is_open(self) -> bool:
        """Whether there is time: not at the instant of the deadline any more."""
        now, deadline = self.standing.facts.now, self.standing.deadline
        in_time = now is not None and deadline is not None and now < deadline
        return in_time and self.stage is self.standing.open_stage

    @property
    def has_closed(self) -> bool:
        """Whether it was open once, and is no more."""
        return not self.is_open and queries.has_reached(
            self.standing.competition, self.standing.open_stage
        )

    @property
    def may_write(self) -> bool:
        return may(current_actor(), self.write, self.standing.facts)

    @property
    def may_ask_for_help(self) -> bool:
        return may(current_actor(), Permission.SUBMISSION_ASK_FOR_HELP, self.standing.facts)

    @property
    def may_submit(self) -> bool:
        return may(current_actor(), self.submit, self.standing.facts)


@dataclass(frozen=True, slots=True)
class PqqFrame(Frame):
    """The frame of a PQQ response."""

    response: SelectionResponse | None


@dataclass(frozen=True, slots=True)
class BidFrame(Frame):
    """The frame of a bid for a lot."""

    own: services.OwnBid

    @property
    def lot(self) -> Lot:
        return self.own.lot

    @property
    def place(self) -> tuple[str, str, str]:
        """What services of a bid take: competition, lot, organisation."""
        return self.reference, self.lot.reference, self.standing.organisation.reference

    @property
    def is_submitted(self) -> bool:
        return self.own.submitted is not None

    @property
    def under_version(self) -> queries.UnderVersion | None:
        """The submitted bid under the versions of the invitation; None where it never changed."""
        bid = self.own.bid
        found = [] if bid is None else queries.under_versions(self.competition, [bid])
        return found[0] if found else None

    @property
    def has_lapsed(self) -> bool:
        """Whether the bid was not confirmed after a change of its form, and does not count."""
        return self.own.bid is not None and self.own.bid.status == BidStatus.LAPSED.value

    @property
    def takes_late(self) -> bool:
        """Whether a late bid is still taken: from the deadline until the quality opening."""
        now, deadline = self.standing.facts.now, self.standing.deadline
        is_past = now is not None and deadline is not None and now >= deadline
        return is_past and self.stage in {Stage.ITN_OPEN, Stage.ITN_CLOSED}

    @property
    def may_send_late(self) -> bool:
        """Whether this person may send a late bid; one that the bidder has keeps another away."""
        return may(current_actor(), Permission.SUBMISSION_SEND_LATE_BID, self.standing.facts)


def pqq_frame(reference: str) -> PqqFrame:
    """The own PQQ response, for its people; NotFound where the competition holds no PQQ."""
    standing, response = services.read_own_response(
        current_actor(), reference, own_organisation(), at=clock().now()
    )
    if deadline_of(standing.competition, TimetableEvent.PQQ_DEADLINE) is None:
        raise NotFound
    return PqqFrame(
        standing,
        Permission.SUBMISSION_WRITE_PQQ,
        Permission.SUBMISSION_SUBMIT_PQQ,
        response,
    )


def bid_frame(reference: str, lot: str) -> BidFrame:
    """The own bid for a lot, for its people.

    Raises NotFound for a lot to which the bidder is not admitted, KeyLocked where the session does
    not open the bidder's key.
    """
    actor, organisation = current_actor(), own_organisation()
    standing = services.own_standing(actor, reference, organisation, lot=lot, at=clock().now())
    if not standing.facts.is_admitted or not queries.has_reached(
        standing.competition, Stage.ITN_OPEN
    ):
        raise NotFound
    return BidFrame(
        standing,
        Permission.SUBMISSION_WRITE_BID,
        Permission.SUBMISSION_SUBMIT_BID,
        services.read_own_bid(actor, reference, lot, organisation),
    )
