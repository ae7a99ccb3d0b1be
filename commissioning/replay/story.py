"""The story of a replay: act after act, each by the person whose act it was.

Every method does what one group of people would do in the site, through the services, at the time
that the scenario names. Steps are yielded, so that the caller commits and shows progress.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from commissioning.kernel.clock import Clock, SetClock
from commissioning.kernel.stage import Stage
from commissioning.replay import awarding, bidding, marking, opening_of_bids, selecting, setting_up
from commissioning.replay.cast import PASSWORD, Cast
from commissioning.replay.scenario import Scenario

LAST_STAGE = Stage.PREFERRED_BIDDERS
"""The last stage that a replay reaches."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that has just been done: `done` of `total` in the act called `name`."""

    name: str
    done: int
    total: int


class Story:
    """One replay of a scenario, on a clock that it moves itself."""

    def __init__(self, scenario: Scenario, clock: SetClock, real_clock: Clock) -> None:
        self.scenario = scenario
        self.clock = clock
        self.cast = Cast(clock, real_clock)

    def until(self, stage: Stage) -> Iterator[Step]:
        """Everything from the set-up to the moment at which the competition enters a stage."""
        for reached, name, act in _ACTS:
            if reached.position > stage.position:
                return
            for done, total in act(self.scenario, self.cast):
                yield Step(name, done, total)

    def sign_ins(self) -> list[dict[str, str]]:
        """One person for each role, for those who try the site; all are invented."""
        return [
            {
                "role": role,
                "name": person.name,
                "email": person.email,
                "password": PASSWORD,
                "organisation": organisation,
            }
            for role, key, organisation in _SHOWN
            if (person := self.cast.people.get(key)) is not None
        ]


# Each act, with the stage that the competition has reached when it is done.
_ACTS = (
    (Stage.DRAFT, "The authority and its people", setting_up.found_authority),
    (Stage.DRAFT, "The competition is set up", setting_up.set_up_competition),
    (Stage.PQQ_OPEN, "The PQQ is issued", setting_up.issue_pqq),
    (Stage.PQQ_OPEN, "Bidders register", selecting.register_bidders),
    (Stage.PQQ_OPEN, "A bid writer and a provider come in", selecting.bring_in_others),
    (Stage.PQQ_OPEN, "The PQQ deadline is moved", selecting.extend_deadline),
    (Stage.PQQ_OPEN, "Bidders answer the PQQ", selecting.answer_pqq),
    (Stage.PQQ_CLOSED, "The PQQ closes", selecting.close_pqq),
    (Stage.SHORTLISTED, "Responses are assessed", selecting.assess_responses),
    (Stage.SHORTLISTED, "The shortlist is decided", selecting.decide_shortlist),
    (Stage.ITN_OPEN, "Keys are made and tried", opening_of_bids.rehearse),
    (Stage.ITN_OPEN, "The ITN is issued", bidding.issue_itn),
    (Stage.ITN_OPEN, "Answers are assigned", marking.assign_answers),
    (Stage.ITN_OPEN, "Bidders write and submit", bidding.submit_bids),
    (Stage.ITN_CLOSED, "The ITN closes", bidding.close_itn),
    (Stage.QUALITY_EVALUATION, "Quality envelopes are opened", opening_of_bids.open_quality),
    (Stage.QUALITY_LOCKED, "Evaluators mark", marking.mark_answers),
    (Stage.QUALITY_LOCKED, "Consensus is recorded", marking.record_consensus),
    (Stage.QUALITY_LOCKED, "Quality is locked", marking.lock_quality),
    (Stage.PRICE_EVALUATION, "Price envelopes are opened", opening_of_bids.open_price),
    (Stage.AWARD_MODELLING, "Prices are evaluated", awarding.complete_prices),
    (Stage.AWARD_RECOMMENDED, "The award is solved and recommended", awarding.recommend),
    (Stage.PREFERRED_BIDDERS, "The award is approved", awarding.approve),
    (Stage.PREFERRED_BIDDERS, "Preferred bidders are announced", awarding.announce),
)

_AUTHORITY = "Ministry of Justice"
_SHOWN = (
    ("Procurement lead", "lead", _AUTHORITY),
    ("Commercial officer", "commercial_officer", _AUTHORITY),
    ("Approver", "approver", _AUTHORITY),
    ("Key holder", "key_holder:0", _AUTHORITY),
    ("Key holder", "key_holder:1", _AUTHORITY),
    ("Key holder", "key_holder:2", _AUTHORITY),
    ("Assessor", "assessor:0", _AUTHORITY),
    ("Quality evaluator", "evaluator:0", _AUTHORITY),
    ("Moderator", "moderator:0", _AUTHORITY),
    ("Duty officer", "duty_officer", _AUTHORITY),
    ("Auditor", "auditor", _AUTHORITY),
    ("Administrator", "administrator", "The operator"),
    ("Bid manager and signatory", "bidder:fernleigh", "Fernleigh Justice Services Limited"),
    ("Bid writer", "bid_writer", "Fernleigh Justice Services Limited"),
    ("Bid manager and signatory", "bidder:carrow", "Carrow and Vale Community Solutions CIC"),
    ("Provider contact", "provider_contact", "Brightwater Mentoring Trust"),
)
