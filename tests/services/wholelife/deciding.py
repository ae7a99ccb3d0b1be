"""Commands: acts of two people, and what the lead and the approver decide together."""

from __future__ import annotations

import copy
from datetime import timedelta

from commissioning.competition import services as competition
from commissioning.competition.domain.ties import Act, Correction
from commissioning.evaluation import services as evaluation
from commissioning.identity.domain.ties import TieKind
from commissioning.kernel.actor import Role
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import HOLDERS, Proposal
from tests.support import small_competition as small

LEAD, APPROVER = Role.PROCUREMENT_LEAD, Role.APPROVER
MOST_EXTENSIONS = 5


class _Act:
    """An act of two people: at which stage, and when it is ready."""

    def __init__(self, event, stage, ready=lambda _twin: True):
        self.event, self.stage, self.ready = event, stage, ready

    def is_open(self, twin):
        return twin.at(self.stage)


class _Extension(_Act):
    def is_open(self, twin):
        return twin.is_in_time


class _Termination(_Act):
    def is_open(self, twin):
        return not twin.is_terminated


class _Correction(_Act):
    def is_open(self, twin):
        return twin.since("itn_closed") and twin.before("preferred_bidders")


def _itn_is_ready(twin):
    return twin.has_keys and twin.is_rehearsed and len(twin.holders()) == HOLDERS


PQQ = _Act("pqq_issued", "draft")
SHORTLIST = _Act("shortlist_confirmed", "pqq_closed", lambda twin: twin.is_assessed)
ITN = _Act("itn_issued", "shortlisted", _itn_is_ready)
LOCK = _Act("quality_locked", "quality_evaluation", lambda twin: twin.is_record_complete())
EXTENSION = _Extension("deadline_extended", "")
TERMINATION = _Termination("terminated", "")
CORRECTION = _Correction("ties_corrected", "")
LATE = _Act("late_bid_decided", "itn_closed", lambda twin: twin.late_waiting())
ACTS = {
    act.event: act for act in (PQQ, SHORTLIST, ITN, LOCK, EXTENSION, CORRECTION, TERMINATION, LATE)
}


def rests_on(twin, event):
    """What an act is about: where this has changed since, the approval is refused."""
    if event == SHORTLIST.event:
        return {
            bidder: score if score is None or score < 2 else "enough"
            for (bidder, part), score in twin.findings.items()
            if part == "Experience"
        }
    if event == LOCK.event:
        return {item: (agreed.mark, agreed.reason) for item, agreed in twin.agreed.items()}
    if event in twin.content:
        return copy.deepcopy([twin.content[event], twin.lots])
    return None


class _Propose(Command):
    act = PQQ
    service = None

    def may(self, twin, who, **args):
        return (
            twin.acts_as(who, LEAD)
            and self.act.is_open(twin)
            and self.act.ready(twin)
            and self.act.event not in twin.proposals
        )

    def call(self, world, actor, **args):
        return type(self).service(actor, world.reference, **args, clock=world.clock)

    def then(self, twin, who, result, **args):
        event = self.act.event
        twin.proposals[event] = Proposal(
            result.reference, event, who, rests_on=rests_on(twin, event)
        )
        return ["decision_proposed"]


class _Approve(Command):
    act = PQQ
    service = None

    def options(self, twin, n):
        known = [*twin.proposals.values(), *twin.decided[-3:]]
        return [{"decision": one.reference} for one in known] + [{"decision": "DEC-NONE"}]

    def may(self, twin, who, decision):
        open_one = twin.proposals.get(self.act.event)
        return (
            open_one is not None
            and open_one.reference == decision
            and twin.acts_as(who, APPROVER)
            and who != open_one.by
            and self.act.is_open(twin)
            and self.act.ready(twin)
            and open_one.rests_on == rests_on(twin, self.act.event)
        )

    def call(self, world, actor, decision):
        return type(self).service(actor, decision, clock=world.clock)

    def then(self, twin, who, result, decision):
        twin.decided.append(twin.proposals.pop(self.act.event))
        return self.before_move(twin) + twin.move(self.act.event)

    def before_move(self, twin):
        return []


class ProposePqq(_Propose):
    name = "competition.issue.propose_pqq_issue"
    act, service = PQQ, competition.propose_pqq_issue


class ApprovePqq(_Approve):
    name = "competition.issue.approve_pqq_issue"
    act, service = PQQ, competition.approve_pqq_issue


class ProposeShortlist(_Propose):
    name = "evaluation.selection.propose_shortlist"
    act, service = SHORTLIST, evaluation.propose_shortlist


class ApproveShortlist(_Approve):
    name = "evaluation.selection.approve_shortlist"
    act, service = SHORTLIST, evaluation.approve_shortlist

    def before_move(self, twin):
        twin.admitted = twin.shortlist()
        return ["admissions_recorded"]


class ProposeItn(_Propose):
    name = "competition.issue.propose_itn_issue"
    act, service = ITN, competition.propose_itn_issue


