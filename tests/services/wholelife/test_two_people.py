"""Acts of two people: the same person, another role, twice, or out of order; nothing changes."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pytest

from commissioning.award import services as award
from commissioning.competition import services as competition
from commissioning.evaluation import services as evaluation
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Grant, Role
from commissioning.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from commissioning.submission import services as submission
from tests.services.wholelife.commands import named
from tests.services.wholelife.deciding import ACTS
from tests.services.wholelife.going_on import next_act
from tests.services.wholelife.life import ACTORS, Life
from tests.services.wholelife.moments import FEW_BIDS, MANY_BIDS, life_at
from tests.services.wholelife.twin import STAGES
from tests.support import snapshots


@dataclass(frozen=True)
class Pair:
    """The two halves of an act: who proposes, who approves, and where it stands in a life."""

    event: str
    stage: str
    propose: str
    approve: str

    def __str__(self):
        return self.event


PAIRS = [
    Pair(
        "pqq_issued",
        "draft",
        "competition.issue.propose_pqq_issue",
        "competition.issue.approve_pqq_issue",
    ),
    Pair(
        "deadline_extended",
        "pqq_open",
        "competition.extension.propose_extension",
        "competition.extension.approve_extension",
    ),
    Pair(
        "ties_corrected",
        "itn_closed",
        "competition.ties.propose_tie",
        "competition.ties.approve_tie",
    ),
    Pair(
        "late_bid_decided",
        "itn_closed",
        "submission.late.propose_late_bid",
        "submission.late.approve_late_bid",
    ),
    Pair(
        "shortlist_confirmed",
        "pqq_closed",
        "evaluation.selection.propose_shortlist",
        "evaluation.selection.approve_shortlist",
    ),
    Pair(
        "itn_issued",
        "shortlisted",
        "competition.issue.propose_itn_issue",
        "competition.issue.approve_itn_issue",
    ),
    Pair(
        "quality_locked",
        "quality_evaluation",
        "evaluation.lock.propose_quality_lock",
        "evaluation.lock.approve_quality_lock",
    ),
    Pair(
        "terminated",
        "itn_closed",
        "competition.termination.propose_termination",
        "competition.termination.approve_termination",
    ),
]
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=str)


@functools.cache
def _kept(pair, *, is_proposed):
    # A bid comes late in the second of the two lives.
    life = life_at(pair.stage, MANY_BIDS if pair.event == "late_bid_decided" else FEW_BIDS)
    propose = named(pair.propose)
    while not ACTS[pair.event].ready(life.twin):
        command, who, args = next_act(life.twin, 0)
        assert life.act(command, who, **args)
    args = next(a for a in propose.options(life.twin, 0) if propose.may(life.twin, "lead", **a))
    if is_proposed:
        assert life.act(propose, "lead", **args)
    return life.keep(), args


def ready(pair):
    """A life in which every act that leads up to this one is done, and what to propose."""
    kept, args = _kept(pair, is_proposed=False)
    return Life.resume(kept), args


def proposed(pair):
    """A life in which the lead has just proposed the act, and the proposal's reference."""
    kept, _args = _kept(pair, is_proposed=True)
    life = Life.resume(kept)
    return life, life.twin.proposals[pair.event].reference


def refused(life, act, kind=DomainError):
    """Try what must be refused by this error; not one row may differ, even before a rollback."""
    with pytest.raises(kind):
        act()
    assert snapshots.difference(life.rows, snapshots.rows_now()) == {}
    db.session.rollback()


def done(life, act, *args):
    """Do something by its service."""
    act(*args, clock=life.world.clock)
    db.session.commit()
    life.rows = snapshots.rows_now()


def with_every_role(life, who):
    """Somebody who holds all roles of the authority, whatever pairs exclude each other.

    All but those that mark: whoever marks is kept from the award for that alone.
    """
    actor = life.world.actor(who)
    return actor.with_grants(
        Grant(role, life.world.authority, competition)
        for role in set(Role) - {Role.EVALUATOR, Role.MODERATOR}
        for competition in (life.world.reference, None)
    )


@every_pair
def test_nobody_approves_what_they_proposed_even_with_every_role(session, pair):
    life, decision = proposed(pair)
    lead = with_every_role(life, "lead")
    approve = named(pair.approve)

    refused(life, lambda: approve.call(life.world, lead, decision=decision), Forbidden)
    # Another person with the same roles may: it is the person who stands in the way.
    other = with_every_role(life, "approver")
    approve.call(life.world, other, decision=decision)


