from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.identity.domain.identifiers import REGISTERS, normal_identifier, register_of


@pytest.mark.parametrize(
    ("scheme", "typed", "normal"),
    [
        ("company-number", "1234567", "01234567"),
        ("company-number", " 0123 4567 ", "01234567"),
        ("company-number", "sc12345", "SC012345"),
        ("company-number", "OC-301234", "OC301234"),
        ("company-number", "ip12345r", "IP12345R"),
        ("charity-number", "0207076", "207076"),
        ("charity-number", "1089464", "1089464"),
        ("scottish-charity", "12345", "SC012345"),
        ("scottish-charity", "sc 012 345", "SC012345"),
        ("ni-charity", "100123", "NIC100123"),
        ("ni-charity", "nic 100123", "NIC100123"),
        ("ppon", "pnwx-1234-abcd", "PNWX1234ABCD"),
        ("public-body", "moj", "MOJ"),
        ("other", "de 123.456/7", "DE1234567"),
    ],
)
def test_a_number_has_one_normal_form(scheme, typed, normal):
    assert normal_identifier(scheme, typed) == normal
    assert normal_identifier(scheme, normal) == normal


@pytest.mark.parametrize(
    ("scheme", "typed"),
    [
        ("company-number", ""),
        ("company-number", "00000000"),
        ("company-number", "123456789"),
        ("company-number", "SC1234567"),
        ("company-number", "1234567R"),
        ("company-number", "12E45678"),
        ("company-number", "١٢٣٤٥٦٧٨"),
        ("charity-number", "1234"),
        ("charity-number", "12345678"),
        ("charity-number", "١٢٣٤٥٦"),
        ("scottish-charity", "SC1234567"),
        ("scottish-charity", "SC"),
        ("ni-charity", "12345"),
        ("other", "A"),
        ("other", "<script>"),
    ],
)
def test_what_no_register_gives_is_refused_with_an_example(scheme, typed):
    with pytest.raises(ValueError, match="such as") as refused:
        normal_identifier(scheme, typed)

    assert register_of(scheme).example in str(refused.value)


@pytest.mark.parametrize("scheme", ["", "PLATFORM", "GB-COH"])
def test_an_unknown_register_is_refused(scheme):
    with pytest.raises(ValueError, match="Choose the register"):
        normal_identifier(scheme, "01234567")


@given(st.sampled_from([register.code for register in REGISTERS]), st.text(max_size=20))
def test_normal_forms_stay_and_fit_the_column(scheme, typed):
    try:
        normal = normal_identifier(scheme, typed)
    except ValueError:
        return
    assert normal_identifier(scheme, normal) == normal
    assert 0 < len(normal) <= 40
    assert normal.isascii()
