"""Explanations by trying every award: slow, plain, and sharing no code with the engine.

Every award is looked at once, with the limits that it breaks and what each would have to be. All
questions are then answered by looking through that list.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from tests.domain.award.brute_force import net_total_by_lot, worth

NAMES = (
    "max_lots_per_bidder",
    "max_value_share_per_bidder_ppm",
    "max_lots_per_group",
    "max_value_share_per_group_ppm",
    "min_distinct_winners",
    "incompatible_lots",
    "budget",
    "lot.max_price",
    "bidder.max_lots",
    "bidder.max_value",
    "bidder.max_price",
    "group.max_lots",
    "group.max_value_share_ppm",
    "group.max_value",
    "packages",
)
CAPACITY = {"bidder.max_value", "bidder.max_price", "lot.max_price"}
OWN = {
    "max_lots_per_bidder",
    "max_value_share_per_bidder_ppm",
    "bidder.max_lots",
    "incompatible_lots",
}
SHARED = {name for name in NAMES if "group" in name}
LATE = {"min_distinct_winners", "budget"}


class World:
    """A problem document with every way to give its lots away."""

    def __init__(self, document):
        self.document = document
        self.lots = [lot["id"] for lot in document["lots"]]
        self.order = [bidder["id"] for bidder in document["bidders"]]
        self.bids = {(bid["bidder"], bid["lot"]): bid for bid in document["bids"]}
        self.fixed = document.get("fixed") or {}
        self.limits = document["limits"]
        self.sign = -1 if document["objective"] == "max_total_quality" else 1
        self.values = {lot["id"]: lot["value"] for lot in document["lots"]}
        base = document.get("share_base_value")
        self.base = sum(self.values.values()) if base is None else base
        self.all = [
            (award, breaches, worth(document, award, self.bids))
            for award in self.awards()
            for breaches in [self.breaches(award)]
        ]

    def awards(self, *, gaps=False):
        """Every award that keeps what is fixed, the canonical one first among equals."""
        on = [
            [
                who
                for who in self.order
                if (who, lot) in self.bids and self.fixed.get(lot, who) == who
            ]
            + [None] * gaps
            for lot in self.lots
        ]
        for winners in product(*on):
            award = {
                lot: who for lot, who in zip(self.lots, winners, strict=True) if who is not None
            }
            yield award

    def breaches(self, award):
        """Each limit that is broken: (name, who breaks it, whose it is, what it had to be)."""
        found = []
        for kind, holders in (("bidder", self.document["bidders"]), ("group", self.groups())):
            for holder in holders:
                members = holder.get("members", [holder["id"]])
                self._of_holder(award, kind, holder, members, found)
        for lot in self.document["lots"]:
            ceiling = lot.get("max_price")
            if ceiling is not None and lot["id"] in award:
                price = self.bids[award[lot["id"]], lot["id"]]["price"]
                if price > ceiling:
                    found.append(("lot.max_price", award[lot["id"]], lot["id"], price))
        for one, other in self.limits.get("incompatible_lots") or []:
            if one in award and other in award and award[one] == award[other]:
                found.append(("incompatible_lots", award[one], None, None))
        winners = len(set(award.values()))
        if winners < (self.limits.get("min_distinct_winners") or 0):
            found.append(("min_distinct_winners", None, None, winners))
        net = sum(net_total_by_lot(self.document, award, self.bids).values())
        if self.limits.get("budget") is not None and net > self.limits["budget"]:
            found.append(("budget", None, None, net))
        return found

    def _of_holder(self, award, kind, holder, members, found):
        won = [lot for lot, who in award.items() if who in members]
        if not won:
            return
        value = sum(self.values[lot] for lot in won)
        price = sum(self.bids[award[lot], lot]["price"] for lot in won)
        share = None if not self.base else -(-1_000_000 * value // self.base)
        over = float("inf") if share is None and value else share or 0

        def check(name, own, allowed, held):
            if allowed is not None and held > allowed:
                found.append((name, holder["id"], holder["id"] if own else None, held))

        general = self.limits.get
        check(f"max_lots_per_{kind}", False, general(f"max_lots_per_{kind}"), len(won))
        check(
            f"max_value_share_per_{kind}_ppm",
            False,
            general(f"max_value_share_per_{kind}_ppm"),
            over,
        )
        check(f"{kind}.max_lots", True, holder.get("max_lots"), len(won))
        check(f"{kind}.max_value", True, holder.get("max_value"), value)
        if kind == "bidder":
            check("bidder.max_price", True, holder.get("max_price"), price)
        else:
            check("group.max_value_share_ppm", True, holder.get("max_value_share_ppm"), over)

    def groups(self):
        return self.document.get("groups") or []

    def best(self, allowed=frozenset(), forced=None):
        """(value, award) of the canonical optimum where the names in `allowed` may be broken."""
        best = None
        for award, breaches, value in self.all:
            if forced and any(award[lot] != who for lot, who in forced.items()):
                continue
            if all(name in allowed for name, *_ in breaches) and (
                best is None or self.sign * value < self.sign * best[0]
            ):
                best = value, award
        return best

    def stated(self):
        """The names of the limits of the document."""
        names = {name for name in NAMES[:7] if self.limits.get(name)}
        for part in ("lot", "bidder", "group"):
            for holder in self.document.get(f"{part}s") or []:
                names |= {f"{part}.{key}" for key in holder if key.startswith("max_")}
        if self.document.get("packages"):
            names.add("packages")
        return [name for name in NAMES if name in names]

    def measure(self, who, lot):
        bid = self.bids[who, lot]
        return {
            "min_total_price": Fraction(bid["price"]),
            "max_total_quality": Fraction(-bid["quality"]),
        }.get(self.document["objective"], Fraction(bid["price"], bid["quality"]))

    def ranked(self, lot):
        on = [who for who in self.order if (who, lot) in self.bids]
        return sorted(on, key=lambda who: (self.measure(who, lot), self.order.index(who)))


def text(number):
    return None if number is None else str(Fraction(number))


def answers_of_rules(world):
    """(value or None, award) by each award rule."""
    by_rule = {
        "optimum": world.best() or (None, {}),
        "protected_optimum": world.best(forced=protected(world)) or (None, {}),
    }
    for name in ("reversion_in_order", "reversion_largest_margin"):
        award = reverted(world, by_margin=name.endswith("margin"))
        value = worth(world.document, award, world.bids) if award else Fraction(0)
        by_rule[name] = value, award
    return by_rule


def protected(world):
    first = {}
    for lot in world.lots:
        if lot in world.fixed:
            if (world.fixed[lot], lot) in world.bids:
                first[lot] = world.fixed[lot]
        elif world.ranked(lot):
            first[lot] = world.ranked(lot)[0]
    hit = set()
    for name, who, _, _ in world.breaches(first):
        if name in LATE:
            continue
        groups = {group["id"]: group["members"] for group in world.groups()}
        hit |= set(groups[who]) if name in SHARED else {who}
    return {lot: who for lot, who in first.items() if lot not in world.fixed and who not in hit}


def reverted(world, *, by_margin):
    award = {lot: who for lot, who in world.fixed.items() if (who, lot) in world.bids}
    order = world.document.get("lot_order") or world.lots
    open_lots = [lot for lot in order if lot not in world.fixed]

    def allowed(lot):
        def may(who):
            # What was broken before, by others or by what is fixed, is not this bidder's doing.
            mine = {who} | {g["id"] for g in world.groups() if who in g["members"]}
            return not any(
                (name == "lot.max_price" and of == lot) or (name != "lot.max_price" and by in mine)
                for name, by, of, _ in world.breaches({**award, lot: who})
                if name not in LATE
            )

        return [who for who in world.ranked(lot) if may(who)]

    while open_lots:
        choices = {lot: allowed(lot) for lot in open_lots}
        ready = [lot for lot in open_lots if choices[lot]]
        if not ready:
            break
        lot = ready[0]
        if by_margin:

            def urgency(lot, choices=choices):
                who = choices[lot]
                margin = (
                    float("inf")
                    if len(who) == 1
                    else world.measure(who[1], lot) - world.measure(who[0], lot)
                )
                return -margin, world.lots.index(lot)

            lot = min(ready, key=urgency)
        award[lot] = choices[lot][0]
        open_lots.remove(lot)
    return {lot: award[lot] for lot in world.lots if lot in award}


def explanation(world, award):
    """What `--explain` should say of an award, without the words."""
    optimum = world.best()
    base = optimum and optimum[0]
    return {
        "limits": {name: limit_cost(world, name, base) for name in world.stated()},
        "losers": [
            loser(world, award, who, lot, base)
            for lot in world.lots
            for who in world.order
            if (who, lot) in world.bids and award.get(lot) != who
        ],
        "winners": [winner(world, award, lot) for lot in world.lots if lot in award],
        "rules": {
            name: {
                "objective": text(value),
                "award": won,
                "unawarded": [lot for lot in world.lots if lot not in won],
            }
            for name, (value, won) in answers_of_rules(world).items()
        },
    }


def limit_cost(world, name, base):
    if name == "packages":
        found = World({**world.document, "packages": []}).best()
    else:
        found = world.best(allowed={name})
    if found is None:
        return {"objective_without": None, "cost": None, "binding_for": []}
    value, award = found
    who = [by for broken, by, _, _ in world.breaches(award) if broken == name and by]
    return {
        "objective_without": text(value),
        "cost": None if base is None else text(abs(value - base)),
        "binding_for": sorted(set(who)) if name != "packages" else [],
    }


def loser(world, award, who, lot, base):
    found = world.best(forced={lot: who})
    broken = {name for name, *_ in world.breaches({**award, lot: who})}
    winner = award.get(lot)
    if found is None:
        reason = "impossible"
    elif winner is not None and world.measure(who, lot) >= world.measure(winner, lot):
        reason = "dearer"
    elif broken & CAPACITY:
        reason = "capacity"
    elif broken & OWN:
        reason = "own_limit"
    elif broken & SHARED:
        reason = "shared_limit"
    else:
        reason = "combination"
    value, forced = found or (None, {})
    return {
        "bidder": who,
        "lot": lot,
        "reason": reason,
        "objective_if_forced": text(value),
        "cost_if_forced": None if value is None or base is None else text(abs(value - base)),
        "lots_that_would_move": [
            other
            for other in world.lots
            if forced and other != lot and forced[other] != award.get(other)
        ],
    }


def winner(world, award, lot):
    own = world.measure(award[lot], lot)
    better = [who for who in world.ranked(lot) if world.measure(who, lot) < own]
    return {
        "lot": lot,
        "bidder": award[lot],
        "rank_on_lot": 1 + len(better),
        "displaced": [
            {
                "bidder": who,
                "limits": [
                    name
                    for name in (*NAMES, "fixed")
                    if name in {each for each, *_ in world.breaches({**award, lot: who})}
                    or (name == "fixed" and lot in world.fixed)
                ],
            }
            for who in better
        ],
    }


def infeasible(world):
    """What is said where no award exists, without the words."""
    return {
        "conflict": conflict(world),
        "partial": partial(world),
        "relaxations": relaxations(world),
    }


def conflict(world):
    gone, kept = set(), []
    for name in world.stated():
        if name == "packages":
            continue
        if world.best(allowed=gone | {name}) is None:
            gone.add(name)
        else:
            kept.append(name)
    return kept


def partial(world):
    best = None
    for award in world.awards(gaps=True):
        if any(name != "min_distinct_winners" for name, *_ in world.breaches(award)):
            continue
        value = worth(world.document, award, world.bids) if award else Fraction(0)
        key = -len(award), world.sign * value
        if best is None or key < best[0]:
            best = key, award, value
    return {"lots_awarded": len(best[1]), "objective": text(best[2]), "award": best[1]}


def relaxations(world):
    said = []
    for name in world.stated():
        if name in ("incompatible_lots", "packages"):
            continue
        part, _, key = name.rpartition(".")
        holders = world.document[f"{part}s"] if part else [None]
        for holder in holders:
            if holder is not None and holder.get(key) is None:
                continue
            whose = None if holder is None else holder["id"]
            needs = []
            for _, breaches, _ in world.all:
                if breaches and all((name, whose) == (each, of) for each, _, of, _ in breaches):
                    needed = [need for *_, need in breaches]
                    needs.append(min(needed) if name == "min_distinct_winners" else max(needed))
            nearest = max if name == "min_distinct_winners" else min
            to = nearest((need for need in needs if need != float("inf")), default=None)
            value = world.limits[name] if holder is None else holder[key]
            said.append({"rule": name, "id": whose, "from": value, "to": to})
    return said
