"""The optimiser on cases whose answer is known, and on what has misled solvers before."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given

from commissioning.award.domain.answer import Status
from commissioning.award.domain.optimiser import Certificate, Deadline, Engine, solve
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.verifier import verify
from tests.domain.award.brute_force import best_award
from tests.domain.award.documents import OBJECTIVES, document, documents
from tests.domain.award.test_optimiser_properties import brief

believed = Counter()

LIMIT_ONE = {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}}


def solved(doc, **options):
    problem = parse_problem(doc)
    answer = solve(problem, **options)
    if answer.award:
        assert verify(problem, answer.to_dict()) == []
    return answer


def test_going_lot_by_lot_or_best_bid_first_is_not_optimal():
    answer = solved(document(LIMIT_ONE, limits={"max_lots_per_bidder": 1}))
    assert answer.objective == 115
    assert answer.award == {"L1": "B", "L2": "A"}
    assert answer.unique is True


@pytest.mark.parametrize(
    ("objective", "winner", "value"),
    [("min_sum_ppqp", "Y", Fraction(7, 40)), ("min_portfolio_ppqp", "X", Fraction(200, 101_000))],
)
def test_two_ratio_objectives_choose_different_winners(objective, winner, value):
    bids = {"L1": {"X": (100, 1_000), "Y": (150, 2_000)}, "L2": {"X": (100, 100_000)}}
    answer = solved(document(bids, objective=objective))
    assert answer.award["L1"] == winner
    assert (
        answer.objective == value if objective == "min_portfolio_ppqp" else answer.objective < value
    )


@pytest.mark.parametrize("solver", ["highs", "cbc"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_one_penny_in_ten_billion_pounds_decides(objective, solver):
    price = 10**12
    bids = {
        lot: {"A": (price, 90_000), "B": (price - 1, 90_000), "C": (price, 89_999)}
        for lot in ("L1", "L2", "L3")
    }
    answer = solved(document(bids, objective=objective), solver=solver)
    winner = "A" if objective == "max_total_quality" else "B"
    assert set(answer.award.values()) == {winner}
    assert answer.status is Status.OPTIMAL
    assert answer.unique is (objective != "max_total_quality")


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_one_penny_above_a_capacity_of_ten_billion_pounds_is_too_much(solver):
    value = 10**12
    bids = {lot: {"A": 1, "B": 2} for lot in ("L1", "L2", "L3")}
    doc = document(bids, values=dict.fromkeys(bids, value))
    doc["bidders"][0]["max_value"] = 3 * value
    assert solved(doc, solver=solver).objective == 3
    doc["bidders"][0]["max_value"] = 3 * value - 1
    answer = solved(doc, solver=solver)
    assert answer.objective == 4
    assert answer.award == {"L1": "A", "L2": "A", "L3": "B"}


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_share_is_exact_to_the_penny(solver):
    # 25 % of 400 000 000 001 is 100 000 000 000.25: a lot of ...000 is within it, ...001 is not.
    bids = {"L1": {"A": 1, "B": 9}, "L2": {"B": 1, "C": 2}}
    limits = {"max_value_share_per_bidder_ppm": 250_000}
    for value, winner in ((10**11, "A"), (10**11 + 1, None)):
        doc = document(bids, values={"L1": value, "L2": 1}, limits=limits)
        doc["share_base_value"] = 400_000_000_001
        assert solved(doc, solver=solver).award.get("L1") == winner


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_ids_that_look_alike_to_a_solver_stay_apart(solver):
    bids = {
        "L 1": {"A-1": 5, "A_1": 4, "A 1": 6, "A+1": 7},
        "L_1": {"A-1": 4, "A_1": 5, "A 1": 3, "A+1": 7},
        "L,1 e": {"A+1": 1, "A-1": 2},
    }
    answer = solved(document(bids, limits={"max_lots_per_bidder": 1}), solver=solver)
    assert answer.award == {"L 1": "A_1", "L_1": "A 1", "L,1 e": "A+1"}


def test_package_discount_can_beat_cheaper_single_bids():
    bids = {"L1": {"A": 100, "B": 95}, "L2": {"A": 100, "B": 95}}
    packages = [{"id": "P", "bidder": "A", "discounts": {"L1": 10, "L2": 1}}]
    assert solved(document(bids)).award == {"L1": "B", "L2": "B"}
    answer = solved(document(bids, packages=packages))
    assert answer.award == {"L1": "A", "L2": "A"}
    assert answer.objective == 189


def test_package_that_is_met_is_applied_when_only_the_budget_looks_at_prices():
    bids = {"L1": {"A": (100, 10), "B": (1, 1)}, "L2": {"A": (100, 10), "B": (1, 1)}}
    packages = [{"id": "P", "bidder": "A", "discounts": {"L1": 50, "L2": 50}}]
    doc = document(bids, objective="max_total_quality", limits={"budget": 100}, packages=packages)
    assert solved(doc).award == {"L1": "A", "L2": "A"}
    doc["limits"]["budget"] = 99
    assert solved(doc).objective == 2


def test_fixed_lot_counts_towards_the_limits_of_its_bidder():
    doc = document(LIMIT_ONE, limits={"max_lots_per_bidder": 1}, fixed={"L1": "A"})
    answer = solved(doc)
    assert answer.award == {"L1": "A", "L2": "B"}
    assert answer.objective == 250


def test_ratio_of_sums_with_huge_denominators_and_every_bid_alike_is_settled():
    qualities = {"A": 99_991, "B": 99_989, "C": 99_971, "D": 99_961, "E": 99_929}
    flat = {who: (10**9 + index, quality) for index, (who, quality) in enumerate(qualities.items())}
    bids = {f"L{number}": flat for number in range(10)}
    for objective in ("min_sum_ppqp", "min_portfolio_ppqp"):
        doc = document(bids, objective=objective, limits={"max_lots_per_bidder": 2})
        answer = solved(doc)
        assert list(answer.award.values()) == list("AABBCCDDEE")
        assert answer.unique is False
        assert answer.proof.options["certificate"] == "exact"


def test_unknown_solver_is_refused():
    with pytest.raises(ValueError, match="no solver simplex"):
        solve(parse_problem(document(LIMIT_ONE)), solver="simplex")


def test_answer_is_written_with_exact_rationals_and_two_floats_only():
    written = solved(document(LIMIT_ONE, objective="min_sum_ppqp")).to_dict()
    assert written["objective"] == written["bound"] == "11/5000"
    assert written["gap"] == "0"
    assert written["objective_decimal"] == 0.0022
    assert written["explanation"] is None
    assert written["infeasible"] is None
    assert set(written["proof"]) == {
        "problem_sha256",
        "solver",
        "solver_version",
        "options",
        "seconds",
    }
    assert not any(isinstance(each, float) for each in written["proof"]["options"].values())


def packing(bidders=9):
    """Every bid of a bidder alike, shares that hardly fit: no solver finishes this in a minute."""
    values = {f"L{number}": 500_000_000 + 97_003_001 * number for number in range(21)}
    bids = {
        lot: {f"B{who}": (10**9 + 37_000_003 * who, 50_000) for who in range(bidders)}
        for lot in values
    }
    limits = {"max_value_share_per_bidder_ppm": 130_000}
    return document(bids, values=values, limits=limits)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_time_limit_leaves_an_honest_answer(solver):
    answer = solved(packing(), solver=solver, time_limit_s=1.5)
    if solver == "highs":
        assert answer.status is Status.FEASIBLE
    assert answer.status in (Status.FEASIBLE, Status.UNKNOWN)  # CBC may not find any by then
    assert answer.unique is None
    assert answer.proof.options["time_limit"] == "1.5"
    if answer.award:
        assert answer.bound < answer.objective
        assert answer.gap == (answer.objective - answer.bound) / answer.objective


def test_bound_on_the_ratio_of_sums_is_in_the_units_of_the_ratio():
    answer = solved({**packing(), "objective": "min_portfolio_ppqp"}, time_limit_s=1.5)
    assert answer.status is Status.FEASIBLE
    assert 0 < answer.bound < answer.objective
    assert answer.gap < Fraction(1, 10)


def test_word_of_a_solver_that_was_stopped_proves_nothing():
    found = Engine(parse_problem(packing()), work_allowed=0).optimum(deadline=Deadline(1.5))
    assert found.award
    assert not found.is_proven
    assert found.is_unique is None


def test_no_time_at_all_is_unknown():
    answer = solved(document(LIMIT_ONE), time_limit_s=0)
    assert answer.status is Status.UNKNOWN
    assert answer.award == {}
    written = answer.to_dict()
    assert [written[each] for each in ("objective", "bound", "gap", "unique")] == [None] * 4


def test_forced_lots_make_a_what_if_of_the_same_engine():
    engine = Engine(parse_problem(document(LIMIT_ONE, limits={"max_lots_per_bidder": 1})))
    assert engine.optimum({"L1": "A"}).value == 250
    assert engine.optimum().value == 115
    assert engine.optimum({"L1": "A", "L2": "A"}).is_proven
    assert engine.optimum({"L1": "A", "L2": "A"}).award == {}
    assert engine.optimum({"L1": "nobody"}).award == {}
    assert engine.optimum({"L2": "B"}, deadline=Deadline(60)).value == 250


@brief
@given(documents())
def test_solvers_word_is_taken_and_said_where_a_proof_would_be_too_long(doc):
    expected = best_award(doc)

    found = Engine(parse_problem(doc), work_allowed=0).optimum()

    assert found.is_proven
    assert (found.value, dict(found.award), found.is_unique) == (expected or (None, {}, None))
    # Where one bound at the root proves everything, no solver need be believed.
    believed[found.certificate] += 1


def test_solvers_word_was_needed_often_enough():
    # Runs after the property above, in the same process: without it there is nothing to count.
    if not believed:
        test_solvers_word_is_taken_and_said_where_a_proof_would_be_too_long()
    assert believed[Certificate.SOLVER] >= 3, believed


@brief
@given(documents())
def test_forced_lots_are_the_same_as_fixed_ones(doc):
    doc.pop("fixed", None)
    if not doc["bids"]:
        return
    forced = {doc["bids"][-1]["lot"]: doc["bids"][-1]["bidder"]}
    engine = Engine(parse_problem(doc))
    engine.optimum()

    found = engine.optimum(forced)

    expected = best_award({**doc, "fixed": forced})
    assert (found.value, dict(found.award), found.is_unique) == (expected or (None, {}, None))
