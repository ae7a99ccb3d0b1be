"""Who acts: a person with the roles they hold at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person may be, for an organisation or for one competition."""

    PROCUREMENT_LEAD = "procurement_lead"
    COMMERCIAL_OFFICER = "commercial_officer"
    APPROVER = "approver"
    KEY_HOLDER = "key_holder"
    EVALUATOR = "quality_evaluator"
    MODERATOR = "moderator"
    PANEL_MEMBER = "panel_member"
    MOBILISATION_MANAGER = "mobilisation_manager"
    CONTRACT_MANAGER = "contract_manager"
    CALL_OFF_OFFICER = "call_off_officer"
    ASSESSOR = "assessor"
    NEGOTIATOR = "negotiator"
    LEGAL_ADVISER = "legal_adviser"
    DUTY_OFFICER = "duty_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    BID_MANAGER = "bid_manager"
    BID_WRITER = "bid_writer"
    SIGNATORY = "signatory"
    PROVIDER_CONTACT = "provider_contact"

    @property
    def label(self) -> str:
        """The role as people say it."""
        return self.value.replace("_", " ")


AUTHORITY_ROLES = frozenset(
    {
        Role.PROCUREMENT_LEAD,
        Role.COMMERCIAL_OFFICER,
        Role.APPROVER,
        Role.KEY_HOLDER,
        Role.EVALUATOR,
        Role.MODERATOR,
        Role.PANEL_MEMBER,
        Role.MOBILISATION_MANAGER,
        Role.CONTRACT_MANAGER,
        Role.CALL_OFF_OFFICER,
        Role.ASSESSOR,
        Role.NEGOTIATOR,
        Role.LEGAL_ADVISER,
        Role.DUTY_OFFICER,
        Role.AUDITOR,
    }
)
BIDDER_ROLES = frozenset({Role.BID_MANAGER, Role.BID_WRITER, Role.SIGNATORY})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held: for an organisation, and for one competition of it when that is named."""

    role: Role
    organisation: str
    competition: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the system itself, on whose behalf a service works.

    `reference` is the person's reference ("USR-..."), `organisation` that of the organisation they
    signed in for. `personal_key` is the private key that their sign-in unlocked; it opens what the
    organisation has sealed, lives only as long as the request, and is never compared or printed.
    """

    reference: str
    name: str
    organisation: str | None = None
    grants: frozenset[Grant] = frozenset()
    personal_key: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody has signed in."""
        return self.reference == "public"

    def roles(self) -> frozenset[Role]:
        """Every role that the person holds anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def roles_in(self, organisation: str | None) -> frozenset[Role]:
        """The roles held for an organisation as a whole."""
        return frozenset(
            grant.role
            for grant in self.grants
            if grant.organisation == organisation and grant.competition is None
        )

    def roles_on(self, competition: str | None) -> frozenset[Role]:
        """The roles held on one competition; none where no competition is named."""
        if competition is None:
            return frozenset()
        return frozenset(g.role for g in self.grants if g.competition == competition)

    def with_grants(self, grants: Iterable[Grant]) -> Actor:
        """The same person with these grants instead."""
        return Actor(
            self.reference, self.name, self.organisation, frozenset(grants), self.personal_key
        )


ANONYMOUS = Actor(reference="public", name="a member of the public")
SYSTEM = Actor(reference="system", name="the platform")
"""The actor of moves that time makes, such as a deadline that passes."""
