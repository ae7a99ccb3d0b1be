"""Issue of the PQQ and of the ITN, by two people, and the two freezes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from commissioning.competition import queries
from commissioning.competition.domain.frozen_model import notice_dict, to_frozen_dict
from commissioning.competition.models import Competition, Decision
from commissioning.competition.services import mail
from commissioning.competition.services.decisions import (
    close_decision,
    open_decision,
    take_up_decision,
)
from commissioning.competition.services.stages import advance_stage, check_move
from commissioning.competition.services.timetable import told
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import canonical_json, sha256_hex
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInputs, MoveRefused
from commissioning.permissions import Permission, require

_PQQ, _ITN = "pqq_issued", "itn_issued"
_NOT_DRAWN = "not drawn yet"


def _random_seed() -> str:
    return secrets.token_hex(16)


def propose_pqq_issue(
    actor: Actor, competition: str, *, reason: str = "", clock: Clock
) -> Decision:
    """The lead proposes to publish the notice and the PQQ, once the check list is empty.

    What is approved later is exactly what is proposed now: the proposal keeps its digests. Raises
    Forbidden, Conflict, and BadInputs with what is to be mended.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_ISSUE_PQQ, queries.facts(row, now))
    _refuse_unsound(row, _PQQ, now)
    return open_decision(actor, row, _PQQ, payload=_digests(row, _PQQ), reason=reason, clock=clock)


def approve_pqq_issue(
    actor: Actor, decision: str, *, reason: str = "", clock: Clock
) -> Competition:
    """The PQQ is issued by a second person, and the notice is frozen with it.

    From then on lots, values, limits, award rule, criteria and their importance do not change: the
    notice is kept as canonical JSON with its SHA-256. Every registered bidder is told. Raises
    Forbidden, Conflict, and IllegalTransition where the check list is not empty any more.
    """
    now = clock.now()
    proposal = take_up_decision(actor, decision, _PQQ, clock=clock)
    competition = proposal.competition
    facts = queries.guard_facts(competition, now, event=_PQQ)
    check_move(competition, _PQQ, facts)
    _refuse_changed(proposal, competition, _PQQ)
    notice = notice_dict(queries.drafted_model(competition))
    competition.notice = canonical_json(notice).decode()
    competition.notice_sha256 = notice["sha256"]
    close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    mail.tell(queries.everyone_concerned(competition), competition, "the PQQ is published", at=now)
    advance_stage(
        actor,
        competition,
        _PQQ,
        facts,
        at=now,
        decision=proposal,
        changes={"notice_sha256": notice["sha256"], "reason": proposal.decision_reason},
    )
    return competition


def propose_itn_issue(
    actor: Actor, competition: str, *, reason: str = "", clock: Clock
) -> Decision:
    """The lead proposes to invite the shortlisted bidders, once the check list is empty.

    The check list then includes the opening keys and their rehearsal. Raises Forbidden, Conflict,
    and BadInputs with what is to be mended.
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_PROPOSE_ISSUE_ITN, queries.facts(row, now))
    _refuse_unsound(row, _ITN, now)
    return open_decision(actor, row, _ITN, payload=_digests(row, _ITN), reason=reason, clock=clock)


def approve_itn_issue(
    actor: Actor,
    decision: str,
    *,
    reason: str = "",
    clock: Clock,
    draw_seed: Callable[[], str] = _random_seed,
) -> Competition:
    """The ITN is issued by a second person, and the whole evaluation model is frozen with it.

    The seed that decides ties is drawn at this moment, so that nobody knew it while the model could
    still change; `draw_seed` is another source of it for a replay. The admitted bidders are told.
    Raises Forbidden, Conflict, and IllegalTransition where the check list is not empty any more.
    """
    now = clock.now()
    proposal = take_up_decision(actor, decision, _ITN, clock=clock)
    competition = proposal.competition
    facts = queries.guard_facts(competition, now, event=_ITN)
    check_move(competition, _ITN, facts)
    _refuse_changed(proposal, competition, _ITN)
    seed = draw_seed()
    model = to_frozen_dict(replace(queries.drafted_model(competition), tie_seed=seed))
    competition.tie_seed = seed
    competition.model = canonical_json(model).decode()
    competition.model_sha256 = model["sha256"]
    close_decision(actor, proposal, approved=True, reason=reason, clock=clock)
    mail.tell(queries.everyone_concerned(competition), competition, "the ITN is published", at=now)
    advance_stage(
        actor,
        competition,
        _ITN,
        facts,
        at=now,
        decision=proposal,
        changes={"model_sha256": model["sha256"], "reason": proposal.decision_reason},
    )
    return competition


def _refuse_unsound(competition: Competition, event: str, now: datetime) -> None:
    found = queries.check_list(competition, now, event=event)
    if found:
        raise BadInputs([(problem.where, problem.sentence) for problem in found])


def _digests(competition: Competition, event: str) -> dict[str, Any]:
    """What is approved, as SHA-256 digests: rules, questions, documents, dates, opening keys."""
    model = queries.drafted_model(competition)
    if event == _PQQ:
        rules = notice_dict(model)
        part = "pqq"
        questions = [
            [row.reference, row.part, row.kind, row.answer, row.question, row.word_limit, row.rule]
            for row in competition.questions
        ]
    else:
        rules = to_frozen_dict(replace(model, tie_seed=_NOT_DRAWN))
        part = "itn"
        questions = [
            [leaf.reference, leaf.question, leaf.word_limit, leaf.allows_file]
            for criterion in competition.criteria
            for leaf in criterion.leaves
        ]
    documents = [
        [document.reference, version.version, version.sha256]
        for document in queries.documents_of(competition, part)
        for version in document.versions
    ]
    dates = {
        date.value: told(deadline)
        for date, deadline in queries.current_timetable(competition).items()
    }
    # whoever approves the ITN approves to which keys bids are sealed, and who holds them
    keys = {
        "opening_keys": competition.opening_keys_sha256,
        "key_holders": sorted(queries.key_holders(competition)),
    }
    return {
        **({} if event == _PQQ else {"keys_sha256": sha256_hex(keys)}),
        "rules_sha256": rules["sha256"],
        "questions_sha256": sha256_hex(questions),
        "documents_sha256": sha256_hex(documents),
        "timetable_sha256": sha256_hex(dates),
    }


def _refuse_changed(proposal: Decision, competition: Competition, event: str) -> None:
    if _digests(competition, event) != proposal.payload:
        raise MoveRefused(
            "What was proposed has changed since. Send the proposal back, so that it is proposed "
            "again as it now is."
        )
