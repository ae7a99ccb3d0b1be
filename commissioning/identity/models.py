"""People, organisations, what they are to each other, and what lets them in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commissioning.infrastructure import vault
from commissioning.infrastructure.database import Base, UtcDateTime


class Organisation(Base):
    """An authority, a bidder, a provider or another public body.

    `identifier` is the company, charity or public body number in its normal form, unique within
    its scheme. `public_key` seals what only the organisation's people may
    read; it is kept with the installation's word that it is theirs.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("identifier_scheme", "identifier"),
        CheckConstraint(
            "kind IN ('authority', 'bidder', 'provider', 'public_body', 'operator')", name="kind"
        ),
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    legal_form: Mapped[str] = mapped_column(String(40), default="company")
    identifier_scheme: Mapped[str] = mapped_column(String(20))
    identifier: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20), default="active")
    is_invented: Mapped[bool] = mapped_column(default=False)
    # An administrator may close the door to all its people; `status` is about its registration.
    may_sign_in: Mapped[bool] = mapped_column(default=True)
    vouched_key: Mapped[bytes] = mapped_column("public_key", LargeBinary)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def public_key(self) -> bytes:
        """The key that seals to the organisation; KeyNotOurs where the row's was put there."""
        return vault.vouched(self.vouched_key, of=self.reference)

    @public_key.setter
    def public_key(self, key: bytes) -> None:
        self.vouched_key = vault.vouch(key, of=self.reference)


class _Tie:
    """What is kept of every tie: declared by one end, it counts once the other has confirmed it.

    `declared_by` and `ending_asked_by` are references of organisations, each one of the two ends.
    A confirmed tie that one end asks to end counts until the other agrees.
    """

    status: Mapped[str] = mapped_column(String(10), default="waiting")
    declared_by: Mapped[str] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending_asked_by: Mapped[str | None] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def ends(self) -> tuple[Organisation, Organisation]:
        """The two organisations: owner and owned, or consortium and member."""
        raise NotImplementedError


def _checks_of_a_tie() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("status IN ('waiting', 'confirmed', 'refused')", name="status"),
        CheckConstraint("(status = 'waiting') = (answered_at IS NULL)", name="answered"),
        CheckConstraint(
            "ending_asked_by IS NULL OR status = 'confirmed'", name="only_a_tie_that_counts_ends"
        ),
    )


class Ownership(_Tie, Base):
    """One organisation controls another."""

    __tablename__ = "ownership"
    __table_args__ = (
        *_checks_of_a_tie(),
        UniqueConstraint("owner_id", "owned_id"),
        CheckConstraint("owner_id <> owned_id", name="not_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owned_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)

    owner: Mapped[Organisation] = relationship(foreign_keys=[owner_id])
    owned: Mapped[Organisation] = relationship(foreign_keys=[owned_id])

    @property
    def ends(self) -> tuple[Organisation, Organisation]:
        """Owner and owned."""
        return self.owner, self.owned


class ConsortiumMembership(_Tie, Base):
    """One organisation is a member of a bidder that is a consortium or a joint venture."""

    __tablename__ = "consortium_membership"
    __table_args__ = (
        *_checks_of_a_tie(),
        UniqueConstraint("consortium_id", "member_id"),
        CheckConstraint("consortium_id <> member_id", name="not_itself"),
        CheckConstraint(
            "share_ppm IS NULL OR (share_ppm > 0 AND share_ppm <= 1000000)", name="share"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consortium_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    share_ppm: Mapped[int | None]

    consortium: Mapped[Organisation] = relationship(foreign_keys=[consortium_id])
    member: Mapped[Organisation] = relationship(foreign_keys=[member_id])

    @property
    def ends(self) -> tuple[Organisation, Organisation]:
        """Consortium and member."""
        return self.consortium, self.member


class User(Base):
    """A person who signs in.

    The password is kept as an argon2 hash; apart from it, `key_salt` leads from the password to
    the key that wraps the person's own private key. `is_active` is taken away while sign-in is
    suspended, since `suspended_at`; `removed_at` is set when the person has left the organisation.
    """

    __tablename__ = "app_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    key_salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    vouched_key: Mapped[bytes | None] = mapped_column("public_key", LargeBinary)
    wrapped_private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship()
    grants: Mapped[list[RoleGrant]] = relationship(back_populates="user")

    @property
    def public_key(self) -> bytes | None:
        """The key that seals to the person, if they have one; KeyNotOurs for one put there."""
        if self.vouched_key is None:
            return None
        return vault.vouched(self.vouched_key, of=self.reference)

    @public_key.setter
    def public_key(self, key: bytes | None) -> None:
        self.vouched_key = None if key is None else vault.vouch(key, of=self.reference)


class RoleGrant(Base):
    """A role held for an organisation, or on one competition of it; ended, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("ix_role_grant_competition_role", "competition", "role"),
        CheckConstraint("ended_at IS NULL OR ended_at >= given_at", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    # identity stands below competition, so a competition is known here by its reference only
    competition: Mapped[str | None] = mapped_column(String(40))
    given_by: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(back_populates="grants")
    organisation: Mapped[Organisation] = relationship()


class RoleNeed(Base):
    """A competition needs the people who hold a role on it; written down by the competition.

    `need` says how: one of them stays (`one`), each stays until another is named (`replaced`), or
    each stays until the others have made their share over (`all`).
    """

    __tablename__ = "role_need"
    __table_args__ = (
        UniqueConstraint("competition", "role"),
        CheckConstraint("need IN ('one', 'replaced', 'all')", name="need"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(40))
    need: Mapped[str] = mapped_column(String(10))


class OrganisationKeyWrap(Base):
    """The organisation's private key, sealed to one member's public key."""

    __tablename__ = "organisation_key_wrap"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """The organisation's private key under a code that its only person keeps on paper."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """An offer to join an organisation in a role; the link's token is kept as a hash only."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[str] = mapped_column(String(400))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str] = mapped_column(String(40))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship()


class PasswordReset(Base):
    """A reset asked for; the link is signed, works once, and for an hour."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class SignInSession(Base):
    """A session on the server; ending it here ends it, whatever the browser still holds.

    The cookie's token is kept as a hash; the person's private key is wrapped under a key that only
    the token yields, so neither the database nor the cookie opens anything alone.
    """

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    wrapped_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class KeptEntry(Base):
    """What a person sent after their session had ended, sealed to them until they sign in."""

    __tablename__ = "kept_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    address: Mapped[str] = mapped_column(String(2000))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class SignInAttempt(Base):
    """One try to sign in, so that guessing can be slowed; the address is kept as a hash."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_who_when", "email_hash", "attempted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64))
    attempted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    succeeded: Mapped[bool]
