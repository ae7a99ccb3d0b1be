"""Reading people, organisations and what they are to each other."""

from __future__ import annotations

from commissioning.identity.queries.kept import waiting_to_be_sent
from commissioning.identity.queries.keys import (
    key_holders_of,
    key_wrap,
    messages_newest_first,
    open_invitations,
    recovery_code_of,
    waiting_for,
)
from commissioning.identity.queries.organisations import (
    Ties,
    award_groups,
    consortium_pairs,
    facts,
    organisation_by_identifier,
    organisation_by_reference,
    organisations,
    ownership_pairs,
    people_permission,
    readable_organisation,
    ties_of,
)
from commissioning.identity.queries.people import (
    actor_of,
    competition_grants,
    emails_of,
    has_had_people,
    names_of,
    organisation_of_person,
    people_of,
    people_with_role,
    public_keys_of,
    roles_held,
    user_by_email,
    user_by_reference,
)

__all__ = [
    "Ties",
    "actor_of",
    "award_groups",
    "competition_grants",
    "consortium_pairs",
    "emails_of",
    "facts",
    "has_had_people",
    "key_holders_of",
    "key_wrap",
    "messages_newest_first",
    "names_of",
    "open_invitations",
    "organisation_by_identifier",
    "organisation_by_reference",
    "organisation_of_person",
    "organisations",
    "ownership_pairs",
    "people_of",
    "people_permission",
    "people_with_role",
    "public_keys_of",
    "readable_organisation",
    "recovery_code_of",
    "roles_held",
    "ties_of",
    "user_by_email",
    "user_by_reference",
    "waiting_for",
    "waiting_to_be_sent",
]
