"""The first page of a competition for its team: where it stands, and what comes next."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries
from commissioning.competition.models import Competition
from commissioning.competition.queries.timeline import stage_times
from commissioning.competition.views import onward
from commissioning.competition.views.decisions import names_in, panel
from commissioning.competition.views.frame import (
    Frame,
    blueprint,
    roles_here,
    shown,
    team_frame,
    without_lead,
)
from commissioning.competition.views.mending import part_href
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.filters import count

_ISSUES = {
    "pqq_issued": (Permission.COMPETITION_PROPOSE_ISSUE_PQQ, "competition.issue_pqq", "PQQ"),
    "itn_issued": (Permission.COMPETITION_PROPOSE_ISSUE_ITN, "competition.issue_itn", "ITN"),
}


# The part: who works on it, and the page on which the others read it.
_WORKED_ON: dict[str, tuple[Permission, str]] = {
    "rules": (Permission.COMPETITION_EDIT_MODEL, "competition.rules"),
    "timetable": (Permission.COMPETITION_EDIT_TIMETABLE, "competition.timetable"),
}
_KEYS = (
    Permission.SUBMISSION_PREPARE_KEYS,
    Permission.SUBMISSION_HOLD_REHEARSAL,
    Permission.SUBMISSION_REPLACE_HOLDER,
    Permission.SUBMISSION_RENEW_SHARES,
)
_KEY_PARTS = {"keys": _KEYS, "rehearsal": _KEYS}


@blueprint.get("/<string:reference>")
@requires(Permission.COMPETITION_READ, Permission.COMPETITION_READ_PUBLISHED)
def home(reference: str) -> ResponseReturnValue:
    """The team's page; whoever is not of the team goes on to what is published."""
    actor, now = current_actor(), clock().now()
    competition = queries.competition_by_reference(reference)
    facts = queries.team_facts(competition, now)
    if not may(actor, Permission.COMPETITION_READ, facts) and may(
        actor, Permission.COMPETITION_READ_PUBLISHED, facts
    ):
        return redirect(url_for(".published", reference=reference), 303)
    frame = team_frame(reference)
    waiting = [
        one
        for one in queries.open_decisions(competition)
        if queries.may_read_decision(actor, one, now)
    ]
    names = names_in(waiting)
    return shown(
        "home",
        frame,
        steps=_steps(competition),
        awaited=onward.AWAITED[frame.stage],
        roles=roles_here(actor, competition),
        without_lead=without_lead(frame),
        decisions=[
            panel(one, names) | {"may_decide": queries.may_decide(actor, one, now)}
            for one in waiting
        ],
        tasks=_tasks(frame, now),
        issue=_issue(frame),
        pages=onward.pages_for(actor, competition, now, side=onward.Side.TEAM),
        deadline=queries.open_deadline(competition),
        termination=queries.termination_of(competition),
        may_extend=frame.may(Permission.COMPETITION_PROPOSE_EXTENSION),
        may_terminate=frame.stage is not Stage.TERMINATED
        and frame.may(Permission.COMPETITION_PROPOSE_TERMINATION),
    )


def _steps(competition: Competition) -> list[dict[str, Any]]:
    """The stages of its life: those behind it with their time, the present one, those ahead."""
    times = stage_times(competition)
    stage = Stage(competition.stage)
    reached = Stage(competition.reached_stage or competition.stage)
    steps: list[dict[str, Any]] = []
    for one in Stage:
        if one is Stage.TERMINATED:
            continue
        if stage is Stage.TERMINATED and one.position > reached.position:
            continue
        is_behind = one.position < reached.position or stage is Stage.TERMINATED
        state = "done" if is_behind else "now" if one is stage else "ahead"
        at = times.get(one) if state != "ahead" else None
        steps.append({"label": one.label, "state": state, "at": at})
    if stage is Stage.TERMINATED:
        steps.append({"label": stage.label, "state": "now", "at": competition.stage_since})
    return steps


def _tasks(frame: Frame, now: Any) -> list[dict[str, Any]]:
    """The set-up, part by part, with what is still to do."""
    competition = frame.competition
    tasks = queries.set_up_tasks(competition, now)
    if not tasks:
        return []
    shown_tasks = [
        {
            "title": task.title,
            "href": _task_href(frame, task.part),
            **_task_status(task),
        }
        for task in tasks
    ]
    held = len(queries.documents_of(competition))
    documents = {
        "title": "Documents",
        "href": url_for(".documents", reference=competition.reference),
        "status": count(held, "document") if held else "Optional",
        "colour": "grey",
        "hint": None,
    }
    return [*shown_tasks, *_rehearsal(frame), documents]


def _rehearsal(frame: Frame) -> list[dict[str, Any]]:
    """The rehearsal of the rules, while they can change: no part of the set-up asks for it."""
    if frame.stage is not Stage.DRAFT or not frame.may_read_rehearsal:
        return []
    return [
        {
            "title": "Rehearsal of the rules",
            "href": url_for("award.rehearsal", reference=frame.competition.reference),
            "status": "Optional",
            "colour": "grey",
            "hint": "Try lots, limits, award rule and weights on invented markets while they can "
            "still change.",
        }
    ]


def _task_status(task: queries.SetUpTask) -> dict[str, str | None]:
    """What is said of a part of the set-up: to do, completed, or as it began."""
    if not task.is_complete:
        to_do = count(len(task.problems), "thing") + " to do"
        return {"status": to_do, "colour": "yellow", "hint": task.problems[0]}
    if task.is_as_it_began:
        hint = "Nobody has changed them yet: read whether they fit, above all limits and years."
        return {"status": "Standard values", "colour": "grey", "hint": hint}
    return {"status": "Completed", "colour": None, "hint": None}


def _task_href(frame: Frame, part: str) -> str | None:
    """Where a part of the set-up is worked on, or read by whoever may not change it."""
    if part in _WORKED_ON and not frame.may(_WORKED_ON[part][0]):
        return url_for(_WORKED_ON[part][1], reference=frame.competition.reference)
    if part in _KEY_PARTS and not any(frame.may(one) for one in _KEY_PARTS[part]):
        return None
    return part_href(frame.competition, part)


def _issue(frame: Frame) -> dict[str, str] | None:
    """The step that ends the set-up, for whoever may take it."""
    for permission, endpoint, name in _ISSUES.values():
        if frame.may(permission):
            return {
                "text": f"Check and propose the issue of the {name}",
                "href": url_for(endpoint, reference=frame.competition.reference),
            }
    return None
