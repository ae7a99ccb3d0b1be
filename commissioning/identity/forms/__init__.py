"""The forms of identity."""

from __future__ import annotations

from commissioning.identity.forms.entry import (
    AddressForm,
    ChangePasswordForm,
    NewPasswordForm,
    SignInForm,
)
from commissioning.identity.forms.organisations import (
    AuthorityForm,
    EditOrganisationForm,
    InviteForm,
    MemberForm,
    OrganisationForm,
    OwnershipForm,
    PersonForm,
    RecoveryForm,
    RoleForm,
)

__all__ = [
    "AddressForm",
    "AuthorityForm",
    "ChangePasswordForm",
    "EditOrganisationForm",
    "InviteForm",
    "MemberForm",
    "NewPasswordForm",
    "OrganisationForm",
    "OwnershipForm",
    "PersonForm",
    "RecoveryForm",
    "RoleForm",
    "SignInForm",
]
