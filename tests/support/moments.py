"""The moments of a competition's life, from open bids to the preferred bidders.

`MOMENTS` are what happens, in its order, through the services: each takes the world of
`tests.support.two_worlds` to which it happens. `ENDINGS` end it at some of them instead.
"""

from __future__ import annotations

from commissioning.award import services as award
from commissioning.cli.site import GRACE, make_due_moves
from commissioning.competition import services as competition
from commissioning.competition.domain.interests import Outcome
from commissioning.competition.models import Interest
from commissioning.evaluation import services as evaluation
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.submission import services as submission
from tests.factories.submission import ITN_DEADLINE


def is_open(_world):
    """Bids are in, and may still be changed."""


def close(world):
    world.clock.move_to(ITN_DEADLINE + GRACE)
    assert make_due_moves(world.app, world.clock) == [world.reference]


def begin_the_opening(world, envelope="quality"):
    for holder in world.holders[:2]:
        world.act(submission.join_opening, holder, world.reference, envelope)


def open_quality(world, envelope="quality"):
    world.act(submission.join_opening, world.holders[2], world.reference, envelope)


EVALUATORS = (Role.EVALUATOR.label, "second evaluator", "third evaluator")


def draft_and_declare(world):
    """The first evaluator drafts a mark, and somebody declares an interest with a note."""
    for criterion in world.criteria:
        world.act(
            evaluation.assign_team,
            world.team[Role.PROCUREMENT_LEAD.label],
            world.reference,
            criterion,
            lots=world.lots,
            evaluators=[world.team[name].reference for name in EVALUATORS],
            moderator=world.team[Role.MODERATOR.label].reference,
        )
    mark, reason = world.secret.draft
    place = (world.reference, world.bids(world.lot)[1], "Q1")
    world.act(evaluation.save_mark, world.team[EVALUATORS[0]], *place, mark=mark, reason=reason)
    world.act(
        evaluation.declare_interest,
        world.team["evaluator of nothing"],
        world.reference,
        organisation=world.bidder.organisation,
        statement=world.secret.note,
    )


def _entries(world, lot, criterion):
    leaf = f"Q{criterion[1:]}"
    return {(bid, leaf): (3, "As the answer says.") for bid in world.bids(lot)}


def _sheets(world):
    return [(lot, criterion) for lot in world.lots for criterion in world.criteria]


def _submit(world, *evaluators):
    for lot, criterion in _sheets(world):
        for name in evaluators:
            world.act(
                evaluation.submit_marks,
                world.team[name],
                world.reference,
                lot,
                criterion,
                entries=_entries(world, lot, criterion),
            )


def let_the_others_mark(world):
    _submit(world, *EVALUATORS[1:])


def agree(world):
    """The first evaluator submits another mark than the draft; all agree, and two decide."""
    _submit(world, EVALUATORS[0])
    for lot, criterion in _sheets(world):
        entries = _entries(world, lot, criterion)
        moderator = world.team[Role.MODERATOR.label]
        world.act(evaluation.record_consensus, moderator, world.reference, lot, criterion, entries)
        for name in EVALUATORS:
            actor = world.team[name]
            world.act(evaluation.agree_consensus, actor, world.reference, lot, criterion)
    (interest,) = db.session.query(Interest).all()
    _by_two(
        world,
        evaluation.propose_interest_decision,
        evaluation.approve_interest_decision,
        interest.id,
        Outcome.STAYS,
        reason="The bar stays.",
    )


def _by_two(world, propose, approve, *arguments, **keywords):
    lead, approver = (world.team[role.label] for role in (Role.PROCUREMENT_LEAD, Role.APPROVER))
    decision = world.act(propose, lead, world.reference, *arguments, **keywords)
    world.act(approve, approver, decision.reference)


def lock(world):
    _by_two(world, evaluation.propose_quality_lock, evaluation.approve_quality_lock)


def begin_the_price_opening(world):
    begin_the_opening(world, "price")


def open_prices(world):
    open_quality(world, "price")


def complete_prices(world):
    commercial = world.team[Role.COMMERCIAL_OFFICER.label]
    world.act(evaluation.complete_prices, commercial, world.reference)


def recommend(world):
    commercial = world.team[Role.COMMERCIAL_OFFICER.label]
    run = world.act(award.solve_award, commercial, world.reference)
    world.act(award.recommend_award, commercial, run.reference, "The optimum.")


def approve(world):
    approver = world.team[Role.APPROVER.label]
    world.act(award.approve_award, approver, world.reference, "Checked.")


def announce(world):
    lead = world.team[Role.PROCUREMENT_LEAD.label]
    preferred = world.act(award.announce_preferred_bidders, lead, world.reference)
    winners = {row.lot.reference: row.organisation.reference for row in preferred}
    assert winners[world.lot] == world.rival.organisation, "the secret decides who wins"


def terminate(world):
    _by_two(
        world,
        competition.propose_termination,
        competition.approve_termination,
        reason="The services are no longer wanted.",
    )


OPEN, CLOSED = "ITN open", "ITN closed"
OPENING, QUALITY_OPEN = "quality opening begun", "quality open"
MARKING, MARKED, AGREED = "one mark is drafted", "the others have marked", "marks are agreed"
LOCKED, PRICE_OPENING = "quality locked", "price opening begun"
PRICES, MODELLING = "price evaluation", "award modelling"
RECOMMENDED, APPROVED, PREFERRED = "award recommended", "award approved", "preferred bidders"
MOMENTS = {
    OPEN: is_open,
    CLOSED: close,
    OPENING: begin_the_opening,
    QUALITY_OPEN: open_quality,
    MARKING: draft_and_declare,
    MARKED: let_the_others_mark,
    AGREED: agree,
    LOCKED: lock,
    PRICE_OPENING: begin_the_price_opening,
    PRICES: open_prices,
    MODELLING: complete_prices,
    RECOMMENDED: recommend,
    APPROVED: approve,
    PREFERRED: announce,
}
"""What happens, in its order; each is called within the application, and committed."""

ENDINGS = {
    OPENING: "terminated while sealed",
    MARKED: "terminated while marked",
    PRICE_OPENING: "terminated before the prices were opened",
    APPROVED: "terminated with the award approved",
}
"""The moments after which the competition is terminated in passing, and what that is called."""
