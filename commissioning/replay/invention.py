"""What the replay invents: marks, reasons, answers, fees. Deterministic, and marked as invented.

Everything is drawn from SHA-256 over names, so that every replay tells the same story on every
machine. No figure here stands for a real bidder.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

_REASONS = {
    0: "The answer does not address the question.",
    1: "The answer addresses little of the question and gives no evidence for it.",
    2: "The answer meets the requirement in most parts; the evidence is thin in places.",
    3: "The answer meets the requirement throughout and shows evidence that it has worked.",
    4: "The answer exceeds the requirement, with evidence from comparable areas and clear owners.",
}
_APPROACHES = (
    "Our case managers hold no more than forty people each and meet them weekly at first.",
    "We work from shared premises with local partners and keep evening hours twice a week.",
    "Every plan is written with the person concerned and reviewed after six weeks.",
    "We place peer mentors, recruited locally, beside each case manager.",
    "We hold a joint panel with the local authority each month and publish what it decides.",
)
_EVIDENCE = (
    "In a comparable area the share of people who kept their first appointment rose by a tenth.",
    "An independent review of our last service found the records complete and timely.",
    "Staff turnover in our services has been under eight per cent for three years.",
    "Four out of five people we worked with moved into settled accommodation.",
    "Our partners rated the joint work as good or better in each of the last two surveys.",
)


def draw(key: str, sides: int) -> int:
    """A number from 0 to sides - 1 that follows from the key alone."""
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big") % sides


@dataclass(frozen=True, slots=True)
class Character:
    """How an invented bidder stands: see `seed/transforming-rehabilitation/bidders.toml`."""

    key: str
    strength: int
    price_permille: int
    home: frozenset[str]
    weak: frozenset[str]


def agreed_mark(
    character: Character, lot: str, leaf: str, *, is_weakest: bool, max_mark: int
) -> int:
    """The mark that the three evaluators will agree on, from 0 to `max_mark`.

    On a weak lot the leaf named as the weakest falls under its minimum, so that the bid is not
    compliant.
    """
    if is_weakest and lot in character.weak:
        return 1
    level = (
        character.strength
        + (6 if lot in character.home else 0)
        + draw(f"{character.key}|{lot}|{leaf}", 29)
        - 14
    )
    share = next(
        step for floor, step in ((84, 4), (64, 3), (38, 2), (20, 1), (-1000, 0)) if level >= floor
    )
    return share * max_mark // 4


def individual_mark(agreed: int, evaluator: str, bid: str, leaf: str, *, max_mark: int) -> int:
    """One evaluator's own mark: the agreed one, or a step beside it about one time in five."""
    turn = draw(f"{evaluator}|{bid}|{leaf}", 10)
    step = {0: -1, 1: 1}.get(turn, 0)
    return min(max(agreed + step, 0), max_mark)


def mark_reason(mark: int, criterion: str) -> str:
    """The reason that an evaluator writes for a mark."""
    return f"{_REASONS[min(mark, 4)]} ({criterion}; invented for the demonstration.)"


def consensus_reason(marks: list[int], agreed: int) -> str:
    """The reason that the moderator records for the agreed mark."""
    said = ", ".join(str(mark) for mark in marks)
    if len(set(marks)) == 1:
        return f"All gave {agreed}, for the same reasons."
    return (
        f"Marks of {said}. After comparing the evidence the panel agreed on {agreed}: "
        f"{_REASONS[min(agreed, 4)].lower()}"
    )


def answer_text(bidder: str, lot_name: str, leaf: str, bid: str) -> str:
    """The text of an answer; it carries the canary of its bid, so that tests can look for it."""
    turn = draw(f"{bidder}|{lot_name}|{leaf}|text", len(_APPROACHES))
    other = draw(f"{bidder}|{lot_name}|{leaf}|evidence", len(_EVIDENCE))
    return (
        f"Invented answer of {bidder} for {lot_name}.\n\n{_APPROACHES[turn]}\n\n"
        f"{_EVIDENCE[other]}\n\nCANARY-{bid}"
    )


def fees_pence(character: Character, lot: str, annual_value_pence: int, years: int) -> list[int]:
    """The yearly fixed fees, in pence: a share of the lot's value, rising slowly over the term."""
    permille = (
        character.price_permille
        + draw(f"{character.key}|{lot}|price", 41)
        - 20
        - (10 if lot in character.home else 0)
    )
    first = Fraction(annual_value_pence * permille, 1000)
    return [int(first * (1000 + 4 * year) / 1000) // 100 * 100 for year in range(years)]


def price_note(bid: str) -> str:
    """The note beside a price schedule; it carries the canary of its bid."""
    return f"Invented price, in the price base of the competition. CANARY-{bid}"
