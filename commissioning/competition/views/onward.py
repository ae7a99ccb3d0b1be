"""Where a competition goes on: who is awaited at each stage, and the pages of the later contexts.

A page is offered where the platform has it and the policy lets the person in. What only the page
itself can know, such as whether an answer is assigned to the person, counts as true here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from flask import current_app, url_for

from commissioning.competition import queries
from commissioning.competition.models import Competition
from commissioning.kernel.actor import BIDDER_ROLES, Actor
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission as P
from commissioning.permissions import may

AWAITED = {
    Stage.DRAFT: "The lead completes the set-up and proposes the issue of the PQQ; an approver "
    "decides on it.",
    Stage.PQQ_OPEN: "Bidders answer the PQQ until its deadline. Nobody can see who does.",
    Stage.PQQ_CLOSED: "Assessors assess their parts; then the lead proposes the shortlist, and an "
    "approver decides on it.",
    Stage.SHORTLISTED: "The lead completes the evaluation model and prepares the opening keys; the "
    "key holders rehearse; then the lead proposes the issue of the ITN, and an approver decides.",
    Stage.ITN_OPEN: "Shortlisted bidders write and submit their bids until the deadline. Nobody "
    "can see whether or how many there are.",
    Stage.ITN_CLOSED: "The key holders join to open the quality envelopes.",
    Stage.QUALITY_EVALUATION: "Evaluators mark alone, moderators record each consensus; then the "
    "lead proposes the lock of the marks, and an approver decides on it.",
    Stage.QUALITY_LOCKED: "The key holders join to open the price envelopes.",
    Stage.PRICE_EVALUATION: "The commercial officer completes the evaluated prices.",
    Stage.AWARD_MODELLING: "The commercial officer solves the award problem and recommends the "
    "award.",
    Stage.AWARD_RECOMMENDED: "An approver decides on the recommended award; then the lead "
    "announces the preferred bidders.",
    Stage.PREFERRED_BIDDERS: "Standstill, signature and mobilisation follow.",
    Stage.TERMINATED: "Nobody: this competition has ended.",
}
"""Who waits for whom, by stage."""


class Side(StrEnum):
    """For whom a page is: those who run the competition, those who bid in it, or everybody."""

    TEAM = "team"
    BIDDER = "bidder"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Onward:
    """A page of a later context: what it is called, what one does there, and who may.

    `stages`, where given, are those at which it is of use. `admitted` asks for a bidder that is
    shortlisted for some lot. `one_by_one` says that each bidder is read alone there, so that an
    interest in one of them does not close the page.
    """

    side: Side
    title: str
    hint: str
    endpoint: str
    permissions: tuple[P, ...]
    stages: frozenset[Stage] | None = None
    admitted: bool = False
    one_by_one: bool = False


_T, _B = Side.TEAM, Side.BIDDER

PAGES = (
    Onward(
        _B,
        "Your PQQ response",
        "Answer the questionnaire and submit it before the deadline.",
        "submission.pqq",
        (P.SUBMISSION_READ_OWN_PQQ,),
        stages=frozenset({Stage.PQQ_OPEN}),
    ),
    Onward(
        _B,
        "Your result of the selection",
        "For which lots you go on, with the reasons.",
        "evaluation.selection_result",
        (P.SUBMISSION_READ_OWN_PQQ,),
        admitted=True,
    ),
    Onward(
        _B,
        "Your bids",
        "Write, price and submit a bid for each lot that you are shortlisted for.",
        "submission.bids",
        (P.SUBMISSION_READ_OWN_BID,),
        admitted=True,
    ),
    Onward(
        _B,
        "Your result",
        "Your points with the reasons, your price, your rank, and who is preferred and why.",
        "award.own_result",
        (P.AWARD_READ_OWN_RESULT,),
        admitted=True,
    ),
    Onward(
        _T,
        "Selection",
        "The PQQ responses, their assessment, and the shortlist.",
        "evaluation.selection",
        (P.EVALUATION_READ_SELECTION, P.EVALUATION_ASSIGN_PQQ_PART),
        one_by_one=True,
    ),
    Onward(
        _T,
        "Opening keys and rehearsal",
        "The keys that open the bids: made, rehearsed, and passed on by their holders.",
        "submission.opening_keys",
        (
            P.SUBMISSION_PREPARE_KEYS,
            P.SUBMISSION_HOLD_REHEARSAL,
            P.SUBMISSION_REPLACE_HOLDER,
            P.SUBMISSION_RENEW_SHARES,
        ),
    ),
    Onward(
        _T,
        "Late bids",
        "What came at the deadline or later, sealed and in quarantine, and what two people decide.",
        "submission.late_bids",
        (P.SUBMISSION_READ_LATE_BID_PROPOSALS,),
    ),
    Onward(
        _B,
        "Help with the service",
        "Ask a duty officer, read the answers, and download your own log.",
        "submission.ask_for_help",
        (P.SUBMISSION_ASK_FOR_HELP,),
    ),
    Onward(
        _T,
        "Requests for help",
        "What bidders asked about using the service, and what was answered.",
        "submission.help_requests",
        (P.SUBMISSION_READ_HELP,),
    ),
    Onward(
        _T,
        "Opening of the envelopes",
        "Join the other key holders.",
        "submission.opening",
        (P.SUBMISSION_OPEN_QUALITY, P.SUBMISSION_OPEN_PRICE),
    ),
    Onward(
        _T,
        "Interests",
        "Say what ties you to a bidder; your access ends at once where it must.",
        "evaluation.interests",
        (P.EVALUATION_DECLARE_INTEREST, P.EVALUATION_READ_INTERESTS),
    ),
    Onward(
        _T,
        "Who marks what",
        "Assign evaluators and moderators to criteria and lots.",
        "evaluation.assignments",
        (P.EVALUATION_ASSIGN,),
    ),
    Onward(
        _T,
        "Marking",
        "The answers assigned to you.",
        "evaluation.marking",
        (P.EVALUATION_MARK, P.EVALUATION_RECORD_CONSENSUS, P.EVALUATION_AGREE_CONSENSUS),
        one_by_one=True,
    ),
    Onward(
        _T,
        "Progress of the marking",
        "What is marked, agreed and missing.",
        "evaluation.progress",
        (P.EVALUATION_READ_PROGRESS,),
    ),
    Onward(
        _T,
        "Quality lock",
        "Two people lock the marks before any price is seen.",
        "evaluation.quality_lock",
        (P.EVALUATION_READ_PROGRESS,),
    ),
    Onward(
        _T,
        "Quality points",
        "The points of every bid, once the marks are locked.",
        "evaluation.points",
        (P.EVALUATION_READ_POINTS,),
    ),
    Onward(
        _T,
        "Prices",
        "The evaluated prices of the bids.",
        "evaluation.prices",
        (P.EVALUATION_READ_PRICES, P.EVALUATION_COMPLETE_PRICES),
    ),
    Onward(
        _T,
        "Ranking",
        "Price per quality point, lot by lot.",
        "evaluation.ranking",
        (P.EVALUATION_READ_RANKING,),
    ),
    Onward(
        _T,
        "Award",
        "The award problem, its answer, and the recommendation.",
        "award.show",
        (P.AWARD_READ, P.AWARD_BUILD),
    ),
    Onward(
        Side.ALL,
        "Closing",
        "The root that fixes every bid received, and from the opening on their number.",
        "submission.closing",
        (P.SUBMISSION_READ_CLOSING,),
        one_by_one=True,
    ),
    Onward(
        Side.ALL,
        "Preferred bidders",
        "Who is preferred for each lot.",
        "award.preferred",
        (P.AWARD_READ_PREFERRED,),
    ),
)
"""The pages of later contexts, in the order in which a competition comes to them."""


def pages_for(
    actor: Actor, competition: Competition, now: datetime, *, side: Side
) -> list[dict[str, str]]:
    """The pages that this person may go on to from here, as one of a side."""
    bids = bool(actor.roles() & BIDDER_ROLES) and actor.organisation is not None
    is_admitted = bids and bool(queries.admissions_of(competition, actor.organisation))
    facts = queries.facts(
        competition,
        now,
        organisation=actor.organisation,
        is_admitted=is_admitted,
        is_assigned=True,
        all_submitted=True,
    )
    alone = replace(facts, bidders=frozenset())
    return [
        {
            "title": page.title,
            "hint": page.hint,
            "href": url_for(page.endpoint, reference=competition.reference),
        }
        for page in PAGES
        if page.side in {side, Side.ALL}
        and page.endpoint in current_app.view_functions
        and (page.stages is None or Stage(competition.stage) in page.stages)
        and (is_admitted or not page.admitted)
        and any(
            may(actor, permission, alone if page.one_by_one else facts)
            for permission in page.permissions
        )
    ]
