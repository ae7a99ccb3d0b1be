"""Who marks what: the matrix of lots and criteria, a team for many lots at once, replacements."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from commissioning.competition.models import Criterion, Lot
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import ReassignForm, TeamForm
from commissioning.evaluation.queries import Team
from commissioning.evaluation.views.frame import Frame, blueprint, framed, shown
from commissioning.identity import queries as identity_queries
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import count


@blueprint.get("/evaluation/assignments")
@requires(Permission.EVALUATION_ASSIGN)
def assignments(reference: str) -> ResponseReturnValue:
    frame = framed(reference)
    frame.require(Permission.EVALUATION_ASSIGN)
    lots, criteria = queries.lots_and_criteria(frame.competition)
    teams = queries.teams(frame.competition)
    names = _names(teams)
    return shown(
        "assignments",
        frame,
        lots=lots,
        criteria=[_summed(criterion, lots, teams, names) for criterion in criteria],
        teams=teams,
        conflicts=_stuck(frame, lots, teams, names),
    )


@blueprint.route("/evaluation/assignments/<string:criterion>", methods=["GET", "POST"])
@requires(Permission.EVALUATION_ASSIGN)
def assign_team(reference: str, criterion: str) -> ResponseReturnValue:
    """The team of one criterion, on as many lots as are ticked."""
    frame = framed(reference)
    frame.require(Permission.EVALUATION_ASSIGN)
    lots, subject = _subject(frame, criterion)
    started = queries.lots_with_marks(lots, subject)
    open_lots = [lot for lot in lots if lot.id not in started]
    teams = queries.teams(frame.competition)
    holders = queries.role_holders(frame.competition)
    form = TeamForm(data=_before(open_lots, subject, teams))
    form.offer(
        holders[Role.EVALUATOR].items(),
        holders[Role.MODERATOR].items(),
        [(lot.reference, lot.name) for lot in open_lots],
    )
    if form.validate_on_submit():
        with shown_on(form):
            services.assign_team(
                current_actor(),
                reference,
                criterion,
                lots=form.lots.data,
                evaluators=form.evaluators.data,
                moderator=form.moderator.data,
                clock=clock(),
            )
            flash(f"{subject.name}: the team is assigned on {count(len(form.lots.data), 'lot')}.")
            return redirect(frame.href("assignments"), 303)
    page = shown(
        "assign_team",
        frame,
        form=form,
        criterion=subject,
        rows=[(lot, teams.get((lot.id, subject.id), Team()), lot.id in started) for lot in lots],
        names=_names(teams),
        is_open=bool(open_lots),
        has_people=bool(holders[Role.EVALUATOR] and holders[Role.MODERATOR]),
    )
    return page, form.status


@blueprint.route("/evaluation/assignments/<string:criterion>/replace", methods=["GET", "POST"])
@requires(Permission.EVALUATION_ASSIGN)
def reassign(reference: str, criterion: str) -> ResponseReturnValue:
    """Somebody else takes over, after marking has started or because of an interest."""
    frame = framed(reference)
    frame.require(Permission.EVALUATION_ASSIGN)
    lots, subject = _subject(frame, criterion)
    teams = queries.teams(frame.competition)
    holders = queries.role_holders(frame.competition)
    names = _names(teams)
    on_it = {row.person for lot in lots for row in _people(teams.get((lot.id, subject.id), Team()))}
    lot = request.args.get("lot", "")
    form = ReassignForm(data={"lots": [lot] if lot else [], "leaving": request.args.get("person")})
    form.offer(
        sorted(((person, names[person]) for person in on_it), key=lambda pair: pair[1]),
        sorted(
            {**holders[Role.EVALUATOR], **holders[Role.MODERATOR]}.items(),
            key=lambda pair: pair[1],
        ),
        [(lot.reference, lot.name) for lot in lots],
    )
    if form.validate_on_submit():
        with shown_on(form):
            services.reassign(
                current_actor(),
                reference,
                criterion,
                lots=form.lots.data,
                leaving=form.leaving.data,
                joining=form.joining.data,
                reason=form.reason.data,
                clock=clock(),
            )
            flash(f"{subject.name}: the successor is assigned.")
            return redirect(frame.href("assign_team", criterion=criterion), 303)
    return shown("reassign", frame, form=form, criterion=subject), form.status


def _subject(frame: Frame, criterion: str) -> tuple[list[Lot], Criterion]:
    lots, criteria = queries.lots_and_criteria(frame.competition)
    subject = next((c for c in criteria if c.reference == criterion), None)
    if subject is None:
        raise NotFound
    return lots, subject


def _people(team: Team) -> list[Any]:
    return [*team.evaluators, *team.moderators]


def _names(teams: dict[tuple[int, int], Team]) -> dict[str, str]:
    return identity_queries.names_of(row.person for team in teams.values() for row in _people(team))


def _before(
    lots: list[Lot], criterion: Criterion, teams: dict[tuple[int, int], Team]
) -> dict[str, Any]:
    """What the form shows at first: all lots, and the people who have the first one of them."""
    team = next(
        (teams[lot.id, criterion.id] for lot in lots if (lot.id, criterion.id) in teams), Team()
    )
    return {
        "evaluators": [row.person for row in team.evaluators],
        "moderator": team.moderators[0].person if team.moderators else None,
        "lots": [lot.reference for lot in lots],
    }


def _summed(
    criterion: Criterion,
    lots: list[Lot],
    teams: dict[tuple[int, int], Team],
    names: dict[str, str],
) -> dict[str, Any]:
    """A criterion's line: who has it anywhere, and on how many lots the team is complete."""
    found = [teams.get((lot.id, criterion.id), Team()) for lot in lots]
    complete = sum(bool(team.evaluators and team.moderators) for team in found)
    return {
        "criterion": criterion,
        "evaluators": sorted({names[a.person] for team in found for a in team.evaluators}),
        "moderators": sorted({names[a.person] for team in found for a in team.moderators}),
        "complete": complete,
        "status": "Complete" if complete == len(lots) else f"{complete} of {len(lots)}",
    }


def _stuck(
    frame: Frame,
    lots: list[Lot],
    teams: dict[tuple[int, int], Team],
    names: dict[str, str],
) -> list[dict[str, Any]]:
    """Who has lost access, by a declared interest, to what somebody must mark or moderate."""
    people = {row.person for team in teams.values() for row in _people(team)}
    touched = queries.conflicts_on(frame.competition, lots, people)
    rows = []
    for team in teams.values():
        for row in _people(team):
            conflicting = {lot.id for lot in touched.get(row.person, ())}
            if row.lot_id in conflicting:
                rows.append(
                    {
                        "name": names[row.person],
                        "person": row.person,
                        "lot": row.lot,
                        "criterion": row.criterion,
                    }
                )
    return rows
