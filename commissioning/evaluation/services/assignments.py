"""Who marks which answers, before marking starts and by a recorded reassignment afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition, Criterion, Lot
from commissioning.evaluation import queries
from commissioning.evaluation.models import Assignment
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.permissions import Permission, require


def assign_team(
    actor: Actor,
    competition: str,
    criterion: str,
    *,
    lots: Collection[str],
    evaluators: Collection[str],
    moderator: str | None,
    clock: Clock,
) -> list[Assignment]:
    """A criterion is given to a team on each of these lots before anybody has marked it there.

    The team replaces whoever was assigned there before; the places of those who leave are ended,
    with who ended them and when, and the record keeps them. Lots and people by their references.
    Raises BadInput at `lots`, `evaluators` or `moderator` for people who do not hold the role on
    the competition, who stand in both places, or who declared an interest, and Conflict where
    marking has started: from then on only `reassign` may change who marks. Returns the
    assignments of the team.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    require(actor, Permission.EVALUATION_ASSIGN, competition_queries.facts(row, now))
    chosen, subject = _chosen(row, lots, criterion)
    wanted = [(person, Role.EVALUATOR) for person in sorted(set(evaluators))]
    if not wanted:
        raise BadInput("evaluators", "Choose at least one evaluator.")
    if moderator is not None:
        wanted.append((moderator, Role.MODERATOR))
    _refuse_started(chosen, subject)
    _refuse_unfit(row, chosen, wanted)
    ever = queries.assignments_of_criterion(subject, chosen)
    _refuse_replaced(row, chosen, ever, wanted)
    before = [a for a in ever if a.ended_at is None]
    standing = {(a.lot_id, a.person, a.role): a for a in before}
    keep = {(lot.id, person, role.value) for lot in chosen for person, role in wanted}
    leaving = [assignment for key, assignment in standing.items() if key not in keep]
    for assignment in leaving:
        _end(actor, assignment, now=now)
    db.session.flush()  # a person may change places, and has one place on a sheet at a time
    team = [
        standing.get((lot.id, person, role.value))
        or _assignment(actor, lot, subject, person, role, now=now)
        for lot in chosen
        for person, role in wanted
    ]
    db.session.flush()
    audit.record(
        actor,
        Event.ANSWERS_ASSIGNED,
        Subject("criterion", f"{competition}/{criterion}"),
        {
            "lots": [lot.reference for lot in chosen],
            "evaluators": [person for person, role in wanted if role is Role.EVALUATOR],
            "moderator": moderator,
            "ended": sorted({assignment.person for assignment in leaving}),
        },
        at=now,
        stream=competition_stream(competition),
    )
    return team


