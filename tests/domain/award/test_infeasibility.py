"""Where no award exists, the first reason given is true and plain."""

from __future__ import annotations

import pytest

from commissioning.award.domain.answer import Status
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem
from tests.domain.award.documents import document

THREE = {lot: {"A": 10, "B": 20} for lot in ("L1", "L2", "L3")}


def without_bids_for(lot):
    doc = document(THREE)
    doc["bids"] = [bid for bid in doc["bids"] if bid["lot"] != lot]
    return doc


def with_first_bidder(bids, **limit):
    doc = document(bids)
    doc["bidders"][0].update(limit)
    return doc


@pytest.mark.parametrize(
    ("doc", "words"),
    [
        (without_bids_for("L2"), "There is no bid for lot L2."),
        (
            document({"L1": {"A": 1}, "L2": {"B": 1}}, fixed={"L1": "B"}),
            "Lot L1 is fixed to B, who made no bid for it.",
        ),
        (
            document(
                THREE, values={"L1": 5_001}, limits={"max_value_share_per_bidder_ppm": 500_000}
            ),
            (
                "Lot L1 has a value of £50.01, and max_value_share_per_bidder_ppm allows no bidder "
                "more than £35.00."
            ),
        ),
        (
            with_first_bidder({"L1": {"A": 9}, "L2": {"A": 9, "B": 9}}, max_price=8),
            "No bid for lot L1 may win it, even alone: A breaks bidder.max_price.",
        ),
        (
            document(THREE, limits={"max_lots_per_bidder": 1}, fixed={"L1": "A", "L2": "A"}),
            (
                "The lots already fixed break a limit. Bidder A holds 2 lots; max_lots_per_bidder "
                "allows 1 lot."
            ),
        ),
        (
            document(THREE, limits={"max_lots_per_bidder": 1}),
            (
                "All bidders together may win 2 lots, by their own limits and the general one and "
                "by what they bid for; there are 3 lots."
            ),
        ),
        (
            document(THREE, limits={"max_value_share_per_bidder_ppm": 400_000}),
            (
                "All bidders together may win lots worth £24.00, by the limits on value and by "
                "what they bid for; the lots are worth £30.00."
            ),
        ),
        (
            document(
                THREE,
                limits={"budget": 20},
                packages=[{"id": "P", "bidder": "A", "discounts": {"L1": 5, "L2": 4}}],
            ),
            (
                "The cheapest bids on every lot, with every discount that there is, come to £0.21, "
                "above the budget of £0.20."
            ),
        ),
        (
            document(THREE, limits={"min_distinct_winners": 3}),
            "At least 3 different winners are required, of 2 bidders with a bid for 3 lots.",
        ),
        (
            document(
                {
                    "L1": {"A": 1, "C": 9, "D": 9},
                    "L2": {"A": 1, "B": 1},
                    "L3": {"A": 1, "B": 1},
                    "L4": {"A": 1, "B": 1},
                },
                limits={"max_lots_per_bidder": 1},
            ),
            "Lots L2, L3, L4 can go only to A, B, who may win 2 lots in all.",
        ),
        (
            document(
                THREE,
                limits={"incompatible_lots": [["L1", "L2"], ["L2", "L3"], ["L1", "L3"]]},
            ),
            "No award of every lot keeps all of these limits together: incompatible_lots.",
        ),
        (
            document(
                THREE,
                limits={"min_distinct_winners": 2, "budget": 39},
            ),
            (
                "No award of every lot keeps all of these limits together: min_distinct_winners, "
                "budget."
            ),
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_first_reason_is_given_in_words(doc, words, solver):
    answer = solve(parse_problem(doc), solver=solver)
    assert answer.status is Status.INFEASIBLE
    assert answer.award == {}
    assert answer.objective is answer.bound is answer.unique is None
    assert answer.infeasible.in_words == words
    assert answer.to_dict()["infeasible"]["in_words"] == answer.infeasible.in_words


def test_infeasible_packing_that_no_simple_count_shows_is_proven():
    # Five lots worth 2 into bidders that may hold 3 each: one lot each, and there are four.
    bids = {f"L{lot}": dict.fromkeys("ABCD", 5) for lot in range(5)}
    doc = document(bids, values=dict.fromkeys(bids, 2))
    for bidder in doc["bidders"]:
        bidder["max_value"] = 3
    answer = solve(parse_problem(doc))
    assert answer.status is Status.INFEASIBLE
    assert answer.proof.options["certificate"] == "exact"
    assert answer.infeasible.in_words.endswith("together: bidder.max_value.")
