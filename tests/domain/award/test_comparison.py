"""The lot-by-lot answer beside the award: ranks, who is displaced and by which limit, holdings."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given

from commissioning.award.domain.comparison import Displaced, displaced, lot_by_lot, rank_on_lot
from commissioning.award.domain.limits import (
    Rule,
    broken_by_taking,
    broken_limits,
    holdings,
    those_that_fit_alone,
)
from commissioning.award.domain.objective import met_packages, net_prices
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.reversion import reversion_in_order, reversion_largest_margin
from commissioning.award.domain.scenario import totals_of
from tests.domain.award.documents import document, documents
from tests.domain.award.test_optimiser_properties import brief

BIDS = {
    "L1": {"A": (100, 50_000), "B": (110, 60_000), "C": (120, 60_000)},
    "L2": {"A": (200, 50_000), "B": (240, 60_000), "C": (250, 61_000)},
    "L3": {"B": (290, 60_000), "A": (300, 60_000)},
}


def test_rank_is_by_the_measure_of_the_objective_and_equals_share_it():
    by_price = rank_on_lot(parse_problem(document(BIDS)))
    by_ratio = rank_on_lot(parse_problem(document(BIDS, objective="min_sum_ppqp")))
    by_quality = rank_on_lot(parse_problem(document(BIDS, objective="max_total_quality")))

    assert [by_price["L1", who] for who in "ABC"] == [1, 2, 3]
    # 200/50 and 240/60 are the same price per quality.
    assert [by_ratio["L2", who] for who in "ABC"] == [1, 1, 3]
    assert [by_ratio["L1", who] for who in "ABC"] == [2, 1, 2]
    assert [by_quality["L1", who] for who in "ABC"] == [3, 1, 1]


def test_first_places_go_to_the_earlier_bidder_among_equals():
    doc = document(BIDS, objective="min_sum_ppqp")
    assert lot_by_lot(parse_problem(doc)) == {"L1": "B", "L2": "A", "L3": "B"}
    doc["bidders"].reverse()
    assert lot_by_lot(parse_problem(doc)) == {"L1": "B", "L2": "B", "L3": "B"}


def test_lot_without_bids_has_no_first_place():
    doc = document(BIDS)
    doc["bids"] = [bid for bid in doc["bids"] if bid["lot"] != "L2"]
    assert lot_by_lot(parse_problem(doc))["L2"] is None


def test_displaced_bids_name_every_limit_that_the_swap_breaks():
    doc = document(
        {"L1": {"A": 10, "B": 20, "C": 30}, "L2": {"A": 10, "B": 90, "C": 90}},
        limits={"max_lots_per_bidder": 1, "max_value_share_per_bidder_ppm": 500_000},
        groups=[{"id": "G", "members": ["A", "B"], "max_lots": 1}],
    )
    problem = parse_problem(doc)
    award = solve(problem).award
    assert award == {"L1": "C", "L2": "A"}
    assert displaced(problem, award) == {
        "L1": (
            Displaced(
                "A",
                (
                    Rule.MAX_LOTS_PER_BIDDER,
                    Rule.MAX_VALUE_SHARE_PER_BIDDER,
                    Rule.GROUP_MAX_LOTS,
                ),
            ),
            Displaced("B", (Rule.GROUP_MAX_LOTS,)),
        ),
        "L2": (),
    }


def test_displaced_bid_that_breaks_nothing_by_itself_stands_with_no_limit():
    # A takes L2, where the other bid is far dearer; B is better on L1 by itself, but the package
    # of C decides.
    doc = document(
        {"L1": {"B": 9, "C": 10}, "L2": {"B": 50, "C": 50}},
        packages=[{"id": "P", "bidder": "C", "discounts": {"L1": 5, "L2": 5}}],
    )
    problem = parse_problem(doc)
    award = solve(problem).award
    assert award == {"L1": "C", "L2": "C"}
    assert displaced(problem, award) == {"L1": (Displaced("B", ()),), "L2": ()}


@brief
@given(documents())
def test_where_no_limit_is_stated_the_sum_of_ratios_is_the_lot_ranking(doc):
    doc = {key: doc[key] for key in ("format", "bids")} | {
        "objective": "min_sum_ppqp",
        "lots": [{"id": lot["id"], "value": lot["value"]} for lot in doc["lots"]],
        "bidders": [{"id": bidder["id"]} for bidder in doc["bidders"]],
    }
    problem = parse_problem(doc)
    first = lot_by_lot(problem)
    if None in first.values():
        return
    assert solve(problem).award == first
    assert not any(displaced(problem, first).values())


def test_holdings_count_bidders_and_groups_against_their_limits():
    doc = document(
        BIDS,
        values={"L1": 100, "L2": 200, "L3": 100},
        limits={"max_value_share_per_bidder_ppm": 750_000},
        groups=[{"id": "G", "members": ["A", "C"], "max_lots": 1}],
    )
    doc["bidders"][0]["max_price"] = 299
    found = {each.id: each for each in holdings(parse_problem(doc), {"L1": "A", "L2": "A"})}

    assert found["A"].lots == ("L1", "L2")
    assert (found["A"].value, found["A"].price) == (300, 300)
    assert found["A"].share == Fraction(3, 4)
    share, price = found["A"].limits
    assert (share.rule, share.held, share.allowed) == (Rule.MAX_VALUE_SHARE_PER_BIDDER, 300, 300)
    assert not share.is_broken
    assert (price.rule, price.held, price.allowed) == (Rule.BIDDER_MAX_PRICE, 300, 299)
    assert price.is_broken
    assert found["B"].lots == ()
    assert found["G"].is_group
    assert found["G"].limits[0].held == 2


def test_group_lots_stand_in_the_order_of_the_problem():
    doc = document(BIDS, groups=[{"id": "G", "members": ["C", "A"]}])
    award = {"L3": "A", "L2": "C", "L1": "A"}
    assert holdings(parse_problem(doc), award)[-1].lots == ("L1", "L2", "L3")


def test_net_prices_take_off_met_packages_only():
    packages = [
        {"id": "P", "bidder": "A", "discounts": {"L1": 5, "L2": 7}},
        {"id": "Q", "bidder": "A", "discounts": {"L1": 1}},
        {"id": "R", "bidder": "B", "discounts": {"L3": 9, "L1": 1}},
    ]
    problem = parse_problem(document(BIDS, packages=packages))
    award = {"L1": "A", "L2": "A", "L3": "B"}
    assert [package.id for package in met_packages(problem, award)] == ["P", "Q"]
    assert net_prices(problem, award) == {"L1": 94, "L2": 193, "L3": 290}


def test_reversion_in_order_passes_on_what_a_limit_forbids():
    doc = document(
        {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}}, limits={"max_lots_per_bidder": 1}
    )
    assert reversion_in_order(parse_problem(doc)) == {"L1": "A", "L2": "B"}
    doc["lot_order"] = ["L2", "L1"]
    assert reversion_in_order(parse_problem(doc)) == {"L1": "B", "L2": "A"}


@pytest.mark.parametrize(
    "limit",
    [
        {"limits": {"incompatible_lots": [["L2", "L1"]]}},
        {"groups": [{"id": "G", "members": ["A", "C"], "max_value": 1_000}]},
        {"lots": [{"id": "L1", "value": 1_000}, {"id": "L2", "value": 1_000, "max_price": 59}]},
    ],
)
def test_reversion_looks_at_pairs_groups_and_ceilings(limit):
    bids = {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "C": 61, "B": 59}}
    doc = {**document(bids), **limit}
    doc["bids"][-1]["price"] = 59 if "lots" in limit else 200
    expected = {"L1": "A", "L2": "C" if "incompatible_lots" in limit.get("limits", {}) else "B"}
    assert reversion_in_order(parse_problem(doc)) == expected


def test_reversion_by_margin_starts_where_waiting_costs_most():
    doc = document(
        {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}, "L3": {"B": 1}},
        limits={"max_lots_per_bidder": 1},
    )
    # L3 has one bid and goes first; then nobody but A is left, and L1 stands before L2.
    assert reversion_largest_margin(parse_problem(doc)) == {"L1": "A", "L3": "B"}
    del doc["lots"][2], doc["bids"][4]
    assert reversion_largest_margin(parse_problem(doc)) == {"L1": "B", "L2": "A"}


def test_reversion_holds_fixed_lots_from_the_start():
    doc = document(
        {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}},
        limits={"max_lots_per_bidder": 1},
        fixed={"L2": "A"},
    )
    assert reversion_in_order(parse_problem(doc)) == {"L1": "B", "L2": "A"}


@brief
@given(documents())
def test_reversions_break_no_limit_that_they_look_at(doc):
    doc.pop("fixed", None)
    doc["limits"].pop("budget", None)
    doc["limits"].pop("min_distinct_winners", None)
    problem = parse_problem(doc)
    for award in (reversion_in_order(problem), reversion_largest_margin(problem)):
        assert broken_limits(problem, award) == ()


@given(documents())
@brief
def test_a_bid_fits_alone_where_taking_its_lot_breaks_nothing(doc):
    problem = parse_problem(doc)
    alone = [bid for bid in problem.bids if not broken_by_taking(problem, {}, bid)]
    assert list(those_that_fit_alone(problem, problem.bids)) == alone


def test_the_sum_of_the_lots_ratios_is_another_than_the_ratio_of_the_sums():
    totals = totals_of(parse_problem(document(BIDS)), {"L1": "A", "L2": "B"})

    assert (totals.price, totals.quality) == (340, 110_000)
    assert totals.ratio == Fraction(340, 110_000)
    assert totals.sum_of_ratios == Fraction(100, 50_000) + Fraction(240, 60_000)
