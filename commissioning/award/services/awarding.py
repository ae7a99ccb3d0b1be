"""The use cases of the award: solve, recommend, approve or send back, announce.

The site solves the published problem only: it is built from the locked record, and nobody can
change a figure of it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime

from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.audit.services import record
from commissioning.award import queries
from commissioning.award.domain.answer import Answer
from commissioning.award.domain.lifecycle import TABLE, RunStatus
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import Problem, parse_problem, problem_sha256
from commissioning.award.domain.rules_words import says_what_was_published
from commissioning.award.domain.standing import is_proven_by_rule
from commissioning.award.domain.verifier import verify
from commissioning.award.models import AwardRun, PreferredBidder
from commissioning.competition import queries as competitions
from commissioning.competition import services as competition_services
from commissioning.competition.domain.award_rules import rules_of
from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.models import Competition
from commissioning.evaluation import queries as evaluations
from commissioning.identity import queries as identities
from commissioning.infrastructure import outbox
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, MoveRefused
from commissioning.kernel.lifecycle import advance
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require

TIME_LIMIT_SECONDS = 60.0
"""How long the site tries before it says honestly that the answer is not proven."""

_SOLVING = threading.Lock()
"""One at a time in each process: solvers must not keep those waiting who submit a bid."""


def solve_award(
    actor: Actor, competition: str, *, let_go: Callable[[], None] | None = None, clock: Clock
) -> AwardRun:
    """The award over all lots is solved from the locked record under the published limits.

    Builds the problem, solves it exactly, verifies the answer with no solver, and keeps both.
    `let_go` is called before the solver starts, so that whoever holds a lock on the database can
    give it up meanwhile. Raises Conflict where no lot has a valid bid, where the answer does not
    verify, or where the record has changed under the solver.
    Source: the published award rule of the competition.
    """
    problem = _problem_for(actor, competition, clock.now())
    if let_go is not None:
        let_go()
    if not _SOLVING.acquire(blocking=False):
        raise Conflict("Another award is being solved just now. Wait a minute, and try again.")
    try:
        answer = solve(problem, time_limit_s=TIME_LIMIT_SECONDS, explain=True)
    finally:
        _SOLVING.release()
    return _keep(actor, competition, problem, answer, clock.now())


def _problem_for(actor: Actor, competition: str, now: datetime) -> Problem:
    row = competitions.competition_for_change(competition)
    require(actor, Permission.AWARD_BUILD, queries.facts(row, actor, now, None))
    stated = queries.problem_of_record(row)
    if not stated["lots"]:
        raise Conflict(
            "No lot has a valid bid, so there is nothing to award. Terminate the competition, or "
            "run the lots again."
        )
    problem = parse_problem(stated)
    if not says_what_was_published(problem, rules_of(competitions.evaluation_model(row))):
        raise Conflict(
            "The problem does not say what was published, so it is not solved. Stop, and call the "
            "auditor."
        )
    return problem


def _keep(
    actor: Actor, competition: str, problem: Problem, answer: Answer, now: datetime
) -> AwardRun:
    """Keep an answer: whatever made it, it counts only if it verifies on the record of today."""
    row = competitions.competition_for_change(competition)
    require(actor, Permission.AWARD_BUILD, queries.facts(row, actor, now, None))
    stated = queries.problem_of_record(row)
    if problem_sha256(parse_problem(stated)) != problem_sha256(problem):
        raise Conflict("The record has changed while the award was solved. Solve it again.")
    document = answer.to_dict()
    if answer.award:
        broken = verify(problem, document)
        if broken:
            raise Conflict(
                f"The answer was not kept, because it does not verify: {broken[0].in_words}"
            )
    # objective_decimal and seconds are for reading only, and canonical JSON holds no float
    document["objective_decimal"] = None
    document["proof"]["seconds"] = f"{answer.proof.seconds:.3f}"
    run = AwardRun(
        reference=new_reference("AWD"),
        competition=row,
        status=RunStatus.SOLVED.value,
        model_sha256=row.model_sha256,
        ties_version=competitions.ties_version(row),
        problem=canonical_json(stated).decode(),
        problem_sha256=problem_sha256(problem),
        answer=canonical_json(document).decode(),
        solved_by=actor.reference,
        solved_at=now,
    )
    db.session.add(run)
    db.session.flush()
    record(
        actor,
        Event.AWARD_SOLVED,
        Subject("award", run.reference),
        {
            "status": answer.status.value,
            "problem_sha256": run.problem_sha256,
            "model_sha256": run.model_sha256,
            "ties_version": run.ties_version,
            "objective": document["objective"],
            "solver": answer.proof.solver,
            "solver_version": answer.proof.solver_version,
        },
        at=now,
        stream=competition_stream(competition),
    )
    return run


def recommend_award(actor: Actor, run: str, text: str, *, clock: Clock) -> AwardRun:
    """The commercial officer recommends the proven answer of the published problem.

    Only the last run, only one that is proven to be what the published award rule gives, and only
    while the record is what it was. Where that rule is a reversion, lots that nobody may take are
    left over, and the award of the others can be recommended.
    Raises IllegalTransition with the sentence of the guard that fails, BadInput without reasons.
    """
    now = clock.now()
    found = queries.run_by_reference(run)
    row = competitions.competition_for_change(found.competition.reference)
    require(actor, Permission.AWARD_RECOMMEND, queries.facts(row, actor, now, found))
    if not text.strip():
        raise BadInput("text", "Enter why this award is recommended.")
    latest = queries.latest_run(row)
    if latest is None or latest.id != found.id:
        raise Conflict("A later answer exists. Recommend the last one that was solved.")
    proven = is_proven_by_rule(parse_problem(found.problem), json.loads(found.answer))
    current = problem_sha256(parse_problem(queries.problem_of_record(row)))
    move = advance(
        TABLE,
        found.status,
        Event.AWARD_RECOMMENDED.value,
        {
            "answer_is_proven": proven,
            "record_is_unchanged": current == found.problem_sha256
            and not queries.is_outdated(row, found),
        },
    )
    found.status = move.target.value
    found.proposed_by = actor.reference
    found.proposed_at = now
    found.recommendation = text.strip()
    _tell(
        competitions.team_addresses(row, Role.APPROVER),
        "An award is recommended",
        now,
    )
    competition_services.advance_stage(
        actor,
        row,
        Event.AWARD_RECOMMENDED.value,
        {"answer_is_proven": proven},
        at=now,
        changes={"award": found.reference, "problem_sha256": found.problem_sha256},
    )
    return found


def approve_award(
    actor: Actor, competition: str, reason: str, *, read: str | None = None, clock: Clock
) -> AwardRun:
    """A second person approves the recommended award, after it has been verified once more.

    `read` is the answer that the person had before them; MoveRefused where another stands since.
    Raises IllegalTransition where the award breaks a published rule, Forbidden for the person who
    recommended it. The stage stays until the lead announces the preferred bidders.
    """
    now = clock.now()
    row, run = _recommended(competition)
    require(actor, Permission.AWARD_APPROVE, queries.facts(row, actor, now, run))
    _refuse_unread(run, read)
    if not reason.strip():
        raise BadInput("reason", "Enter why the award is approved.")
    problem, answer = parse_problem(run.problem), json.loads(run.answer)
    is_intact = problem_sha256(problem) == run.problem_sha256
    move = advance(
        TABLE,
        run.status,
        Event.AWARD_APPROVED.value,
        {
            "record_is_unchanged": not queries.is_outdated(row, run),
            "answer_is_valid": is_intact
            and is_proven_by_rule(problem, answer)
            and not verify(problem, answer),
        },
    )
    run.status = move.target.value
    run.approved_by = actor.reference
    run.approved_at = now
    run.decision_reason = reason.strip()
    _tell(
        competitions.team_addresses(row, Role.PROCUREMENT_LEAD),
        "The award is approved",
        now,
    )
    record(
        actor,
        Event.AWARD_APPROVED,
        Subject("award", run.reference),
        {"problem_sha256": run.problem_sha256, "reason": run.decision_reason},
        at=now,
        stream=competition_stream(competition),
    )
    return run


def send_back_award(
    actor: Actor, competition: str, reason: str, *, read: str | None = None, clock: Clock
) -> AwardRun:
    """The second person sends a recommended award back, with the reason; it can be solved again.

    One that is approved goes back only where the ties that count have changed since it was solved.
    `read` is the answer that the person had before them; MoveRefused where another stands since.
    """
    now = clock.now()
    row, run = _recommended(competition)
    require(actor, Permission.AWARD_APPROVE, queries.facts(row, actor, now, run))
    _refuse_unread(run, read)
    if not reason.strip():
        raise BadInput("reason", "Enter why the award is sent back.")
    move = advance(
        TABLE,
        run.status,
        Event.AWARD_SENT_BACK.value,
        {"record_has_changed": queries.is_outdated(row, run)},
    )
    run.status = move.target.value
    run.decision_reason = reason.strip()
    _tell(
        competitions.team_addresses(row, Role.COMMERCIAL_OFFICER),
        "An award was sent back",
        now,
    )
    competition_services.advance_stage(
        actor,
        row,
        Event.AWARD_SENT_BACK.value,
        at=now,
        changes={"award": run.reference, "reason": run.decision_reason},
    )
    return run


def announce_preferred_bidders(
    actor: Actor, competition: str, *, read: str | None = None, clock: Clock
) -> list[PreferredBidder]:
    """The lead announces who is preferred for each lot; preferred is not awarded.

    `read` is the answer that the person had before them; MoveRefused where another stands since.
    Every bidder that took part is told by mail to sign in and read. Raises IllegalTransition
    before the award is approved, Conflict where the ties that count have changed since.
    """
    now = clock.now()
    row = competitions.competition_for_change(competition)
    run = queries.latest_run(row)
    require(actor, Permission.AWARD_ANNOUNCE, queries.facts(row, actor, now, run))
    if run is None:
        raise Conflict("There is no approved award to announce.")
    _refuse_unread(run, read)
    if queries.is_outdated(row, run):
        raise Conflict(
            "The ties that count have changed since the award was solved. Ask the approver to send "
            "it back, so that it is solved anew."
        )
    competition_services.check_move(
        row,
        Event.PREFERRED_BIDDERS_ANNOUNCED.value,
        {"award_is_approved": run.status == RunStatus.APPROVED.value},
    )
    award: dict[str, str] = json.loads(run.answer)["award"]
    bids = {
        (result.bid.lot.reference, result.bid.organisation.reference): result.bid
        for result in evaluations.results(row)
    }
    preferred = [
        PreferredBidder(
            run=run,
            lot=bids[lot, bidder].lot,
            organisation=bids[lot, bidder].organisation,
            bid=bids[lot, bidder],
            announced_at=now,
        )
        for lot, bidder in award.items()
    ]
    db.session.add_all(preferred)
    competition_services.set_lot_statuses(
        actor, row, dict.fromkeys(award, LotStatus.PREFERRED), at=now
    )
    _tell(
        identities.emails_of({bidder for _, bidder in bids}),
        "Preferred bidders are announced",
        now,
    )
    competition_services.advance_stage(
        actor,
        row,
        Event.PREFERRED_BIDDERS_ANNOUNCED.value,
        {"award_is_approved": True},
        at=now,
        changes={"award": run.reference, "lots": dict(award)},
    )
    return preferred


def _refuse_unread(run: AwardRun, read: str | None) -> None:
    if read is not None and run.reference != read:
        raise MoveRefused(
            "The award was solved anew since you read it. What stands now is below: read it before "
            "you go on."
        )


def _recommended(competition: str) -> tuple[Competition, AwardRun]:
    row = competitions.competition_for_change(competition)
    run = queries.latest_run(row)
    if run is None:
        raise Conflict("No award has been recommended yet.")
    return row, run


def _tell(addresses: list[str], subject: str, now: datetime) -> None:
    for address in addresses:
        outbox.post(address, subject, "Sign in to read more.", at=now)
