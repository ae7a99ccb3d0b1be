"""Kinds of organisation, the roles that each gives its people, and which it is never without."""

from __future__ import annotations

from enum import StrEnum

from commissioning.kernel.actor import BIDDER_ROLES, Role


class OrganisationKind(StrEnum):
    """What an organisation is on this platform."""

    AUTHORITY = "authority"
    BIDDER = "bidder"
    PROVIDER = "provider"
    PUBLIC_BODY = "public_body"
    OPERATOR = "operator"


class LegalForm(StrEnum):
    """What an organisation is in law."""

    COMPANY = "company"
    CHARITY = "charity"
    COMMUNITY_INTEREST_COMPANY = "community_interest_company"
    MUTUAL = "mutual"
    JOINT_VENTURE = "joint_venture"
    CONSORTIUM = "consortium"
    PARTNERSHIP = "partnership"
    PUBLIC_BODY = "public_body"


K = OrganisationKind

OPEN_TO_REGISTRATION = (K.BIDDER, K.PROVIDER, K.PUBLIC_BODY)
"""The kinds that anybody may register; the others are made by an administrator."""

ROLES_OF_KIND: dict[OrganisationKind, frozenset[Role]] = {
    # The roles that hold for the organisation as a whole. An authority's people are given all
    # others competition by competition, by the lead of each.
    K.AUTHORITY: frozenset({Role.PROCUREMENT_LEAD, Role.AUDITOR}),
    K.BIDDER: BIDDER_ROLES,
    K.PROVIDER: frozenset({Role.PROVIDER_CONTACT}),
    # A public body that does not bid is spoken for by a contact, as a provider is.
    K.PUBLIC_BODY: frozenset({Role.PROVIDER_CONTACT}),
    K.OPERATOR: frozenset({Role.ADMINISTRATOR}),
}

MANAGING_ROLE: dict[OrganisationKind, Role | None] = {
    K.AUTHORITY: None,  # its people are managed by the administrator
    K.BIDDER: Role.BID_MANAGER,
    K.PROVIDER: Role.PROVIDER_CONTACT,
    K.PUBLIC_BODY: Role.PROVIDER_CONTACT,
    K.OPERATOR: Role.ADMINISTRATOR,
}
"""Who invites and removes the others: an organisation keeps at least one."""


class Need(StrEnum):
    """How a competition needs the people who hold a role on it."""

    ONE = "one"
    """One of them stays."""

    REPLACED = "replaced"
    """Each of them stays until the lead has named somebody else."""

    ALL = "all"
    """Each of them stays until the others have made their share over to somebody else."""


def why_needed(name: str, role: Role, competition: str, need: Need) -> str:
    """Why a person cannot leave a competition yet, and what has to be done first, as a sentence."""
    match need:
        case Need.ONE:
            return (
                f"{name} is the only {role.label} of {competition} who can sign in. Another is "
                f"named first, on the page “People” of that competition: by {name}, or by a "
                "procurement lead of the authority while their sign-in is suspended."
            )
        case Need.REPLACED:
            return (
                f"{name} is {role.label} of {competition}. Its lead ends that role first, on the "
                "page “People” of the competition, and names somebody else; the opening keys are "
                "then prepared and rehearsed again."
            )
        case Need.ALL:
            return (
                f"{name} is {role.label} of {competition}, and bids are sealed to those keys. Its "
                "lead proposes first who takes over the share, on the page “Opening keys”, and the "
                "other holders make it so; until then the sign-in can be suspended."
            )


def roles_of(kind: str) -> frozenset[Role]:
    """The roles that an organisation of this kind gives to its people."""
    return ROLES_OF_KIND[OrganisationKind(kind)]


def managing_role(kind: str) -> Role | None:
    """The role without a holder of which the organisation could manage its people no longer."""
    return MANAGING_ROLE[OrganisationKind(kind)]


def is_run_by_operator(kind: str) -> bool:
    """Whether the administrator, rather than its own people, looks after who belongs to it."""
    return OrganisationKind(kind) in {K.AUTHORITY, K.OPERATOR}
