"""How firmly an award stands, in words: what would have to differ, and what it would move.

Nothing here says that a mark, a weight or a price is wrong. `names` gives what people call lots,
bidders and questions, by id; what is not in it is called by its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from commissioning.award.domain.rationals import rational_text
from commissioning.award.domain.robustness.findings import (
    EnteringMark,
    MarkChange,
    MarkFindings,
    MovedLot,
    PriceChange,
    PriceFindings,
    Search,
    WeightChange,
    WeightFindings,
    Withdrawal,
    WithdrawalFindings,
)
from commissioning.kernel.money import Money

Names = Mapping[str, str]
_NO_NAMES: Final[Names] = {}


def mark_in_words(change: MarkChange, names: Names = _NO_NAMES) -> str:
    """One mark and what it would move: "One mark less on Q3 of bidder X on lot L would ..."."""
    start = _of_mark(change, names)
    if change.puts_out:
        start = f"{start} would put that bid out, under a published minimum, and"
        return f"{start} {_moves(change.moved, names)}."
    return f"{start} would {_moves(change.moved, names)}."


def marks_in_words(found: MarkFindings, names: Names = _NO_NAMES) -> tuple[str, ...]:
    """What single marks would move, as a first sentence for all of them and one for each."""
    count = len(found.changing)
    first = (
        "No single agreed mark, one step higher or lower, would move any lot."
        if not count
        else f"{_number(count, 'single mark')}, one step higher or lower, would each move a lot."
    )
    entering = [
        f"{_of_mark(each, names)} would let that bid in, which is out now; what it would win "
        "cannot be said, because its price is not opened."
        for each in found.entering
    ]
    changing = [mark_in_words(each, names) for each in found.changing]
    return (first, *changing, *entering, *search_in_words(found.search, "marks"))


def weight_in_words(change: WeightChange, names: Names = _NO_NAMES) -> str:
    """The least change of a criterion's weight that moves a lot, with both weights in points."""
    criterion = names.get(change.criterion, change.criterion)
    said = (
        f"If {criterion} had weighed {points_in_words(change.to_weight)} instead of "
        f"{points_in_words(change.weight)} points, and all other criteria in proportion, this "
        f"would {_moves(change.moved, names)}."
    )
    if change.entering:
        bids = _listed([f"the {_bid(each.bidder, each.lot, names)}" for each in change.entering])
        said = (
            f"{said} It would also let in {bids}, out now and with a price that is not opened; "
            "that is not counted."
        )
    return said


def weights_in_words(found: WeightFindings, names: Names = _NO_NAMES) -> tuple[str, ...]:
    """What weights would move, criterion by criterion, and how far the others may move in vain."""
    changing = [weight_in_words(each, names) for each in found.changing]
    steady = [
        f"{names.get(criterion, criterion)} may weigh anything that was tried up to "
        f"{points_in_words(weight)} points, and every lot stays."
        for criterion, weight in found.steady
    ]
    if not changing:
        changing = ["No change of a single weight in the range that was tried would move any lot."]
    return (*changing, *steady, *search_in_words(found.search, "weights"))


def withdrawal_in_words(withdrawal: Withdrawal, names: Names = _NO_NAMES) -> str:
    """A bidder without a lot, and what would move had it not bid."""
    who = names.get(withdrawal.bidder, withdrawal.bidder)
    return (
        f"{who} wins no lot; without its bids, the rules would {_moves(withdrawal.moved, names)}."
    )


def withdrawals_in_words(found: WithdrawalFindings, names: Names = _NO_NAMES) -> tuple[str, ...]:
    """Which bidders without a lot bear on the award all the same."""
    changing = [withdrawal_in_words(each, names) for each in found.changing]
    if not changing:
        changing = ["No bidder without a lot bears on the award: without it, every lot stays."]
    return (*changing, *search_in_words(found.search, "withdrawals"))


