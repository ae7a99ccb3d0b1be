"""A whole life by hand, whose every figure is computed here a second time, in fractions."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from hashlib import sha256

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.award import queries as awards
from commissioning.award import services as award
from commissioning.competition import queries as competitions
from commissioning.competition import services as competition
from commissioning.evaluation import queries as evaluations
from commissioning.evaluation import services as evaluation
from commissioning.infrastructure.database import db
from commissioning.submission import queries as submissions
from commissioning.submission import services as submission
from tests.support import small_competition as small

# On a scale of 7 hardly any sum of points is a whole number of thousandths.
MAX_MARK, MINIMUM_POINTS = 7, 50_000
WEIGHTS = {"C1": 60, "C2.1": 25, "C2.2": 15}
MINIMUM = {"C1": 2, "C2.1": 1, "C2.2": 1}
VALUES = {"L1": 10_000_000_00, "L2": 8_000_000_00, "L3": 6_000_000_00}
FUNDING = {"north": 9_000_000_00, "south": 8_000_000_00, "east": 5_000_000_00}
RATE = Fraction(35, 1000)
# (lot, bidder): the agreed marks of C1, C2.1 and C2.2, the yearly fees, the adjustments
BIDS = {
    ("L1", "north"): ((6, 6, 5), (9_000_000_01, 9_100_000_02, 9_200_000_03), 0),
    ("L1", "south"): ((5, 6, 5), (9_200_000_00, 9_300_000_00, 9_400_000_00), -1_234_56),
    ("L1", "east"): ((7, 7, 7), (12_000_000_00, 12_000_000_00, 12_000_000_00), 0),
    ("L2", "north"): ((6, 5, 6), (7_000_000_00, 7_000_000_00, 7_000_000_00), 99),
    ("L2", "south"): ((6, 5, 5), (7_100_000_00, 7_200_000_00, 7_300_000_00), 0),
    ("L2", "east"): ((1, 7, 7), (6_000_000_00, 6_000_000_00, 6_000_000_00), 0),
    ("L3", "north"): ((5, 5, 5), (5_000_000_00, 5_000_000_00, 5_000_000_00), 0),
    ("L3", "south"): ((3, 3, 4), (4_000_000_00, 4_000_000_00, 4_000_000_00), 0),
}
OUT = {
    ("L2", "east"): ["minimum_mark:C1", "minimum_points"],
    ("L3", "south"): ["minimum_points"],
}


def half_even(number):
    down = number.numerator // number.denominator
    rest = number - down
    if rest == Fraction(1, 2):
        return down + down % 2
    return down + (1 if rest > Fraction(1, 2) else 0)


def millipoints(place):
    marks = BIDS[place][0]
    return half_even(
        sum(Fraction(w * m * 1000, MAX_MARK) for w, m in zip(WEIGHTS.values(), marks, strict=True))
    )


def price(place):
    _marks, fees, adjustments = BIDS[place]
    present = sum(
        (Fraction(fee) / (1 + RATE) ** year for year, fee in enumerate(fees)), Fraction(0)
    )
    return half_even(present + adjustments)


def ratio(place):
    """Pence a quality point."""
    return Fraction(price(place) * 1000, millipoints(place))


def rank(place):
    lot = place[0]
    rivals = [ratio(other) for other in BIDS if other[0] == lot and other not in OUT]
    return 1 + sum(rival < ratio(place) for rival in rivals)


def may_win(bidder, lots):
    won = sum(VALUES[lot] for lot in lots)
    return 2 * won <= sum(VALUES.values()) and won <= 2 * FUNDING[bidder]


def best_award():
    """Every way to give three lots to bidders that stand, within the limits; the least sum."""
    standing = {lot: [b for at, b in BIDS if at == lot and (at, b) not in OUT] for lot in VALUES}
    found = []
    for bidders in itertools.product(*standing.values()):
        chosen = dict(zip(standing, bidders, strict=True))
        won = {b: [lot for lot in chosen if chosen[lot] == b] for b in bidders}
        if all(may_win(bidder, lots) for bidder, lots in won.items()):
            found.append((sum(ratio(place) for place in chosen.items()), chosen))
    return min(found, key=lambda one: one[0])


class Life:
    """The acts of one life, in their order; each is committed before the next begins."""

    def __init__(self):
        self.small = small.found()
        self.clock = self.small.clock
        self.reference = self.small.reference

    def do(self, act, who, *args, **rest):
        done = act(self.small.actor(who), *args, **rest, clock=self.clock)
        db.session.commit()
        return done

    def two(self, propose, approve):
        decision = self.do(propose, "lead", self.reference)
        self.do(approve, "approver", decision.reference)

    def pass_deadline(self, event):
        at = competitions.deadline_of(self.row, event).instant_utc
        self.clock.move_to(at)
        competition.pass_deadlines(clock=self.clock)
        db.session.commit()

    @property
    def row(self):
        return competitions.competition_by_reference(self.reference)

    def bidder_of(self, reference):
        known = {reference: name for name, reference in self.small.organisations.items()}
        return known[reference]


def select_bidders(life):
    scale = [(f"Mark {mark}", f"As good as {mark}.") for mark in range(MAX_MARK + 1)]
    rules = small.rules(max_mark=MAX_MARK, minimum_points=MINIMUM_POINTS, descriptors=scale)
    life.do(competition.set_rules, "lead", life.reference, **rules)
    life.two(competition.propose_pqq_issue, competition.approve_pqq_issue)
    for bidder in small.BIDDERS:
        own = (life.reference, life.small.organisations[bidder])
        life.do(
            submission.save_response,
            small.WRITER[bidder],
            *own,
            answers={"Q1": "A company.", "Q2": "yes", "Q3": "Since 2004."},
            lots=[lot for lot, other in BIDS if other == bidder],
            proved_funding_pence=FUNDING[bidder],
            funding_source="A guarantee.",
        )
        life.do(submission.submit_response, small.SIGNATORY[bidder], *own)
    life.pass_deadline("pqq_deadline")
    assessor = life.small.ref("assessor")
    for part in small.PARTS:
        life.do(evaluation.assign_part, "lead", life.reference, part, assessor)
        for response in submissions.submitted_responses(life.row):
            scored = {"Q3": {"result": "noted", "score": 3}} if part == "Experience" else {}
            life.do(
                evaluation.assess_part,
                "assessor",
                response.reference,
                part,
                findings=scored,
                reason="As answered.",
            )
    life.two(evaluation.propose_shortlist, evaluation.approve_shortlist)


def take_bids(life):
    life.do(submission.prepare_opening_keys, "lead", life.reference)
    for holder in ("holder_1", "holder_3"):
        life.do(submission.join_rehearsal, holder, life.reference)
    life.two(competition.propose_itn_issue, competition.approve_itn_issue)
    for (lot, bidder), (_marks, fees, adjustments) in BIDS.items():
        place = (life.reference, lot, life.small.organisations[bidder])
        answers = {leaf: f"Our way with {leaf}." for leaf in WEIGHTS}
        life.do(submission.save_quality_draft, small.WRITER[bidder], *place, answers)
        life.do(
            submission.save_price_draft,
            small.WRITER[bidder],
            *place,
            fees_pence=fees,
            adjustments_pence=adjustments,
        )
        life.do(submission.submit_bid, small.SIGNATORY[bidder], *place, idempotency_key="once")
    life.pass_deadline("itn_deadline")
    for holder in ("holder_2", "holder_3"):
        life.do(submission.join_opening, holder, life.reference, "quality")


def agree_marks(life):
    evaluators = ["evaluator_1", "evaluator_2", "evaluator_3"]
    for criterion in small.CRITERIA:
        life.do(
            evaluation.assign_team,
            "moderator",
            life.reference,
            criterion,
            lots=list(VALUES),
            evaluators=life.small.refs(*evaluators),
            moderator=life.small.ref("moderator"),
        )
    leaves = list(WEIGHTS)
    for lot, criterion in itertools.product(VALUES, small.CRITERIA):
        agreed = {
            (bid.reference, leaf): BIDS[lot, life.bidder_of(bid.organisation.reference)][0][
                leaves.index(leaf)
            ]
            for bid in submissions.opened_bids(life.row, lot)
            for leaf in small.CRITERIA[criterion][3]
        }
        for step, evaluator in enumerate(evaluators):
            # Alone, they see it each a little differently.
            alone = {
                item: (min(max(mark + step - 1, 0), MAX_MARK), "My view.")
                for item, mark in agreed.items()
            }
            where = (life.reference, lot, criterion)
            life.do(evaluation.submit_marks, evaluator, *where, entries=alone)
        together = {item: (mark, "Our view.") for item, mark in agreed.items()}
        life.do(evaluation.record_consensus, "moderator", *where, together)
        for evaluator in evaluators:
            life.do(evaluation.agree_consensus, evaluator, *where)
    life.two(evaluation.propose_quality_lock, evaluation.approve_quality_lock)


def decide(life):
    for holder in ("holder_1", "holder_2"):
        life.do(submission.join_opening, holder, life.reference, "price")
    life.do(evaluation.complete_prices, "commercial", life.reference)
    run = life.do(award.solve_award, "commercial", life.reference)
    life.do(award.recommend_award, "commercial", run.reference, "It is the optimum.")
    life.do(award.approve_award, "approver", life.reference, "Checked.")
    life.do(award.announce_preferred_bidders, "lead", life.reference)


def test_every_figure_is_what_fractions_say(session):
    life = Life()
    select_bidders(life)
    take_bids(life)
    agree_marks(life)
    decide(life)

    assert life.row.stage == "preferred_bidders"
    results = {
        (row.bid.lot.reference, life.bidder_of(row.bid.organisation.reference)): row
        for row in evaluations.results(life.row)
    }
    assert set(results) == set(BIDS)
    for place, row in results.items():
        assert row.quality_millipoints == millipoints(place), place
        assert row.evaluated_price_pence == price(place), place
        assert row.excluded_because == OUT.get(place, []), place
        if place in OUT:
            assert (row.price_per_quality_point, row.rank) == (None, None)
        else:
            assert row.price_per_quality_point == str(ratio(place)), place
            assert row.rank == rank(place), place
    check_award(life)
    assert breaks(trail.links(), heads=trail.heads()) == []


def check_award(life):
    least, chosen = best_award()
    run = awards.latest_run(life.row)
    answer, problem = json.loads(run.answer), json.loads(run.problem)
    assert answer["status"] == "optimal"
    # The file counts in pence a milli-point.
    assert Fraction(answer["objective"]) == least / 1000
    assert {lot: life.bidder_of(bidder) for lot, bidder in answer["award"].items()} == chosen
    named = {
        row.lot.reference: row.organisation.reference for row in awards.preferred_bidders(life.row)
    }
    assert named == answer["award"]
    assert {lot.reference: lot.status for lot in life.row.lots} == dict.fromkeys(
        VALUES, "preferred"
    )
    # The limits bite: going lot by lot, one bidder would have won everything.
    firsts = {lot: min((r, b) for (at, b), r in ratios().items() if at == lot)[1] for lot in VALUES}
    assert set(firsts.values()) == {"north"}
    assert len(set(chosen.values())) > 1
    assert problem["share_base_value"] == sum(VALUES.values())
    assert {bidder["max_value"] for bidder in problem["bidders"]} == {
        2 * funding for funding in FUNDING.values()
    }
    order = [bidder["id"] for bidder in problem["bidders"]]
    seed = life.row.tie_seed
    assert order == sorted(order, key=lambda b: sha256(f"{seed}:{b}".encode()).hexdigest())


def ratios():
    return {place: ratio(place) for place in BIDS if place not in OUT}


def test_the_figures_of_one_bid_are_these():
    """Written out once, so that the fractions above cannot be wrong in the same way twice."""
    place = ("L1", "north")

    # 60 * 6/7 + 25 * 6/7 + 15 * 5/7 = 585/7 = 83.571428...
    assert millipoints(place) == 83_571
    # 900 000 001 + 910 000 002 / 1.035 + 920 000 003 / 1.035^2 = 2 638 056 903.21...
    assert price(place) == 2_638_056_903
    assert half_even(Fraction(5, 2)) == 2
    assert half_even(Fraction(7, 2)) == 4
