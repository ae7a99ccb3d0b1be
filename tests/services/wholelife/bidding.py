"""Commands: what bidders do in the PQQ and in the ITN."""

from __future__ import annotations

import itertools

from sqlalchemy import select

from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.submission import models, services
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import Bid, Response
from tests.support import small_competition as small

WRITERS = (Role.BID_MANAGER, Role.BID_WRITER)
SIGNATORY = (Role.SIGNATORY,)
OWN = (*WRITERS, *SIGNATORY)
FUNDING = (10_000_000_00, 3_000_000_00, 6_000_000_00)
MOST_FILES = 5


def bidder_options(n):
    return [{"bidder": bidder} for bidder in small.BIDDERS]


class _Pqq(Command):
    roles = WRITERS

    def options(self, twin, n):
        return bidder_options(n)

    def may(self, twin, who, bidder, **args):
        return twin.owns(who, bidder, *self.roles) and twin.at("pqq_open") and twin.is_in_time


class SaveResponse(_Pqq):
    name = "submission.pqq.save_response"

    def options(self, twin, n):
        lots = tuple(lot for place, lot in enumerate(twin.lots) if (n % 7 + 1) >> place & 1)
        whole = {
            "answers": {
                "Q1": "A company.",
                "Q2": "no" if n % 11 == 5 else "yes",
                "Q3": "Since 2004.",
            },
            "lots": tuple(twin.lots) if n % 3 else lots,
            "funding": FUNDING[n % 5 % 3],
            "source": "A guarantee.",
        }
        for each in bidder_options(n):
            yield {**each, **whole}
            yield {**each, **whole, "answers": {"Q1": "A company."}, "lots": None}
            yield {**each, **whole, "lots": ("L9",)}
            yield {**each, **whole, "answers": {"Q2": "perhaps"}}

    def may(self, twin, who, bidder, answers, lots, funding, source):
        return (
            super().may(twin, who, bidder)
            and (lots is None or set(lots) <= set(twin.lots))
            and answers.get("Q2") != "perhaps"
        )

    def call(self, world, actor, bidder, answers, lots, funding, source):
        return services.save_response(
            actor,
            world.reference,
            world.organisations[bidder],
            answers=answers,
            lots=lots,
            proved_funding_pence=funding,
            funding_source=source,
            clock=world.clock,
        )

    def then(self, twin, who, result, bidder, answers, lots, funding, source):
        response = twin.responses.setdefault(bidder, Response())
        response.reference = result.reference
        response.answers |= answers
        response.lots = response.lots if lots is None else lots
        response.funding, response.source = funding, source
        return ["pqq_response_saved"]


class SubmitResponse(_Pqq):
    name = "submission.pqq.submit_response"
    roles = SIGNATORY

    def may(self, twin, who, bidder):
        response = twin.responses.get(bidder)
        return super().may(twin, who, bidder) and response is not None and response.is_complete

    def call(self, world, actor, bidder):
        return services.submit_response(
            actor, world.reference, world.organisations[bidder], clock=world.clock
        )

    def then(self, twin, who, result, bidder):
        response = twin.responses[bidder]
        response.status = "submitted"
        response.submitted = {
            "answers": dict(response.answers),
            "lots": response.lots,
            "funding": response.funding,
        }
        return ["pqq_response_submitted"]


class WithdrawResponse(_Pqq):
    name = "submission.pqq.withdraw_response"
    roles = SIGNATORY

    def may(self, twin, who, bidder):
        is_sent = bidder in twin.submitted_responses
        return super().may(twin, who, bidder) and is_sent

    def call(self, world, actor, bidder):
        return services.withdraw_response(
            actor, world.reference, world.organisations[bidder], clock=world.clock
        )

    def then(self, twin, who, result, bidder):
        twin.responses[bidder].status = "withdrawn"
        return ["pqq_response_withdrawn"]


class PqqRefusal(_Pqq):
    """Whoever comes too late is told so, and the trail keeps it."""

    name = "submission.pqq.pqq_refusal_if_late"

    def may(self, twin, who, bidder):
        return twin.owns(who, bidder, *OWN) and twin.has_reached("pqq_open")

    def call(self, world, actor, bidder):
        return services.pqq_refusal_if_late(
            actor,
            world.reference,
            world.organisations[bidder],
            received_at=world.clock.now(),
            clock=world.clock,
        )

    def then(self, twin, who, result, bidder):
        is_late = (
            twin.owns(who, bidder, *SIGNATORY)
            and twin.since("pqq_open")
            and twin.now >= twin.deadlines["pqq_open"]
        )
        assert (result is not None) == is_late
        return ["submission_refused_as_late"] if is_late else []


