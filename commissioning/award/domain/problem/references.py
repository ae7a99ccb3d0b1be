"""What must hold between the parts of an award problem: ids, references, discounts."""

from __future__ import annotations

from collections.abc import Iterable

from commissioning.award.domain.problem.places import inside, quoted
from commissioning.award.domain.problem.statement import BadProblem, Problem


def check_references(problem: Problem) -> None:
    """Every id stands once, every reference names something, and no price can go below 0.

    Raises BadProblem with the place of the first fault.
    """
    _check_once("$.lots", "lot", (lot.id for lot in problem.lots))
    _check_once("$.bidders", "bidder", (bidder.id for bidder in problem.bidders))
    _check_once("$.groups", "group", (group.id for group in problem.groups))
    _check_once("$.packages", "package", (package.id for package in problem.packages))
    _check_bids(problem)
    _check_groups(problem)
    _check_packages(problem)
    _check_pairs(problem)
    _check_fixed(problem)
    _check_lot_order(problem)


def _check_once(path: str, kind: str, ids: Iterable[str]) -> None:
    seen: dict[str, int] = {}
    for index, each in enumerate(ids):
        if each in seen:
            reason = f"is the id of {path}[{seen[each]}] already: each {kind} has its own"
            raise BadProblem(f"{path}[{index}].id", reason)
        seen[each] = index


def _check_bids(problem: Problem) -> None:
    seen: dict[tuple[str, str], int] = {}
    for index, bid in enumerate(problem.bids):
        path = f"$.bids[{index}]"
        _check_bidder(problem, bid.bidder, f"{path}.bidder")
        _check_lot(problem, bid.lot, f"{path}.lot")
        pair = (bid.bidder, bid.lot)
        if pair in seen:
            reason = f"is a second bid of the same bidder for the same lot as $.bids[{seen[pair]}]"
            raise BadProblem(path, reason)
        seen[pair] = index


def _check_groups(problem: Problem) -> None:
    for index, group in enumerate(problem.groups):
        seen: set[str] = set()
        for place, member in enumerate(group.members):
            path = f"$.groups[{index}].members[{place}]"
            _check_bidder(problem, member, path)
            if member in seen:
                raise BadProblem(path, "names the same member twice")
            seen.add(member)


def _check_packages(problem: Problem) -> None:
    """Packages that could be met together must not take a price below 0.

    A package with a lot that its bidder did not bid for can never be met, so it counts nothing.
    """
    taken: dict[tuple[str, str], int] = {}
    for index, package in enumerate(problem.packages):
        path = f"$.packages[{index}]"
        _check_bidder(problem, package.bidder, f"{path}.bidder")
        for lot in package.discounts:
            _check_lot(problem, lot, inside(f"{path}.discounts", lot))
        if not all((package.bidder, lot) in problem.bid_for for lot in package.discounts):
            continue
        for lot, amount in package.discounts.items():
            pair = (package.bidder, lot)
            taken[pair] = taken.get(pair, 0) + amount
            price = problem.bid_for[pair].price
            if taken[pair] > price:
                reason = (
                    f"takes the price of {price} below 0: "
                    f"the discounts on it add up to {taken[pair]}"
                )
                raise BadProblem(inside(f"{path}.discounts", lot), reason)


def _check_pairs(problem: Problem) -> None:
    for index, pair in enumerate(problem.limits.incompatible_lots):
        path = f"$.limits.incompatible_lots[{index}]"
        for place, lot in enumerate(pair):
            _check_lot(problem, lot, f"{path}[{place}]")
        if pair[0] == pair[1]:
            raise BadProblem(path, "names the same lot twice: nobody could win it")


def _check_fixed(problem: Problem) -> None:
    # A lot fixed to a bidder that did not bid for it is no fault of the file: it has no answer.
    for lot, bidder in problem.fixed.items():
        path = inside("$.fixed", lot)
        _check_lot(problem, lot, path)
        _check_bidder(problem, bidder, path)


def _check_lot_order(problem: Problem) -> None:
    seen: set[str] = set()
    for index, lot in enumerate(problem.lot_order):
        path = f"$.lot_order[{index}]"
        _check_lot(problem, lot, path)
        if lot in seen:
            raise BadProblem(path, "names the same lot twice")
        seen.add(lot)
    if problem.lot_order and len(seen) < len(problem.lots):
        missing = next(lot.id for lot in problem.lots if lot.id not in seen)
        raise BadProblem("$.lot_order", f"must name every lot; {quoted(missing)} is missing")


def _check_bidder(problem: Problem, bidder: str, path: str) -> None:
    if bidder not in problem.bidder_by_id:
        raise BadProblem(path, f"names no bidder of this problem: {quoted(bidder)}")


def _check_lot(problem: Problem, lot: str, path: str) -> None:
    if lot not in problem.lot_by_id:
        raise BadProblem(path, f"names no lot of this problem: {quoted(lot)}")
