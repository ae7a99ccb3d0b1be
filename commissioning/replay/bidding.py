"""The ITN is issued, nineteen bidders write and submit their bids, and the deadline passes."""

from __future__ import annotations

from commissioning.competition import queries as competitions
from commissioning.competition import services as competition
from commissioning.replay import invention
from commissioning.replay.cast import Cast
from commissioning.replay.scenario import Scenario
from commissioning.replay.setting_up import Progress
from commissioning.submission import services as submission


def issue_itn(scenario: Scenario, cast: Cast) -> Progress:
    """The lead proposes the issue of the ITN, the approver approves it: the model is frozen."""
    cast.clock.move_to(scenario.act("itn_issue"))
    reference = scenario.raw["competition"]["reference"]
    decision = competition.propose_itn_issue(cast.actor("lead"), reference, clock=cast.clock)
    competition.approve_itn_issue(cast.actor("approver"), decision.reference, clock=cast.clock)
    yield 1, 1


def submit_bids(scenario: Scenario, cast: Cast) -> Progress:
    """Each bidder drafts, prices and submits a bid for each of its lots."""
    cast.clock.move_to(scenario.act("bids"))
    reference = scenario.raw["competition"]["reference"]
    row = competitions.competition_by_reference(reference)
    lots = {lot.reference: (lot.name, lot.annual_value_pence) for lot in row.lots}
    leaves = [leaf.reference for criterion in row.criteria for leaf in criterion.leaves]
    years = row.price_years
    bids = [(bidder, lot) for bidder in scenario.bidding for lot in bidder.lots]
    for done, (bidder, lot) in enumerate(bids, start=1):
        actor = cast.actor(f"bidder:{bidder.key}")
        organisation = cast.people[f"bidder:{bidder.key}"].organisation
        name, value = lots[lot]
        bid = submission.start_bid(actor, reference, lot, organisation, clock=cast.clock)
        submission.save_quality_draft(
            actor,
            reference,
            lot,
            organisation,
            {
                leaf: invention.answer_text(bidder.name, name, leaf, bid.reference)
                for leaf in leaves
            },
            clock=cast.clock,
        )
        submission.save_price_draft(
            actor,
            reference,
            lot,
            organisation,
            fees_pence=invention.fees_pence(bidder.character, lot, value, years),
            adjustments_pence=0,
            note=invention.price_note(bid.reference),
            clock=cast.clock,
        )
        submission.submit_bid(
            actor,
            reference,
            lot,
            organisation,
            idempotency_key=f"replay-{bidder.key}-{lot}",
            confirmed_incomplete=False,
            clock=cast.clock,
        )
        yield done, len(bids)


def close_itn(scenario: Scenario, cast: Cast) -> Progress:
    """The deadline passes."""
    cast.clock.move_to(scenario.act("itn_close"))
    submission.pass_deadlines(clock=cast.clock)
    yield 1, 1
