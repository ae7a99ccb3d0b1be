"""The closing fixes what was received, lets each bidder prove it, and tells no number."""

from __future__ import annotations

import copy
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.submission.domain import closing

SEED = bytes(range(32))


def digest(number):
    return hashlib.sha256(f"receipt {number}".encode()).hexdigest()


def closed(count, most=None, seed=SEED):
    return closing.close(map(digest, range(count)), most=count if most is None else most, seed=seed)


# The tree is that of RFC 6962; inputs and roots are those of the reference implementation's tests.
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", ROOTS)
def test_roots_are_those_that_are_published(size):
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(one)).hexdigest() for one in INPUTS[:size]]
    assert closing.root_of(leaves) == ROOTS[size]


@pytest.mark.parametrize("size", [0, 3, 6])
def test_a_tree_of_another_size_is_refused(size):
    with pytest.raises(ValueError, match="power of two"):
        closing.root_of([digest(number) for number in range(size)])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 40), st.integers(0, 60))
def test_every_receipt_is_proven_under_the_root(count, more):
    tree = closed(count, most=count + more)
    assert tree.count == count
    for number in range(count):
        stated = closing.proof(tree, digest(number))
        assert closing.problems(stated, receipt_sha256=digest(number), root=tree.root) == []


def test_no_other_receipt_has_a_proof():
    tree = closed(5, most=20)
    with pytest.raises(KeyError):
        closing.proof(tree, digest(5))
    stated = closing.proof(tree, digest(1))
    assert closing.problems(stated, receipt_sha256=digest(2), root=tree.root) == [
        "The proof is of another receipt."
    ]
    forged = {**stated, "receipt_sha256": digest(5)}
    assert closing.problems(forged, receipt_sha256=digest(5), root=tree.root) == [
        "The receipt is not under the root that was published."
    ]


def test_any_change_to_a_proof_is_found():
    tree = closed(9, most=20)
    genuine = closing.proof(tree, digest(4))
    assert len(genuine["path"]) == 10
    changes = [("kind", "x"), ("place", genuine["place"] ^ 1), ("place", -1), ("place", 1024)]
    changes += [("leaves", 512), ("path", genuine["path"][:-1]), ("path", None), ("path", ["zz"])]
    changes += [("path", [digest(99), *genuine["path"][1:]])]
    for name, value in changes:
        stated = copy.deepcopy(genuine) | {name: value}
        assert closing.problems(stated, receipt_sha256=digest(4), root=tree.root), (name, value)
    assert closing.problems(genuine, receipt_sha256=digest(4), root="0" * 64)


# Nothing tells the number before it is published


@pytest.mark.parametrize("count", [0, 1, 20])
def test_shape_and_proofs_are_those_of_any_number_of_bids(count):
    tree = closed(count, most=20)
    assert tree.capacity == 1024
    assert len(set(tree.leaves)) == 1024
    assert list(tree.leaves) == sorted(tree.leaves)
    for number in range(count):
        assert len(closing.proof(tree, digest(number))["path"]) == 10


def test_the_places_of_receipts_follow_their_hashes_alone():
    places = []
    for turn in range(200):
        tree = closed(1, most=8, seed=turn.to_bytes(32, "big"))
        places.append(closing.proof(tree, digest(0))["place"])
    assert len(set(places)) > 3


def test_a_closing_prints_neither_its_seed_nor_its_number():
    tree = closed(7, most=8)
    assert "count" not in repr(tree)
    assert str(SEED) not in repr(tree)


# At the opening anybody counts


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_the_seed_shows_the_number(count, more):
    tree = closed(count, most=count + more)
    assert closing.counted(tree.leaves, seed=SEED) == count


def test_another_seed_shows_no_padding_and_a_gap_is_seen():
    tree = closed(3, most=8)
    assert closing.counted(tree.leaves, seed=bytes(32)) == 1024
    missing = closing.padding_leaf(SEED, 2)
    with pytest.raises(ValueError, match="gap"):
        closing.counted([one for one in tree.leaves if one != missing], seed=SEED)


def test_more_receipts_than_could_come_are_refused():
    with pytest.raises(ValueError, match="more receipts"):
        closed(3, most=2)
    with pytest.raises(ValueError, match="more receipts"):
        closing.close([digest(1), digest(1)], most=5, seed=SEED)


@given(st.integers(0, 5000))
def test_the_capacity_is_the_next_power_of_two(most):
    size = closing.capacity_for(most)
    assert size >= max(most, 1024)
    assert size & (size - 1) == 0
    assert size == 1024 or size // 2 < most
