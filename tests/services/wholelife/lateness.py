"""Commands: bids that come late, and what two people decide about each."""

from __future__ import annotations

from sqlalchemy import select

from commissioning.infrastructure.database import db
from commissioning.submission import models, services
from commissioning.submission.domain.lateness import Verdict
from tests.services.wholelife.bidding import OWN, SIGNATORY, _Bid
from tests.services.wholelife.deciding import LATE, _Approve, _Propose
from tests.services.wholelife.twin import Late

REASONS = ("Our line was down.", " ")


class SendLateBid(_Bid):
    """Sent once a lot from the deadline on; the same again gives the same receipt."""

    name = "submission.late.send_late_bid"
    service = services.send_late_bid

    def options(self, twin, n):
        for place in super().options(twin, n):
            bid = twin.bids.get((place["lot"], place["bidder"]))
            keys = [*(bid.receipts if bid else ())][-1:]
            for key in (f"key-{len(bid.receipts) if bid else 0}", *keys):
                for confirmed in (True, False):
                    for reason in REASONS:
                        yield {
                            **place,
                            "idempotency_key": key,
                            "confirmed_incomplete": confirmed,
                            "reason": reason,
                        }

    def may(self, twin, who, lot, bidder, idempotency_key, confirmed_incomplete, reason):
        bid = twin.bids.get((lot, bidder))
        if bid is None:
            return False
        if idempotency_key in bid.receipts:
            is_same = bid.receipts[idempotency_key] == bid.version
            late = twin.late.get((lot, bidder))
            if late is not None and late.key == idempotency_key:
                is_same = is_same and late.reason == reason.strip()
            return twin.owns(who, bidder, *OWN) and is_same
        return (
            twin.owns(who, bidder, *SIGNATORY)
            and (lot, bidder) in twin.admitted
            and twin.at("itn_open", "itn_closed")
            and twin.now >= twin.deadlines["itn_open"]
            and bid.status != "submitted"
            and (lot, bidder) not in twin.late
            and bid.has_quality
            and bid.fees is not None
            and (confirmed_incomplete or bid.is_answered)
            and bool(reason.strip())
        )

    def then(self, twin, who, result, lot, bidder, idempotency_key, reason, **rest):
        bid = twin.bids[lot, bidder]
        if idempotency_key in bid.receipts:
            return []
        bid.receipts[idempotency_key] = bid.version
        row = db.session.scalar(
            select(models.LateBid).where(models.LateBid.receipt_id == result.id)
        )
        twin.late[lot, bidder] = Late(row.reference, idempotency_key, reason.strip())
        return ["late_bid_received"]


class ProposeLateBid(_Propose):
    name = "submission.late.propose_late_bid"
    act = LATE

    def options(self, twin, n):
        for late in (*(one.reference for one in twin.late.values()), "LTE-NONE"):
            for verdict in ("accept", "refuse"):
                for reason in REASONS:
                    yield {"late": late, "verdict": verdict, "reason": reason}

    def may(self, twin, who, late, verdict, reason):
        return super().may(twin, who) and late in twin.late_waiting() and bool(reason.strip())

    def call(self, world, actor, late, verdict, reason):
        return services.propose_late_bid(
            actor, world.reference, late, Verdict(verdict), reason=reason, clock=world.clock
        )

    def then(self, twin, who, result, late, verdict, reason):
        events = super().then(twin, who, result)
        twin.proposals[self.act.event].late = (late, verdict)
        return events


class ApproveLateBid(_Approve):
    """An accepted one counts from now on; a refused one never does."""

    name = "submission.late.approve_late_bid"
    act, service = LATE, services.approve_late_bid

    def then(self, twin, who, result, decision):
        proposal = twin.proposals.pop(self.act.event)
        twin.decided.append(proposal)
        reference, verdict = proposal.late
        (place,) = [p for p, late in twin.late.items() if late.reference == reference]
        if verdict == "refuse":
            twin.late[place].status = "refused"
            return ["late_bid_refused"]
        twin.late[place].status = "accepted"
        bid = twin.bids[place]
        bid.status = "submitted"
        bid.submitted_fees = (bid.fees, bid.adjustments)
        bid.submitted_files = tuple(bid.files)
        return ["late_bid_accepted"]
