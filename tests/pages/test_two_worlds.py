"""What somebody keeps secret changes no byte that anybody is shown who may not know it yet.

The secrets are a bidder's price, its quality text, the size of its file, the existence of a third
bid, a mark that an evaluator has only drafted, and what a note on a conflict says. Two worlds are
made from one. Each observer reads, at each moment of the competition, all that they can reach in
both: in the one, everything that they may not know at that moment is different. Whoever may know
does see a difference: so the readings could show one.

CI reads a selection. `TWO_WORLDS=each` reads for each observer at each moment;
`TWO_WORLDS=single` does it for one secret at a time, and so names the one that is told.
"""

from __future__ import annotations

import logging
import os
from dataclasses import replace

import pytest

from commissioning.kernel.actor import Role
from commissioning.kernel.clock import SetClock
from commissioning.permissions.table import ROWS
from tests.factories.identity import LONG_AGO
from tests.support import moments as life
from tests.support.moments import ENDINGS, EVALUATORS, MOMENTS, terminate
from tests.support.two_worlds import Secret, Worlds
from tests.support.worlds import answer_of, differing

HOW_MUCH = os.environ.get("TWO_WORLDS", "")
LARGE = b"%PDF-1.7 " + b"b" * 1_500_000
OTHER = Secret(
    fee=87_654_321_00,
    text="We shall do it in quite another way, and sooner. " * 5,
    file=LARGE,
    has_third_bid=True,
    draft=(4, "Everything that was asked for is there, on page 3 and after. " * 3),
    note="My husband is its finance director, and owns a tenth of it.",
)
NAMES = {
    "fee": "price",
    "text": "quality text",
    "file": "size of a file",
    "has_third_bid": "existence of a third bid",
    "draft": "mark that is not submitted",
    "note": "note on a conflict",
}
SECRETS = frozenset(NAMES)
LEAD, AUDITOR = Role.PROCUREMENT_LEAD.label, Role.AUDITOR.label
APPROVER, COMMERCIAL = Role.APPROVER.label, Role.COMMERCIAL_OFFICER.label
MODERATOR = Role.MODERATOR.label
# Who may know a secret, and from which moment on: the rules of procurement, not the code's.
MAY_KNOW = {
    # An auditor of the whole authority reads what follows from prices in the trail.
    "fee": (life.PRICES, {LEAD, AUDITOR, APPROVER, COMMERCIAL, "auditor of the authority"}),
    "text": (life.QUALITY_OPEN, {LEAD, AUDITOR, MODERATOR, *EVALUATORS}),
    "file": (life.QUALITY_OPEN, {LEAD, AUDITOR, MODERATOR, *EVALUATORS}),
    "draft": (life.MARKING, {EVALUATORS[0]}),
    "note": (life.MARKING, {LEAD, AUDITOR, APPROVER, "evaluator of nothing"}),
}
ITS_OWN = {"fee", "text", "file"}
ORDER = list(MOMENTS)

FEW = {"nobody", "rival in the same lot", "administrator", LEAD, "second evaluator"}
SOME = {life.OPENING, life.MARKED, life.PRICE_OPENING, life.PREFERRED}
ENDED = ENDINGS if HOW_MUCH else {life.OPENING: ENDINGS[life.OPENING]}


def may_not_know(observer, moment):
    """The secrets that are kept from an observer at a moment, or after an ending at it."""
    place = ORDER.index(moment)
    known = {
        secret
        for secret, (since, people) in MAY_KNOW.items()
        if observer in people and place >= ORDER.index(since)
    }
    if observer == "bidder itself":
        known |= ITS_OWN
    if place >= ORDER.index(life.QUALITY_OPEN):  # how many bids there are is published then
        known.add("has_third_bid")
    return SECRETS - known


@pytest.fixture
def clock():
    return SetClock(LONG_AGO)


@pytest.fixture
def worlds(app, clock):
    return Worlds(app, clock)


def secret_of(different):
    """The secrets of one world: those that are named are different from the other's."""
    return replace(Secret(), **{name: getattr(OTHER, name) for name in different})


class Reader:
    """Lives through a world, and keeps what the observers read who are to read in it."""

    def __init__(self, worlds, observers, moments, caplog):
        self.worlds, self.observers, self.moments = worlds, observers, moments
        self.caplog = caplog

    def live(self, different, reads):
        """What happens in a world of this secret; `reads(observer, moment)` chooses readers."""
        worlds, found = self.worlds, {}
        last = max(
            ORDER.index(moment)
            for moment in self.moments
            if any(reads(observer, moment) for observer in self.observers)
        )
        worlds.begin(secret_of(different))
        for moment in ORDER[: last + 1]:
            self.caplog.clear()
            worlds.happen(MOMENTS[moment])
            if moment not in self.moments:
                continue
            who = [observer for observer in self.observers if reads(observer, moment)]
            found |= self._read(moment, who)
            if moment in ENDED:
                kept = worlds.kept()
                self.caplog.clear()
                worlds.happen(terminate)
                found |= self._read(ENDED[moment], who)
                worlds.put_back(kept)
        return found

    def _read(self, moment, observers):
        """What each observer reads, as if nobody else had; the letters and the log beside it."""
        worlds, found = self.worlds, {}
        told = tuple(record.getMessage() for record in self.caplog.records)
        letters = worlds.letters()
        for observer in observers:
            kept = worlds.kept()
            self.caplog.clear()
            reading = worlds.read(observer)
            posted = worlds.posted(observer)
            log = tuple(record.getMessage() for record in self.caplog.records)
            assert len(reading) > 20, f"{observer} comes nowhere"
            found[moment, observer] = (reading, posted, letters, (*told, *log))
            worlds.put_back(kept)
        return found


