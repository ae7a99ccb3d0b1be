"""A key holder is replaced by the others: fresh shares of the same key for another circle."""

from __future__ import annotations

import pytest

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import competition_stream
from commissioning.identity.domain import keys
from commissioning.identity.domain.roles import Need
from commissioning.identity.services import record_needed_roles
from commissioning.identity.services.particulars import give_new_keys, private_key_of
from commissioning.kernel.actor import Grant, Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import OpeningAttendance
from commissioning.submission.services import custody
from tests.factories.identity import PASSWORD, PersonFactory, actor_of, team_member
from tests.factories.submission import ITN_DEADLINE, contest, submitted_bid

STAGES = [Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION, Stage.QUALITY_LOCKED]


@pytest.fixture
def made(session):
    """A competition with a bid for its lot, and somebody who could hold a share."""
    made = contest()
    submitted_bid(made, made.bidders[0])
    record_needed_roles(made.reference, {Role.KEY_HOLDER: Need.ALL})
    made.newcomer = PersonFactory(organisation=made.authority, roles=[])
    return made


def holder(made, number):
    return made.people[Role.KEY_HOLDER.value][number]


def propose(made, leaving=None, joining=None, reason="She leaves the ministry."):
    return services.propose_replacement(
        made.person(Role.PROCUREMENT_LEAD),
        made.reference,
        leaving=(leaving or holder(made, 0)).reference,
        joining=(joining or made.newcomer).reference,
        reason=reason,
        clock=made.clock,
    )


def approve(made, row):
    return services.approve_replacement(
        made.person(Role.APPROVER), made.reference, row.reference, clock=made.clock
    )


def approved(made, **circle):
    return approve(made, propose(made, **circle))


def join(made, person):
    return services.join_replacement(actor_of(person), made.reference, clock=made.clock)


def replaced(made, **circle):
    approved(made, **circle)
    for number in (1, 2, 3):
        ceremony = join(made, holder(made, number))
    assert ceremony.is_met
    return made


def close(made):
    made.move_to(Stage.ITN_CLOSED)
    made.clock.move_to(ITN_DEADLINE)


def opens(made, *people):
    for person in people:
        done = services.join_opening(
            actor_of(person), made.reference, "quality", clock=made.clock
        ).is_done
    return done


def events(made):
    return [link.event for link in trail.links(competition_stream(made.reference))]


def test_the_new_circle_opens_and_the_key_is_the_same(made):
    before = queries.opening_keys(made.row)[Envelope.QUALITY].public_key
    replaced(made)
    circle = queries.share_holders(made.row)
    assert made.newcomer.reference in circle
    assert holder(made, 0).reference not in circle
    assert len(circle) == 5
    assert queries.opening_keys(made.row)[Envelope.QUALITY].public_key == before
    assert queries.open_replacement(made.row) is None

    close(made)
    assert opens(made, made.newcomer, holder(made, 4), holder(made, 2))
    (bid,) = queries.opened_bids(made.row)
    assert queries.quality_document(bid).answers["Q1"] == "We will."


def test_whoever_left_has_neither_role_nor_share(made):
    replaced(made)
    close(made)
    gone = holder(made, 0)
    assert Role.KEY_HOLDER not in actor_of(gone).roles_on(made.reference)
    assert Role.KEY_HOLDER in actor_of(made.newcomer).roles_on(made.reference)
    with pytest.raises(Forbidden):
        opens(made, gone)


def test_a_holder_whose_password_was_reset_gets_a_fresh_share(made, session):
    lost = holder(made, 0)
    give_new_keys(lost, PASSWORD)
    lost.personal_key = private_key_of(lost, PASSWORD)
    session.flush()
    assert [one.opens for one in queries.holdings(made.row)] == [False, True, True, True, True]
    approved(made, leaving=lost, joining=lost)
    with pytest.raises(Conflict, match="does not open any more"):
        join(made, lost)
    for number in (1, 2, 3):
        join(made, holder(made, number))
    assert all(one.opens for one in queries.holdings(made.row))
    close(made)
    assert opens(made, lost, holder(made, 1), holder(made, 4))


def test_old_shares_open_nothing_together_with_new_ones(made, session):
    """A thief of an old backup and two of the holders of today have no threshold."""
    key = queries.opening_keys(made.row)[Envelope.QUALITY]
    old = {share.holder: (share.place, share.sealed) for share in key.shares}
    replaced(made)
    session.refresh(key)
    stolen = next(share for share in key.shares if share.holder == holder(made, 4).reference)
    assert (stolen.place, stolen.sealed) != old[stolen.holder]
    stolen.place, stolen.sealed = old[stolen.holder]
    session.flush()
    close(made)
    assert not opens(made, holder(made, 4), holder(made, 1), holder(made, 2))
    assert "share_found_wrong" in events(made)


def test_an_opening_that_some_have_joined_is_joined_again(made):
    close(made)
    assert not opens(made, holder(made, 1), holder(made, 2))
    replaced(made)
    assert queries.attendances(made.row, Envelope.QUALITY, "opening") == []
    assert not opens(made, made.newcomer, holder(made, 1))
    assert opens(made, holder(made, 2))


def test_the_record_says_who_gave_way_to_whom_why_and_by_whom(made):
    replaced(made)
    links = trail.links(competition_stream(made.reference))
    told = [link for link in links if link.subject_type == "holder_replacement"]
    assert [link.event for link in told] == [
        "holder_replacement_proposed",
        "holder_replacement_approved",
        *["holder_replacement_joined"] * 3,
        "holder_replaced",
    ]
    assert told[0].changes["reason"] == "She leaves the ministry."
    assert told[-1].changes["leaving"] == holder(made, 0).reference
    assert told[-1].changes["holders"] == [holder(made, n).reference for n in (1, 2, 3)]


