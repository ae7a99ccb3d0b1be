"""An unsubmitted mark and a note on a conflict change no byte for those who may not know.

Two worlds are made from one and differ in that secret alone; see the two worlds of submission.
"""

from __future__ import annotations

import os

import pytest

from commissioning.evaluation import services
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from tests.support import snapshots
from tests.support.worlds import answer_of, differing, letters, reading_of

TEAM = {"e2", "e4", "moderator", "moderator2", "commercial", "holder", "a1"}
FEW = {"e2", "moderator", "lead", "bidder"}
READERS_OF_INTERESTS = {"lead", "approver", "auditor"}
NOTES = ("A cousin works there.", "My husband is its finance director, and owns a tenth of it.")


@pytest.fixture
def worlds(site, clock):
    """Quality is marked: three evaluators have every answer before them, and nobody has marked."""
    site.make(Stage.QUALITY_EVALUATION, prepare=lambda world: world.assign(clock))
    with site.app.app_context():
        site.saved = snapshots.save()
    return site


def known(worlds):
    """What somebody who guesses addresses would put into them."""
    return {
        "competitions": [worlds.reference],
        "people": [worlds.people["e1"]],
        "lot": ["CPA1"],
        "criterion": ["C1"],
        "leaf": ["C1"],
        "bid": worlds.bids["CPA1"][:1],
    }


def readings(worlds, secrets, keep, observers):
    """What all of them read in each world, with the letters that went out."""
    found = []
    for secret in secrets:
        with worlds.app.app_context():
            snapshots.restore(worlds.saved)
        keep(worlds, secret)
        one = {
            name: reading_of(worlds.app, worlds.visit(name), known(worlds), {})
            for name in sorted(observers)
        }
        with worlds.app.app_context():
            found.append((one, letters()))
    return found


def keep_a_mark(worlds, secret):
    """The first evaluator writes a mark with its reason, and submits nothing."""
    mark, reason = secret
    bid = worlds.bids["CPA1"][0]
    worlds.act(services.save_mark, "e1", worlds.reference, bid, "C1", mark=mark, reason=reason)


def declare(worlds, note):
    """The first evaluator declares an interest in a bidder, with a note."""
    organisation = min(worlds.bidders)
    worlds.act(
        services.declare_interest,
        "e1",
        worlds.reference,
        organisation=organisation,
        statement=note,
    )


MARKS = ((1, "Thin."), (4, "Everything that was asked for is there, on page 3 and after. " * 3))
SECRETS = {
    "a mark that is not submitted": (
        MARKS, keep_a_mark, TEAM | READERS_OF_INTERESTS | {"bidder"},
    ),
    "a note on a conflict": (NOTES, declare, TEAM | {"bidder"}),
}  # fmt: skip


@pytest.mark.parametrize(("secrets", "keep", "observers"), SECRETS.values(), ids=SECRETS.keys())
def test_nobody_else_reads_a_byte_that_depends_on_it(worlds, secrets, keep, observers):
    if not os.environ.get("TWO_WORLDS"):  # everybody, by hand
        observers &= FEW
    (one, letters_in_one), (other, letters_in_other) = readings(worlds, secrets, keep, observers)

    assert {who: differing(one[who], other[who]) for who in observers} == {
        who: {} for who in observers
    }
    assert letters_in_one == letters_in_other
    assert all(len(reading) > 15 for reading in one.values())


@pytest.mark.parametrize(
    ("secrets", "keep", "who", "rest"),
    [
        (MARKS, keep_a_mark, "e1", "evaluation/sheets/CPA1/C1"),
        (NOTES, declare, "lead", "evaluation/interests"),
    ],
    ids=SECRETS.keys(),
)
def test_whoever_may_know_does_see_the_difference(worlds, secrets, keep, who, rest):
    found = []
    for secret in secrets:
        with worlds.app.app_context():
            snapshots.restore(worlds.saved)
        keep(worlds, secret)
        found.append(answer_of(worlds.get(who, rest), {}))
        with worlds.app.app_context():
            db.session.rollback()

    assert found[0][0] == found[1][0] == 200
    assert found[0] != found[1]
