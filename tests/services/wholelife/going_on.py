"""The straight way through a life: at each moment one right act that leads to the next stage."""

from __future__ import annotations

from collections.abc import Iterator

from commissioning.kernel.actor import Role
from tests.services.wholelife import bidding
from tests.services.wholelife.command import Args, Command
from tests.services.wholelife.commands import named
from tests.services.wholelife.life import Life
from tests.services.wholelife.twin import DEADLINE, STAGES, Twin
from tests.support import small_competition as small

Act = tuple[Command, str, Args]
MOST_ACTS = 120


def next_act(twin: Twin, n: int) -> Act | None:
    """The first act that is legal now and leads on; None where time, or nothing, does."""
    for name, who, wanted in _ways(twin):
        command = named(name)
        for args in command.options(twin, n):
            if wanted.items() <= args.items() and command.may(twin, who, **args):
                return command, who, args
    return None


def go_on(life: Life, n: int = 0) -> bool:
    """Everything that leads to the next stage; False where somebody has to decide otherwise."""
    stage = life.twin.stage
    for step in range(MOST_ACTS):
        if life.twin.stage != stage:
            return True
        if not step_on(life, n + step):
            return False
    return False


def step_on(life: Life, n: int) -> bool:
    """One act of it, or the deadline where all have acted."""
    found = next_act(life.twin, n)
    if found is not None:
        command, who, args = found
        return life.act(command, who, **args)
    if life.twin.stage in DEADLINE:
        life.come_to(life.twin.deadlines[life.twin.stage])
        life.make_due_moves()
        return True
    return False


def go_to(life: Life, stage: str, n: int = 0) -> None:
    """The straight way to a stage."""
    while life.twin.stage != stage:
        assert STAGES.index(life.twin.stage) < STAGES.index(stage)
        assert go_on(life, n), f"stuck at {life.twin.stage}"


def _ways(twin: Twin) -> Iterator[tuple[str, str, Args]]:
    """What leads on from each stage: command, who, and what the arguments must say."""
    if twin.stage in _BY_STAGE:
        yield from _BY_STAGE[twin.stage](twin)


def _two(issue: str, twin: Twin, event: str) -> Iterator[tuple[str, str, Args]]:
    """Proposed by the lead, approved by the approver, sent back first where it is stale."""
    if event in twin.proposals:
        wanted = {"decision": twin.proposals[event].reference}
        yield issue.replace("*", "approve"), "approver", wanted
        yield "competition.decisions.send_back", "approver", wanted
    yield issue.replace("*", "propose"), "lead", {}


def _draft(twin):
    yield from _two("competition.issue.*_pqq_issue", twin, "pqq_issued")


def _pqq_open(twin):
    for bidder in small.BIDDERS:
        response = twin.responses.get(bidder)
        if response is None or not response.is_complete:
            wanted = {"bidder": bidder, "funding": bidding.FUNDING[0]}
            yield "submission.pqq.save_response", small.WRITER[bidder], wanted
            yield "submission.pqq.save_response", small.WRITER[bidder], {"bidder": bidder}
        elif response.status != "submitted":
            yield "submission.pqq.submit_response", small.SIGNATORY[bidder], {"bidder": bidder}


def _pqq_closed(twin):
    for part in small.PARTS:
        if not twin.parts.get(part):
            wanted = {"part": part, "assessor": "assessor"}
            yield "evaluation.selection.assign_part", "lead", wanted
        for bidder in twin.submitted_responses:
            if (bidder, part) not in twin.findings:
                wanted = {"part": part, "bidder": bidder}
                yield "evaluation.selection.assess_part", "assessor", wanted
    yield from _two("evaluation.selection.*_shortlist", twin, "shortlist_confirmed")


def _shortlisted(twin):
    for extra in twin.holders() - {"holder_1", "holder_2", "holder_3"}:
        wanted = {"person": extra, "role": Role.KEY_HOLDER}
        yield "competition.people.end_role", "lead", wanted
    yield "submission.keys.prepare_opening_keys", "lead", {}
    if not twin.is_rehearsed:
        for holder in sorted(twin.free_holders() - twin.rehearsing):
            yield "submission.keys.join_rehearsal", holder, {}
    yield from _two("competition.issue.*_itn_issue", twin, "itn_issued")


def _itn_open(twin):
    for lot, bidder in sorted(twin.admitted):
        bid = twin.bids.get((lot, bidder))
        place = {"lot": lot, "bidder": bidder}
        if bid is None or not bid.is_answered:
            yield "submission.drafts.save_quality_draft", small.WRITER[bidder], place
        elif bid.fees is None:
            yield "submission.drafts.save_price_draft", small.WRITER[bidder], place
        elif bid.status == "draft" and (lot, bidder) not in twin.dawdlers:
            yield "submission.bids.submit_bid", small.SIGNATORY[bidder], place


def _itn_closed(twin):
    for (lot, bidder), bid in twin.bids.items():
        if bid.status == "draft" and (lot, bidder) not in twin.late:
            place = {"lot": lot, "bidder": bidder}
            yield "submission.late.send_late_bid", small.SIGNATORY[bidder], place
    if twin.late_waiting():
        yield from _two("submission.late.*_late_bid", twin, "late_bid_decided")
    for holder in sorted(twin.free_holders() - twin.opening["quality"]):
        yield "submission.opening.join_opening", holder, {"envelope": "quality"}


def _quality_evaluation(twin):
    for lot, criterion in twin.sheets():
        sheet, where = (lot, criterion), {"lot": lot, "criterion": criterion}
        items = twin.items(lot, criterion)
        if not items:
            continue
        seated = twin.seated(sheet, Role.EVALUATOR)
        if not seated or not twin.seated(sheet, Role.MODERATOR):
            wanted = {"criterion": criterion, "moderator": "moderator"}
            yield "evaluation.assignments.assign_team", "lead", wanted
            yield "evaluation.assignments.assign", "lead", {**where, "person": "moderator"}
        for evaluator, seat in seated.items():
            if not seat.has_submitted:
                yield "evaluation.marks.submit_marks", evaluator, where
        if set(items) - set(twin.agreed):
            yield "evaluation.consensus.record_consensus", "moderator", where
            continue
        for evaluator in seated:
            yield "evaluation.consensus.agree_consensus", evaluator, where
            for bid, leaf in items:
                wanted = {**where, "bid": bid, "leaf": leaf}
                yield "evaluation.consensus.withdraw_dissent", evaluator, wanted
    yield from _two("evaluation.lock.*_quality_lock", twin, "quality_locked")


def _quality_locked(twin):
    for holder in sorted(twin.free_holders() - twin.opening["price"]):
        yield "submission.opening.join_opening", holder, {"envelope": "price"}


def _price_evaluation(twin):
    yield "evaluation.prices.complete_prices", "commercial", {}


def _award_modelling(twin):
    if twin.run is not None:
        yield "award.awarding.recommend_award", "commercial", {}
    if twin.run is None or twin.run.status == "sent_back":
        yield "award.awarding.solve_award", "commercial", {}


def _award_recommended(twin):
    yield "award.awarding.announce_preferred_bidders", "lead", {}
    yield "award.awarding.approve_award", "approver", {}


_BY_STAGE = {
    "draft": _draft,
    "pqq_open": _pqq_open,
    "pqq_closed": _pqq_closed,
    "shortlisted": _shortlisted,
    "itn_open": _itn_open,
    "itn_closed": _itn_closed,
    "quality_evaluation": _quality_evaluation,
    "quality_locked": _quality_locked,
    "price_evaluation": _price_evaluation,
    "award_modelling": _award_modelling,
    "award_recommended": _award_recommended,
}