@every_pair
def test_nobody_sends_back_what_they_proposed(session, pair):
    life, decision = proposed(pair)
    lead = with_every_role(life, "lead")

    refused(
        life,
        lambda: competition.send_back(lead, decision, reason="No.", clock=life.world.clock),
        Forbidden,
    )


@every_pair
def test_only_the_lead_proposes_and_only_the_approver_decides(session, pair):
    life, args = ready(pair)
    for who in sorted(set(ACTORS) - {"lead"}):
        refused(life, lambda who=who: call(life, pair.propose, who, **args), Forbidden)
    assert life.act(named(pair.propose), "lead", **args)
    decision = life.twin.proposals[pair.event].reference
    for who in sorted(set(ACTORS) - {"approver"}):
        refused(life, lambda who=who: call(life, pair.approve, who, decision=decision), Forbidden)
        refused(
            life,
            lambda who=who: call(
                life, "competition.decisions.send_back", who, decision=decision, reason="No."
            ),
            Forbidden,
        )


def call(life, name, who, **args):
    return named(name).call(life.world, life.world.actor(who), **args)


@every_pair
def test_nothing_is_proposed_or_approved_twice(session, pair):
    life, args = ready(pair)
    assert life.act(named(pair.propose), "lead", **args)
    decision = life.twin.proposals[pair.event].reference
    refused(life, lambda: call(life, pair.propose, "lead", **args), Conflict)
    assert life.act(named(pair.approve), "approver", decision=decision)
    refused(life, lambda: call(life, pair.approve, "approver", decision=decision))
    refused(
        life,
        lambda: call(
            life, "competition.decisions.send_back", "approver", decision=decision, reason="No."
        ),
    )


@every_pair
def test_an_approval_without_its_proposal_is_refused(session, pair):
    life, _args = ready(pair)
    refused(life, lambda: call(life, pair.approve, "approver", decision="DEC-NONE"), NotFound)
    # A proposal of something else is no proposal of this.
    other = "competition.extension" if pair.event == "terminated" else "competition.termination"
    options = named(f"{other}.propose_{other.split('.')[1]}").options(life.twin, 0)
    if other == "competition.termination":
        assert life.act(named(f"{other}.propose_termination"), "lead", **next(iter(options)))
        decision = life.twin.proposals["terminated"].reference
        refused(life, lambda: call(life, pair.approve, "approver", decision=decision), NotFound)


@every_pair
def test_what_was_sent_back_is_not_approved(session, pair):
    life, decision = proposed(pair)
    send_back = named("competition.decisions.send_back")
    assert life.act(send_back, "approver", decision=decision, reason="Not like this.")

    refused(life, lambda: call(life, pair.approve, "approver", decision=decision))


@every_pair
def test_the_two_halves_are_refused_at_every_other_stage(session, pair):
    open_at = {
        "deadline_extended": {"pqq_open", "itn_open"},
        "ties_corrected": set(STAGES[STAGES.index("itn_closed") : -1]),
        "terminated": set(STAGES),
    }
    for stage in STAGES:
        if stage in open_at.get(pair.event, {pair.stage}):
            continue
        life = life_at(stage)
        for args in named(pair.propose).options(life.twin, 0):
            refused(life, lambda life=life, args=args: call(life, pair.propose, "lead", **args))
        for earlier in {one.event: one for one in life.twin.decided}.values():
            decision = earlier.reference
            refused(
                life,
                lambda life=life, decision=decision: call(
                    life, pair.approve, "approver", decision=decision
                ),
            )


def test_what_was_proposed_lapses_when_the_stage_moves_on(session):
    """An extension that nobody approved in time is not approved afterwards."""
    pair = PAIRS[1]
    life, decision = proposed(pair)
    life.come_to(life.twin.deadlines["pqq_open"])
    refused(life, lambda: call(life, pair.approve, "approver", decision=decision), Forbidden)
    life.make_due_moves()

    refused(life, lambda: call(life, pair.approve, "approver", decision=decision))


# The award: recommended by one, approved or sent back by another -------------------------------


