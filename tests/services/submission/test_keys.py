"""The opening keys: made for every holder, rehearsed, and put together by enough of them alone."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from commissioning.competition import services as competing
from commissioning.identity.domain import keys as key_pairs
from commissioning.infrastructure import vault
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import Conflict, Forbidden, KeyLocked
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import OpeningAttendance
from commissioning.submission.services import custody
from tests.factories.identity import actor_of, team_member
from tests.factories.submission import (
    contest,
)
from tests.support.openings import PROFILES, closed, events_of, handed_over, join, put_together


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


@pytest.mark.parametrize(("profile", "holders", "threshold"), PROFILES)
def test_every_threshold_of_holders_gives_the_key_and_no_fewer_do(
    session, profile, holders, threshold
):
    made = closed(profile=profile)
    for size in range(1, holders + 1):
        for chosen in itertools.combinations(made.holders(holders), size):
            row, present, last = handed_over(made, Envelope.QUALITY, chosen)
            if size < threshold:
                with pytest.raises(Conflict, match="must join"):
                    put_together(row, present, last)
            else:
                released = put_together(row, present, last)
                assert key_pairs.belong_together(released.private_key, row.public_key)
                assert released.wrong == ()


def test_a_holder_counted_twice_is_one(session):
    made = closed()
    row, present, last = handed_over(made, Envelope.QUALITY, made.holders(1) * 3)
    with pytest.raises(Conflict, match="must join"):
        put_together(row, present, last)


def test_a_share_that_waits_for_whoever_has_lost_the_role_is_not_used(session):
    made = closed()
    row, present, last = handed_over(made, Envelope.QUALITY, made.holders(3))
    joined = [one.holder for one in present[1:]]
    with pytest.raises(Conflict, match="must join"):
        custody.put_together(last, row, present, joined=joined)


def test_no_row_holds_the_private_key_or_a_share_in_clear(session):
    made = closed()
    row, present, last = handed_over(made, Envelope.QUALITY, made.holders(3))
    clear = [
        key_pairs.open_with(
            holder.personal_key, share.sealed, purpose=custody._share_purpose(share)
        )
        for holder in made.holders(3)
        for share in [custody.shares_of_key(row)[holder.reference]]
    ]
    waiting = [one.released for one in present]
    private = put_together(row, present, last).private_key
    stored = b"".join(
        [row.public_key, *waiting, *(share.sealed + share.sealed_to for share in row.shares)]
    )
    with_the_secret = b"".join(
        bytes.fromhex(copy)
        for one in present
        for copy in json.loads(
            vault.unseal(one.released, purpose=custody._waiting_purpose(row, one))
        ).values()
    )
    for secret in (private, *clear, *(share[1:33] for share in clear)):
        assert secret not in stored
        assert secret not in with_the_secret


@pytest.mark.parametrize("ceremony", ["rehearsal", "opening"])
def test_the_share_that_completes_a_ceremony_is_written_nowhere(session, monkeypatch, ceremony):
    made = contest(stage=Stage.SHORTLISTED) if ceremony == "rehearsal" else closed()
    if ceremony == "rehearsal":
        lead = made.person(Role.PROCUREMENT_LEAD)
        services.prepare_opening_keys(lead, made.reference, clock=made.clock)

    def joins(holder):
        if ceremony == "opening":
            return join(made, holder)
        return services.join_rehearsal(holder, made.reference, clock=made.clock)

    def never(*_args):
        raise AssertionError("the share was left for others")

    for holder in made.holders(2):
        joins(holder)
    monkeypatch.setattr(custody, "hand_over", never)
    assert joins(made.holders(3)[2]).is_done or made.row.rehearsed_at
    if ceremony == "rehearsal":
        joins(made.holders(4)[3])  # whoever comes later leaves none either


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


def hand_over(made, holder, key):
    attendance = OpeningAttendance(
        holder=holder.reference, purpose="opening", joined_at=made.clock.now()
    )
    custody.hand_over(holder, key, attendance)
    return attendance


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
            hand_over(made, one, quality)
    held.sealed = genuine
    assert hand_over(made, one, quality).released


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
