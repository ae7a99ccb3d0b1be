"""What a bidder keeps secret changes no byte that anybody else is shown, before its time.

Two worlds are made from one, and differ in one secret of a bidder alone. Everybody else reads all
that they can reach in both. A colleague of the bidder, who may know, does see a difference: so the
readings could show one.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import timedelta

import pytest

from commissioning.cli.site import GRACE, make_due_moves
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.submission import services
from commissioning.submission.models import Bid, BidFile, Receipt
from tests.factories.identity import (
    AdministratorFactory,
    PersonFactory,
    actor_of,
    team_member,
)
from tests.factories.submission import ITN_DEADLINE, add_bidder, colleague, contest, drafted_bid
from tests.support import snapshots
from tests.support.pages import client_of
from tests.support.worlds import answer_of, differing, letters, reading_of

SMALL, LARGE = b"%PDF-1.7 " + b"a" * 9_000, b"%PDF-1.7 " + b"b" * 1_500_000
FEES = {"first": 1_000_000_000, "second": 87_654_321_00}
TEXTS = {"first": "We will.", "second": "We shall do it in quite another way, and sooner. " * 5}


@dataclass(frozen=True)
class Secret:
    """What the bidder keeps for itself, in one world."""

    fee: int = FEES["first"]
    text: str = TEXTS["first"]
    file: bytes = SMALL
    has_third_bid: bool = False


EVERYTHING = Secret(FEES["second"], TEXTS["second"], LARGE, has_third_bid=True)
SECRETS = {
    "price": Secret(fee=FEES["second"]),
    "quality text": Secret(text=TEXTS["second"]),
    "size of a file": Secret(file=LARGE),
    "existence of a third bid": Secret(has_third_bid=True),
}


class Worlds:
    """One competition that can be put back, the bidder with the secret, and everybody else."""

    def __init__(self, app, clock):
        self.app, self.clock = app, clock
        with app.app_context():
            made = contest(clock=clock, bidders=3)
            self.reference, self.lot = made.reference, made.lot
            self.bidder, self.rival, self.third = (each.actor for each in made.bidders)
            self.colleague = colleague(made.bidders[0], Role.BID_WRITER)
            self.holders = made.holders(3)
            self.observers = self._observers(made)
            self.guesses = {
                "competitions": [made.reference],
                "organisations": [self.bidder.organisation],
                "people": [self.bidder.reference],
                "competition": [made.reference],
                "lot": [made.lot],
                "leaf": ["Q1"],
            }
            for each in made.bidders[:2]:  # begun in both worlds: lists are in order of reference
                drafted_bid(made, each)
            db.session.commit()
            self.saved, self.began = snapshots.save(), clock.now()
        self.names = {}

    @staticmethod
    def _observers(made):
        elsewhere = add_bidder(made, lots=["L2"])
        duty = team_member(made.authority, made.reference, Role.DUTY_OFFICER, admitted=False)
        another = team_member(made.authority, made.reference, Role.EVALUATOR, admitted=False)
        team = (
            Role.PROCUREMENT_LEAD,
            Role.APPROVER,
            Role.COMMERCIAL_OFFICER,
            Role.EVALUATOR,
            Role.MODERATOR,
            Role.AUDITOR,
            Role.KEY_HOLDER,
        )
        return {
            "nobody": None,
            "rival in the same lot": made.bidders[1].actor,
            "rival in another lot": elsewhere.actor,
            "supplier that is not invited": actor_of(PersonFactory()),
            "administrator": actor_of(AdministratorFactory()),
            "duty officer": actor_of(duty),
            "another evaluator": actor_of(another),
        } | {role.label: made.person(role) for role in team}

    def begin(self, secret):
        """A world with this secret, an hour before the deadline."""
        with self.app.app_context():
            snapshots.restore(self.saved)
            self.clock.moment = self.began
            self._bid(self.rival, Secret())
            self._bid(self.bidder, secret)
            if secret.has_third_bid:
                self._bid(self.third, Secret())
            db.session.commit()
            self.names = {
                row.reference: f"{model.__name__}-{place}"
                for model in (Bid, BidFile, Receipt)
                for place, row in enumerate(db.session.query(model).order_by(model.id))
            }
        self.clock.move_to(ITN_DEADLINE - timedelta(hours=1))

    def _bid(self, actor, secret):
        place = (self.reference, self.lot, actor.organisation)
        services.add_file(
            actor, *place, leaf="Q1", file_name="plan.pdf", media_type="application/pdf",
            pieces=[secret.file], clock=self.clock,
        )  # fmt: skip
        answers = {"Q1": secret.text, "Q2": secret.text}
        services.save_quality_draft(actor, *place, answers, clock=self.clock)
        services.save_price_draft(
            actor, *place, fees_pence=[secret.fee] * 7, note="", clock=self.clock
        )
        services.submit_bid(actor, *place, idempotency_key="key", clock=self.clock)

    def close(self):
        self.clock.move_to(ITN_DEADLINE + GRACE)
        with self.app.app_context():
            assert make_due_moves(self.app, self.clock) == [self.reference]

    def open_quality(self):
        with self.app.app_context():
            for holder in self.holders:
                services.join_opening(holder, self.reference, "quality", clock=self.clock)
            db.session.commit()

    def visit(self, actor):
        return self.app.test_client() if actor is None else client_of(self.app, actor)

    def bid(self, rest=""):
        return f"/competitions/{self.reference}/bids/{self.lot}{rest}"

    def read(self, actor):
        made_up = {
            "bid": [ref for ref, name in self.names.items() if name == "Bid-0"],
            "file": [ref for ref, name in self.names.items() if name == "BidFile-1"],
            "receipt": [ref for ref, name in self.names.items() if name == "Receipt-1"],
        }
        return reading_of(self.app, self.visit(actor), self.guesses | made_up, self.names)

    def read_all(self, observers):
        """What each of them reads, and every letter that went out."""
        found = {name: self.read(self.observers[name]) for name in observers}
        with self.app.app_context():
            return found, letters()


@pytest.fixture
def worlds(app, clock):
    return Worlds(app, clock)


def is_open(_worlds):
    """Bids are in, and may still be changed."""


def closes(worlds):
    worlds.close()


def opens(worlds):
    worlds.open_quality()


READ_QUALITY = {Role.PROCUREMENT_LEAD.label, Role.AUDITOR.label}
FEW = {"nobody", "rival in the same lot", "administrator", *READ_QUALITY}
BEFORE, AFTER = (is_open, closes), (closes, opens)
CASES = {
    "all of them before the opening": (EVERYTHING, BEFORE, set()),
    "the price after it": (SECRETS["price"], AFTER, set()),
    "text and file after it": (Secret(text=TEXTS["second"], file=LARGE), AFTER, READ_QUALITY),
}
if os.environ.get("TWO_WORLDS") == "each":  # by hand: one secret at a time, read by everybody
    CASES = {f"{name} before the opening": (SECRETS[name], BEFORE, set()) for name in SECRETS} | {
        "price after it": (SECRETS["price"], AFTER, set()),
        "text after it": (SECRETS["quality text"], AFTER, READ_QUALITY),
        "file after it": (SECRETS["size of a file"], AFTER, READ_QUALITY),
    }


@pytest.mark.parametrize(("secret", "stages", "may_know"), CASES.values(), ids=CASES.keys())
def test_nobody_else_reads_a_byte_that_depends_on_a_bidders_secret(
    worlds, secret, stages, may_know, caplog
):
    among = worlds.observers if os.environ.get("TWO_WORLDS") else FEW
    observers = sorted(worlds.observers.keys() & among - may_know)
    caplog.set_level(logging.INFO)
    readings, logs = [], []
    for each in (Secret(), secret):
        worlds.begin(each)
        for happens in stages:
            happens(worlds)
            if happens is not closes or stages is BEFORE:
                readings.append(worlds.read_all(observers))
        logs.append([record.getMessage() for record in caplog.records])
        caplog.clear()

    half = len(readings) // 2
    for (one, letters_in_one), (other, letters_in_other) in zip(
        readings[:half], readings[half:], strict=True
    ):
        assert {who: differing(one[who], other[who]) for who in observers} == {
            who: {} for who in observers
        }
        assert letters_in_one == letters_in_other
        assert all(len(reading) > 20 for reading in one.values())
    assert logs[0] == logs[1]


def answers_in_both(worlds, secret, ask, *happenings):
    """What one address answers in the world without the secret, and in the one with it."""
    found = []
    for each in (Secret(), secret):
        worlds.begin(each)
        for happens in happenings:
            happens(worlds)
        found.append(answer_of(ask(worlds), worlds.names))
    return found


@pytest.mark.parametrize(
    ("name", "rest"),
    [("price", "/price"), ("quality text", "/answers/Q1"), ("size of a file", "/answers/Q1")],
)
def test_a_colleague_of_the_bidder_does_see_the_difference(worlds, name, rest):
    one, other = answers_in_both(
        worlds, SECRETS[name], lambda world: world.visit(world.colleague).get(world.bid(rest))
    )

    assert one[0] == other[0] == 200
    assert one != other


@pytest.mark.parametrize("name", ["quality text", "size of a file"])
def test_whoever_may_read_quality_does_see_the_difference_once_it_is_open(worlds, name):
    def read(world):
        (bid,) = (reference for reference, name in world.names.items() if name == "Bid-0")
        lead = world.visit(world.observers[Role.PROCUREMENT_LEAD.label])
        return lead.get(f"/competitions/{world.reference}/evaluation/answers/{bid}/Q1")

    one, other = answers_in_both(worlds, SECRETS[name], read, closes, opens)

    assert one[0] == other[0] == 200
    assert one != other


def test_the_third_bid_is_seen_by_its_own_bidder_and_by_all_once_quality_is_open(worlds):
    secret = SECRETS["existence of a third bid"]

    own = answers_in_both(worlds, secret, lambda world: world.visit(world.third).get(world.bid()))
    everybodys = answers_in_both(
        worlds, secret,
        lambda world: world.visit(None).get(f"/competitions/{world.reference}/closing"),
        closes, opens,
    )  # fmt: skip

    assert own[0] != own[1]
    assert everybodys[0] != everybodys[1]