class _Bid(Command):
    roles = WRITERS

    def options(self, twin, n):
        return [
            {"lot": lot, "bidder": bidder}
            for lot, bidder in itertools.product(small.LOTS, small.BIDDERS)
        ]

    def may(self, twin, who, lot, bidder, **args):
        return (
            twin.owns(who, bidder, *self.roles)
            and twin.at("itn_open")
            and twin.is_in_time
            and (lot, bidder) in twin.admitted
        )

    def call(self, world, actor, lot, bidder, **args):
        return type(self).service(
            actor, world.reference, lot, world.organisations[bidder], **args, clock=world.clock
        )

    def begun(self, twin, lot, bidder, reference):
        """The bid of the twin, begun with this act where there was none."""
        bid = twin.bids.setdefault((lot, bidder), Bid(reference))
        bid.reference = bid.reference or reference
        return bid


class StartBid(_Bid):
    name = "submission.drafts.start_bid"
    service = services.start_bid

    def then(self, twin, who, result, lot, bidder):
        assert self.begun(twin, lot, bidder, result.reference).reference == result.reference
        return ["bid_draft_saved"]


class SaveQualityDraft(_Bid):
    name = "submission.drafts.save_quality_draft"
    service = services.save_quality_draft

    def options(self, twin, n):
        for place in super().options(twin, n):
            told = f"{place['lot']} {place['bidder']} {n}"
            whole = {leaf: f"Our way with {leaf}. CANARY-Q {told}" for leaf in small.LEAVES}
            yield {**place, "answers": whole}
            yield {**place, "answers": {"C1": whole["C1"]}}
            yield {**place, "answers": {"C2.1": ""}}
            yield {**place, "answers": {"C1": "word " * 1001}}
            yield {**place, "answers": {"C9": "CANARY-Q"}}

    def may(self, twin, who, lot, bidder, answers):
        is_sound = "C9" not in answers and all(len(t.split()) <= 1000 for t in answers.values())
        return super().may(twin, who, lot, bidder) and is_sound

    def then(self, twin, who, result, lot, bidder, answers):
        bid = self.begun(twin, lot, bidder, result.reference)
        bid.answers |= answers
        bid.has_quality = True
        bid.version += 1
        return ["bid_draft_saved"]


def fees_for(lot, bidder, n):
    """Fees near the lot's value, each year another."""
    base = small.LOTS[lot] * (900 + small.BIDDERS.index(bidder) * 10 + n % 90) // 1000
    return tuple(base + year * 1_234_567 + n % 1000 for year in range(small.PRICE_YEARS))


class SavePriceDraft(_Bid):
    name = "submission.drafts.save_price_draft"
    service = services.save_price_draft

    def options(self, twin, n):
        for place in super().options(twin, n):
            sound = {
                "fees_pence": fees_for(**place, n=n),
                "adjustments_pence": n % 7 * 1001 - 3000,
                "note": f"CANARY-P {place['lot']} {place['bidder']} {n}",
            }
            yield {**place, **sound}
            yield {**place, **sound, "fees_pence": (1, 2)}
            yield {**place, **sound, "fees_pence": (0, *sound["fees_pence"][1:])}

    def may(self, twin, who, lot, bidder, fees_pence, adjustments_pence, note):
        is_sound = len(fees_pence) == small.PRICE_YEARS and all(fees_pence)
        return super().may(twin, who, lot, bidder) and is_sound

    def then(self, twin, who, result, lot, bidder, fees_pence, adjustments_pence, note):
        bid = self.begun(twin, lot, bidder, result.reference)
        bid.fees, bid.adjustments = fees_pence, adjustments_pence
        bid.version += 1
        return ["bid_draft_saved"]


def check_files(bid):
    """What is in neither the draft nor what counts as submitted has gone."""
    if not bid.reference:
        return  # begun by a file alone, which tells no reference of its bid
    kept = set(bid.files) | set(bid.submitted_files if bid.status == "submitted" else ())
    rows = (
        select(models.BidFile.reference)
        .join(models.BidFile.bid)
        .where(models.Bid.reference == bid.reference)
    )
    assert set(db.session.scalars(rows)) == kept


