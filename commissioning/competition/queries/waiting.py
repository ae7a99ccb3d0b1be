"""What waits for the people of a competition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from commissioning.competition.domain.lifecycle import EXTENSION, approval_permission
from commissioning.competition.models import Competition, Decision
from commissioning.competition.queries.competition import competitions_for, facts
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.stage import Stage
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Permission, may

DECISION_TITLES = {
    "pqq_issued": "Decide whether the PQQ is issued",
    "itn_issued": "Decide whether the ITN is issued",
    EXTENSION: "Decide whether the deadline is extended",
    "terminated": "Decide whether the competition is terminated",
    "shortlist_confirmed": "Decide on the shortlist",
    "quality_locked": "Decide whether the quality marks are locked",
}
"""What a second person is asked, by the event that was proposed."""


def permission_to_decide(event: str) -> Permission:
    """The permission by which a second person decides on a proposal."""
    permission = approval_permission(event)
    if permission is None:
        raise ValueError(f"{event} is no act of two people.")
    return permission


def may_decide(actor: Actor, decision: Decision, now: datetime) -> bool:
    """Whether this person may now approve a proposal, or send it back."""
    return decision.status == "proposed" and may(
        actor,
        permission_to_decide(decision.event),
        facts(decision.competition, now, proposer=decision.proposed_by),
    )


def waiting_for(actor: Actor, now: datetime) -> list[WaitingItem]:
    """What a person should do next on their competitions: decisions first, then set-up."""
    mine = {competition.id: competition for competition in competitions_for(actor)}
    if not mine:
        return []
    decisions = _proposed(list(mine))
    items = []
    for decision in decisions:
        if may_decide(actor, decision, now):
            title = DECISION_TITLES.get(decision.event, "Decide on a proposal")
            items.append(
                WaitingItem(
                    title=title,
                    detail="A colleague proposed it; it takes your decision to happen.",
                    endpoint="competition.decision",
                    values={
                        "reference": decision.competition.reference,
                        "decision": decision.reference,
                    },
                    due_at=facts(decision.competition, now).deadline,
                    context=decision.competition.title,
                )
            )
    proposed = {(row.competition_id, row.event) for row in decisions}
    for competition in mine.values():
        item = _set_up(actor, competition, proposed)
        if item is not None:
            items.append(item)
    return items


def _proposed(competitions: list[int]) -> Sequence[Decision]:
    return db.session.scalars(
        select(Decision)
        .join(Decision.competition)
        .options(contains_eager(Decision.competition))
        .where(Decision.status == "proposed", Decision.competition_id.in_(competitions))
        .order_by(Decision.id)
    ).all()


def _set_up(
    actor: Actor, competition: Competition, proposed: set[tuple[int, str]]
) -> WaitingItem | None:
    """The lead's own next step: complete a draft, or prepare the ITN."""
    if Role.PROCUREMENT_LEAD not in actor.roles_on(competition.reference):
        return None
    steps = {
        Stage.DRAFT: ("pqq_issued", "Complete the set-up and propose the issue of the PQQ"),
        Stage.SHORTLISTED: ("itn_issued", "Complete the model and propose the issue of the ITN"),
    }
    step = steps.get(Stage(competition.stage))
    if step is None or (competition.id, step[0]) in proposed:
        return None
    return WaitingItem(
        title=step[1],
        detail="The task list shows what is still to do.",
        endpoint="competition.home",
        values={"reference": competition.reference},
        context=competition.title,
    )
