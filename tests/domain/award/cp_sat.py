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


class Stated:
    """A problem as CP-SAT sees it: the model, the variable of each bid, and what is to be least.

    `objective` is the problem's own, times `scale`.
    """

    def __init__(self, document):
        self.document = document
        self.model = cp_model.CpModel()
        self.bids = {(bid["bidder"], bid["lot"]): bid for bid in document["bids"]}
        self.won = {pair: self.model.new_bool_var("") for pair in self.bids}
        self.met = {package["id"]: self.model.new_bool_var("") for package in document["packages"]}
        self.value = {lot["id"]: lot["value"] for lot in document["lots"]}
        self.limits = {key: one for key, one in document["limits"].items() if one is not None}
        self.base = document.get("share_base_value", sum(self.value.values()))
        self._one_winner_on_each_lot()
        for bidder in document["bidders"]:
            self._bound({bidder["id"]}, bidder, "bidder")
            self._keep_incompatible_lots_apart(bidder["id"])
        for group in document["groups"]:
            self._bound(set(group["members"]), group, "group")
        self._enough_distinct_winners()
        self._give_discounts_only_for_whole_packages()
        if "budget" in self.limits:
            self.model.add(self._net_price() <= self.limits["budget"])
        self.objective, self.scale = self._objective()

    def _held(self, members):
        return [pair for pair in self.bids if pair[0] in members]

    def _one_winner_on_each_lot(self):
        for lot in self.document["lots"]:
            on = [pair for pair in self.bids if pair[1] == lot["id"]]
            self.model.add(sum(self.won[pair] for pair in on) == 1)
            for pair in on:
                if self.bids[pair]["price"] > lot.get("max_price", self.bids[pair]["price"]):
                    self.model.add(self.won[pair] == 0)

    def _bound(self, members, own, general):
        held = self._held(members)
        worth = sum(self.value[pair[1]] * self.won[pair] for pair in held)
        for most in (own.get("max_lots"), self.limits.get(f"max_lots_per_{general}")):
            if most is not None:
                self.model.add(sum(self.won[pair] for pair in held) <= most)
        general_share = self.limits.get(f"max_value_share_per_{general}_ppm")
        for share in (own.get("max_value_share_ppm"), general_share):
            if share is not None:
                self.model.add(1_000_000 * worth <= share * self.base)
        if own.get("max_value") is not None:
            self.model.add(worth <= own["max_value"])
        if own.get("max_price") is not None:
            price = sum(self.bids[pair]["price"] * self.won[pair] for pair in held)
            self.model.add(price <= own["max_price"])

    def _keep_incompatible_lots_apart(self, bidder):
        for lots in self.limits.get("incompatible_lots", []):
            pairs = [(bidder, lot) for lot in lots]
            self.model.add(sum(self.won[pair] for pair in pairs if pair in self.won) <= 1)

    def _enough_distinct_winners(self):
        if "min_distinct_winners" not in self.limits:
            return
        wins = []
        for bidder in self.document["bidders"]:
            wins.append(self.model.new_bool_var(""))
            self.model.add(wins[-1] <= sum(self.won[pair] for pair in self._held({bidder["id"]})))
        self.model.add(sum(wins) >= self.limits["min_distinct_winners"])

    def _give_discounts_only_for_whole_packages(self):
        for package in self.document["packages"]:
            for lot in package["discounts"]:
                part = self.won.get((package["bidder"], lot), 0)
                self.model.add(self.met[package["id"]] <= part)

    def _net_price(self):
        gross = sum(bid["price"] * self.won[pair] for pair, bid in self.bids.items())
        return gross - sum(
            sum(package["discounts"].values()) * self.met[package["id"]]
            for package in self.document["packages"]
        )

    def _objective(self):
        if self.document["objective"] == "max_total_quality":
            return -sum(bid["quality"] * self.won[pair] for pair, bid in self.bids.items()), -1
        if self.document["objective"] == "min_total_price":
            return self._net_price(), 1
        scale = lcm(*(bid["quality"] for bid in self.bids.values()))
        total = sum(
            bid["price"] * (scale // bid["quality"]) * self.won[pair]
            for pair, bid in self.bids.items()
        )
        for package in self.document["packages"]:
            for lot, off in package["discounts"].items():
                quality = self.bids[package["bidder"], lot]["quality"]
                total -= off * (scale // quality) * self.met[package["id"]]
        return total, scale


def answer(document):
    """The proven optimum and its canonical award, lot by lot with the objective held."""
    stated = Stated(document)
    model, won, objective = stated.model, stated.won, stated.objective
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
    return {"objective": best, "scale": stated.scale, "award": award}


if __name__ == "__main__":
    json.dump([answer(document) for document in json.load(sys.stdin)], sys.stdout)
