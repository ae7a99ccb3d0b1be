"""What this engine is measured against: the same problem, as others would write it.

They know limits on lots, on value shares, and packages. None proves anything exactly, breaks ties
or explains: each gives an award whose price is compared in integers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import pulp
from pulp.apis.coin_api import pulp_cbc_path

from commissioning.award.domain.problem import Problem

Award = dict[str, str]


@dataclass(frozen=True)
class Timed:
    """An award, and the seconds that building the model and solving it took."""

    award: Award
    build: float
    solve: float


def naive_model(problem: Problem) -> tuple[pulp.LpProblem, dict[tuple[str, str], pulp.LpVariable]]:
    """The textbook formulation with `lpSum`, one constraint after another."""
    model = pulp.LpProblem("award", pulp.LpMinimize)
    won = {
        (bid.bidder, bid.lot): pulp.LpVariable(f"x_{bid.bidder}_{bid.lot}", cat="Binary")
        for bid in problem.bids
    }
    met = {package.id: pulp.LpVariable(f"y_{package.id}", 0, 1) for package in problem.packages}
    model += pulp.lpSum(bid.price * won[bid.bidder, bid.lot] for bid in problem.bids) - pulp.lpSum(
        sum(package.discounts.values()) * met[package.id] for package in problem.packages
    )
    for lot in problem.lots:
        model += pulp.lpSum(won[bid.bidder, lot.id] for bid in problem.bids_on[lot.id]) == 1
    of: dict[str, list[str]] = {}
    for bidder, lot in won:
        of.setdefault(bidder, []).append(lot)
    value = {lot.id: lot.value for lot in problem.lots}
    limits = problem.limits
    for bidder, lots in of.items():
        if limits.max_lots_per_bidder is not None:
            model += pulp.lpSum(won[bidder, lot] for lot in lots) <= limits.max_lots_per_bidder
        if limits.max_value_share_per_bidder_ppm is not None:
            allowed = problem.value_allowed(limits.max_value_share_per_bidder_ppm)
            # In millions of pounds: in pence, CBC has been seen to call optimal what is not.
            worth = pulp.lpSum(value[lot] / 1e8 * won[bidder, lot] for lot in lots)
            model += worth <= allowed / 1e8
    for package in problem.packages:
        for lot in package.discounts:
            model += met[package.id] <= won[package.bidder, lot]
    return model, won


def _by_pulp(problem: Problem, solver: Callable[[], pulp.LpSolver]) -> Timed:
    began = time.perf_counter()
    model, won = naive_model(problem)
    built = time.perf_counter()
    model.solve(solver())
    award = {
        lot: bidder for (bidder, lot), variable in won.items() if (variable.varValue or 0) > 0.5
    }
    return Timed(award, built - began, time.perf_counter() - built)


def pulp_cbc(problem: Problem) -> Timed:
    """PuLP written naively, with the CBC that it brings."""
    return _by_pulp(
        problem,
        lambda: pulp.COIN_CMD(path=pulp_cbc_path, msg=False, threads=1, gapRel=0),
    )


def pulp_highs(problem: Problem) -> Timed:
    """PuLP written naively, with HiGHS by `prob.solve`."""
    return _by_pulp(problem, lambda: pulp.HiGHS(msg=False, threads=1, gapRel=0))


def direct_highs(problem: Problem) -> Timed:
    """HiGHS from arrays, with no modelling layer."""
    began = time.perf_counter()
    column = {(bid.bidder, bid.lot): place for place, bid in enumerate(problem.bids)}
    met = {package.id: len(column) + place for place, package in enumerate(problem.packages)}
    rows: list[tuple[list[int], list[float], float, float]] = []
    of: dict[str, list[str]] = {}
    for bid in problem.bids:
        of.setdefault(bid.bidder, []).append(bid.lot)
    value = {lot.id: lot.value for lot in problem.lots}
    for lot in problem.lots:
        on = [column[bid.bidder, lot.id] for bid in problem.bids_on[lot.id]]
        rows.append((on, [1.0] * len(on), 1.0, 1.0))
    limits = problem.limits
    for bidder, lots in of.items():
        places = [column[bidder, lot] for lot in lots]
        if limits.max_lots_per_bidder is not None:
            most = float(limits.max_lots_per_bidder)
            rows.append((places, [1.0] * len(places), -highspy.kHighsInf, most))
        if limits.max_value_share_per_bidder_ppm is not None:
            allowed = problem.value_allowed(limits.max_value_share_per_bidder_ppm)
            worth = [value[lot] / 1e8 for lot in lots]
            rows.append((places, worth, -highspy.kHighsInf, allowed / 1e8))
    for package in problem.packages:
        for lot in package.discounts:
            pair = [met[package.id], column[package.bidder, lot]]
            rows.append((pair, [1.0, -1.0], -highspy.kHighsInf, 0.0))
    costs = [float(bid.price) for bid in problem.bids]
    costs += [-float(sum(package.discounts.values())) for package in problem.packages]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(rows)
    model.col_cost_ = costs
    model.col_lower_, model.col_upper_ = [0.0] * len(costs), [1.0] * len(costs)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    starts, index, coefficients = [0], [], []
    for places, terms, _least, _most in rows:
        index.extend(places)
        coefficients.extend(terms)
        starts.append(len(index))
    model.row_lower_ = [row[2] for row in rows]
    model.row_upper_ = [row[3] for row in rows]
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = starts, index
    model.a_matrix_.value_ = coefficients
    solver = highspy.Highs()
    for option, setting in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(option, setting)
    solver.passModel(model)
    built = time.perf_counter()
    solver.run()
    chosen = solver.getSolution().col_value
    award = {bid.lot: bid.bidder for place, bid in enumerate(problem.bids) if chosen[place] > 0.5}
    return Timed(award, built - began, time.perf_counter() - built)


def cbc_for_each_loser(problem: Problem) -> Timed:
    """Why not, as it is done without an engine: CBC once more for each losing bid, forced."""
    first = pulp_cbc(problem)
    began = time.perf_counter()
    for bid in problem.bids:
        if first.award[bid.lot] != bid.bidder:
            model, won = naive_model(problem)
            model += won[bid.bidder, bid.lot] == 1
            model.solve(pulp.COIN_CMD(path=pulp_cbc_path, msg=False, threads=1, gapRel=0))
    return Timed(first.award, first.build, first.solve + time.perf_counter() - began)
