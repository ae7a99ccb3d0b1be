"""Values as plain JSON and back: nothing is lost, and nothing else is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.award.domain.plain import NotPlain, as_plain, from_plain
from commissioning.kernel.canonical import canonical_json


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    name: str
    share: Fraction | None
    is_last: bool = False


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]
    pair: tuple[Colour, int]
    by_name: Mapping[str, Fraction]


TEXTS = st.text(max_size=5)
PARTS = st.builds(Part, TEXTS, st.none() | st.fractions(), st.booleans())
WHOLES = st.builds(
    Whole,
    st.lists(PARTS, max_size=3).map(tuple),
    st.tuples(st.sampled_from(Colour), st.integers()),
    st.dictionaries(TEXTS, st.fractions(), max_size=3),
)
ONE = Whole((Part("a", Fraction(1, 3)),), (Colour.RED, 4), {"b": Fraction(2)})


@given(WHOLES)
def test_what_is_written_is_read_back(whole):
    text = canonical_json(as_plain(whole))
    assert from_plain(Whole, json.loads(text)) == whole


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parts": {}}, "Whole.parts is no list"),
        ({"pair": ["green", 4]}, "Whole.pair[0] is none of red, blue"),
        ({"pair": ["red"]}, "Whole.pair does not have 2 parts"),
        ({"pair": ["red", True]}, "Whole.pair[1] is no int"),
        ({"pair": ["red", 1.0]}, "Whole.pair[1] is no int"),
        ({"by_name": {"b": "2/4"}}, "Whole.by_name.b is no rational"),
        ({"by_name": ["b"]}, "Whole.by_name is no object"),
        ({"more": 1}, "Whole does not have exactly the parts"),
        ({"parts": [{"name": "a"}]}, "Whole.parts[0] does not have exactly"),
        ({"parts": [{"name": None, "share": None, "is_last": False}]}, "parts[0].name is no str"),
    ],
)
def test_anything_else_is_refused_with_its_place(change, said):
    with pytest.raises(NotPlain) as refusal:
        from_plain(Whole, {**as_plain(ONE), **change})
    assert said in str(refusal.value)