def test_nothing_waits_after_it_is_done_or_dropped(made, session):
    replaced(made)
    assert session.query(OpeningAttendance).filter_by(purpose="renewal").all() == []
    approved(made, leaving=holder(made, 1), joining=holder(made, 0))
    join(made, holder(made, 2))
    lead = made.person(Role.PROCUREMENT_LEAD)
    services.drop_replacement(lead, made.reference, clock=made.clock)
    assert queries.open_replacement(made.row) is None
    assert session.query(OpeningAttendance).filter_by(purpose="renewal").all() == []
    with pytest.raises(Conflict, match="No replacement"):
        join(made, holder(made, 3))
    with pytest.raises(Conflict, match="No replacement"):
        services.drop_replacement(lead, made.reference, clock=made.clock)


def test_one_replacement_at_a_time(made):
    propose(made)
    with pytest.raises(Conflict, match="waits already"):
        propose(made, leaving=holder(made, 1))


def test_joining_twice_counts_once(made):
    approved(made)
    for _ in range(3):
        assert len(join(made, holder(made, 1)).joined) == 1
    assert events(made).count("holder_replacement_joined") == 1


@pytest.mark.parametrize("stage", STAGES)
def test_it_is_possible_until_the_price_envelopes_are_open(made, stage):
    made.move_to(stage)
    assert propose(made).reference


@pytest.mark.parametrize("stage", [Stage.SHORTLISTED, Stage.PRICE_EVALUATION])
def test_it_is_not_possible_at_another_stage(made, stage):
    made.move_to(stage)
    with pytest.raises(Forbidden):
        propose(made)


def test_only_the_lead_proposes_and_only_key_holders_join(made):
    for who in (Role.APPROVER, Role.KEY_HOLDER, Role.AUDITOR):
        with pytest.raises(Forbidden):
            services.propose_replacement(
                made.person(who),
                made.reference,
                leaving="",
                joining="",
                reason="",
                clock=made.clock,
            )
    approved(made)
    for person in (made.newcomer, made.people[Role.PROCUREMENT_LEAD.value][0]):
        with pytest.raises(Forbidden):
            join(made, person)


def test_a_wrong_circle_is_refused_at_its_place(made):
    evaluator = team_member(made.authority, made.reference, Role.EVALUATOR, admitted=False)
    stranger = PersonFactory(roles=[])
    keyless = PersonFactory(organisation=made.authority, roles=[])
    keyless.public_key = None
    for wrong, field in (
        ({"leaving": made.newcomer}, "leaving"),
        ({"joining": holder(made, 1)}, "joining"),
        ({"joining": evaluator}, "joining"),
        ({"joining": stranger}, "joining"),
        ({"joining": keyless}, "joining"),
        ({"reason": " "}, "reason"),
    ):
        with pytest.raises(BadInput) as refusal:
            propose(made, **wrong)
        assert refusal.value.field == field, wrong
    assert queries.open_replacement(made.row) is None


def test_nobody_joins_before_another_person_has_approved(made):
    row = propose(made)
    with pytest.raises(Conflict, match="not approved"):
        join(made, holder(made, 1))
    lead = made.person(Role.PROCUREMENT_LEAD)
    both = lead.with_grants({*lead.grants, Grant(Role.APPROVER, lead.organisation, made.reference)})
    for actor in (lead, both, made.person(Role.KEY_HOLDER)):
        with pytest.raises(Forbidden):
            services.approve_replacement(actor, made.reference, row.reference, clock=made.clock)
    approve(made, row)
    assert len(join(made, holder(made, 1)).joined) == 1
    with pytest.raises(Conflict, match="has changed"):
        approve(made, row)


def test_a_wrong_share_is_never_renewed(made, session):
    """Fresh shares of a wrong one would lose the key for ever; nothing is deleted before."""
    key = queries.opening_keys(made.row)[Envelope.QUALITY]
    before = {share.holder: share.sealed for share in key.shares}
    held = custody.shares_of_key(key)[holder(made, 1).reference]
    wrong = bytes([held.place]) + bytes(32)
    before[held.holder] = held.sealed = keys.seal_to(
        held.sealed_to, wrong, purpose=custody._share_purpose(held)
    )
    session.flush()
    approved(made)
    join(made, holder(made, 1))
    join(made, holder(made, 2))
    with pytest.raises(Conflict, match="Nothing has changed"):
        join(made, holder(made, 3))
    assert {share.holder: share.sealed for share in key.shares} == before


def test_the_key_is_not_put_together_to_make_fresh_shares_of_it(made, monkeypatch):
    def never(*_args, **_kwargs):
        raise AssertionError("the key was put together")

    monkeypatch.setattr(custody.shares, "combine", never)
    approved(made)
    for number in range(1, 4):
        join(made, holder(made, number))
    assert queries.open_replacement(made.row) is None


def test_a_share_that_another_installation_gave_out_is_never_renewed(made, session):
    """Right in itself, and yet nobody here knows it: the word that goes with it is missing."""
    key = queries.opening_keys(made.row)[Envelope.PRICE]
    held = custody.shares_of_key(key)[holder(made, 1).reference]
    purpose = custody._share_purpose(held)
    whole = keys.open_with(holder(made, 1).personal_key, held.sealed, purpose=purpose)
    held.sealed = keys.seal_to(held.sealed_to, whole[: 1 + len(key.public_key)], purpose=purpose)
    session.flush()
    approved(made)
    for number in (1, 2):
        join(made, holder(made, number))
    with pytest.raises(Conflict, match="Nothing has changed"):
        join(made, holder(made, 3))
