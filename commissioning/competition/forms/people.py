"""Roles on a competition."""

from __future__ import annotations

from commissioning.kernel.actor import AUTHORITY_ROLES, Role
from commissioning.web.fields import Form, SelectField

ROLES = tuple(role for role in Role if role in AUTHORITY_ROLES)


DOES: dict[Role, str] = {
    Role.PROCUREMENT_LEAD: "sets up the competition, gives roles, and proposes each step.",
    Role.COMMERCIAL_OFFICER: "completes the price evaluation, solves and recommends the award.",
    Role.APPROVER: "is the second person: decides on what others propose.",
    Role.KEY_HOLDER: "holds a share of the keys that open the bids.",
    Role.EVALUATOR: "marks the answers assigned, alone first, and sees no price.",
    Role.MODERATOR: "chairs the consensus and records its reasons, and sees no price.",
    Role.PANEL_MEMBER: "gives advice on local issues, and never marks.",
    Role.MOBILISATION_MANAGER: "plans the mobilisation, with its gates and readiness.",
    Role.CONTRACT_MANAGER: "looks after the contract once the service has begun.",
    Role.CALL_OFF_OFFICER: "opens and runs call-offs of a framework.",
    Role.ASSESSOR: "assesses the parts of the PQQ that are given to them.",
    Role.NEGOTIATOR: "reads interim tenders and meets bidders, and never marks the final round.",
    Role.LEGAL_ADVISER: "gives privileged advice, kept outside the pack.",
    Role.DUTY_OFFICER: "answers requests for help around a deadline, and sees no bid.",
    Role.AUDITOR: "reads what is open, and the trail, and changes nothing.",
}
"""What each role does on a competition, for whoever gives it."""


class RoleForm(Form):
    user = SelectField("Person", required="Choose a person.")
    role = SelectField(
        "Role",
        choices=[(role.value, role.label.capitalize()) for role in ROLES],
        required="Choose a role.",
    )


class EndRoleForm(Form):
    """Nothing to type: the button is the answer."""
