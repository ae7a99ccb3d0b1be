"""At the deadline one root fixes what was received; the number is published at the opening."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import Link
from commissioning.audit.domain.events import competition_stream
from commissioning.infrastructure.database import db
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain import closing, receipts
from commissioning.submission.models import Receipt
from commissioning.submission.services.closing import close_round
from tests.factories.submission import ITN_DEADLINE, contest, drafted_bid, submitted_bid

MOST = 8  # four bidders, two lots


@pytest.fixture
def made(session):
    """Four bidders: two bids that count, one that was withdrawn, and a draft."""
    made = contest(bidders=4)
    first, second, third, fourth = made.bidders
    submitted_bid(made, first)
    submitted_bid(made, second, text="Not yet.")
    submitted_bid(made, second)  # in place of the one before
    submitted_bid(made, third)
    services.withdraw_bid(third.actor, made.reference, made.lot, third.reference, clock=made.clock)
    drafted_bid(made, fourth)
    return made


def pass_deadline(made):
    made.clock.move_to(ITN_DEADLINE)
    assert services.pass_deadlines(clock=made.clock) == [made.reference]
    return queries.round_closing(made.row)


def rows_of(made, bidder):
    bid = queries.own_bid(made.row.lots[0], bidder.organisation)
    return list(queries.receipts_of(bid))


def events(made, name):
    return [link for link in trail.links(competition_stream(made.reference)) if link.event == name]


def test_each_bid_that_counts_is_proven_under_the_root_and_no_other(made):
    closed = pass_deadline(made)
    proven = {}
    for bidder in made.bidders[:3]:
        for row in rows_of(made, bidder):
            proof = queries.proof_of(made.row, row)
            proven[row.reference] = proof is not None
            if proof:
                sha256 = receipts.receipt_sha256(queries.receipt_body(row))
                assert closing.problems(proof, receipt_sha256=sha256, root=closed.root) == []
    counting = {queries.receipts_of(bid)[0].reference for bid in made_bids(made)}
    assert {reference for reference, is_proven in proven.items() if is_proven} == counting
    assert len(proven) == 4


def made_bids(made):
    return db.session.scalars(queries.sealed_bids(made.row)).all()


def test_nothing_is_published_before_the_deadline(made):
    assert queries.round_closing(made.row) is None
    assert queries.proof_of(made.row, rows_of(made, made.bidders[0])[0]) is None


def test_the_root_enters_the_record_and_says_nothing_of_the_number(made):
    closed = pass_deadline(made)
    (told,) = events(made, "round_closed")
    assert told.changes == {"round": 1, "root": closed.root, "leaves": closing.capacity_for(MOST)}
    assert queries.number_received(closed) is None
    assert closed.seed is None


def test_the_leaves_are_as_many_whatever_came(session):
    sizes = set()
    for submitting in (0, 1, 4):
        made = contest(bidders=4)
        for bidder in made.bidders[:submitting]:
            submitted_bid(made, bidder)
        made.clock.move_to(ITN_DEADLINE)
        made.move_to(Stage.ITN_CLOSED)
        sizes.add(len(close_round(made.row, at=made.clock.now()).leaves))
    assert sizes == {1024}


def test_the_number_and_the_seed_are_published_at_the_quality_opening(made):
    closed = pass_deadline(made)
    for holder in made.holders(3):
        services.join_opening(holder, made.reference, "quality", clock=made.clock)
    (told,) = events(made, "round_counted")
    assert told.changes["number"] == 2
    assert closing.counted(closed.leaves, seed=bytes.fromhex(told.changes["seed"])) == 2
    assert queries.number_received(closed) == 2


def test_a_round_is_closed_once(made):
    closed = pass_deadline(made)
    assert close_round(made.row, at=made.clock.now()) is closed
    assert len(events(made, "round_closed")) == 1


def test_a_receipt_that_is_written_behind_the_services_is_not_under_the_root(made, session):
    pass_deadline(made)
    genuine = rows_of(made, made.bidders[0])[0]
    body = queries.receipt_body(genuine) | {"receipt": "RCT-LATER"}
    later = Receipt(
        reference="RCT-LATER",
        bid=genuine.bid,
        idempotency_key="later",
        body=json.dumps(body),
        received_at=genuine.received_at,
    )
    session.add(later)
    session.flush()
    assert queries.proof_of(made.row, later) is None
    assert queries.proof_of(made.row, genuine) is not None


def opened(made):
    for holder in made.holders(3):
        services.join_opening(holder, made.reference, "quality", clock=made.clock)
    return [bid.organisation.reference for bid in queries.opened_bids(made.row)]


def differences(made):
    return [one for link in events(made, "round_differs") for one in link.changes["differences"]]


def test_a_whole_round_differs_in_nothing(made):
    pass_deadline(made)
    assert len(opened(made)) == 2
    assert differences(made) == []


def test_what_is_put_in_place_of_a_bid_after_the_closing_is_not_opened(made, session):
    """Whoever writes rows signs a newer receipt, for another document, with a key of theirs."""
    pass_deadline(made)
    bid = made_bids(made)[0]
    genuine = queries.counting_receipt(bid)
    forger = Ed25519PrivateKey.generate()
    stated = queries.receipt_body(genuine)
    link = Link(**stated["event"])
    body = receipts.body(
        {name: stated[name] for name in stated if name not in {"event", "signature"}},
        link,
        public_key=forger.public_key().public_bytes_raw(),
        sign=forger.sign,
    )
    assert receipts.problems(body) == []
    later = Receipt(
        reference="RCT-FORGED",
        bid=bid,
        idempotency_key="forged",
        body=canonical_json(body).decode(),
        received_at=genuine.received_at,
    )
    session.add(later)
    session.flush()
    assert bid.organisation.reference not in opened(made)
    assert differences(made) == [
        f"{bid.reference} is not under the root.",
        "1 under the root lie here no more.",
    ]
    (unreadable,) = events(made, "bid_found_unreadable")
    assert unreadable.changes["because"] == "the receipt is not under the root of the closing"


def test_a_bid_that_is_taken_away_after_the_closing_is_missed(made, session):
    pass_deadline(made)
    made_bids(made)[0].status = "withdrawn"
    session.flush()
    assert len(opened(made)) == 1
    assert differences(made) == ["1 under the root lie here no more."]


def test_another_closing_than_the_published_one_is_noticed(made, session):
    closed = pass_deadline(made)
    session.delete(closed)
    session.flush()
    close_round(made.row, at=made.clock.now())
    assert len(opened(made)) == 2
    assert differences(made) == [
        "The leaves that are kept do not give the root that was published."
    ]


def test_a_lost_seed_keeps_no_bid_from_opening(made, session):
    closed = pass_deadline(made)
    closed.sealed_seed = b"x" * 60
    session.flush()
    assert len(opened(made)) == 2
    (told,) = events(made, "round_counted")
    assert (told.changes["number"], told.changes["seed"]) == (None, None)
    assert differences(made) == [
        "The seed of the padding is lost, so the bids cannot be counted by it."
    ]


def test_a_damaged_receipt_stops_no_deadline(made, session):
    rows_of(made, made.bidders[0])[0].body = "no JSON"
    session.flush()
    assert pass_deadline(made).root


def test_the_seed_lies_sealed_until_then(made):
    closed = pass_deadline(made)
    for start in range(len(closed.sealed_seed) - 31):
        candidate = closed.sealed_seed[start : start + 32]
        assert closing.padding_leaf(candidate, 0) not in closed.leaves