def price_in_words(change: PriceChange, names: Names = _NO_NAMES) -> str:
    """By how much a price would have to differ to move a lot, in pounds and pence."""
    amount = Money(abs(change.change))
    kind = "higher" if change.is_winner else "lower"
    became = "won" if change.is_winner else "lost"
    return (
        f"The {_bid(change.bidder, change.lot, names)} {became} at "
        f"{Money(change.price)}. A price that is {amount} {kind} would "
        f"{_moves(change.moved, names)}; one penny less of a difference would move nothing."
    )


def prices_in_words(found: PriceFindings, names: Names = _NO_NAMES) -> tuple[str, ...]:
    """What prices would move, bid by bid, the smallest difference first; and what would not."""
    ranked = sorted(found.changing, key=lambda each: abs(each.change))
    lines = [price_in_words(each, names) for each in ranked]
    if found.steady:
        lines.append(
            f"Of {_number(len(found.steady), 'bid')}, no price in the range that was looked at "
            "would move any lot."
        )
    if found.unsettled:
        bids = _listed([f"the {_bid(*pair, names)}" for pair in found.unsettled])
        lines.append(f"The smallest difference could not be settled for {bids}.")
    return (*lines, *search_in_words(found.search, "prices"))


def winners_in_words(
    moved: Sequence[MovedLot], names: Names = _NO_NAMES, *, first: str | None = None
) -> tuple[str, ...]:
    """Who would win instead, a line for each lot: "L1: Beta instead of Alpha".

    In the order of lots; `first` is a lot that stands before the others where it moves.
    """
    return tuple(
        f"{names.get(each.lot, each.lot)}: {_holder(each.after, names)} instead of "
        f"{_holder(each.before, names)}"
        for each in sorted(moved, key=lambda each: each.lot != first)
    )


def _bid(bidder: str, lot: str, names: Names) -> str:
    return f"bid of {names.get(bidder, bidder)} on lot {names.get(lot, lot)}"


def _of_mark(change: MarkChange | EnteringMark, names: Names) -> str:
    """Which mark it is, and which way: the start of a sentence."""
    way = "more" if change.to_mark > change.mark else "less"
    leaf = names.get(change.leaf, change.leaf)
    bid = f"bidder {names.get(change.bidder, change.bidder)}"
    lot = names.get(change.lot, change.lot)
    return f"One mark {way} on {leaf} of {bid} on lot {lot} ({change.mark} to {change.to_mark})"


def _moves(moved: Sequence[MovedLot], names: Names) -> str:
    """What moves, as a verb and its lots: who has a lot now, and who would have it."""
    if all(each.after is None for each in moved) and len(moved) > 1:
        return "leave no award within the limits"
    lots = _listed([names.get(each.lot, each.lot) for each in moved])
    ways = "; ".join(
        f"{names.get(each.lot, each.lot)} from {_holder(each.before, names)} to "
        f"{_holder(each.after, names)}"
        for each in moved
    )
    return f"move lot {lots} ({ways})" if len(moved) == 1 else f"move lots {lots} ({ways})"


def _holder(bidder: str | None, names: Names) -> str:
    return "nobody" if bidder is None else names.get(bidder, bidder)


def search_in_words(search: Search, what: str) -> tuple[str, ...]:
    """What a reader must know of how the search went; nothing where it was whole and exact."""
    said = []
    if not search.is_complete:
        said.append(
            f"The search was stopped after {search.tried} of {search.total} changes; what is not "
            f"named here was not all looked at, so other {what} may decide too."
        )
    if not search.is_exact:
        said.append("In places this rests on the solver's word, not on exact arithmetic alone.")
    return tuple(said)


def points_in_words(weight: Fraction) -> str:
    """A weight as people read it: a decimal where it is one, else a fraction."""
    for digits in range(7):
        scaled = weight * 10**digits
        if scaled.denominator == 1:
            whole, rest = divmod(scaled.numerator, 10**digits)
            return f"{whole}.{rest:0{digits}d}" if digits else str(whole)
    return rational_text(weight)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listed(parts: Sequence[str]) -> str:
    """Parts as a list that is read aloud: "A", "A and B", "A, B and C"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
