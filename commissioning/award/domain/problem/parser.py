"""Reading an award problem strictly: nothing is guessed, and each refusal says where and why.

Integers only (no floats, no booleans in their place), no key twice, no unknown field, every
reference to something that exists. A refusal names the place as a JSON path, such as
`$.bids[3].price`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NoReturn, TypeVar

from commissioning.award.domain.problem.places import LONGEST_ID, inside
from commissioning.award.domain.problem.references import check_references
from commissioning.award.domain.problem.statement import (
    FORMAT,
    AwardRule,
    BadProblem,
    Bid,
    Bidder,
    Group,
    Limits,
    Lot,
    Objective,
    Package,
    Problem,
)
from commissioning.award.domain.problem.strict_json import JsonObject, NotAnInteger, read_json

LARGEST = 10**30  # pence or milli-points; far above any tender, far below what a float can show

_Choice = TypeVar("_Choice", Objective, AwardRule)


def parse_problem(source: str | bytes | Mapping[str, Any]) -> Problem:
    """An award problem is taken whole and exactly as stated, or refused with the place and reason.

    `source` is the JSON text (str, or UTF-8 bytes) or the document as a dict. Money in pence,
    quality in milli-points, shares in parts per million. Raises BadProblem.
    """
    document = deepcopy(dict(source)) if isinstance(source, Mapping) else read_json(source)
    problem = _problem(document)
    check_references(problem)
    return problem


def _problem(document: Any) -> Problem:
    read = _fields(
        document,
        "$",
        required=("format", "lots", "bidders", "bids", "objective"),
        optional=(
            "groups",
            "packages",
            "limits",
            "share_base_value",
            "fixed",
            "award_rule",
            "lot_order",
        ),
    )
    if read["format"] != FORMAT:
        _refuse("$.format", f'must be "{FORMAT}", not {_shown(read["format"])}')
    rule = read["award_rule"]
    limits = read["limits"]
    problem = Problem(
        lots=tuple(_lot(item, path) for item, path in _items(read["lots"], "$.lots")),
        bidders=tuple(_bidder(item, path) for item, path in _items(read["bidders"], "$.bidders")),
        bids=tuple(_bid(item, path) for item, path in _items(read["bids"], "$.bids")),
        objective=_choice(read["objective"], "$.objective", Objective),
        groups=tuple(
            _group(item, path) for item, path in _optional_items(read["groups"], "$.groups")
        ),
        packages=tuple(
            _package(item, path) for item, path in _optional_items(read["packages"], "$.packages")
        ),
        limits=Limits() if limits is None else _limits(limits, "$.limits"),
        stated_share_base=_optional_integer(read, "share_base_value", "$", least=0),
        fixed=_fixed(read["fixed"], "$.fixed"),
        award_rule=(
            AwardRule.OPTIMUM if rule is None else _choice(rule, "$.award_rule", AwardRule)
        ),
        lot_order=tuple(
            _id(item, path) for item, path in _optional_items(read["lot_order"], "$.lot_order")
        ),
        source=document,
    )
    if not problem.lots:
        _refuse("$.lots", "must name at least one lot")
    return problem


def _lot(value: Any, path: str) -> Lot:
    read = _fields(value, path, required=("id", "value"), optional=("max_price",))
    return Lot(
        id=_id(read["id"], f"{path}.id"),
        value=_integer(read["value"], f"{path}.value", least=0),
        max_price=_optional_integer(read, "max_price", path),
    )


def _bidder(value: Any, path: str) -> Bidder:
    read = _fields(value, path, required=("id",), optional=("max_lots", "max_value", "max_price"))
    return Bidder(
        id=_id(read["id"], f"{path}.id"),
        max_lots=_optional_integer(read, "max_lots", path),
        max_value=_optional_integer(read, "max_value", path),
        max_price=_optional_integer(read, "max_price", path),
    )


def _bid(value: Any, path: str) -> Bid:
    read = _fields(value, path, required=("bidder", "lot", "price", "quality"))
    return Bid(
        bidder=_id(read["bidder"], f"{path}.bidder"),
        lot=_id(read["lot"], f"{path}.lot"),
        price=_integer(read["price"], f"{path}.price", least=0),
        quality=_integer(read["quality"], f"{path}.quality", least=1),
    )


def _group(value: Any, path: str) -> Group:
    read = _fields(
        value,
        path,
        required=("id", "members"),
        optional=("max_lots", "max_value_share_ppm", "max_value"),
    )
    return Group(
        id=_id(read["id"], f"{path}.id"),
        members=tuple(
            _id(item, place) for item, place in _items(read["members"], f"{path}.members")
        ),
        max_lots=_optional_integer(read, "max_lots", path),
        max_value_share_ppm=_optional_integer(read, "max_value_share_ppm", path),
        max_value=_optional_integer(read, "max_value", path),
    )


def _package(value: Any, path: str) -> Package:
    read = _fields(value, path, required=("id", "bidder", "discounts"))
    discounts = _map(read["discounts"], f"{path}.discounts")
    if not discounts:
        _refuse(f"{path}.discounts", "must name at least one lot")
    return Package(
        id=_id(read["id"], f"{path}.id"),
        bidder=_id(read["bidder"], f"{path}.bidder"),
        discounts={
            lot: _integer(amount, inside(f"{path}.discounts", lot), least=0)
            for lot, amount in discounts.items()
        },
    )


def _limits(value: Any, path: str) -> Limits:
    counts = (
        "max_lots_per_bidder",
        "max_value_share_per_bidder_ppm",
        "max_lots_per_group",
        "max_value_share_per_group_ppm",
        "min_distinct_winners",
        "budget",
    )
    read = _fields(value, path, optional=(*counts, "incompatible_lots"))
    pairs = []
    for item, place in _optional_items(read["incompatible_lots"], f"{path}.incompatible_lots"):
        pair = tuple(_id(lot, at) for lot, at in _items(item, place))
        if len(pair) != 2:
            _refuse(place, "must be a pair of two lots")
        pairs.append((pair[0], pair[1]))
    return Limits(
        **{name: _optional_integer(read, name, path) for name in counts},
        incompatible_lots=tuple(pairs),
    )


def _fixed(value: Any, path: str) -> dict[str, str]:
    decided = {} if value is None else _map(value, path)
    return {lot: _id(bidder, inside(path, lot)) for lot, bidder in decided.items()}


def _fields(
    value: Any,
    path: str,
    *,
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The fields of an object, all of them known; an optional one that is absent reads as None."""
    read = _map(value, path)
    known = (*required, *optional)
    for key in read:
        if key not in known:
            _refuse(
                inside(path, key), f"is no field of this format; known here: {', '.join(known)}"
            )
    for key in required:
        if key not in read:
            _refuse(inside(path, key), "is required")
    return {key: read.get(key) for key in known}


