"""Keys, their rehearsal, and the openings: by enough holders, in order, one bid's fault its own."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import competition_stream, sealed_stream
from commissioning.competition import services as competing
from commissioning.identity.domain import keys as key_pairs
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import Conflict, Forbidden, KeyLocked, NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope, SealBroken, seal_document
from commissioning.submission.models import OpeningAttendance
from commissioning.submission.services import custody, port
from tests.factories.identity import PersonFactory, actor_of, team_member
from tests.factories.submission import (
    ITN_DEADLINE,
    add_bidder,
    contest,
    drafted_bid,
    opened,
    submitted_bid,
)

PROFILES = [("full", 5, 3), ("short", 3, 2)]


def join(made, holder, envelope="quality"):
    return services.join_opening(holder, made.reference, envelope, clock=made.clock)


def events_of(made, name):
    links = trail.links(competition_stream(made.reference))
    return [link for link in links if link.event == name]


def closed(**changes):
    made = contest(**changes)
    for bidder in made.bidders:
        submitted_bid(made, bidder)
    made.move_to(Stage.ITN_CLOSED)
    made.clock.move_to(ITN_DEADLINE)
    return made


# Keys and their rehearsal


@pytest.mark.both_databases
@pytest.mark.parametrize(("profile", "holders", "threshold"), PROFILES)
def test_the_lead_prepares_keys_once_every_holder_is_named(session, profile, holders, threshold):
    made = contest(stage=Stage.SHORTLISTED, profile=profile)
    lead = made.person(Role.PROCUREMENT_LEAD)

    prepared = services.prepare_opening_keys(lead, made.reference, clock=made.clock)

    assert set(prepared) == set(Envelope)
    assert {row.threshold for row in prepared.values()} == {threshold}
    assert prepared[Envelope.QUALITY].public_key != prepared[Envelope.PRICE].public_key
    assert made.row.opening_keys_sha256 is not None
    assert events_of(made, "opening_keys_prepared")[0].changes["holders"] == holders
    with pytest.raises(Conflict, match="already"):
        services.prepare_opening_keys(lead, made.reference, clock=made.clock)


@pytest.mark.parametrize("named", [4, 6])
def test_keys_are_not_made_for_fewer_or_more_holders(session, named):
    made = contest(stage=Stage.SHORTLISTED)
    if named == 4:
        made.people[Role.KEY_HOLDER.value][0].is_active = False
    else:
        team_member(made.authority, made.reference, Role.KEY_HOLDER, admitted=False)
    session.flush()

    with pytest.raises(Conflict, match=f"{named} are named"):
        services.prepare_opening_keys(
            made.person(Role.PROCUREMENT_LEAD), made.reference, clock=made.clock
        )
    assert queries.opening_keys(made.row) == {}


def test_nobody_but_the_lead_prepares_keys_and_only_before_the_itn(session):
    made = contest(stage=Stage.SHORTLISTED)
    for role in (Role.KEY_HOLDER, Role.APPROVER, Role.AUDITOR):
        with pytest.raises(Forbidden):
            services.prepare_opening_keys(made.person(role), made.reference, clock=made.clock)
    made.move_to(Stage.PQQ_CLOSED)
    with pytest.raises(Forbidden):
        services.prepare_opening_keys(
            made.person(Role.PROCUREMENT_LEAD), made.reference, clock=made.clock
        )


@pytest.mark.both_databases
@pytest.mark.parametrize(("profile", "holders", "threshold"), PROFILES)
def test_the_rehearsal_is_done_when_enough_holders_have_joined(
    session, profile, holders, threshold
):
    made = contest(stage=Stage.SHORTLISTED, profile=profile)
    services.prepare_opening_keys(
        made.person(Role.PROCUREMENT_LEAD), made.reference, clock=made.clock
    )
    for number, holder in enumerate(made.holders(threshold), start=1):
        assert made.row.rehearsed_at is None
        ceremony = services.join_rehearsal(holder, made.reference, clock=made.clock)
        again = services.join_rehearsal(holder, made.reference, clock=made.clock)
        assert len(ceremony.joined) == len(again.joined) == number
        assert len(ceremony.holders) == holders

    assert made.row.rehearsed_at == made.clock.now()
    assert len(events_of(made, "rehearsal_joined")) == threshold
    assert len(events_of(made, "rehearsal_held")) == 1


def test_new_holders_mean_new_keys_and_another_rehearsal(session):
    made = contest(stage=Stage.SHORTLISTED)
    lead = made.person(Role.PROCUREMENT_LEAD)
    first = services.prepare_opening_keys(lead, made.reference, clock=made.clock)
    before = first[Envelope.QUALITY].public_key
    for holder in made.holders(3):
        services.join_rehearsal(holder, made.reference, clock=made.clock)
    competing.end_role(
        lead,
        made.reference,
        made.people[Role.KEY_HOLDER.value][4].reference,
        Role.KEY_HOLDER,
        clock=made.clock,
    )
    team_member(made.authority, made.reference, Role.KEY_HOLDER, admitted=False)
    session.expire_all()

    with pytest.raises(Conflict, match="not prepared"):
        services.join_rehearsal(made.person(Role.KEY_HOLDER), made.reference, clock=made.clock)
    again = services.prepare_opening_keys(lead, made.reference, clock=made.clock)
    assert again[Envelope.QUALITY].public_key != before
    assert queries.attendances(made.row, Envelope.QUALITY, "rehearsal") == []
    assert made.row.rehearsed_at is None


def test_a_rehearsal_needs_keys(session):
    made = contest(stage=Stage.SHORTLISTED)

    with pytest.raises(Conflict, match="not prepared"):
        services.join_rehearsal(made.person(Role.KEY_HOLDER), made.reference, clock=made.clock)


def test_a_rehearsal_finds_a_key_that_opens_nothing(session):
    made = contest(stage=Stage.SHORTLISTED)
    prepared = services.prepare_opening_keys(
        made.person(Role.PROCUREMENT_LEAD), made.reference, clock=made.clock
    )
    price = prepared[Envelope.PRICE]
    public_keys = {share.holder: share.sealed_to for share in price.shares}
    price.shares.clear()
    session.flush()
    custody.entrust(price, key_pairs.new_key_pair().private, public_keys, at=made.clock.now())
    first, second, third = made.holders(3)
    for holder in (first, second):
        services.join_rehearsal(holder, made.reference, clock=made.clock)

    with pytest.raises(Conflict, match="do not give the key"):
        services.join_rehearsal(third, made.reference, clock=made.clock)
    assert made.row.rehearsed_at is None


def handed_over(made, envelope, holders):
    """The shares of these holders, as they wait with those present."""
    row = queries.opening_keys(made.row)[envelope]
    present = [
        OpeningAttendance(holder=holder.reference, released=custody.hand_over(holder, row))
        for holder in holders
    ]
    return row, present


def put_together(row, present):
    return custody.put_together(row, present, joined=[one.holder for one in present])


@pytest.mark.parametrize(("profile", "holders", "threshold"), PROFILES)
def test_every_threshold_of_holders_gives_the_key_and_no_fewer_do(
    session, profile, holders, threshold
):
    made = closed(profile=profile)
    for size in range(1, holders + 1):
        for chosen in itertools.combinations(made.holders(holders), size):
            row, present = handed_over(made, Envelope.QUALITY, chosen)
            if size < threshold:
                with pytest.raises(Conflict, match="must join"):
                    put_together(row, present)
            else:
                released = put_together(row, present)
                assert key_pairs.belong_together(released.private_key, row.public_key)
                assert released.wrong == ()
                assert {one.released for one in present} == {None}


def test_a_holder_counted_twice_is_one(session):
    made = closed()
    row, present = handed_over(made, Envelope.QUALITY, made.holders(1) * 3)
    with pytest.raises(Conflict, match="must join"):
        put_together(row, present)


def test_a_share_that_waits_for_whoever_has_lost_the_role_is_not_used(session):
    made = closed()
    row, present = handed_over(made, Envelope.QUALITY, made.holders(3))
    joined = [one.holder for one in present[1:]]
    with pytest.raises(Conflict, match="must join"):
        custody.put_together(row, present, joined=joined)


def test_no_row_holds_the_private_key_or_a_share_in_clear(session):
    made = closed()
    row, present = handed_over(made, Envelope.QUALITY, made.holders(3))
    clear = [
        key_pairs.open_with(
            holder.personal_key, share.sealed, purpose=custody._share_purpose(share)
        )
        for holder in made.holders(3)
        for share in [custody.shares_of_key(row)[holder.reference]]
    ]
    waiting = [one.released for one in present]
    private = put_together(row, present).private_key
    stored = b"".join(
        [row.public_key, *waiting, *(share.sealed + share.sealed_to for share in row.shares)]
    )
    for secret in (private, *clear, *(share[1:] for share in clear)):
        assert secret not in stored


def test_one_changed_share_among_enough_others_is_named_and_the_envelopes_open(session):
    made = closed()
    first, *others = made.holders(4)
    key = queries.opening_keys(made.row)[Envelope.QUALITY]
    held = custody.shares_of_key(key)[first.reference]
    wrong = bytes([held.place]) + bytes(32)
    held.sealed = key_pairs.seal_to(held.sealed_to, wrong, purpose=custody._share_purpose(held))
    session.flush()

    for holder in (first, *others[:2]):
        assert not join(made, holder).is_done  # three are there, and two of them are right
    (found,) = events_of(made, "share_found_wrong")
    assert found.changes["among"] == [one.reference for one in (first, *others[:2])]
    assert queries.opened_bids(made.row) == []

    assert join(made, others[2]).is_done
    assert events_of(made, "share_found_wrong")[1].changes["holders"] == [first.reference]
    assert len(queries.opened_bids(made.row)) == 1


def test_a_share_of_the_other_key_or_another_holder_or_another_competition_does_not_open(session):
    made, other = closed(), closed()
    one, second = made.holders(2)
    quality, price = (queries.opening_keys(made.row)[envelope] for envelope in Envelope)
    held = custody.shares_of_key(quality)[one.reference]
    genuine = held.sealed
    elsewhere = queries.opening_keys(other.row)[Envelope.QUALITY]
    for share in (
        custody.shares_of_key(price)[one.reference].sealed,
        custody.shares_of_key(quality)[second.reference].sealed,
        elsewhere.shares[0].sealed,
        genuine[:-1],
        bytes([genuine[0] ^ 1]) + genuine[1:],
    ):
        held.sealed = share
        with pytest.raises(Conflict, match="does not open any more"):
            custody.hand_over(one, quality)
    held.sealed = genuine
    assert custody.hand_over(one, quality)


def test_a_session_that_opens_no_key_hands_over_nothing(session):
    made = closed()
    holder = made.person(Role.KEY_HOLDER)
    locked = replace(holder, personal_key=None)
    with pytest.raises(KeyLocked):
        join(made, locked)
    assert queries.attendances(made.row, Envelope.QUALITY, "opening") == []


def test_whoever_holds_no_share_hands_over_none(session):
    made = closed()
    named_later = team_member(made.authority, made.reference, Role.KEY_HOLDER, admitted=False)
    with pytest.raises(Conflict, match="hold no share"):
        join(made, actor_of(named_later))


def test_shares_that_wait_are_forgotten_once_the_envelopes_are_open(session):
    made = closed()
    one, other, third = made.holders(3)
    join(made, one)
    join(made, other)
    waiting = queries.attendances(made.row, Envelope.QUALITY, "opening")
    assert all(row.released for row in waiting)
    join(made, third)
    assert {row.released for row in session.scalars(select(OpeningAttendance))} == {None}


def test_keys_are_not_made_while_a_holder_has_none_of_their_own(session):
    made = contest(stage=Stage.SHORTLISTED)
    made.people[Role.KEY_HOLDER.value][2].public_key = None
    session.flush()
    with pytest.raises(Conflict, match="sign in once"):
        services.prepare_opening_keys(
            made.person(Role.PROCUREMENT_LEAD), made.reference, clock=made.clock
        )
    assert queries.opening_keys(made.row) == {}


# Opening


@pytest.mark.both_databases
@pytest.mark.parametrize(("profile", "holders", "threshold"), PROFILES)
def test_quality_opens_when_the_threshold_of_holders_has_joined(
    session, profile, holders, threshold
):
    made = closed(profile=profile)
    for number, holder in enumerate(made.holders(threshold), start=1):
        assert queries.opened_bids(made.row) == []
        ceremony = join(made, holder)
        assert len(ceremony.joined) == number
        assert ceremony.is_done == (number == threshold)

    assert made.row.stage == Stage.QUALITY_EVALUATION.value
    (bid,) = queries.opened_bids(made.row)
    assert queries.quality_document(bid).answers == {"Q1": "We will.", "Q2": "We will."}
    with pytest.raises(NotFound):
        queries.price_document(bid)
    assert events_of(made, "quality_envelopes_opened")[0].changes["bids"] == 1


def test_the_same_holder_twice_counts_once(session):
    made = closed()
    one, other, _ = made.holders(3)
    for holder in (one, one, other, one, other):
        ceremony = join(made, holder)

    assert len(ceremony.joined) == 2
    assert made.row.stage == Stage.ITN_CLOSED.value
    assert len(session.scalars(select(OpeningAttendance)).all()) == 2
    assert len(events_of(made, "opening_joined")) == 2


def test_a_holder_who_has_lost_the_role_does_not_count(session):
    made = closed()
    one, other, third = made.holders(3)
    join(made, one)
    join(made, other)
    made.people[Role.KEY_HOLDER.value][0].is_active = False
    session.flush()

    assert len(join(made, third).joined) == 2
    assert made.row.stage == Stage.ITN_CLOSED.value


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.QUALITY_EVALUATION, Stage.TERMINATED])
def test_quality_opens_only_after_the_deadline_event_and_once(session, stage):
    made = closed()
    made.row.reached_stage = Stage.ITN_CLOSED.value
    made.move_to(stage)

    with pytest.raises(Forbidden):
        join(made, made.person(Role.KEY_HOLDER))


def test_quality_does_not_open_while_the_deadline_lies_ahead_whatever_the_stage(session):
    made = contest(stage=Stage.ITN_CLOSED)
    holder = made.person(Role.KEY_HOLDER)
    made.clock.move_to(ITN_DEADLINE - timedelta(microseconds=1))

    with pytest.raises(Forbidden) as refusal:
        join(made, holder)
    assert refusal.value.reason == "fails: after the deadline"
    made.clock.move_to(ITN_DEADLINE)
    assert join(made, holder).joined == (holder.reference,)


@pytest.mark.parametrize(
    "stage", [Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.PRICE_EVALUATION]
)
def test_price_does_not_open_before_the_quality_lock_or_twice(session, stage):
    made = closed()
    made.move_to(stage)

    for holder in made.holders(3):
        with pytest.raises(Forbidden):
            join(made, holder, "price")
    (bid,) = session.scalars(queries.sealed_bids(made.row)).all()
    assert queries.envelope_of(bid, Envelope.PRICE).opened is None


def test_only_key_holders_of_this_competition_open(session):
    made, other = closed(), closed()
    outsiders = [
        made.person(Role.PROCUREMENT_LEAD),
        made.person(Role.APPROVER),
        made.bidders[0].actor,
        other.person(Role.KEY_HOLDER),
        actor_of(PersonFactory(organisation=made.authority, roles=[Role.KEY_HOLDER])),
    ]

    for outsider in outsiders:
        with pytest.raises(Forbidden):
            join(made, outsider)


@pytest.mark.both_databases
def test_price_opens_after_quality_with_the_other_key(session):
    made = closed()
    opened(made)
    opened(made, "price")

    (bid,) = queries.opened_bids(made.row)
    assert made.row.stage == Stage.PRICE_EVALUATION.value
    assert queries.price_document(bid).fees_pence == tuple(made.fees())


def test_neither_key_opens_the_other_envelope(session):
    made = closed()
    (bid,) = session.scalars(queries.sealed_bids(made.row)).all()
    private = {
        envelope: put_together(*handed_over(made, envelope, made.holders(3))).private_key
        for envelope in Envelope
    }
    for key, envelope in itertools.product(Envelope, Envelope):
        sha256 = queries.envelope_of(bid, envelope).sha256
        if key is envelope:
            assert port.open_sealed(private[key], bid, envelope, sha256=sha256)
        else:
            with pytest.raises(SealBroken):
                port.open_sealed(private[key], bid, envelope, sha256=sha256)


def test_a_withdrawn_bid_and_a_draft_are_not_opened(session):
    made = contest(bidders=3)
    submitted, withdrawn, drafting = made.bidders
    submitted_bid(made, submitted)
    submitted_bid(made, withdrawn)
    drafted_bid(made, drafting)
    services.withdraw_bid(
        withdrawn.actor, made.reference, made.lot, withdrawn.reference, clock=made.clock
    )
    opened(made)

    assert [bid.organisation for bid in queries.opened_bids(made.row)] == [submitted.organisation]
    assert events_of(made, "quality_envelopes_opened")[0].changes["bids"] == 1


def test_lots_get_their_status_from_what_was_opened(session):
    made = contest(lots=3, bidders=2)
    one, other = made.bidders
    for bidder, lot in ((one, "L1"), (one, "L2"), (other, "L2")):
        submitted_bid(made, bidder, lot)
    opened(made)

    assert [lot.status for lot in made.row.lots] == ["single_bid", "evaluated", "unbid"]
    assert [bid.lot.reference for bid in queries.opened_bids(made.row)] == ["L1", "L2", "L2"]
    assert len(queries.opened_bids(made.row, "L2")) == 2


def test_the_heads_of_the_bidders_streams_enter_the_competitions_chain(session):
    made = contest(bidders=2)
    for bidder in made.bidders:
        submitted_bid(made, bidder)
    heads = trail.heads()
    opened(made)

    disclosed = {
        link.subject: (link.changes["length"], link.changes["head"])
        for link in events_of(made, "sealed_stream_disclosed")
    }
    assert disclosed == {
        name: heads[name]
        for name in (sealed_stream(made.reference, b.reference) for b in made.bidders)
    }
    assert breaks(trail.links(), heads=trail.heads()) == []


def test_nothing_of_another_competition_is_opened_or_disclosed(session):
    made, other = closed(), closed()
    opened(made)

    assert queries.opened_bids(other.row) == []
    assert events_of(other, "sealed_stream_disclosed") == []
    assert len(events_of(made, "sealed_stream_disclosed")) == 1


# What cannot be read


def spoil(what, bid, other):
    quality = queries.envelope_of(bid, Envelope.QUALITY)
    receipt = queries.last_receipt(bid)
    match what:
        case "ciphertext":
            quality.sealed = quality.sealed[:-1] + bytes([quality.sealed[-1] ^ 1])
        case "cut short":
            quality.sealed = quality.sealed[:100]
        case "gone":
            quality.sealed = None
        case "of another bid":
            quality.sealed = queries.envelope_of(other, Envelope.QUALITY).sealed
        case "of the other envelope":
            quality.sealed = queries.envelope_of(bid, Envelope.PRICE).sealed
        case "receipt changed":
            receipt.body = receipt.body.replace("received_at", "accepted_at")
        case "receipt not JSON":
            receipt.body = "{"
        case "receipt of another":
            receipt.body = queries.last_receipt(other).body


@pytest.mark.parametrize(
    "what",
    [
        "ciphertext",
        "cut short",
        "gone",
        "of another bid",
        "of the other envelope",
        "receipt changed",
        "receipt not JSON",
        "receipt of another",
    ],
)
def test_a_bid_that_cannot_be_read_is_named_and_keeps_no_other_from_opening(session, what):
    made = contest(bidders=3)
    bids = [submitted_bid(made, bidder) for bidder in made.bidders]
    spoil(what, bids[1], bids[2])
    opened(made)

    assert {bid.reference for bid in queries.opened_bids(made.row)} == {
        bids[0].reference,
        bids[2].reference,
    }
    assert queries.unreadable_bids(made.row, Envelope.QUALITY) == [bids[1]]
    (event,) = events_of(made, "bid_found_unreadable")
    assert event.subject == bids[1].reference
    (moved,) = events_of(made, "quality_envelopes_opened")
    assert moved.changes["unreadable"] == [bids[1].reference]
    with pytest.raises(NotFound):
        queries.quality_document(bids[1])


def test_an_envelope_put_in_by_somebody_else_is_not_taken_for_the_bid(session):
    """Anybody can seal to a public key; only what the receipt names counts."""
    made = contest()
    (bidder,) = made.bidders
    bid = submitted_bid(made, bidder)
    forged = contest()
    rival = add_bidder(forged)
    forged_bid = submitted_bid(forged, rival, text="Forged.")
    purpose = queries.place_of(bid).purpose("bid", Envelope.QUALITY)
    document, _ = services.read_submitted_bid(
        rival.actor, forged.reference, forged.lot, rival.reference
    )
    content = document.to_dict() | {
        "competition": made.reference,
        "bidder": bidder.reference,
        "bid": bid.reference,
    }
    key = queries.opening_keys(made.row)[Envelope.QUALITY].public_key
    queries.envelope_of(bid, Envelope.QUALITY).sealed = seal_document(key, content, purpose=purpose)
    opened(made)

    assert queries.unreadable_bids(made.row, Envelope.QUALITY) == [bid]
    assert forged_bid.status == "submitted"


def test_a_price_that_cannot_be_read_is_named_at_its_own_opening(session):
    made = contest(bidders=2)
    good, bad = (submitted_bid(made, bidder) for bidder in made.bidders)
    envelope = queries.envelope_of(bad, Envelope.PRICE)
    envelope.sealed = envelope.sealed[:-1] + bytes([envelope.sealed[-1] ^ 1])
    opened(made)
    opened(made, "price")

    assert len(queries.opened_bids(made.row)) == 2
    assert queries.unreadable_bids(made.row, Envelope.QUALITY) == []
    assert queries.unreadable_bids(made.row, Envelope.PRICE) == [bad]
    assert queries.price_document(good)
    with pytest.raises(NotFound):
        queries.price_document(bad)
