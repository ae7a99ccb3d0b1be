"""The use cases of identity. Each is authorised, records one event, and never commits.

`record_competition_role`, `end_competition_role` and `record_needed_roles` are called by a
competition on behalf of an act that it has authorised and records. `session_for_token`,
`kept_entries`, `organisation_private_key`, `invitation_for`, `reset_for`, `registration_address`
and `check_organisation` only read.
"""

from __future__ import annotations

from commissioning.identity.services.invitations import (
    accept_invitation,
    invitation_for,
    invite_person,
    withdraw_invitation,
)
from commissioning.identity.services.kept import (
    Kept,
    discard_kept,
    keep_entries,
    kept_entries,
    prune_kept,
)
from commissioning.identity.services.membership import (
    end_competition_role,
    end_role,
    give_role,
    record_competition_role,
    record_needed_roles,
    remove_person,
    restore_organisation_sign_in,
    restore_sign_in,
    suspend_organisation_sign_in,
    suspend_sign_in,
)
from commissioning.identity.services.organisation_key import (
    admit_to_key,
    make_recovery_code,
    organisation_private_key,
    use_recovery_code,
)
from commissioning.identity.services.passwords import (
    ask_password_reset,
    change_password,
    reset_for,
    reset_password,
)
from commissioning.identity.services.registration import (
    Registration,
    ask_to_register,
    check_organisation,
    create_authority,
    create_operator,
    edit_organisation,
    register_organisation,
    registration_address,
)
from commissioning.identity.services.sessions import (
    OpenSession,
    SignedIn,
    SignInRefused,
    actor_for_token,
    session_for_token,
    sign_in,
    sign_out,
)
from commissioning.identity.services.ties import (
    confirm_tie,
    end_ownership,
    end_tie,
    keep_tie,
    other_organisation,
    record_consortium_member,
    record_ownership,
    refuse_tie,
    remove_consortium_member,
)

__all__ = [
    "Kept",
    "OpenSession",
    "Registration",
    "SignInRefused",
    "SignedIn",
    "accept_invitation",
    "actor_for_token",
    "admit_to_key",
    "ask_password_reset",
    "ask_to_register",
    "change_password",
    "check_organisation",
    "confirm_tie",
    "create_authority",
    "create_operator",
    "discard_kept",
    "edit_organisation",
    "end_competition_role",
    "end_ownership",
    "end_role",
    "end_tie",
    "give_role",
    "invitation_for",
    "invite_person",
    "keep_entries",
    "keep_tie",
    "kept_entries",
    "make_recovery_code",
    "organisation_private_key",
    "other_organisation",
    "prune_kept",
    "record_competition_role",
    "record_consortium_member",
    "record_needed_roles",
    "record_ownership",
    "refuse_tie",
    "register_organisation",
    "registration_address",
    "remove_consortium_member",
    "remove_person",
    "reset_for",
    "reset_password",
    "restore_organisation_sign_in",
    "restore_sign_in",
    "session_for_token",
    "sign_in",
    "sign_out",
    "suspend_organisation_sign_in",
    "suspend_sign_in",
    "use_recovery_code",
    "withdraw_invitation",
]