class AddFile(_Bid):
    name = "submission.files.add_file"

    def options(self, twin, n):
        for place in super().options(twin, n):
            yield {**place, "content": f"CANARY-Q a file {n}".encode()}
            yield {**place, "content": b""}

    def may(self, twin, who, lot, bidder, content):
        bid = twin.bids.get((lot, bidder))
        has_room = bid is None or len(bid.files) < MOST_FILES
        return super().may(twin, who, lot, bidder) and has_room and bool(content)

    def call(self, world, actor, lot, bidder, content):
        return services.add_file(
            actor,
            world.reference,
            lot,
            world.organisations[bidder],
            leaf="C1",
            file_name="CANARY-Q plan.txt",
            media_type="text/plain",
            pieces=[content],
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, bidder, content):
        bid = self.begun(twin, lot, bidder, "")
        bid.files[result.reference] = "C1"
        bid.has_quality = True
        bid.version += 1
        return ["bid_file_added"]


class RemoveFile(_Bid):
    name = "submission.files.remove_file"

    def options(self, twin, n):
        for place in super().options(twin, n):
            bid = twin.bids.get((place["lot"], place["bidder"]))
            for file in (*(bid.files if bid else ()), "FIL-NONE"):
                yield {**place, "file": file}

    def may(self, twin, who, lot, bidder, file):
        bid = twin.bids.get((lot, bidder))
        return super().may(twin, who, lot, bidder) and bid is not None and file in bid.files

    def call(self, world, actor, lot, bidder, file):
        return services.remove_file(
            actor, world.reference, lot, world.organisations[bidder], file, clock=world.clock
        )

    def then(self, twin, who, result, lot, bidder, file):
        bid = twin.bids[lot, bidder]
        del bid.files[file]
        bid.version += 1
        check_files(bid)
        return ["bid_file_removed"]


class SubmitBid(_Bid):
    """Sent, sent again in place of what was sent, or sent twice by one click."""

    name = "submission.bids.submit_bid"
    roles = SIGNATORY
    service = services.submit_bid

    def options(self, twin, n):
        for place in super().options(twin, n):
            bid = twin.bids.get((place["lot"], place["bidder"]))
            keys = [*(bid.receipts if bid else ())][-1:]
            for key in (*keys, f"key-{len(bid.receipts) if bid else 0}"):
                for confirmed in (True, False):
                    yield {**place, "idempotency_key": key, "confirmed_incomplete": confirmed}

    def may(self, twin, who, lot, bidder, idempotency_key, confirmed_incomplete):
        bid = twin.bids.get((lot, bidder))
        if bid is None:
            return False
        if idempotency_key in bid.receipts:
            # The same again gives the same receipt, to any of the bidder's people, at any time.
            is_same = bid.receipts[idempotency_key] == bid.version
            return twin.owns(who, bidder, *OWN) and is_same
        return (
            super().may(twin, who, lot, bidder)
            and bid.has_quality
            and bid.fees is not None
            and (confirmed_incomplete or bid.is_answered)
        )

    def then(self, twin, who, result, lot, bidder, idempotency_key, confirmed_incomplete):
        bid = twin.bids[lot, bidder]
        if idempotency_key in bid.receipts:
            return []
        bid.receipts[idempotency_key] = bid.version
        bid.status = "submitted"
        bid.submitted_fees = (bid.fees, bid.adjustments)
        bid.submitted_files = tuple(bid.files)
        check_files(bid)
        return ["bid_submitted"]


class WithdrawBid(_Bid):
    name = "submission.bids.withdraw_bid"
    roles = SIGNATORY
    service = services.withdraw_bid

    def may(self, twin, who, lot, bidder):
        bid = twin.bids.get((lot, bidder))
        is_sent = bid is not None and bid.status == "submitted"
        return super().may(twin, who, lot, bidder) and is_sent

    def then(self, twin, who, result, lot, bidder):
        twin.bids[lot, bidder].status = "withdrawn"
        return ["bid_withdrawn"]


class BidRefusal(_Bid):
    name = "submission.bids.refusal_if_late"

    def may(self, twin, who, lot, bidder):
        return twin.owns(who, bidder, *OWN) and twin.has_reached("pqq_open")

    def call(self, world, actor, lot, bidder):
        return services.refusal_if_late(
            actor,
            world.reference,
            lot,
            world.organisations[bidder],
            received_at=world.clock.now(),
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, bidder):
        is_late = (
            twin.owns(who, bidder, *SIGNATORY)
            and (lot, bidder) in twin.admitted
            and twin.since("itn_open")
            and twin.now >= twin.deadlines["itn_open"]
        )
        assert (result is not None) == is_late
        return ["submission_refused_as_late"] if is_late else []
