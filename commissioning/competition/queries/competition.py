"""Reading competitions, their lots and documents, and who is admitted to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from commissioning.competition.models import (
    Admission,
    Competition,
    Decision,
    DocumentVersion,
    Interest,
    Lot,
    Programme,
    TenderDocument,
    TimetableEntry,
)
from commissioning.competition.queries.standing import facts, leads_of_each, team_facts
from commissioning.identity.models import Organisation, RoleGrant, User
from commissioning.infrastructure.database import db, forget_what_was_read
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may, require

# Programmes ----------------------------------------------------------------------------------


def programme_by_reference(reference: str) -> Programme:
    """The programme with its authority; NotFound where there is none."""
    found = db.session.scalar(
        select(Programme)
        .options(joinedload(Programme.authority, innerjoin=True))
        .where(Programme.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def programmes_for(actor: Actor) -> Sequence[Programme]:
    """The programmes of the authorities for which the actor may set up competitions, by name."""
    authorities = {
        grant.organisation
        for grant in actor.grants
        if grant.competition is None and grant.role is Role.PROCUREMENT_LEAD
    }
    if not authorities:
        return []
    return db.session.scalars(
        select(Programme)
        .join(Programme.authority)
        .options(contains_eager(Programme.authority))
        .where(Organisation.reference.in_(authorities))
        .order_by(Programme.name, Programme.id)
    ).all()


# Competitions --------------------------------------------------------------------------------


def _competitions() -> Select[tuple[Competition]]:
    return select(Competition).options(
        joinedload(Competition.programme, innerjoin=True).joinedload(
            Programme.authority, innerjoin=True
        ),
        selectinload(Competition.timetable),
    )


# Made once, since everybody who submits in the last minute sends it.
_HELD = (
    select(Competition)
    .options(
        joinedload(Competition.programme, innerjoin=True).joinedload(
            Programme.authority, innerjoin=True
        )
    )
    .where(Competition.reference == bindparam("reference"))
    .with_for_update(read=True, of=Competition)
    .execution_options(populate_existing=True)
)
_TIMETABLE = (
    select(TimetableEntry)
    .where(TimetableEntry.competition_id == bindparam("competition"))
    .order_by(TimetableEntry.id)
    .execution_options(populate_existing=True)
)


def competition_by_reference(reference: str) -> Competition:
    """The competition with its authority and its timetable; NotFound where there is none.

    It looks at no role: whoever shows it asks `permissions.require` first.
    """
    found = db.session.scalar(_competitions().where(Competition.reference == reference))
    if found is None:
        raise NotFound
    return found


def is_reference_taken(reference: str) -> bool:
    """Whether some competition, of whichever authority, has this reference already."""
    return (
        db.session.scalar(select(Competition.id).where(Competition.reference == reference))
        is not None
    )


def competition_for_change(reference: str) -> Competition:
    """The competition, fresh and locked until the transaction ends; NotFound where there is none.

    Two people who change one competition at once take turns, so that neither a stage is moved
    twice nor a weight counted in a sum that no longer holds.
    """
    forget_what_was_read()
    found = db.session.scalar(
        _competitions()
        .where(Competition.reference == reference)
        .with_for_update(of=Competition)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def competition_held(reference: str) -> Competition:
    """The competition, fresh, in a stage that cannot move until the transaction ends; or NotFound.

    Any number may hold it at once. A move waits for all of them: so an opening that follows the
    passing of a deadline sees every bid that was acknowledged.
    """
    forget_what_was_read()
    found = db.session.scalar(_HELD, {"reference": reference})
    if found is None:
        raise NotFound
    entries = db.session.scalars(_TIMETABLE, {"competition": found.id}).all()
    set_committed_value(found, "timetable", entries)
    return found


def competitions_without_lead(actor: Actor) -> list[Competition]:
    """The running competitions that no lead can act for, of which the actor should know.

    They are those of an authority whose lead the actor is, or, for an administrator, of any.
    """
    led = {
        grant.organisation
        for grant in actor.grants
        if grant.competition is None and grant.role is Role.PROCUREMENT_LEAD
    }
    is_administrator = Role.ADMINISTRATOR in actor.roles()
    if not led and not is_administrator:
        return []
    certainly_led = (
        select(RoleGrant.id)
        .join(User, User.id == RoleGrant.user_id)
        .where(
            RoleGrant.competition == Competition.reference,
            RoleGrant.role == Role.PROCUREMENT_LEAD.value,
            RoleGrant.ended_at.is_(None),
            User.is_active,
            User.removed_at.is_(None),
            ~exists().where(
                Interest.competition_id == Competition.id, Interest.person == User.reference
            ),
        )
        .exists()
    )
    statement = _competitions().where(Competition.stage != Stage.TERMINATED.value, ~certainly_led)
    if not is_administrator:
        statement = statement.where(
            Competition.programme_id.in_(
                select(Programme.id)
                .join(Programme.authority)
                .where(Organisation.reference.in_(led))
            )
        )
    found = db.session.scalars(statement.order_by(Competition.id)).all()
    able = leads_of_each(*found)
    return [row for row in found if not able[row.id]]


def readable_competition(actor: Actor, reference: str, *, now: datetime) -> Competition:
    """A competition of which the actor may read everything that is open to its team.

    Raises NotFound where there is none, and Forbidden, which looks the same.
    """
    competition = competition_by_reference(reference)
    require(actor, Permission.COMPETITION_READ, team_facts(competition, now))
    return competition


def published_competition(actor: Actor, reference: str, *, now: datetime) -> Competition:
    """A competition whose notice is published; NotFound, or Forbidden, where it is not."""
    competition = competition_by_reference(reference)
    require(actor, Permission.COMPETITION_READ_PUBLISHED, facts(competition, now))
    return competition


def competitions_for(actor: Actor) -> Sequence[Competition]:
    """The competitions on which the actor holds a role, newest first.

    An auditor of an authority sees all of that authority's.
    """
    named = {grant.competition for grant in actor.grants if grant.competition}
    audited = {
        grant.organisation
        for grant in actor.grants
        if grant.competition is None and grant.role is Role.AUDITOR
    }
    if not named and not audited:
        return []
    return db.session.scalars(
        _competitions()
        .where(
            or_(
                Competition.reference.in_(named),
                Competition.programme_id.in_(
                    select(Programme.id)
                    .join(Programme.authority)
                    .where(Organisation.reference.in_(audited))
                ),
            )
        )
        .order_by(Competition.created_at.desc(), Competition.id.desc())
    ).all()


def published_competitions() -> Sequence[Competition]:
    """Every competition whose notice was published, newest notice first; anyone may read it."""
    return db.session.scalars(
        _competitions()
        .where(Competition.notice_sha256.is_not(None))
        .order_by(Competition.commenced_on.desc(), Competition.id.desc())
    ).all()


def termination_of(competition: Competition) -> Decision | None:
    """The decision that terminated a competition, with its reason; None where it runs on."""
    return db.session.scalar(
        select(Decision).where(
            Decision.competition_id == competition.id,
            Decision.event == "terminated",
            Decision.status == "approved",
        )
    )


# Lots ----------------------------------------------------------------------------------------


_LOT_FOR = select(
    Lot,
    exists()
    .where(
        Admission.lot_id == Lot.id,
        Admission.organisation_id == Organisation.id,
        Organisation.reference == bindparam("organisation"),
    )
    .correlate(Lot),
).where(Lot.competition_id == bindparam("competition"), Lot.reference == bindparam("lot"))


def lot_by_reference(competition: Competition, reference: str) -> Lot:
    """A lot of the competition; NotFound where it has none of that reference."""
    found = db.session.scalar(
        select(Lot).where(Lot.competition_id == competition.id, Lot.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def lot_for(competition: Competition, reference: str, organisation: str) -> tuple[Lot, bool]:
    """A lot of the competition, and whether an organisation may bid for it; or NotFound."""
    row = db.session.execute(
        _LOT_FOR, {"competition": competition.id, "lot": reference, "organisation": organisation}
    ).one_or_none()
    if row is None:
        raise NotFound
    lot, is_admitted = row
    return lot, is_admitted


# Documents -----------------------------------------------------------------------------------


def documents_of(competition: Competition, part: str | None = None) -> Sequence[TenderDocument]:
    """The documents of a competition with all their versions, in the order in which they came."""
    statement = (
        select(TenderDocument)
        .options(selectinload(TenderDocument.versions))
        .where(TenderDocument.competition_id == competition.id)
        .order_by(TenderDocument.part.desc(), TenderDocument.id)
    )
    if part is not None:
        statement = statement.where(TenderDocument.part == part)
    return db.session.scalars(statement).all()


def issued_parts(competition: Competition) -> frozenset[str]:
    """Which parts of the documents are out: "pqq" with the notice, "itn" with the ITN."""
    reached = Stage(competition.reached_stage or competition.stage)
    return frozenset(
        part
        for part, stage in (("pqq", Stage.PQQ_OPEN), ("itn", Stage.ITN_OPEN))
        if reached.is_at_or_after(stage)
    )


def readable_document_version(
    actor: Actor, document: str, version: int, *, now: datetime
) -> DocumentVersion:
    """A version of a document: for the team always, for everyone from its part's issue on.

    Raises NotFound where there is none, and Forbidden, which looks the same.
    """
    found = db.session.scalar(
        select(DocumentVersion)
        .join(DocumentVersion.document)
        .options(contains_eager(DocumentVersion.document))
        .where(TenderDocument.reference == document, DocumentVersion.version == version)
    )
    if found is None:
        raise NotFound
    competition = competition_by_reference(found.document.competition.reference)
    about = facts(competition, now)
    if found.document.part in issued_parts(competition) and may(
        actor, Permission.COMPETITION_READ_PUBLISHED, about
    ):
        return found
    require(actor, Permission.COMPETITION_READ, team_facts(competition, now))
    return found


# Admissions ----------------------------------------------------------------------------------


def admissions_of(competition: Competition, organisation: str | None = None) -> Sequence[Admission]:
    """Who may bid for which lot: one organisation's admissions, or all of them, by lot."""
    statement = (
        select(Admission)
        .join(Admission.lot)
        .join(Admission.organisation)
        .options(contains_eager(Admission.lot), contains_eager(Admission.organisation))
        .where(Admission.competition_id == competition.id)
        .order_by(Lot.position, Organisation.name, Admission.id)
    )
    if organisation is not None:
        statement = statement.where(Organisation.reference == organisation)
    return db.session.scalars(statement).all()


def lots_admitted_to(organisation: str, *competitions: Competition) -> dict[int, set[str]]:
    """The lots for which an organisation may bid, by competition."""
    found: dict[int, set[str]] = {row.id: set() for row in competitions}
    for competition, lot in db.session.execute(
        select(Admission.competition_id, Lot.reference)
        .join(Admission.lot)
        .join(Admission.organisation)
        .where(Admission.competition_id.in_(found), Organisation.reference == organisation)
    ):
        found[competition].add(lot)
    return found


def competitions_admitting(organisation: str) -> Sequence[Competition]:
    """The competitions in which an organisation may bid for some lot, newest first."""
    admitting = (
        select(Admission.competition_id)
        .join(Admission.organisation)
        .where(Organisation.reference == organisation)
    )
    return db.session.scalars(
        _competitions()
        .where(Competition.id.in_(admitting))
        .order_by(Competition.created_at.desc(), Competition.id.desc())
    ).all()
