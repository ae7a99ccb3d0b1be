"""What waits for the people of a competition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from commissioning.competition.domain.lifecycle import (
    CHANGE,
    CORRECTION,
    EXTENSION,
    INTEREST,
    LATE_BID,
    READ_BY,
    approval_permission,
)
from commissioning.competition.models import Competition, Decision
from commissioning.competition.queries.competition import (
    competitions_for,
    competitions_without_lead,
)
from commissioning.competition.queries.standing import (
    facts,
    facts_of_each,
    people_who_may_name_a_lead,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.stage import Stage
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Facts, Permission, may

DECISION_TITLES = {
    "pqq_issued": "Decide whether the PQQ is issued",
    "itn_issued": "Decide whether the ITN is issued",
    EXTENSION: "Decide whether the deadline is extended",
    CHANGE: "Decide on a change of the invitation",
    CORRECTION: "Decide on a tie that counts",
    LATE_BID: "Decide on a late bid",
    INTEREST: "Decide on a declared interest",
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


def may_decide(actor: Actor, decision: Decision, now: datetime, about: Facts | None = None) -> bool:
    """Whether this person may now approve a proposal, or send it back.

    `about` are the facts of its competition, where they are at hand.
    """
    return decision.status == "proposed" and may(
        actor,
        permission_to_decide(decision.event),
        facts_to_decide(decision, about or facts(decision.competition, now)),
    )


def facts_to_decide(decision: Decision, about: Facts) -> Facts:
    """The facts of a competition as whoever decides on a proposal is judged by them."""
    return replace(about, proposer=decision.proposed_by, person=decision.payload.get("person"))


def may_read_decision(actor: Actor, decision: Decision, now: datetime) -> bool:
    """Whether somebody of the team may know of a proposal; of most, everybody may."""
    permission = READ_BY.get(decision.event)
    return permission is None or may(actor, permission, facts(decision.competition, now))


def waiting_for(actor: Actor, now: datetime) -> list[WaitingItem]:
    """What a person should do next on their competitions: decisions first, then set-up."""
    items = _without_lead(actor, now)
    mine = {competition.id: competition for competition in competitions_for(actor)}
    if not mine:
        return items
    decisions = _proposed(list(mine))
    about = facts_of_each(list(mine.values()), now)
    for decision in decisions:
        if may_decide(actor, decision, now, about[decision.competition_id]):
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
                    due_at=about[decision.competition_id].deadline,
                    context=decision.competition.title,
                )
            )
    proposed = {(row.competition_id, row.event) for row in decisions}
    for competition in mine.values():
        item = _set_up(actor, competition, proposed, about[competition.id])
        if item is not None:
            items.append(item)
    return items


def _without_lead(actor: Actor, now: datetime) -> list[WaitingItem]:
    """A competition that no lead of it can act for waits for whoever can name another.

    That is a lead of the authority; where the authority has none who is free to, the administrator
    brings one in first, and is told of the authority and no more.
    """
    items = []
    found = competitions_without_lead(actor)
    about = facts_of_each(found, now, has_lead=False)
    able = people_who_may_name_a_lead(*found)
    for competition in found:
        authority = competition.programme.authority
        if may(actor, Permission.COMPETITION_GIVE_ROLES, about[competition.id]):
            items.append(
                WaitingItem(
                    "Name a new lead",
                    "Nobody who is lead of this competition can act: they declared an interest, or "
                    "cannot sign in. Give the role of procurement lead to somebody else.",
                    "competition.give_role",
                    {"reference": competition.reference},
                    context=competition.title,
                )
            )
        elif may(actor, Permission.IDENTITY_CREATE_AUTHORITY_PEOPLE) and not able[competition.id]:
            items.append(
                WaitingItem(
                    "Bring in a procurement lead",
                    "A competition of this authority has no lead who can act, and the authority "
                    "has nobody who could name one. Invite somebody as procurement lead, or give "
                    "the role to one of its people.",
                    "identity.organisation",
                    {"reference": authority.reference},
                    context=authority.name,
                )
            )
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
    actor: Actor, competition: Competition, proposed: set[tuple[int, str]], about: Facts
) -> WaitingItem | None:
    """The lead's own next step: complete a draft, or prepare the ITN."""
    steps = {
        Stage.DRAFT: (
            "pqq_issued",
            Permission.COMPETITION_PROPOSE_ISSUE_PQQ,
            "Complete the set-up and propose the issue of the PQQ",
        ),
        Stage.SHORTLISTED: (
            "itn_issued",
            Permission.COMPETITION_PROPOSE_ISSUE_ITN,
            "Complete the model and propose the issue of the ITN",
        ),
    }
    step = steps.get(Stage(competition.stage))
    if (
        step is None
        or (competition.id, step[0]) in proposed
        or Role.PROCUREMENT_LEAD not in actor.roles_on(competition.reference)
        or not may(actor, step[1], about)
    ):
        return None
    return WaitingItem(
        title=step[2],
        detail=_still_to_do(competition),
        endpoint="competition.home",
        values={"reference": competition.reference},
        context=competition.title,
    )


def _still_to_do(competition: Competition) -> str:
    """What others have to do before the lead can go on is named; the task list has the rest."""
    if Stage(competition.stage) is Stage.DRAFT or competition.rehearsed_at is not None:
        return "The task list shows what is still to do."
    if competition.opening_keys_sha256 is None:
        return (
            "The opening keys are still to be made, and an opening to be rehearsed by the key "
            "holders. The task list shows what else is to do."
        )
    return "The key holders have still to rehearse an opening. The task list shows the rest."