def test_nobody_approves_the_award_that_they_recommended(session):
    life = life_at("award_recommended")
    commercial = with_every_role(life, "commercial")
    reference, clock = life.world.reference, life.world.clock
    for decide in (award.approve_award, award.send_back_award):
        refused(life, lambda d=decide: d(commercial, reference, "Mine.", clock=clock), Forbidden)
    for who in sorted(set(ACTORS) - {"approver"}):
        actor = life.world.actor(who)
        for decide in (award.approve_award, award.send_back_award):
            refused(
                life,
                lambda d=decide, a=actor: d(a, reference, "Checked.", clock=clock),
                Forbidden,
            )
    # It is the person who stands in the way, not a role that is missing.
    award.approve_award(with_every_role(life, "approver"), reference, "Checked.", clock=clock)


def test_the_award_is_announced_after_its_approval_and_approved_once(session):
    life = life_at("award_recommended")
    reference, clock = life.world.reference, life.world.clock
    approver, lead = life.world.actor("approver"), life.world.actor("lead")
    announce = award.announce_preferred_bidders
    refused(life, lambda: announce(lead, reference, clock=clock), Forbidden)
    done(life, award.approve_award, approver, reference, "Checked.")
    refused(life, lambda: award.approve_award(approver, reference, "Again.", clock=clock))
    refused(life, lambda: award.send_back_award(approver, reference, "No.", clock=clock))
    for who in sorted(set(ACTORS) - {"lead"}):
        actor = life.world.actor(who)
        refused(life, lambda a=actor: announce(a, reference, clock=clock), Forbidden)


def test_an_award_that_was_sent_back_is_not_announced_or_approved(session):
    life = life_at("award_recommended")
    reference, clock = life.world.reference, life.world.clock
    approver, lead = life.world.actor("approver"), life.world.actor("lead")
    done(life, award.send_back_award, approver, reference, "Explain it.")

    refused(life, lambda: award.approve_award(approver, reference, "Now.", clock=clock))
    refused(life, lambda: award.announce_preferred_bidders(lead, reference, clock=clock))


# Openings: as many different holders as the threshold says -------------------------------------


@pytest.mark.parametrize(
    ("stage", "envelope"), [("itn_closed", "quality"), ("quality_locked", "price")]
)
def test_one_holder_opens_nothing_however_often_they_join(session, stage, envelope):
    life = life_at(stage)
    join = named("submission.opening.join_opening")
    assert life.act(join, "holder_2", envelope=envelope)
    for _ in range(3):
        assert life.act(join, "holder_2", envelope=envelope)
    assert life.twin.stage == stage
    for who in sorted(set(ACTORS) - {"holder_1", "holder_2", "holder_3"}):
        refused(
            life,
            lambda who=who: submission.join_opening(
                life.world.actor(who), life.world.reference, envelope, clock=life.world.clock
            ),
            Forbidden,
        )
    assert life.act(join, "holder_1", envelope=envelope)
    assert life.twin.stage != stage


@pytest.mark.parametrize("envelope", ["quality", "price"])
def test_no_envelope_is_opened_at_another_stage(session, envelope):
    open_at = {"quality": "itn_closed", "price": "quality_locked"}[envelope]
    for stage in STAGES:
        if stage == open_at:
            continue
        life = life_at(stage)
        for who in ("holder_1", "lead"):
            actor = with_every_role(life, who)
            refused(
                life,
                lambda life=life, a=actor: submission.join_opening(
                    a, life.world.reference, envelope, clock=life.world.clock
                ),
                Forbidden,
            )


def test_a_rehearsal_takes_two_and_the_itn_a_rehearsal(session):
    life = life_at("shortlisted")
    assert life.act(named("submission.keys.prepare_opening_keys"), "lead")
    join = named("submission.keys.join_rehearsal")
    for _ in range(2):
        assert life.act(join, "holder_1")
    refused(life, lambda: call(life, "competition.issue.propose_itn_issue", "lead"))
    assert life.act(join, "holder_3")
    assert life.act(named("competition.issue.propose_itn_issue"), "lead")


def test_the_quality_lock_needs_every_record(session):
    """One evaluator's word is missing: no lead proposes, whatever else is complete."""
    life = life_at("quality_evaluation")
    propose = evaluation.propose_quality_lock
    while not ACTS["quality_locked"].ready(life.twin):
        refused(
            life,
            lambda: propose(life.world.actor("lead"), life.world.reference, clock=life.world.clock),
        )
        command, who, args = next_act(life.twin, 0)
        assert life.act(command, who, **args)
    assert life.act(named("evaluation.lock.propose_quality_lock"), "lead")
