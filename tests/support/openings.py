"""Openings as tests hold them."""

from __future__ import annotations

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import competition_stream
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.models import OpeningAttendance
from commissioning.submission.services import custody
from tests.factories.submission import ITN_DEADLINE, contest, submitted_bid

PROFILES = [("full", 5, 3), ("short", 3, 2)]


def join(made, holder, envelope="quality"):
    return services.join_opening(holder, made.reference, envelope, clock=made.clock)


def events_of(made, name):
    links = trail.links(competition_stream(made.reference))
    return [link for link in links if link.event == name]


def closed(**changes):
    """A competition after its deadline, with a bid of every bidder."""
    made = contest(**changes)
    for bidder in made.bidders:
        submitted_bid(made, bidder)
    made.move_to(Stage.ITN_CLOSED)
    made.clock.move_to(ITN_DEADLINE)
    return made


def handed_over(made, envelope, holders):
    """The shares of these holders, as they wait with those present, and the last of the holders."""
    row = queries.opening_keys(made.row)[envelope]
    present = []
    for holder in holders:
        attendance = OpeningAttendance(
            holder=holder.reference, purpose="opening", joined_at=made.clock.now()
        )
        custody.hand_over(holder, row, attendance)
        present.append(attendance)
    return row, present, holders[-1]


def put_together(row, present, last):
    return custody.put_together(last, row, present, joined=[one.holder for one in present])
