"""A deadline that the service cut short, seen by a bidder."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.competition import services as competing
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.models import LateBid
from tests.factories.submission import ITN_DEADLINE, contest, drafted_bid

MINUTE = timedelta(minutes=1)


@pytest.fixture
def made(session):
    """A draft that comes too late, because the service gave no sign of life before the deadline."""
    made = contest()
    drafted_bid(made, made.bidders[0])
    made.clock.move_to(ITN_DEADLINE - 10 * MINUTE)
    competing.probe_service(clock=made.clock)
    made.clock.move_to(ITN_DEADLINE + MINUTE / 2)
    return made


def submit(made, key="in-time"):
    (bidder,) = made.bidders
    return services.submit_bid(
        bidder.actor,
        made.reference,
        made.lot,
        bidder.reference,
        idempotency_key=key,
        clock=made.clock,
    )


def test_what_was_refused_is_taken_when_the_deadline_has_moved(made):
    with pytest.raises(services.TooLate):
        submit(made)
    competing.probe_service(clock=made.clock)
    assert services.pass_deadlines(clock=made.clock) == []
    submit(made)

    assert made.row.stage == Stage.ITN_OPEN.value
    assert queries.round_closing(made.row) is None


def test_a_late_bid_gives_way_to_one_in_time(made):
    (bidder,) = made.bidders
    late = services.send_late_bid(
        bidder.actor,
        made.reference,
        made.lot,
        bidder.reference,
        reason="The service was down.",
        idempotency_key="late",
        clock=made.clock,
    )
    competing.probe_service(clock=made.clock)
    services.pass_deadlines(clock=made.clock)
    assert db.session.scalars(select(LateBid)).all() != []  # its bidder decides, not the platform
    receipt = submit(made)

    assert db.session.scalars(select(LateBid)).all() == []
    body = queries.receipt_body(receipt)
    assert "late" not in body
    assert body["event"]["changes"]["replaces"] == late.reference
    assert queries.counting_receipt(receipt.bid).reference == receipt.reference
