"""A threshold of holders puts a key together; fewer, or wrong ones, get nothing that counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.identity.domain import keys
from commissioning.submission.domain.shares import (
    Share,
    WrongShares,
    combine,
    product,
    quotient,
    renewed,
    share_from_bytes,
    split,
)

PAIR = keys.new_key_pair()
FORMS = [(5, 3), (3, 2)]


def is_right(secret):
    return keys.belong_together(secret, PAIR.public)


def put_together(shares, threshold):
    return combine(shares, threshold=threshold, is_right=is_right)


@pytest.fixture(params=FORMS, ids=["full", "short"])
def form(request):
    return request.param


@pytest.fixture
def shares(form):
    holders, threshold = form
    return split(PAIR.private, holders=holders, threshold=threshold)


# The field: products that FIPS 197, section 4.2, prints, and its laws


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        (0x57, 0x83, 0xC1),
        (0x57, 0x13, 0xFE),
        (0x57, 0x02, 0xAE),
        (0x57, 0x10, 0x07),
        (0x53, 0xCA, 1),
    ],
)
def test_products_are_those_that_are_published(one, other, result):
    assert product(one, other) == result == product(other, one)


def test_the_field_keeps_its_laws():
    for one in range(256):
        assert product(one, 1) == one
        assert product(one, 0) == 0
        for other in range(256):
            doubled = product(one, other ^ 0x1B)
            assert doubled == product(one, other) ^ product(one, 0x1B)
            if other:
                assert product(quotient(one, other), other) == one


def test_nothing_is_divided_by_nothing():
    with pytest.raises(ZeroDivisionError):
        quotient(7, 0)


# Shares that were computed by hand: f(x) = 0x42 + 0x0f x over one byte


def test_a_line_through_two_known_points_meets_its_secret():
    known = (Share(1, bytes([0x42 ^ 0x0F])), Share(2, bytes([0x42 ^ 0x1E])))
    assert combine(known, threshold=2, is_right=lambda _secret: True).secret == b"\x42"


# Every subset


def test_every_subset_of_the_threshold_or_more_gives_the_key(shares, form):
    holders, threshold = form
    for size in range(threshold, holders + 1):
        for chosen in combinations(shares, size):
            assert put_together(chosen, threshold).secret == PAIR.private


def test_no_smaller_subset_gives_it(shares, form):
    _, threshold = form
    for size in range(threshold):
        for chosen in combinations(shares, size):
            with pytest.raises(WrongShares):
                put_together(chosen, threshold)
            if chosen:  # nor when somebody lowers the threshold
                with pytest.raises(WrongShares):
                    put_together(chosen, size)


def test_the_order_of_the_shares_does_not_matter(shares, form):
    _, threshold = form
    for chosen in permutations(shares, threshold):
        assert put_together(chosen, threshold).secret == PAIR.private


def test_a_share_given_twice_counts_once(shares, form):
    _, threshold = form
    with pytest.raises(WrongShares):
        put_together([shares[0]] * threshold, threshold)


# Wrong ones


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 4), st.integers(0, 255))
def test_one_changed_bit_among_five_is_found_and_named(which, bit):
    shares = list(split(PAIR.private, holders=5, threshold=3))
    value = bytearray(shares[which].value)
    value[bit // 8] ^= 1 << bit % 8
    shares[which] = replace(shares[which], value=bytes(value))

    found = put_together(shares, 3)

    assert found.secret == PAIR.private
    assert found.wrong == (shares[which].index,)


def test_a_wrong_share_among_just_enough_gives_nothing(shares, form):
    _, threshold = form
    wrong = replace(shares[0], value=bytes(32))
    with pytest.raises(WrongShares):
        put_together([wrong, *shares[1:threshold]], threshold)


def test_swapped_shares_never_give_another_key(form):
    """Nothing comes out, or what must: where two holders weigh the same, a swap changes nothing."""
    holders, threshold = form
    shares = split(PAIR.private, holders=holders, threshold=threshold)
    outcomes = Counter()
    for first, second in combinations(range(holders), 2):
        swapped = list(shares)
        swapped[first] = replace(shares[first], value=shares[second].value)
        swapped[second] = replace(shares[second], value=shares[first].value)
        for rest in combinations(set(range(holders)) - {first, second}, threshold - 2):
            chosen = [swapped[place] for place in (first, second, *rest)]
            try:
                assert put_together(chosen, threshold).secret == PAIR.private
                outcomes["the key"] += 1
            except WrongShares:
                outcomes["nothing"] += 1
    # Of five, the holders 1, 2, 3 and the holders 1, 4, 5 weigh the same; of three, none do.
    assert outcomes == ({"the key": 6, "nothing": 24} if holders == 5 else {"nothing": 3})


def test_a_share_of_another_key_gives_nothing(shares, form):
    holders, threshold = form
    others = split(keys.new_key_pair().private, holders=holders, threshold=threshold)
    with pytest.raises(WrongShares):
        put_together([others[0], *shares[1:threshold]], threshold)


@pytest.mark.parametrize("length", [0, 1, 31, 33])
def test_a_truncated_or_lengthened_share_gives_nothing(shares, form, length):
    _, threshold = form
    cut = replace(shares[0], value=(shares[0].value * 2)[:length])
    with pytest.raises(WrongShares):
        put_together([cut, *shares[1:threshold]], threshold)


def test_two_shares_of_one_index_are_refused(shares, form):
    _, threshold = form
    with pytest.raises(WrongShares, match="same index"):
        put_together([*shares, replace(shares[0], value=shares[1].value)], threshold)


# Fewer than the threshold say nothing: whatever the secret, a share is as likely as any other


def test_two_of_three_shares_say_nothing_of_the_secret():
    counts = {
        secret: Counter(
            split(bytes([secret]), holders=3, threshold=3)[0].value for _ in range(4000)
        )
        for secret in (0, 255)
    }
    for seen in counts.values():
        assert len(seen) > 240  # of 256 values, nearly each appears in 4000 draws
        assert max(seen.values()) < 60  # and none of them much more often than 4000 / 256


# Renewing


def test_new_shares_give_the_same_key_and_mix_with_no_old_one(shares, form):
    holders, threshold = form
    for given_ones in combinations(shares, threshold):
        fresh = renewed(given_ones, holders=holders, threshold=threshold)
        assert [share.index for share in fresh] == list(range(1, holders + 1))
        assert put_together(fresh[-threshold:], threshold).secret == PAIR.private
        assert not set(fresh) & set(shares)
        with pytest.raises(WrongShares):
            put_together([shares[0], *fresh[1:threshold]], threshold)


def test_too_few_or_wrong_shares_make_no_new_ones(shares, form):
    holders, threshold = form
    with pytest.raises(WrongShares):
        renewed(shares[: threshold - 1], holders=holders, threshold=threshold)
    with pytest.raises(WrongShares):
        renewed(
            [replace(shares[0], value=bytes(32)), *shares[1:]], holders=holders, threshold=threshold
        )


# How they are written and split


@given(st.binary(min_size=1, max_size=40), st.integers(2, 6), st.integers(0, 4))
def test_any_secret_comes_back_from_what_was_written(secret, threshold, more):
    shares = split(secret, holders=threshold + more, threshold=threshold)
    read = [share_from_bytes(share.to_bytes()) for share in shares]
    assert combine(read, threshold=threshold, is_right=lambda one: one == secret).secret == secret


@pytest.mark.parametrize("block", [b"", b"\1", b"\0" * 33])
def test_what_no_share_can_be_is_refused(block):
    with pytest.raises(WrongShares):
        share_from_bytes(block)


@pytest.mark.parametrize(
    ("secret", "holders", "threshold"),
    [(b"", 5, 3), (b"x", 5, 1), (b"x", 2, 3), (b"x", 256, 3), (b"x", 5, 0)],
)
def test_a_split_that_protects_nothing_is_refused(secret, holders, threshold):
    with pytest.raises(ValueError, match="split"):
        split(secret, holders=holders, threshold=threshold)


def test_a_share_prints_nothing_of_itself(shares):
    assert shares[0].value.hex() not in repr(shares)
    assert str(shares[0].value) not in repr(shares)