def differences(one, other):
    """Where two observations differ, by address; letters and logs as a whole."""
    (reading, posted, letters, log), (other_reading, other_posted, other_letters, other_log) = (
        one, other,
    )  # fmt: skip
    found = differing(reading, other_reading)
    found |= {f"POST {at}": how for at, how in differing(posted, other_posted).items()}
    if letters != other_letters:
        found["letters"] = f"{letters} or {other_letters}"
    if log != other_log:
        found["log"] = f"{log} or {other_log}"
    return found


SHARES = 4  # of the observers, so that several processes can divide the whole
CASES = {"all": SECRETS}
if HOW_MUCH == "single":
    CASES = {NAMES[secret]: frozenset({secret}) for secret in NAMES}


@pytest.mark.parametrize("share", range(SHARES if HOW_MUCH else 1))
@pytest.mark.parametrize("secrets", CASES.values(), ids=CASES.keys())
def test_nobody_reads_a_byte_that_depends_on_what_they_may_not_know(worlds, secrets, share, caplog):
    caplog.set_level(logging.INFO)
    observers = sorted(worlds.observers)[share::SHARES] if HOW_MUCH else sorted(FEW)
    moments = ORDER if HOW_MUCH else [moment for moment in ORDER if moment in SOME]
    reader = Reader(worlds, observers, moments, caplog)
    kept_from = {
        (moment, observer): may_not_know(observer, moment) & secrets
        for moment in moments
        for observer in observers
    }
    base = reader.live(frozenset(), lambda who, moment: bool(kept_from[moment, who]))
    different = {}
    for these in sorted(set(map(frozenset, kept_from.values())) - {frozenset()}, key=sorted):
        for place, observed in reader.live(
            these, lambda who, moment, these=these: kept_from[moment, who] == these
        ).items():
            if found := differences(base.pop(place), observed):
                different[place] = found

    assert different == {}
    assert base == {}, "each reading is compared"


def test_every_role_of_a_team_is_among_the_observers(worlds):
    roles = {
        role for actor in worlds.observers.values() if actor is not None for role in actor.roles()
    }
    assert roles == {role for row in ROWS for role in row.roles}


CONTROLS = {
    "price, to a colleague": ("fee", life.OPEN, "colleague", "bids/L1/price"),
    "price, to the commercial officer": ("fee", life.PRICES, COMMERCIAL, "evaluation/prices/{bid}"),
    "price, in the trail": ("fee", life.MODELLING, "auditor of the authority", "trail"),
    "text, to a colleague": ("text", life.OPEN, "colleague", "bids/L1/answers/Q1"),
    "text, to the lead": ("text", life.QUALITY_OPEN, LEAD, "evaluation/answers/{bid}/Q1"),
    "text, to an evaluator": ("text", life.MARKING, EVALUATORS[1], "evaluation/answers/{bid}/Q1"),
    "file, to a colleague": ("file", life.OPEN, "colleague", "bids/L1/answers/Q1"),
    "file, to the auditor": ("file", life.QUALITY_OPEN, AUDITOR, "evaluation/answers/{bid}/Q1"),
    "third bid, to its bidder": ("has_third_bid", life.OPEN, "third bidder", "bids/L1"),
    "third bid, to all": ("has_third_bid", life.QUALITY_OPEN, "nobody", "closing"),
    "draft, to its evaluator": ("draft", life.MARKED, EVALUATORS[0], "evaluation/sheets/L1/C1"),
    "note, to the lead": ("note", life.MARKING, LEAD, "evaluation/interests"),
    "note, to the approver": ("note", life.PREFERRED, APPROVER, "evaluation/interests"),
}


@pytest.mark.parametrize(
    ("secret", "moment", "who", "rest"), CONTROLS.values(), ids=CONTROLS.keys()
)
def test_whoever_may_know_does_see_the_difference(worlds, secret, moment, who, rest):
    found = []
    for different in ((), (secret,)):
        worlds.begin(secret_of(different))
        worlds.go_to(moment)
        place = rest.format(bid=worlds.ask(lambda world: world.bids(world.lot)[1]))
        answer = worlds.visit(worlds.allowed[who]).get(worlds.path(place))
        found.append(answer_of(answer, worlds.name_what_is_new()))

    assert found[0][0] == found[1][0] == 200
    assert found[0] != found[1]
