"""Limits and lots of an award in words that a bidder could be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from commissioning.award.domain.limits import Broken, Rule
from commissioning.award.domain.problem import Objective

MEASURE_WORDS: Final = {
    Objective.MIN_TOTAL_PRICE: ("price", "lower"),
    Objective.MIN_SUM_PPQP: ("price per quality point", "lower"),
    Objective.MIN_PORTFOLIO_PPQP: ("price per quality point", "lower"),
    Objective.MAX_TOTAL_QUALITY: ("quality", "higher"),
}
"""What bids are ranked by on a lot, and which way is better."""

LIMIT_WORDS = {
    Rule.MAX_LOTS_PER_BIDDER: "the most lots that one bidder may win",
    Rule.MAX_VALUE_SHARE_PER_BIDDER: "the share of the market that one bidder may win",
    Rule.MAX_LOTS_PER_GROUP: "the most lots that one supplier may win through all its bidders",
    Rule.MAX_VALUE_SHARE_PER_GROUP: (
        "the share of the market that one supplier may win through all its bidders"
    ),
    Rule.MIN_DISTINCT_WINNERS: "the least number of different winners",
    Rule.INCOMPATIBLE_LOTS: "lots that may not go to one bidder",
    Rule.BUDGET: "the budget",
    Rule.LOT_MAX_PRICE: "the ceiling price of the lot",
    Rule.BIDDER_MAX_LOTS: "the most lots that the bidder itself would take",
    Rule.BIDDER_MAX_VALUE: "the funding that the bidder proved",
    Rule.BIDDER_MAX_PRICE: "the most that the bidder may hold by price",
    Rule.GROUP_MAX_LOTS: "the most lots of the group",
    Rule.GROUP_MAX_VALUE_SHARE: (
        "the share of the market that one supplier may win through all its bidders"
    ),
    Rule.GROUP_MAX_VALUE: "the funding behind the group",
    Rule.PACKAGES: "the discounts for several lots together",
}

OBJECTIVE_WORDS = {
    Objective.MIN_TOTAL_PRICE: "Total price",
    Objective.MIN_SUM_PPQP: "Sum of price per quality point",
    Objective.MIN_PORTFOLIO_PPQP: "Price per quality point of the whole award",
    Objective.MAX_TOTAL_QUALITY: "Total quality",
}


def limits_in_words(limits: tuple[Rule, ...]) -> str:
    """The limits that stood in a bid's way; the award as a whole, where none did alone."""
    if not limits:
        return "the best award over all lots together"
    words = list(dict.fromkeys(LIMIT_WORDS.get(limit, limit.value) for limit in limits))
    return " and ".join(words)


def why_not_preferred(limits: tuple[Rule, ...], objective: Objective) -> str:
    """Why a bid that is better on its lot does not win it, as its bidder is told."""
    what, better = MEASURE_WORDS[objective]
    if not limits:
        return (
            f"Your bid has a {better} {what} than the preferred one, but the best award over all "
            "lots together, within the published limits, goes to another bid here."
        )
    against = "a published limit" if len(limits) == 1 else "published limits"
    return (
        f"Your bid has a {better} {what} than the preferred one, but {against} displaced it: "
        f"{limits_in_words(limits)}."
    )


PREFERRED_OVER_ALL: Final = (
    "Your bid is not the first on this lot. It is preferred because the award is made over all "
    "lots together, within the limits per bidder."
)
NOBODY_MAY_TAKE: Final = (
    "By the published award rule this lot goes to nobody: no ranked bid may take it within the "
    "published limits."
)


def why_outranked(objective: Objective, *, is_equal: bool) -> str:
    """Why a bid that is no better on its lot than the preferred one does not win it."""
    what, better = MEASURE_WORDS[objective]
    if is_equal:
        return f"A bid with the same {what} won, by the published rule for ties."
    return f"A bid with a {better} {what} won."


def broken_in_words(broken: Iterable[Broken], names: Mapping[str, str]) -> tuple[str, ...]:
    """Limits that an award breaks, each with who or what breaks it by the name that people know.

    Two rules that say the same of one supplier make one line.
    """
    lines = (
        f"{names.get(item.subject, 'The award')}: against {LIMIT_WORDS.get(item.rule, item.rule)}"
        for item in broken
    )
    return tuple(dict.fromkeys(lines))


def in_plain_names(text: str, names: Mapping[str, str]) -> str:
    """A sentence of the engine as people read it: names for references, words for limits.

    `names` is reference to name. Limits stand in the engine's sentences under their names in the
    file format, which are never words of a sentence otherwise.
    """
    plain = {rule.value: words for rule, words in LIMIT_WORDS.items() if not rule.value.isalpha()}
    known = {**plain, **names}
    longest_first = sorted((name for name in known if name), key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(rf"(?<![\w.-])(?:{pattern})(?![\w-])", lambda found: known[found[0]], text)


_SILENT_WORDS = frozenset({"and", "the", "of", "for", "limited", "ltd", "plc", "cic", "llp"})
_LONGEST_CODE = 4


def short_codes(names: Mapping[str, str]) -> dict[str, str]:
    """A code of two to four signs for each name, by its key; different for different keys.

    Initials of the words that say something, then a digit where two names have the same ones.
    """
    codes: dict[str, str] = {}
    taken: set[str] = set()
    for key, name in sorted(names.items(), key=lambda item: (item[1], item[0])):
        words = [word for word in name.split() if word.lower() not in _SILENT_WORDS]
        initials = "".join(word[0].upper() for word in words if word[0].isalnum())[:_LONGEST_CODE]
        stem = initials if len(initials) > 1 else (name[:3].upper() or "?")
        code, turn = stem, 2
        while code in taken:
            code, turn = f"{stem[: _LONGEST_CODE - len(str(turn))]}{turn}", turn + 1
        taken.add(code)
        codes[key] = code
    return codes
