from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.canonical import NotCanonical, canonical_json, sha256_hex

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_keys_are_sorted_without_spaces_in_utf_8():
    value = {"b": [1, True, None], "a": "é", "Z": ()}
    assert canonical_json(value) == '{"Z":[],"a":"é","b":[1,true,null]}'.encode()


def test_hash_is_sha_256_of_the_bytes():
    assert sha256_hex({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (1.0, r"\$: a float"),
        ({"a": [1, 0.5]}, r"\$\.a\[1\]: a float"),
        ({"rate": Decimal("0.035")}, r"\$\.rate: Decimal"),
        ({1: "a"}, "key must be a string"),
        ({"a": {1, 2}}, r"\$\.a: set"),
        ("\ud800", "half a character"),
        ({"\ud800": 1}, "half a character"),
        (b"a", "bytes"),
    ],
)
def test_value_without_one_exact_text_is_refused_with_its_place(value, where):
    with pytest.raises(NotCanonical, match=where):
        canonical_json(value)


@given(values)
def test_canonical_json_reads_back_and_is_stable(value):
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@given(st.dictionaries(st.text(), st.integers()))
def test_order_of_keys_changes_nothing(value):
    backwards = dict(reversed(list(value.items())))
    assert sha256_hex(value) == sha256_hex(backwards)
