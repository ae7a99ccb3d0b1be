"""What every page of a competition begins with: the blueprint, and the competition itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from commissioning.competition import queries
from commissioning.competition.models import Competition
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.stage import Stage
from commissioning.kernel.statutory import Regime
from commissioning.permissions import Facts, Permission, may, require
from commissioning.web.access import clock, current_actor
from commissioning.web.steps import carried, step

__all__ = [
    "Frame",
    "blueprint",
    "carried",
    "roles_here",
    "shown",
    "step",
    "team_frame",
    "without_lead",
]

blueprint = Blueprint("competition", __name__, url_prefix="/competitions")


@dataclass(frozen=True, slots=True)
class Frame:
    """A competition on a page, and what the person who reads it may do there."""

    competition: Competition
    facts: Facts

    @property
    def stage(self) -> Stage:
        return Stage(self.competition.stage)

    @property
    def regime(self) -> Regime:
        return Regime(self.competition.regime)

    @property
    def may_edit_notice(self) -> bool:
        return self.may(Permission.COMPETITION_EDIT_NOTICE)

    @property
    def may_edit_model(self) -> bool:
        return self.may(Permission.COMPETITION_EDIT_MODEL)

    @property
    def may_edit_timetable(self) -> bool:
        return self.may(Permission.COMPETITION_EDIT_TIMETABLE)

    @property
    def may_edit_documents(self) -> bool:
        return self.may(Permission.COMPETITION_EDIT_DOCUMENTS)

    @property
    def may_change_invitation(self) -> bool:
        return self.may(Permission.COMPETITION_PROPOSE_CHANGE)

    @property
    def may_give_roles(self) -> bool:
        return self.may(Permission.COMPETITION_GIVE_ROLES)

    @property
    def may_read_trail(self) -> bool:
        return self.may(Permission.AUDIT_READ_COMPETITION)

    @property
    def may_read_ties(self) -> bool:
        return self.may(Permission.COMPETITION_READ_TIES)

    @property
    def may_read_rehearsal(self) -> bool:
        return self.may(Permission.AWARD_READ_REHEARSAL)

    @property
    def is_published(self) -> bool:
        return self.may(Permission.COMPETITION_READ_PUBLISHED)

    def may(self, permission: Permission) -> bool:
        return may(current_actor(), permission, self.facts)

    def require(self, permission: Permission) -> None:
        require(current_actor(), permission, self.facts)


def team_frame(reference: str, *permissions: Permission) -> Frame:
    """A competition for its team, and for whoever holds each of these permissions on it."""
    now = clock().now()
    competition = queries.readable_competition(current_actor(), reference, now=now)
    frame = Frame(competition, queries.team_facts(competition, now))
    for permission in permissions:
        frame.require(permission)
    return frame


def without_lead(frame: Frame) -> dict[str, Any] | None:
    """What to say where no lead of the competition can act: who can name another."""
    if frame.facts.has_lead or frame.stage is Stage.TERMINATED:
        return None
    return {
        "people": queries.people_who_may_name_a_lead(frame.competition)[frame.competition.id],
        "may_name": frame.may_give_roles,
    }


def shown(template: str, frame: Frame, **more: Any) -> str:
    """A page of the competition."""
    return render_template(
        f"competition/{template}.html", frame=frame, competition=frame.competition, **more
    )


def roles_here(actor: Actor, competition: Competition) -> list[str]:
    """What the person is on a competition; an auditor is it for the whole authority."""
    of_authority = actor.roles_in(competition.programme.authority.reference) & {Role.AUDITOR}
    return sorted(role.label for role in actor.roles_on(competition.reference) | of_authority)