class ApproveItn(_Approve):
    name = "competition.issue.approve_itn_issue"
    act, service = ITN, competition.approve_itn_issue


class ProposeLock(_Propose):
    name = "evaluation.lock.propose_quality_lock"
    act, service = LOCK, evaluation.propose_quality_lock


class ApproveLock(_Approve):
    name = "evaluation.lock.approve_quality_lock"
    act, service = LOCK, evaluation.approve_quality_lock

    def before_move(self, twin):
        return ["quality_points_computed"]


class ProposeExtension(_Propose):
    name = "competition.extension.propose_extension"
    act, service = EXTENSION, competition.propose_extension

    def options(self, twin, n):
        current = twin.deadlines.get(twin.stage, twin.now)
        earlier = {"deadline": current - timedelta(hours=1), "reason": "Earlier is no extension."}
        if twin.extensions >= MOST_EXTENSIONS:
            return [earlier]
        later = current + timedelta(hours=1 + n % 48)
        return [
            {"deadline": later, "reason": "Bidders asked for it."},
            {"deadline": later, "reason": " "},
            earlier,
        ]

    def may(self, twin, who, deadline, reason):
        return (
            super().may(twin, who)
            and deadline > twin.deadlines[twin.stage]
            and bool(reason.strip())
        )

    def then(self, twin, who, result, deadline, reason):
        events = super().then(twin, who, result)
        twin.proposals[self.act.event].until = deadline
        return events


class ApproveExtension(_Approve):
    name = "competition.extension.approve_extension"
    act, service = EXTENSION, competition.approve_extension

    def then(self, twin, who, result, decision):
        proposal = twin.proposals.pop(self.act.event)
        twin.decided.append(proposal)
        twin.deadlines[twin.stage] = proposal.until
        twin.extensions += 1
        return ["deadline_extended"]


class ProposeTie(_Propose):
    """Two bidders are tied by the authority, or not any more."""

    name = "competition.ties.propose_tie"
    act = CORRECTION

    def options(self, twin, n):
        one, other, third = (small.BIDDERS * 2)[n % len(small.BIDDERS) :][:3]
        ties = [("ownership", one, other), ("membership", third, one), ("ownership", one, one)]
        return [
            {"change": change, "tie": tie, "reason": reason}
            for change in ("put", "strike")
            for tie in (*ties, *sorted(twin.ties))
            for reason in ("Their accounts say so.", " ")
        ]

    def may(self, twin, who, change, tie, reason):
        return (
            super().may(twin, who) and bool(reason.strip()) and twin.may_be_corrected(change, tie)
        )

    def call(self, world, actor, change, tie, reason):
        kind, first, second = tie
        correction = Correction(
            Act(change), TieKind(kind), world.organisations[first], world.organisations[second]
        )
        return competition.propose_tie(
            actor, world.reference, correction, reason=reason, clock=world.clock
        )

    def then(self, twin, who, result, change, tie, reason):
        events = super().then(twin, who, result)
        twin.proposals[self.act.event].correction = (change, tie)
        return events


class ApproveTie(_Approve):
    name = "competition.ties.approve_tie"
    act, service = CORRECTION, competition.approve_tie

    def then(self, twin, who, result, decision):
        proposal = twin.proposals.pop(self.act.event)
        twin.decided.append(proposal)
        change, tie = proposal.correction
        twin.ties = twin.ties | {tie} if change == "put" else twin.ties - {tie}
        twin.ties_version += 1
        return ["ties_corrected"]


class ProposeTermination(_Propose):
    name = "competition.termination.propose_termination"
    act, service = TERMINATION, competition.propose_termination

    def options(self, twin, n):
        return [{"reason": "The market has changed."}, {"reason": ""}]

    def may(self, twin, who, reason):
        return super().may(twin, who) and bool(reason)


class ApproveTermination(_Approve):
    name = "competition.termination.approve_termination"
    act, service = TERMINATION, competition.approve_termination

    def before_move(self, twin):
        return ["lot_terminated"] * len(twin.lots)


class SendBack(Command):
    name = "competition.decisions.send_back"

    def options(self, twin, n):
        known = [one.reference for one in (*twin.proposals.values(), *twin.decided[-2:])]
        return [
            {"decision": decision, "reason": reason}
            for decision in (*known, "DEC-NONE")
            for reason in ("Not like this.", "")
        ]

    def may(self, twin, who, decision, reason):
        found = next((p for p in twin.proposals.values() if p.reference == decision), None)
        return (
            found is not None
            and twin.acts_as(who, APPROVER)
            and who != found.by
            and ACTS[found.event].is_open(twin)
            and bool(reason)
        )

    def call(self, world, actor, decision, reason):
        return competition.send_back(actor, decision, reason=reason, clock=world.clock)

    def then(self, twin, who, result, decision, reason):
        found = twin.proposal(decision)
        twin.decided.append(twin.proposals.pop(found.event))
        return ["decision_sent_back"]
