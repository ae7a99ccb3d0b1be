"""A competition in two worlds that differ in a secret, with everybody who might look at it.

`Worlds` makes a competition and can put it back to where the secret begins: `begin(secret)`. The
moments of its life are in `tests.support.moments`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.permissions.table import ROWS
from commissioning.submission import services as submission
from commissioning.submission.models import Bid
from tests.factories.identity import (
    AdministratorFactory,
    AuthorityFactory,
    OrganisationFactory,
    PersonFactory,
    actor_of,
    team_member,
)
from tests.factories.submission import (
    ITN_DEADLINE,
    add_bidder,
    colleague,
    contest,
    freeze_model,
)
from tests.support import snapshots
from tests.support.moments import MOMENTS
from tests.support.pages import client_of
from tests.support.worlds import guesses, letters, posted_by, reading_of

SMALL = b"%PDF-1.7 " + b"a" * 9_000
LOWEST_FEE = 5_000_000_00


@dataclass(frozen=True)
class Secret:
    """What a bidder, or an evaluator, keeps to themselves in one world."""

    fee: int = 10_000_000_00
    text: str = "We will."
    file: bytes = SMALL
    has_third_bid: bool = False
    draft: tuple[int, str] = (1, "Thin.")
    note: str = "A cousin works there."


class Worlds:
    """One competition that can be put back, those with a secret, and everybody else."""

    def __init__(self, app, clock):
        self.app, self.clock = app, clock
        with app.app_context():
            made = contest(clock=clock, bidders=3)
            freeze_model(made)
            self.reference, self.lots = made.reference, [lot.reference for lot in made.row.lots]
            self.lot, self.criteria = made.lot, [each.reference for each in made.row.criteria]
            self.bidder, self.rival, self.third = (each.actor for each in made.bidders)
            self.holders = made.holders(3)
            self.observers = self._observers(made)
            self.allowed = self.observers | {
                "colleague": colleague(made.bidders[0], Role.BID_WRITER),
                "third bidder": self.third,
            }
            self._bid(self.rival, Secret(fee=LOWEST_FEE))  # the best in every world
            self._bid(self.observers["rival in another lot"], Secret(), lot=self.lots[1])
            self._draft(self.bidder, Secret())  # begun in every world: lists go by reference
            db.session.commit()
            self.saved, self.began = snapshots.save(), clock.now()
        self.names = {}

    def _observers(self, made):
        other_authority = AuthorityFactory()
        self.team = {role.label: made.person(role) for role in Role if made.people.get(role.value)}
        more = {
            "second evaluator": Role.EVALUATOR,
            "third evaluator": Role.EVALUATOR,
            "evaluator of nothing": Role.EVALUATOR,
            "moderator of nothing": Role.MODERATOR,
        } | {role.label: role for role in sorted(_roles_of_a_team()) if role.label not in self.team}
        self.team |= {
            name: actor_of(team_member(made.authority, made.reference, role, admitted=False))
            for name, role in more.items()
        }
        provider = OrganisationFactory(kind="provider")
        return self.team | {
            "nobody": None,
            "rival in the same lot": made.bidders[1].actor,
            "rival in another lot": add_bidder(made, lots=self.lots[1:]).actor,
            "bidder itself": made.bidders[0].actor,
            "supplier that is not invited": actor_of(PersonFactory()),
            "provider contact": actor_of(PersonFactory(organisation=provider)),
            "administrator": actor_of(AdministratorFactory()),
            "auditor of the authority": actor_of(
                PersonFactory(organisation=made.authority, roles=[Role.AUDITOR])
            ),
            "lead of no competition": actor_of(
                PersonFactory(organisation=made.authority, roles=[Role.PROCUREMENT_LEAD])
            ),
            "lead of another authority": actor_of(
                PersonFactory(organisation=other_authority, roles=[Role.PROCUREMENT_LEAD])
            ),
            "auditor of another authority": actor_of(
                PersonFactory(organisation=other_authority, roles=[Role.AUDITOR])
            ),
        }

    def _draft(self, actor, secret, lot=None):
        place = (self.reference, lot or self.lot, actor.organisation)
        answers = {"Q1": secret.text, "Q2": secret.text}
        submission.save_quality_draft(actor, *place, answers, clock=self.clock)
        fees = [secret.fee] * 7
        submission.save_price_draft(actor, *place, fees_pence=fees, note="", clock=self.clock)

    def _bid(self, actor, secret, lot=None):
        place = (self.reference, lot or self.lot, actor.organisation)
        submission.add_file(
            actor, *place, leaf="Q1", file_name="plan.pdf", media_type="application/pdf",
            pieces=[secret.file], clock=self.clock,
        )  # fmt: skip
        self._draft(actor, secret, lot)
        submission.submit_bid(actor, *place, idempotency_key="key", clock=self.clock)

    def begin(self, secret):
        """A world with this secret, an hour before the deadline."""
        self.secret, self.clock.moment = secret, self.began
        with self.app.app_context():
            snapshots.restore(self.saved)
            self._bid(self.bidder, secret)
            if secret.has_third_bid:
                self._bid(self.third, Secret())
            db.session.commit()
        self.clock.move_to(ITN_DEADLINE - timedelta(hours=1))

    def go_to(self, last):
        """Live through the moments in their order, up to one of them and with it."""
        for name, happens in MOMENTS.items():
            self.happen(happens)
            if name == last:
                return

    def happen(self, what):
        """Let people do something, each in a transaction."""
        with self.app.app_context():
            what(self)
            db.session.commit()

    def act(self, service, actor, *arguments, **keywords):
        """Call a service."""
        return service(actor, *arguments, clock=self.clock, **keywords)

    def visit(self, actor):
        return self.app.test_client() if actor is None else client_of(self.app, actor)

    def path(self, rest=""):
        return f"/competitions/{self.reference}/{rest}"

    def bids(self, lot):
        """The bids for a lot, in the order in which they were begun."""
        rows = db.session.query(Bid).order_by(Bid.id)
        return [bid.reference for bid in rows if bid.lot.reference == lot]

    def ask(self, question):
        """What a function finds in the database."""
        with self.app.app_context():
            return question(self)

    def read(self, observer):
        """What somebody reads who follows every link and tries every address of the bid."""
        self.name_what_is_new()
        client = self.visit(self.observers[observer])
        return reading_of(self.app, client, self._known(), self.names)

    def posted(self, observer):
        """What somebody is answered who sends an empty form to every address of the bid.

        Some of it is done, and everything afterwards is put back.
        """
        self.name_what_is_new()
        return posted_by(
            self.visit(self.observers[observer]),
            guesses(self.app, self._known(), "POST"),
            "/sign-in" if self.observers[observer] is None else "/account/password",
            self.name_what_is_new,
        )

    def letters(self):
        """Every letter that has gone out."""
        with self.app.app_context():
            return letters()

    def kept(self):
        """The world as it stands, for `put_back`."""
        with self.app.app_context():
            return snapshots.save(), self.clock.now()

    def put_back(self, kept):
        """The world as it was kept."""
        with self.app.app_context():
            snapshots.restore(kept[0])
        self.clock.moment = kept[1]

    def _known(self):
        """What somebody who guesses addresses would put into them, were they lucky."""
        new = {name: reference for reference, name in self.names.items()}
        return {
            "competitions": [self.reference],
            "organisations": [self.bidder.organisation],
            "people": [self.bidder.reference],
            "competition": [self.reference],
            "lot": [self.lot],
            "leaf": ["Q1"],
            "criterion": self.criteria[:1],
            "bid": self.ask(lambda world: world.bids(world.lot)[1:2]),
            "file": [new[name] for name in new if name == "bid_files-1"],
            "receipt": [new[name] for name in new if name == "receipts-1"],
        }

    def name_what_is_new(self):
        """Words for the references that were made at random since the secret began."""
        old = {row["reference"] for _, rows in self.saved for row in rows if "reference" in row}
        with self.app.app_context():
            self.names = {
                reference: f"{table.name}-{place}"
                for table in db.metadata.sorted_tables
                if {"id", "reference"} <= set(table.columns.keys())
                for place, reference in enumerate(
                    db.session.scalars(
                        db.select(table.c.reference)
                        .where(table.c.reference.not_in(old))
                        .order_by(table.c.id)
                    )
                )
            }
        return self.names


def _roles_of_a_team():
    """Every role to which the policy gives anything on a competition."""
    elsewhere = {
        Role.ADMINISTRATOR, Role.BID_MANAGER, Role.BID_WRITER, Role.SIGNATORY,
        Role.PROVIDER_CONTACT,
    }  # fmt: skip
    return {role for row in ROWS for role in row.roles} - elsewhere
