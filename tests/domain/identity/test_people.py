from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.identity.domain.people import normal_email, normal_name, password_problem


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mina   Okafor ", "Mina Okafor"),
        ("Siân O’Brien-Ní Dhomhnaill", "Siân O’Brien-Ní Dhomhnaill"),
        ("Sia\u0302n", "Siân"),
        ("李小龍", "李小龍"),
    ],
)
def test_names_are_kept_as_people_write_them(typed, kept):
    assert normal_name(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "  ", "123", "…", "A" * 121, "Mina\u202eOkafor", "Mina\x00", "Mi\u200bna"]
)
def test_names_that_are_none_or_hide_something_are_refused(typed):
    with pytest.raises(ValueError):  # noqa: PT011 - each sentence is another
        normal_name(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Mina.Okafor@Halcyon.Example ", "mina.okafor@halcyon.example"),
        ("o'brien+bids@a-b.co.uk", "o'brien+bids@a-b.co.uk"),
    ],
)
def test_addresses_are_compared_without_capitals(typed, kept):
    assert normal_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mina",
        "mina@",
        "@halcyon.example",
        "mina@halcyon",
        "mina@@halcyon.example",
        "mina okafor@halcyon.example",
        "mina@halcyon..example",
        "mina@halcyon.example\nBcc: all@example.org",
        "mina@halcyon.example, other@halcyon.example",
        "Mina <mina@halcyon.example>",
        "m" * 65 + "@halcyon.example",
        "mina@" + "h" * 250 + ".example",
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ValueError, match="email address"):
        normal_email(typed)


@given(st.emails())
def test_real_addresses_are_taken_once_and_for_all(address):
    try:
        kept = normal_email(address)
    except ValueError:
        return
    assert normal_email(kept) == kept


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet herons",
        "invented-for-the-demo",
        "Xq7#pL0!mZ2k",
        "482915073644",
        "пароль из четырёх слов",
    ],
)
def test_long_passwords_are_taken_without_rules_about_signs(password):
    assert password_problem(password, name="Mina Okafor", email="mina@halcyon.example") is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "12 characters"),
        ("elevenchars", "12 characters"),
        ("x" * 1001, "or fewer"),
        ("aaaaaaaaaaaa", "different"),
        ("password1234", "harder to guess"),
        ("Password!2026", "harder to guess"),
        ("minaokafor12", "harder to guess"),
        ("Halcyon-2014", "harder to guess"),
        ("qwertyuiop12", "harder to guess"),
    ],
)
def test_what_a_stranger_would_try_first_is_refused(password, why):
    problem = password_problem(password, name="Mina Okafor", email="mina@halcyon.example")

    assert why in problem
