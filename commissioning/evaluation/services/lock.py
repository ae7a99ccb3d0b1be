"""The quality lock: by two people, when every record is complete; then points are computed."""

from __future__ import annotations

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.competition import services as competition_services
from commissioning.competition.models import Competition, Decision
from commissioning.evaluation import queries
from commissioning.evaluation.domain.results import quality_result
from commissioning.evaluation.models import BidResult
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import IllegalTransition, MoveRefused
from commissioning.permissions import Permission, require

LOCK = "quality_locked"
AGREED = "agreed_marks_sha256"
"""Under which name a proposal and the trail carry the digest of the agreed marks."""

CHANGED_SINCE = (
    "Agreed marks have changed since the lock was proposed. Send it back, so that the lead can "
    "propose it again."
)
_SHOWN = 5


def missing_records(competition: str) -> list[str]:
    """Quality is locked on complete records only: this names each that is missing, in a sentence.

    Every answer needs a mark of each evaluator assigned, and a closed consensus, all under the
    published model. The caller has authorised the reading.
    """
    return queries.missing_records(competition_queries.competition_by_reference(competition))


def propose_quality_lock(
    actor: Actor, competition: str, *, reason: str = "", clock: Clock
) -> Decision:
    """The lead proposes to lock quality, once no record is missing; a second person decides.

    The proposal carries the digest of every agreed mark, so that these are locked and no others.
    Raises IllegalTransition, naming what is missing.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    facts = competition_queries.facts(row, now)
    require(actor, Permission.EVALUATION_PROPOSE_QUALITY_LOCK, facts)
    _refuse_incomplete(row)
    return competition_services.open_decision(
        actor,
        row,
        LOCK,
        payload={"model_sha256": row.model_sha256, AGREED: queries.agreed_marks_sha256(row)},
        reason=reason,
        clock=clock,
    )


def approve_quality_lock(
    actor: Actor, decision: str, *, reason: str = "", clock: Clock
) -> Decision:
    """A second person locks quality: no mark changes any more, and quality points follow.

    Points are computed from the agreed marks by the frozen model, to a thousandth of a point, with
    who is out and why; nothing overrides them. `decision` is the reference of the proposal, whose
    digest must be that of the marks as they stand now. Raises IllegalTransition, naming what is
    missing, and Conflict where marks have changed since, or where it is decided already.
    """
    now = clock.now()
    taken = competition_services.take_up_decision(actor, decision, LOCK, clock=clock)
    row = taken.competition
    _refuse_incomplete(row)
    agreed_sha256 = queries.agreed_marks_sha256(row)
    if taken.payload.get(AGREED) != agreed_sha256:
        raise MoveRefused(CHANGED_SINCE)
    competition_services.close_decision(actor, taken, approved=True, reason=reason, clock=clock)
    model = competition_queries.evaluation_model(row)
    agreed = queries.agreed_marks(row)
    results = []
    for bid in queries.opened_bids(row):
        result = quality_result(model, agreed[bid.id])
        results.append(
            BidResult(
                bid_id=bid.id,
                model_sha256=row.model_sha256,
                quality_millipoints=result.millipoints,
                excluded_because=list(result.excluded_because),
                computed_at=now,
            )
        )
    db.session.add_all(results)
    db.session.flush()
    audit.record(
        actor,
        Event.QUALITY_POINTS_COMPUTED,
        Subject("competition", row.reference),
        {"model_sha256": row.model_sha256, AGREED: agreed_sha256, "results": _stated(row)},
        at=now,
        stream=competition_stream(row.reference),
    )
    competition_services.advance_stage(
        actor,
        row,
        LOCK,
        {"every_record_complete": True},
        at=now,
        decision=taken,
        changes={"model_sha256": row.model_sha256, AGREED: agreed_sha256},
    )
    return taken


def _refuse_incomplete(competition: Competition) -> None:
    missing = queries.missing_records(competition)
    if missing:
        more = len(missing) - _SHOWN
        raise IllegalTransition(
            "Quality cannot be locked yet. "
            + " ".join(missing[:_SHOWN])
            + (f" And {more} more." if more > 0 else "")
        )


def _stated(competition: Competition) -> list[dict[str, object]]:
    return [
        {
            "bid": result.bid.reference,
            "quality_millipoints": result.quality_millipoints,
            "excluded_because": result.excluded_because,
        }
        for result in queries.results(competition)
    ]
