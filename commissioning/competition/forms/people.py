"""Roles on a competition."""

from __future__ import annotations

from commissioning.kernel.actor import AUTHORITY_ROLES, Role
from commissioning.web.fields import Form, SelectField

ROLES = tuple(role for role in Role if role in AUTHORITY_ROLES)


class RoleForm(Form):
    user = SelectField("Person", required="Choose a person.")
    role = SelectField(
        "Role",
        choices=[(role.value, role.label.capitalize()) for role in ROLES],
        required="Choose a role.",
    )


class EndRoleForm(Form):
    """Nothing to type: the button is the answer."""
