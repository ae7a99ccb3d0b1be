"""Where a competition stands, as the policy asks it, and who can act for it as its lead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from commissioning.competition.models import Admission, Competition, Interest
from commissioning.competition.queries.timetable import closed_deadline, open_deadline
from commissioning.identity.models import Organisation, RoleGrant, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, has_conflict


def facts(competition: Competition, now: datetime, **more: Any) -> Facts:
    """What the permission table needs to know of a competition.

    `deadline` is that of the stage which is open, if one is, and `closed_deadline` that of the one
    which has just closed. Where anybody declared an interest,
    the thing concerns every bidder that is admitted, unless `more`, which are further fields of
    Facts, names its `bidders`; before the shortlist it may concern anybody.
    """
    deadline, closed = open_deadline(competition), closed_deadline(competition)
    reached = competition.reached_stage
    interests = declared_interests(competition)
    if interests and "bidders" not in more:
        more["bidders"] = _admitted_bidders(competition)
    known: dict[str, Any] = {
        "authority": competition.programme.authority.reference,
        "competition": competition.reference,
        "stage": Stage(competition.stage),
        "reached": Stage(reached) if reached else None,
        "now": now,
        "deadline": deadline.instant_utc if deadline else None,
        "closed_deadline": closed.instant_utc if closed else None,
        "interests": interests,
    }
    return Facts(**(known | more))


def declared_interests(competition: Competition) -> frozenset[tuple[str, str | None]]:
    """All that was declared in a competition: (person, organisation or None for the whole)."""
    return frozenset(
        (person, organisation)
        for person, organisation in db.session.execute(
            select(Interest.person, Interest.organisation).where(
                Interest.competition_id == competition.id
            )
        )
    )


def _admitted_bidders(competition: Competition) -> frozenset[str] | None:
    """Whom the competition concerns, from the shortlist on; None before, when nobody may know."""
    reached = Stage(competition.reached_stage or competition.stage)
    if not reached.is_at_or_after(Stage.SHORTLISTED):
        return None
    return frozenset(
        db.session.scalars(
            select(Organisation.reference).where(
                Organisation.id.in_(
                    select(Admission.organisation_id).where(
                        Admission.competition_id == competition.id
                    )
                )
            )
        )
    )


def team_facts(competition: Competition, now: datetime) -> Facts:
    """The facts of a competition, with whether a lead of it can act.

    Where none can, a lead of the authority may read what its team reads, and name another.
    """
    return facts(competition, now, has_lead=bool(leads_able_to_act(competition)))


def leads_able_to_act(competition: Competition) -> list[str]:
    """The references of the leads who can sign in and whom no declared interest keeps out."""
    about = facts(competition, competition.stage_since)
    return [
        reference
        for reference in db.session.scalars(
            select(User.reference)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(
                RoleGrant.competition == competition.reference,
                RoleGrant.role == Role.PROCUREMENT_LEAD.value,
                RoleGrant.ended_at.is_(None),
                User.is_active,
                User.removed_at.is_(None),
            )
            .order_by(RoleGrant.id)
        )
        if not has_conflict(reference, about)
    ]


def people_who_may_name_a_lead(competition: Competition) -> list[str]:
    """The names of the authority's leads who could name another lead where none can act."""
    about = facts(competition, competition.stage_since)
    people = db.session.execute(
        select(User.reference, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.organisation_id == competition.programme.authority_id,
            RoleGrant.competition.is_(None),
            RoleGrant.role == Role.PROCUREMENT_LEAD.value,
            RoleGrant.ended_at.is_(None),
            User.is_active,
            User.removed_at.is_(None),
        )
        .order_by(User.name, User.id)
    )
    return [name for reference, name in people if not has_conflict(reference, about)]
