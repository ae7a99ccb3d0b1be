"""Where a competition stands, as the policy asks it, and who can act for it as its lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from commissioning.competition.domain.interests import Bar
from commissioning.competition.models import Admission, Competition
from commissioning.competition.queries.interests import bars_in
from commissioning.competition.queries.timetable import closed_deadline, open_deadline
from commissioning.identity.models import Organisation, RoleGrant, User
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, has_conflict

_ANY_TIME = datetime.max.replace(tzinfo=UTC)
"""For questions to which it does not matter when they are asked."""
_IS_A_LEAD = (
    RoleGrant.role == Role.PROCUREMENT_LEAD.value,
    RoleGrant.ended_at.is_(None),
    User.is_active,
    User.removed_at.is_(None),
)


def facts(competition: Competition, now: datetime, *, lot: str | None = None, **more: Any) -> Facts:
    """What the permission table needs to know of a competition.

    `deadline` is that of the stage which is open, if one is, and `closed_deadline` that of the one
    which has just closed. Where anybody declared an interest,
    the thing concerns every bidder that is admitted, unless `more`, which are further fields of
    Facts, names its `bidders`; before the shortlist it may concern anybody. For a thing of one
    `lot`, an interest counts that was not lifted for that lot.
    """
    return facts_of_each([competition], now, lot=lot, **more)[competition.id]


def facts_of_each(
    competitions: Sequence[Competition],
    now: datetime,
    *,
    lot: str | None = None,
    **more: Any,
) -> dict[int, Facts]:
    """The facts of several competitions, by their keys, in as many queries as for one."""
    bars = {
        key: [bar for bar in found if lot is None or bar.holds_on(lot)]
        for key, found in bars_in(*competitions).items()
    }
    concerned: dict[int, frozenset[str] | None] = {}
    if "bidders" not in more:
        concerned = _admitted_bidders([row for row in competitions if bars[row.id]])
    return {
        row.id: _facts(row, now, bars[row.id], {"bidders": concerned.get(row.id)} | more)
        for row in competitions
    }


def _facts(
    competition: Competition,
    now: datetime,
    bars: Sequence[Bar],
    more: dict[str, Any],
) -> Facts:
    deadline, closed = open_deadline(competition), closed_deadline(competition)
    reached = competition.reached_stage
    known: dict[str, Any] = {
        "authority": competition.programme.authority.reference,
        "competition": competition.reference,
        "stage": Stage(competition.stage),
        "reached": Stage(reached) if reached else None,
        "now": now,
        "deadline": deadline.instant_utc if deadline else None,
        "closed_deadline": closed.instant_utc if closed else None,
        "interests": frozenset((bar.person, bar.organisation) for bar in bars),
        "lifted": _lifted(bars),
    }
    return Facts(**(known | more))


def _lifted(bars: Sequence[Bar]) -> frozenset[tuple[str, str]]:
    """The bidders for whom every interest that a person has in the whole is lifted."""
    of_the_whole: dict[str, list[Bar]] = {}
    for bar in bars:
        if bar.organisation is None:
            of_the_whole.setdefault(bar.person, []).append(bar)
    return frozenset(
        (person, bidder)
        for person, held in of_the_whole.items()
        for bidder in frozenset.intersection(*(bar.lifted_bidders for bar in held))
    )


def _admitted_bidders(
    competitions: Sequence[Competition],
) -> dict[int, frozenset[str] | None]:
    """Whom each concerns, from the shortlist on; None before, when nobody may know."""
    found: dict[int, set[str]] = {
        row.id: set()
        for row in competitions
        if Stage(row.reached_stage or row.stage).is_at_or_after(Stage.SHORTLISTED)
    }
    if found:
        for competition, reference in db.session.execute(
            select(Admission.competition_id, Organisation.reference)
            .join(Admission.organisation)
            .where(Admission.competition_id.in_(found))
            .distinct()
        ):
            found[competition].add(reference)
    return {competition: frozenset(bidders) for competition, bidders in found.items()}


def team_facts(competition: Competition, now: datetime) -> Facts:
    """The facts of a competition, with whether a lead of it can act.

    Where none can, a lead of the authority may read what its team reads, and name another.
    """
    return facts(competition, now, has_lead=bool(leads_able_to_act(competition)))


def leads_able_to_act(competition: Competition) -> list[str]:
    """The references of the leads who can sign in and whom no declared interest keeps out."""
    return leads_of_each(competition)[competition.id]


def leads_of_each(*competitions: Competition) -> dict[int, list[str]]:
    """By competition, the leads who can sign in and whom no declared interest keeps out."""
    about = facts_of_each(competitions, _ANY_TIME)
    keys = {row.reference: row.id for row in competitions}
    found: dict[int, list[str]] = {row.id: [] for row in competitions}
    for competition, person in db.session.execute(
        select(RoleGrant.competition, User.reference)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.competition.in_(keys), *_IS_A_LEAD)
        .order_by(RoleGrant.id)
    ):
        if not has_conflict(person, about[keys[competition]]):
            found[keys[competition]].append(person)
    return found


def people_who_may_name_a_lead(*competitions: Competition) -> dict[int, list[str]]:
    """By competition, the names of the authority's leads who could name one where none can act."""
    about = facts_of_each(competitions, _ANY_TIME)
    people: dict[int, list[tuple[str, str]]] = {}
    for authority, person, name in db.session.execute(
        select(RoleGrant.organisation_id, User.reference, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            RoleGrant.organisation_id.in_({row.programme.authority_id for row in competitions}),
            RoleGrant.competition.is_(None),
            *_IS_A_LEAD,
        )
        .order_by(User.name, User.id)
    ):
        people.setdefault(authority, []).append((person, name))
    return {
        row.id: [
            name
            for person, name in people.get(row.programme.authority_id, ())
            if not has_conflict(person, about[row.id])
        ]
        for row in competitions
    }
