from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.identity.domain import keys

PAIR, OTHER = keys.new_key_pair(), keys.new_key_pair()


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_with_the_private_key_for_its_purpose(plain, purpose):
    sealed = keys.seal_to(PAIR.public, plain, purpose=purpose)

    assert keys.open_with(PAIR.private, sealed, purpose=purpose) == plain
    assert len(sealed) == len(plain) + 48
    for key, why in ((OTHER.private, purpose), (PAIR.private, purpose + "x")):
        with pytest.raises(keys.CannotOpen):
            keys.open_with(key, sealed, purpose=why)


@given(st.binary(max_size=200), st.integers(min_value=0))
def test_what_was_changed_does_not_open(plain, where):
    sealed = bytearray(keys.seal_to(PAIR.public, plain, purpose="p"))
    sealed[where % len(sealed)] ^= 1
    with pytest.raises(keys.CannotOpen):
        keys.open_with(PAIR.private, bytes(sealed), purpose="p")

    key = keys.new_wrapping_key()
    wrapped = bytearray(keys.wrap(key, plain, "p"))
    wrapped[where % len(wrapped)] ^= 1
    with pytest.raises(keys.CannotOpen):
        keys.unwrap(key, bytes(wrapped), "p")


@pytest.mark.parametrize("cut", [b"", b"x", b"x" * 12, b"x" * 31, b"x" * 32, b"x" * 47])
def test_what_is_too_short_does_not_open(cut):
    with pytest.raises(keys.CannotOpen):
        keys.open_with(PAIR.private, cut, purpose="p")
    with pytest.raises(keys.CannotOpen):
        keys.unwrap(keys.new_wrapping_key(), cut, "p")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_wrapped_opens_under_its_key_for_its_purpose(plain, purpose):
    key = keys.new_wrapping_key()
    wrapped = keys.wrap(key, plain, purpose)

    assert keys.unwrap(key, wrapped, purpose) == plain
    assert keys.wrap(key, plain, purpose) != wrapped, "never the same twice"
    for another, why in ((keys.new_wrapping_key(), purpose), (key, purpose + "x")):
        with pytest.raises(keys.CannotOpen):
            keys.unwrap(another, wrapped, why)


def test_a_private_key_is_never_printed():
    assert PAIR.private.hex() not in repr(PAIR)
    assert str(PAIR.private) not in repr(PAIR)
    assert keys.public_half(PAIR.private) == PAIR.public


def test_no_purpose_serves_another_or_another_person():
    purposes = [
        purpose
        for user in ("USR-1", "USR-2")
        for purpose in (
            keys.personal_key_purpose(user),
            keys.session_purpose(user),
            keys.member_purpose("ORG-1", user),
            keys.member_purpose("ORG-2", user),
        )
    ] + [keys.recovery_purpose("ORG-1"), keys.recovery_purpose("ORG-2")]

    assert len(set(purposes)) == len(purposes)


def test_a_secret_yields_another_key_for_each_purpose_and_salt():
    made = {
        keys.key_from_secret(secret, purpose=purpose, salt=salt)
        for secret in ("one", "two")
        for purpose in ("session", "recovery code")
        for salt in (b"", b"1", b"2")
    }

    assert len(made) == 12
    assert keys.key_from_secret("one", purpose="session") in made


def test_a_code_is_read_as_people_write_it():
    code = keys.new_recovery_code()
    signs = code.replace("-", "")

    assert len(signs) == 25
    assert keys.recovery_code_signs(code) == signs
    assert keys.recovery_code_signs(f"  {code.lower().replace('-', ' ')} ") == signs
    assert keys.recovery_code_signs("oil00-00000-00000-00000-00000") == "01100" + "0" * 20
    for wrong in ("", code[:-1], code + "0", "U" * 25, "é" * 25):
        assert keys.recovery_code_signs(wrong) is None


def test_codes_differ():
    assert len({keys.new_recovery_code() for _ in range(200)}) == 200
