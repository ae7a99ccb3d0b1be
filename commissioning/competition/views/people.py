"""Who does what on a competition."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain.conflicts import excluded_pairs
from commissioning.competition.forms import DOES, EndRoleForm, RoleForm
from commissioning.competition.models import Competition
from commissioning.competition.queries import TeamMember
from commissioning.competition.views.frame import blueprint, shown, team_frame, without_lead
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on


@blueprint.get("/<string:reference>/people")
@requires(Permission.COMPETITION_READ)
def people(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    members = queries.team(frame.competition)
    needed, threshold = queries.key_holders_needed(frame.competition)
    return shown(
        "people",
        frame,
        by_role=_by_role(members),
        without_lead=without_lead(frame),
        has_duty_officer=any(
            Role.DUTY_OFFICER in member.roles for member in members if member.is_active
        ),
        holders=len(queries.key_holders(frame.competition)),
        needed=needed,
        threshold=threshold,
        pairs=excluded_pairs(frame.competition.profile),
    )


@blueprint.route("/<string:reference>/give-role", methods=["GET", "POST"])
@requires(Permission.COMPETITION_GIVE_ROLES)
def give_role(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_GIVE_ROLES)
    form = RoleForm()
    joining = queries.people_who_may_join(frame.competition)
    form.user.choices = [(person.reference, person.name) for person in joining]
    if form.validate_on_submit():
        with shown_on(form):
            role = Role(form.role.data)
            services.give_role(current_actor(), reference, form.user.data, role, clock=clock())
            name = next(p.name for p in joining if p.reference == form.user.data)
            flash(f"{name} is {role.label} now.")
            return redirect(url_for(".people", reference=reference), 303)
    return shown("give_role", frame, form=form, roles=list(DOES.items())), form.status


@blueprint.route(
    "/<string:reference>/people/<string:user>/<string:role>/end", methods=["GET", "POST"]
)
@requires(Permission.COMPETITION_GIVE_ROLES)
def end_role(reference: str, user: str, role: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_GIVE_ROLES)
    member, ending = _held(frame.competition, user, role)
    form = EndRoleForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.end_role(current_actor(), reference, user, ending, clock=clock())
            flash(f"{member.name} is no longer {ending.label}.")
            return redirect(url_for(".people", reference=reference), 303)
    consequences = [
        f"The role ends at {member.name}’s next request. What they did stays in the trail."
    ]
    if ending is Role.KEY_HOLDER and frame.competition.opening_keys_sha256:
        consequences.append("The opening keys are prepared and rehearsed again.")
    page = shown(
        "end_role", frame, form=form, member=member, role=ending, consequences=consequences
    )
    return page, form.status


def _by_role(members: list[TeamMember]) -> list[tuple[Role, list[TeamMember]]]:
    held = {role for member in members for role in member.roles}
    return [
        (role, [member for member in members if role in member.roles])
        for role in Role
        if role in held
    ]


def _held(competition: Competition, user: str, role: str) -> tuple[TeamMember, Role]:
    for member in queries.team(competition):
        if member.reference == user and role in member.roles:
            return member, Role(role)
    raise NotFound