def _map(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(path, f"must be an object, not {_shown(value)}")
    if isinstance(value, JsonObject) and value.twice is not None:
        _refuse(inside(path, value.twice), "stands twice in the same object")
    for key in value:
        if not isinstance(key, str):
            _refuse(path, f"holds a key that is no text: {_shown(key)}")
    return value


def _items(value: Any, path: str) -> list[tuple[Any, str]]:
    """The items of a list, each with its path."""
    if not isinstance(value, list | tuple):
        _refuse(path, f"must be a list, not {_shown(value)}")
    return [(item, f"{path}[{index}]") for index, item in enumerate(value)]


def _optional_items(value: Any, path: str) -> list[tuple[Any, str]]:
    """The items of a list with their paths; a list that is absent or null has none."""
    return [] if value is None else _items(value, path)


def _integer(value: Any, path: str, *, least: int) -> int:
    if type(value) is not int:
        _refuse(path, f"must be an integer, not {_shown(value)}")
    if value < least:
        _refuse(path, f"must be at least {least}, not {_shown(value)}")
    if value > LARGEST:
        _refuse(path, f"must be at most 10^30, not {_shown(value)}")
    return value


def _optional_integer(read: dict[str, Any], name: str, path: str, *, least: int = 1) -> int | None:
    value = read[name]
    return None if value is None else _integer(value, f"{path}.{name}", least=least)


def _id(value: Any, path: str) -> str:
    if not isinstance(value, str):
        _refuse(path, f"must be a text, not {_shown(value)}")
    if not 1 <= len(value) <= LONGEST_ID:
        _refuse(path, f"must have 1 to {LONGEST_ID} characters, not {len(value)}")
    for character in value:
        # Cc: control characters; Cs: half of a surrogate pair, which no UTF-8 text can hold.
        if unicodedata.category(character) in {"Cc", "Cs"}:
            _refuse(path, f"must hold no control character (here U+{ord(character):04X})")
    return value


def _choice(value: Any, path: str, choices: type[_Choice]) -> _Choice:
    names = [choice.value for choice in choices]
    if not isinstance(value, str) or value not in names:
        _refuse(path, f"must be one of {', '.join(names)}; not {_shown(value)}")
    return choices(value)


def _shown(value: Any) -> str:
    """A short text of the value that was refused."""
    if isinstance(value, NotAnInteger):
        return value.text
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value) if type(value) is int else json.dumps(value, default=repr)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _refuse(path: str, reason: str) -> NoReturn:
    raise BadProblem(path, reason)
