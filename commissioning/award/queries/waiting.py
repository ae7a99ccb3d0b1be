"""What an award asks of people: to solve, recommend, approve or announce, and to read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from commissioning.award.queries.award import facts, is_outdated, latest_run
from commissioning.award.queries.outcome import own_result_facts
from commissioning.competition import queries as competitions
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
    for competition in competitions.competitions_for(actor):
        stage = Stage(competition.stage)
        if stage not in {Stage.AWARD_MODELLING, Stage.AWARD_RECOMMENDED}:
            continue
        run = latest_run(competition)
        subject = facts(competition, actor, now, run)
        wanted: list[tuple[Permission, str, str]] = []
        if stage is Stage.AWARD_MODELLING:
            wanted.append(
                (Permission.AWARD_RECOMMEND, "Solve and recommend the award", "award.show")
            )
        elif run is not None and is_outdated(competition, run):
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
                if run is None or not is_outdated(competition, run)
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
    for competition in competitions.competitions_admitting(own):
        if competition.stage == Stage.PREFERRED_BIDDERS.value and may(
            actor, Permission.AWARD_READ_OWN_RESULT, own_result_facts(competition, own, now)
        ):
            yield WaitingItem(
                "Read the result of your bids",
                "The preferred bidders are announced: your points with their reasons, your price, "
                "your rank, and why.",
                "award.own_result",
                {"reference": competition.reference},
                context=competition.title,
            )
