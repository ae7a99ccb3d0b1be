"""What every page of evaluation begins with: the blueprint, the competition and what one may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for

from commissioning.competition import queries as competition_queries
from commissioning.competition.models import Competition, Decision
from commissioning.identity import queries as identity_queries
from commissioning.kernel.actor import Actor
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, may, require
from commissioning.web.access import clock, current_actor

blueprint = Blueprint("evaluation", __name__, url_prefix="/competitions/<string:reference>")


@dataclass(frozen=True, slots=True)
class Frame:
    """A competition on a page of evaluation, and what the person who reads it may do there."""

    competition: Competition
    actor: Actor
    now: datetime
    facts: Facts

    @property
    def reference(self) -> str:
        return self.competition.reference

    @property
    def stage(self) -> Stage:
        return Stage(self.competition.stage)

    def may(self, permission: Permission, **more: Any) -> bool:
        return may(self.actor, permission, replace(self.facts, **more))

    def require(self, permission: Permission, **more: Any) -> None:
        require(self.actor, permission, replace(self.facts, **more))

    def require_one_of(self, *permissions: Permission, **more: Any) -> None:
        """Refuse, by the first permission, unless one of them holds."""
        if not any(self.may(permission, **more) for permission in permissions):
            self.require(permissions[0], **more)

    def href(self, endpoint: str, **values: Any) -> str:
        return url_for(f"evaluation.{endpoint}", reference=self.reference, **values)


def framed(reference: str) -> Frame:
    """A competition as the person who asks stands to it; the page asks the policy next."""
    now = clock().now()
    competition = competition_queries.competition_by_reference(reference)
    return Frame(competition, current_actor(), now, competition_queries.facts(competition, now))


def shown(template: str, frame: Frame, **more: Any) -> str:
    """A page of evaluation."""
    return render_template(
        f"evaluation/{template}.html", frame=frame, competition=frame.competition, **more
    )


def latest_decision(competition: Competition, event: str) -> Decision | None:
    """The newest proposal of an act of two people, decided or not."""
    return next(
        (d for d in competition_queries.decisions_of(competition) if d.event == event), None
    )


def decision_panel(decision: Decision | None, what: str) -> dict[str, Any] | None:
    """A decision as the component for two people shows it."""
    if decision is None:
        return None
    names = identity_queries.names_of(
        person for person in (decision.proposed_by, decision.decided_by) if person
    )
    return {
        "id": decision.reference,
        "what": what,
        "proposed_by": names.get(decision.proposed_by, "Somebody"),
        "proposed_at": decision.proposed_at,
        "reason": decision.reason,
        "second_role": "an approver",
        "seconded_by": names.get(decision.decided_by, "The platform")
        if decision.decided_by
        else None,
        "seconded_at": decision.decided_at,
        "sent_back_reason": (decision.decision_reason or "Sent back.")
        if decision.status == "sent_back"
        else None,
    }
