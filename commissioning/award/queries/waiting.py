"""What an award asks of people: to solve, recommend, approve or announce, and to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from commissioning.award.queries.award import latest_runs
from commissioning.competition import queries as competitions
from commissioning.evaluation import queries as evaluations
from commissioning.kernel.actor import BIDDER_ROLES, Actor
from commissioning.kernel.stage import Stage
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Permission, may

_WHY_NOW = {
    "award.show": "The marks are locked and the prices are open.",
    "award.decide": "The commercial officer recommends it; it takes your decision to stand.",
    "award.announce": "The award is approved.",
}


def waiting_for(actor: Actor, now: datetime) -> list[WaitingItem]:
    """What an award asks of a person: to solve, recommend, approve or announce, and to read."""
    found = list(_results_to_read(actor, now))
    concerned = [
        row
        for row in competitions.competitions_for(actor)
        if Stage(row.stage) in {Stage.AWARD_MODELLING, Stage.AWARD_RECOMMENDED}
    ]
    if not concerned:
        return found
    runs = latest_runs(*concerned)
    versions = competitions.ties_versions(*concerned)
    about = competitions.facts_of_each(concerned, now)
    marked = evaluations.marked_in(actor.reference, *concerned)
    for competition in concerned:
        stage = Stage(competition.stage)
        run = runs.get(competition.id)
        is_old = run is not None and run.ties_version != versions.get(competition.id, 0)
        subject = replace(
            about[competition.id],
            proposer=run.proposed_by if run is not None else None,
            is_approved=run is not None and run.status == "approved",
            has_marked_here=competition.id in marked,
        )
        wanted: list[tuple[Permission, str, str]] = []
        if stage is Stage.AWARD_MODELLING:
            wanted.append(
                (Permission.AWARD_RECOMMEND, "Solve and recommend the award", "award.show")
            )
        elif is_old:
            wanted.append(
                (
                    Permission.AWARD_APPROVE,
                    "Send the award back, because the ties have changed",
                    "award.decide",
                )
            )
        elif run is not None and run.status == "recommended":
            wanted.append(
                (Permission.AWARD_APPROVE, "Decide on the recommended award", "award.decide")
            )
        elif run is not None and run.status == "approved":
            wanted.append(
                (Permission.AWARD_ANNOUNCE, "Announce the preferred bidders", "award.announce")
            )
        found += [
            WaitingItem(
                title,
                _WHY_NOW[endpoint]
                if not is_old
                else "Two people have decided on a tie since it was solved: it is solved anew.",
                endpoint,
                {"reference": competition.reference},
                context=competition.title,
            )
            for permission, title, endpoint in wanted
            if may(actor, permission, subject)
        ]
    return found


def _results_to_read(actor: Actor, now: datetime) -> Iterator[WaitingItem]:
    """A bidder is led to its result while the preferred bidders are news."""
    own = actor.organisation
    if own is None or not actor.roles_in(own) & BIDDER_ROLES:
        return
    announced = [
        row
        for row in competitions.competitions_admitting(own)
        if row.stage == Stage.PREFERRED_BIDDERS.value
    ]
    about = competitions.facts_of_each(announced, now, organisation=own)
    for competition in announced:
        if may(actor, Permission.AWARD_READ_OWN_RESULT, about[competition.id]):
            yield WaitingItem(
                "Read the result of your bids",
                "The preferred bidders are announced: your points with their reasons, your price, "
                "your rank, and why.",
                "award.own_result",
                {"reference": competition.reference},
                context=competition.title,
            )
