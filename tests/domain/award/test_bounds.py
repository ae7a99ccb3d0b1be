"""Exact bounds hold whatever the multipliers were, and the solver's view loses no award."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from commissioning.award.domain.optimiser.bounds import Multipliers, bound, from_floats
from commissioning.award.domain.optimiser.costs import costs_of
from commissioning.award.domain.optimiser.program import AwardProgram, Row
from commissioning.award.domain.problem import parse_problem
from tests.domain.award.brute_force import best_award
from tests.domain.award.documents import documents
from tests.domain.award.test_optimiser_properties import brief


@brief
@given(documents(), st.data())
def test_no_award_costs_less_than_the_bound_of_any_multipliers(doc, data):
    expected = best_award(doc)
    program = AwardProgram(parse_problem(doc))
    if expected is None or program.lots_nobody_may_win:
        return
    ratio = expected[0] if doc["objective"] == "min_portfolio_ppqp" else None
    costs = costs_of(program, ratio)
    scale = data.draw(st.sampled_from([1, 7, 1 << 64]))
    multipliers = Multipliers(
        tuple(data.draw(st.integers(-(10**12), 0)) * scale for _ in program.rows), scale
    )

    found = bound(
        program, program.rows, costs.columns, multipliers, bytearray(b"\x01" * len(program.bids))
    )

    target = costs.target(expected[0])
    assert costs.badness(Fraction(found.total, found.scale)) <= target
    assert costs.most(target, strict=False) >= 0 or program.packages
    for lot, who in expected[1].items():
        column = program.column_of[who, lot]
        forced = Fraction(found.with_bid(column, program.lot_of[column]), found.scale)
        assert costs.badness(forced) <= target


@brief
@given(documents())
def test_best_award_keeps_every_row_of_the_program(doc):
    expected = best_award(doc)
    if expected is None:
        return
    program = AwardProgram(parse_problem(doc))
    won = {program.column_of[who, lot] for lot, who in expected[1].items()}
    value = dict.fromkeys(won, 1)
    for column, package in zip(program.package_columns, program.packages, strict=True):
        value[column] = int(all(expected[1][lot] == package.bidder for lot in package.discounts))
    for row in program.rows:
        if any(column >= program.package_columns.stop for column in row.columns):
            continue  # winners follow from bids
        held = sum(
            coefficient * value.get(column, 0)
            for column, coefficient in zip(row.columns, row.coefficients, strict=True)
        )
        assert held <= row.bound
        coefficients, rounded_bound = row.for_solver()
        as_seen = sum(
            coefficient * value.get(column, 0)
            for column, coefficient in zip(row.columns, coefficients, strict=True)
        )
        assert as_seen <= rounded_bound


def test_rows_are_rounded_down_to_what_a_solver_can_hold():
    row = Row("value", (0, 1, 2), (10**12 + 1, 10**12, -3), 2 * 10**12)
    coefficients, rounded_bound = row.for_solver()
    assert max(coefficients) < 1 << 20
    assert coefficients[2] == -1
    assert rounded_bound == 2 * 10**12 >> row.shift


def test_multipliers_of_the_wrong_sign_count_nothing():
    found = from_floats([(0.5, 0), (-0.25, 3), (-0.0, 0)])
    assert [Fraction(each, found.scale) for each in found.rows] == [0, -2, 0]
