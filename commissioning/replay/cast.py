"""The people of a replay: they register, are invited, sign in, and act as themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from commissioning.identity import services as identity
from commissioning.kernel.actor import Actor, Role
from commissioning.kernel.clock import Clock, SetClock

PASSWORD = "invented-for-the-demo"  # noqa: S105 - printed for everyone, by design
"""Everybody's password in a demonstration, where everybody is invented."""


@dataclass(slots=True)
class Person:
    """Somebody of the cast, with the session that they opened."""

    reference: str
    name: str
    email: str
    organisation: str
    token: str


@dataclass(slots=True)
class Cast:
    """Everybody who acts, by a name of the scenario's own such as "lead" or "bidder:halcyon"."""

    clock: SetClock
    real_clock: Clock
    people: dict[str, Person] = field(default_factory=dict)

    def actor(self, key: str) -> Actor:
        """The person as an actor, with the roles that they hold now and their key unlocked."""
        actor = identity.actor_for_token(self.people[key].token, real_clock=self.real_clock)
        if actor is None:
            raise RuntimeError(f"The session of {key} has ended.")
        return actor

    def enter(self, key: str, email: str) -> Person:
        """Sign somebody in who has an account."""
        signed_in = identity.sign_in(email, PASSWORD, clock=self.clock, real_clock=self.real_clock)
        if isinstance(signed_in, identity.SignInRefused):
            raise RuntimeError(f"{email} cannot sign in.")  # noqa: TRY004 - refused, not mistyped
        user = signed_in.user
        person = Person(
            user.reference, user.name, user.email, user.organisation.reference, signed_in.token
        )
        self.people[key] = person
        return person

    def invite(
        self, by: str, key: str, organisation: str, name: str, roles: list[Role], *, domain: str
    ) -> Person:
        """Invite somebody into an organisation; they accept and sign in."""
        email = address(name, domain)
        token = identity.invite_person(
            self.actor(by),
            organisation,
            name=name,
            email=email,
            roles=roles,
            link=lambda secret: f"/invitation/{secret}",
            clock=self.clock,
            real_clock=self.real_clock,
        )
        identity.accept_invitation(
            token, password=PASSWORD, clock=self.clock, real_clock=self.real_clock
        )
        return self.enter(key, email)


def address(name: str, organisation: str) -> str:
    """An address that can reach nobody: `.example` is reserved for that."""
    local = ".".join(part for part in name.lower().replace("'", "").split() if part != "dame")
    domain = "".join(letter for letter in organisation.lower() if letter.isalnum())
    return f"{local}@{domain[:40]}.example"
