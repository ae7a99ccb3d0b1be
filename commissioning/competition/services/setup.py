"""Programmes, and competitions from their first line."""

from __future__ import annotations

from datetime import date

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.models import Competition, Programme
from commissioning.competition.services.stages import tell_who_is_needed
from commissioning.competition.services.typed import Faults
from commissioning.identity import queries as identity
from commissioning.identity import services as identity_services
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput
from commissioning.kernel.references import is_chosen_reference, new_reference
from commissioning.kernel.stage import Stage
from commissioning.kernel.statutory import NoSuchRule, Period, Regime, regime_for, rule_for
from commissioning.permissions import Facts, Permission, require

PROFILES = ("full", "short")


def create_programme(
    actor: Actor, *, authority: str, name: str, description: str = "", clock: Clock
) -> Programme:
    """Every programme belongs to an authority, and its lead sets it up.

    `authority` is the organisation's reference. Raises NotFound, Forbidden, BadInput.
    """
    organisation = identity.organisation_by_reference(authority)
    require(actor, Permission.COMPETITION_CREATE, Facts(authority=organisation.reference))
    faults = Faults()
    name = faults.line("name", name, what="the name of the programme")
    description = faults.text("description", description, what="the description")
    faults.refuse()
    now = clock.now()
    programme = Programme(
        reference=new_reference("PRG"),
        authority=organisation,
        name=name,
        description=description,
        created_at=now,
    )
    db.session.add(programme)
    db.session.flush()
    audit.record(
        actor,
        Event.PROGRAMME_CREATED,
        Subject("programme", programme.reference),
        {"authority": authority, "name": name},
        at=now,
    )
    return programme


def create_competition(
    actor: Actor,
    *,
    programme: str,
    reference: str,
    title: str,
    summary: str = "",
    commenced_on: date | None,
    light_touch: bool,
    profile: str = "full",
    clock: Clock,
    is_invented: bool = False,
    regime: str | None = None,
) -> Competition:
    """A competition keeps, to its end, the law of the day on which its procurement commenced.

    `reference` is the authority's own, in capitals, digits and hyphens. `light_touch` says that the
    services stand on the light touch list (before 2015: in Part B). `profile` is "full" (three of
    five key holders open) or "short" (two of three). Whoever sets it up becomes its lead. A
    competition of invented data says so on its pages. Raises NotFound, Forbidden, BadInput(s).
    """
    now = clock.now()
    owner = queries.programme_by_reference(programme)
    require(actor, Permission.COMPETITION_CREATE, Facts(authority=owner.authority.reference))
    faults = Faults()
    reference = reference.strip().upper()
    if not is_chosen_reference(reference):
        faults.add(
            "reference",
            "Enter a reference of up to 32 capitals, digits and hyphens, such as TR-2026.",
        )
    elif queries.is_reference_taken(reference):
        faults.add("reference", "This reference cannot be used. Choose another one.")
    title, summary = _particulars(faults, title, summary, profile)
    law = _law(faults, commenced_on, light_touch=light_touch, named=regime)
    faults.refuse()
    competition = Competition(
        reference=reference,
        programme=owner,
        title=title,
        summary=summary,
        is_invented=is_invented,
        stage=Stage.DRAFT.value,
        stage_since=now,
        regime=law.value if law else "",
        commenced_on=commenced_on,
        profile=profile,
        price_base_year=commenced_on.year if commenced_on else 1,
        created_by=actor.reference,
        created_at=now,
    )
    db.session.add(competition)
    db.session.flush()
    identity_services.record_competition_role(
        actor,
        actor.reference,
        competition.reference,
        Role.PROCUREMENT_LEAD,
        clock=clock,
    )
    tell_who_is_needed(competition)
    audit.record(
        actor,
        Event.COMPETITION_CREATED,
        Subject("competition", competition.reference),
        {
            "programme": programme,
            "title": title,
            "commenced_on": str(commenced_on),
            "regime": competition.regime,
            "profile": profile,
            "lead": actor.reference,
        },
        at=now,
        stream=competition_stream(competition.reference),
    )
    return competition


def edit_competition(
    actor: Actor,
    competition: str,
    *,
    title: str,
    summary: str,
    commenced_on: date | None,
    light_touch: bool,
    profile: str,
    clock: Clock,
) -> Competition:
    """What the notice will say of a competition changes until the notice.

    Another start date can bring another law. Raises NotFound, Forbidden, BadInput(s).
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, now))
    faults = Faults()
    title, summary = _particulars(faults, title, summary, profile)
    law = _law(faults, commenced_on, light_touch=light_touch)
    faults.refuse()
    new = {
        "title": title,
        "summary": summary,
        "commenced_on": commenced_on,
        "regime": law.value if law else row.regime,
        "profile": profile,
    }
    changes = {
        name: [str(getattr(row, name)), str(value)]
        for name, value in new.items()
        if getattr(row, name) != value
    }
    for name, value in new.items():
        setattr(row, name, value)
    db.session.flush()
    audit.record(
        actor,
        Event.COMPETITION_CHANGED,
        Subject("competition", row.reference),
        changes,
        at=now,
        stream=competition_stream(row.reference),
    )
    return row


def _particulars(faults: Faults, title: str, summary: str, profile: str) -> tuple[str, str]:
    if profile not in PROFILES:
        faults.add("profile", "Choose the full procedure or the short form.")
    return (
        faults.line("title", title, what="the title"),
        faults.text("summary", summary, what="the summary"),
    )


def _law(
    faults: Faults, commenced_on: date | None, *, light_touch: bool, named: str | None = None
) -> Regime | None:
    """The law of the start date, or the one named where it governed procurements of that day."""
    if commenced_on is None:
        faults.add("commenced_on", "Enter the day on which the procurement starts.")
        return None
    try:
        if named is None:
            return regime_for(commenced_on, light_touch=light_touch)
        law = Regime(named)
        rule_for(Period.TENDERING, law, commenced_on)
        return law
    except NoSuchRule as refusal:
        faults.add("commenced_on", refusal.sentence)
    except ValueError as error:
        raise BadInput("regime", "There is no such law on this platform.") from error
    return None