def assign(
    actor: Actor,
    competition: str,
    *,
    lot: str,
    criterion: str,
    person: str,
    role: Role,
    clock: Clock,
) -> Assignment:
    """One more person is given a criterion on a lot, before marking of it starts there.

    `role` is quality evaluator or moderator. Raises BadInput at `person` for somebody who may not
    take that place, and Conflict once marking has started.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    require(actor, Permission.EVALUATION_ASSIGN, competition_queries.facts(row, now))
    if role not in {Role.EVALUATOR, Role.MODERATOR}:
        raise BadInput("role", "Choose quality evaluator or moderator.")
    chosen, subject = _chosen(row, [lot], criterion)
    _refuse_started(chosen, subject)
    _refuse_unfit(row, chosen, [(person, role)])
    ever = queries.assignments_of_criterion(subject, chosen)
    _refuse_replaced(row, chosen, ever, [(person, role)], field="person")
    if any(a.person == person and a.ended_at is None for a in ever):
        raise BadInput("person", "This person already has a place on these answers.")
    assignment = _assignment(actor, chosen[0], subject, person, role, now=now)
    db.session.flush()
    audit.record(
        actor,
        Event.ANSWERS_ASSIGNED,
        Subject("criterion", f"{competition}/{criterion}"),
        {"lots": [lot], "added": {"person": person, "role": role.value}},
        at=now,
        stream=competition_stream(competition),
    )
    return assignment


def reassign(
    actor: Actor,
    competition: str,
    criterion: str,
    *,
    lots: Collection[str],
    leaving: str,
    joining: str,
    reason: str,
    clock: Clock,
) -> list[Assignment]:
    """Another person takes over answers after marking has started, with the reason on record.

    The marks of an evaluator who leaves stay and no longer count; what was agreed on the sheet is
    set aside, because it rested on them, and is recorded anew when the successor has submitted.
    Raises BadInput at `lots`, `leaving`, `joining` or `reason`. Returns the new assignments.
    """
    now = clock.now()
    row = competition_queries.competition_for_change(competition)
    require(actor, Permission.EVALUATION_ASSIGN, competition_queries.facts(row, now))
    if not reason.strip():
        raise BadInput("reason", "Say why somebody else takes over.")
    chosen, subject = _chosen(row, lots, criterion)
    ever = queries.assignments_of_criterion(subject, chosen)
    ending = {a.lot_id: a for a in ever if a.person == leaving and a.ended_at is None}
    for lot in chosen:
        if lot.id not in ending:
            raise BadInput("leaving", f"This person has no place on {lot.name} for this criterion.")
        # Whoever a team replaced before marking has seen no mark, and may come back.
        if any(
            a.lot_id == lot.id and a.person == joining and (a.ended_at is None or a.ended_because)
            for a in ever
        ):
            raise BadInput(
                "joining", f"This person has, or had, a place on {lot.name} for this criterion."
            )
    roles = {Role(a.role) for a in ending.values()}
    _refuse_unfit(row, chosen, [(joining, role) for role in roles], field="joining")
    for assignment in ending.values():
        _end(actor, assignment, now=now, reason=reason.strip())
    db.session.flush()
    successors = [
        _assignment(actor, lot, subject, joining, Role(ending[lot.id].role), now=now)
        for lot in chosen
    ]
    marked = [lot for lot in chosen if ending[lot.id].role == Role.EVALUATOR]
    set_aside = queries.standing_consensus(marked, subject)
    for consensus in set_aside:
        consensus.superseded_at = now
    db.session.flush()
    audit.record(
        actor,
        Event.ANSWERS_REASSIGNED,
        Subject("criterion", f"{competition}/{criterion}"),
        {
            "lots": [lot.reference for lot in chosen],
            "leaving": leaving,
            "joining": joining,
            "reason": reason.strip(),
            "consensus_set_aside": len(set_aside),
        },
        at=now,
        stream=competition_stream(competition),
    )
    return successors


def _chosen(
    competition: Competition, lots: Collection[str], criterion: str
) -> tuple[list[Lot], Criterion]:
    every_lot, criteria = queries.lots_and_criteria(competition)
    subject = next((c for c in criteria if c.reference == criterion), None)
    if subject is None:
        raise NotFound
    wanted = set(lots)
    chosen = [lot for lot in every_lot if lot.reference in wanted]
    if not wanted or len(chosen) != len(wanted):
        raise BadInput("lots", "Choose at least one lot of this competition.")
    return chosen, subject


def _refuse_started(lots: Sequence[Lot], criterion: Criterion) -> None:
    started = queries.lots_with_marks(lots, criterion)
    names = ", ".join(lot.name for lot in lots if lot.id in started)
    if names:
        raise Conflict(
            f"Marking of {criterion.name} has started on {names}. Leave these lots out, or replace "
            "a person there with a reason."
        )


def _refuse_unfit(
    competition: Competition,
    lots: Sequence[Lot],
    wanted: Sequence[tuple[str, Role]],
    *,
    field: str | None = None,
) -> None:
    """Refuse people without the role, in two places at once, or with a declared interest."""
    people = [person for person, _role in wanted]
    twice = {person for person in people if people.count(person) > 1}
    conflicts = queries.conflicts_on(competition, lots, people)
    holders = queries.role_holders(competition)
    for person, role in wanted:
        held = holders[role]
        place = field or ("moderator" if role is Role.MODERATOR else "evaluators")
        if person not in held:
            raise BadInput(
                place, f"Choose people who hold the role of {role.label} on this competition."
            )
        if person in twice:
            raise BadInput(place, f"{held[person]} cannot mark and moderate the same answers.")
        if conflicts.get(person):
            raise BadInput(
                place,
                f"{held[person]} declared an interest that touches "
                f"{', '.join(lot.name for lot in conflicts[person])}. Choose somebody else.",
            )


def _refuse_replaced(
    competition: Competition,
    lots: Sequence[Lot],
    ever: Collection[Assignment],
    wanted: Sequence[tuple[str, Role]],
    *,
    field: str | None = None,
) -> None:
    """Refuse whoever was replaced with a reason on one of these sheets: nobody comes back to it."""
    holders = queries.role_holders(competition)
    for person, role in wanted:
        left = {a.lot_id for a in ever if a.person == person and a.ended_because}
        names = ", ".join(lot.name for lot in lots if lot.id in left)
        if names:
            raise BadInput(
                field or ("moderator" if role is Role.MODERATOR else "evaluators"),
                f"{holders[role][person]} was replaced on {names} for this criterion, and does "
                "not come back. Choose somebody else.",
            )


def _end(actor: Actor, assignment: Assignment, *, now: datetime, reason: str = "") -> None:
    assignment.ended_at = now
    assignment.ended_by = actor.reference
    assignment.ended_because = reason


def _assignment(
    actor: Actor, lot: Lot, criterion: Criterion, person: str, role: Role, *, now: datetime
) -> Assignment:
    assignment = Assignment(
        competition_id=lot.competition_id,
        lot_id=lot.id,
        criterion_id=criterion.id,
        person=person,
        role=role.value,
        assigned_by=actor.reference,
        assigned_at=now,
    )
    db.session.add(assignment)
    return assignment
