"""An award problem as another solver reads it: OR-Tools CP-SAT, in integers throughout.

    python -m tests.domain.award.cp_sat < PROBLEM.json

It shares no code with the engine, and runs in a process of its own, because OR-Tools and HiGHS
cannot be loaded into one. It prints the optimum, times a scale that makes it an integer, and the
award that the tie rule chooses; null where there is no award.
"""

from __future__ import annotations

import json
import sys
from math import lcm

from ortools.sat.python import cp_model


def stated(document):  # noqa: C901 - every limit once, one after the other
    """The model, the variable of each bid, the objective to be least, and its scale."""
    model = cp_model.CpModel()
    bids = {(bid["bidder"], bid["lot"]): bid for bid in document["bids"]}
    won = {pair: model.new_bool_var("") for pair in bids}
    value = {lot["id"]: lot["value"] for lot in document["lots"]}
    limits = {key: each for key, each in document["limits"].items() if each is not None}
    base = document.get("share_base_value", sum(value.values()))

    for lot in document["lots"]:
        on = [pair for pair in bids if pair[1] == lot["id"]]
        model.add(sum(won[pair] for pair in on) == 1)
        for pair in on:
            if bids[pair]["price"] > lot.get("max_price", bids[pair]["price"]):
                model.add(won[pair] == 0)

    def hold(members, own, general):
        held = [pair for pair in bids if pair[0] in members]
        worth = sum(value[pair[1]] * won[pair] for pair in held)
        for most in (own.get("max_lots"), limits.get(f"max_lots_per_{general}")):
            if most is not None:
                model.add(sum(won[pair] for pair in held) <= most)
        shares = own.get("max_value_share_ppm"), limits.get(f"max_value_share_per_{general}_ppm")
        for share in shares:
            if share is not None:
                model.add(1_000_000 * worth <= share * base)
        if own.get("max_value") is not None:
            model.add(worth <= own["max_value"])
        if own.get("max_price") is not None:
            model.add(sum(bids[pair]["price"] * won[pair] for pair in held) <= own["max_price"])

    for bidder in document["bidders"]:
        hold({bidder["id"]}, bidder, "bidder")
    for group in document["groups"]:
        hold(set(group["members"]), group, "group")
    for one, other in limits.get("incompatible_lots", []):
        for bidder in document["bidders"]:
            pairs = [(bidder["id"], one), (bidder["id"], other)]
            model.add(sum(won[pair] for pair in pairs if pair in won) <= 1)
    if "min_distinct_winners" in limits:
        wins = []
        for bidder in document["bidders"]:
            wins.append(model.new_bool_var(""))
            model.add(wins[-1] <= sum(won[pair] for pair in bids if pair[0] == bidder["id"]))
        model.add(sum(wins) >= limits["min_distinct_winners"])

    met = {}
    for package in document["packages"]:
        parts = [won.get((package["bidder"], lot), 0) for lot in package["discounts"]]
        met[package["id"]] = model.new_bool_var("")
        for part in parts:
            model.add(met[package["id"]] <= part)
    net = sum(bids[pair]["price"] * won[pair] for pair in bids) - sum(
        sum(package["discounts"].values()) * met[package["id"]] for package in document["packages"]
    )
    if "budget" in limits:
        model.add(net <= limits["budget"])
    if document["objective"] == "max_total_quality":
        return model, won, -sum(bids[pair]["quality"] * won[pair] for pair in bids), -1
    if document["objective"] == "min_total_price":
        return model, won, net, 1
    scale = lcm(*(bid["quality"] for bid in bids.values()))
    total = sum(bid["price"] * (scale // bid["quality"]) * won[pair] for pair, bid in bids.items())
    for package in document["packages"]:
        for lot, off in package["discounts"].items():
            quality = bids[package["bidder"], lot]["quality"]
            total -= off * (scale // quality) * met[package["id"]]
    return model, won, total, scale


def answer(document):
    """The proven optimum and its canonical award, lot by lot with the objective held."""
    model, won, objective, scale = stated(document)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    model.minimize(objective)
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    best = round(solver.objective_value)
    if status != cp_model.OPTIMAL or best != solver.value(objective):
        raise AssertionError("CP-SAT did not prove its optimum.")
    model.add(objective == best)
    award = {}
    for lot in document["lots"]:
        on = [each["id"] for each in document["bidders"] if (each["id"], lot["id"]) in won]
        place = sum(number * won[who, lot["id"]] for number, who in enumerate(on))
        model.minimize(place)
        if solver.solve(model) != cp_model.OPTIMAL:
            raise AssertionError("CP-SAT did not settle a tie.")
        award[lot["id"]] = on[solver.value(place)]
        model.add(won[award[lot["id"]], lot["id"]] == 1)
    return {"objective": best, "scale": scale, "award": award}


if __name__ == "__main__":
    json.dump([answer(document) for document in json.load(sys.stdin)], sys.stdout)
