"""Numbers by which organisations are known, each in one normal form, so that none registers twice.

The codes of the registers are those that public procurement data uses for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Register:
    """A register of organisations: its code, its name, an example, and what a number looks like."""

    code: str
    name: str
    number_name: str
    example: str
    normalise: Callable[[str], str | None]


# Two letters stand before the digits for Scotland, Northern Ireland, partnerships, societies and
# the like; some societies have a letter R after them.
_COMPANY = re.compile(r"([A-Z]{2})?([0-9]+)(R?)")


def _company(text: str) -> str | None:
    found = _COMPANY.fullmatch(text)
    if found is None:
        return None
    prefix, digits, suffix = found[1] or "", found[2].lstrip("0"), found[3]
    width = 8 - len(prefix) - len(suffix)
    if not digits or len(digits) > width or (suffix and not prefix):
        return None
    return prefix + digits.zfill(width) + suffix


def _charity(text: str) -> str | None:
    number = text.lstrip("0")
    return number if number.isdigit() and 5 <= len(number) <= 7 else None


def _scottish_charity(text: str) -> str | None:
    digits = text.removeprefix("SC")
    return f"SC{digits.zfill(6)}" if digits.isdigit() and len(digits) <= 6 else None


def _northern_irish_charity(text: str) -> str | None:
    digits = text.removeprefix("NIC")
    return f"NIC{digits}" if digits.isdigit() and len(digits) == 6 else None


def _any_number(text: str) -> str | None:
    return text if re.fullmatch(r"[A-Z0-9]{3,40}", text) else None


REGISTERS: tuple[Register, ...] = (
    Register("GB-COH", "Companies House", "company number", "01234567 or SC123456", _company),
    Register(
        "GB-CHC", "Charity Commission for England and Wales", "charity number", "1234567", _charity
    ),
    Register(
        "GB-SC", "Office of the Scottish Charity Regulator", "charity number", "SC012345",
        _scottish_charity,
    ),
    Register(
        "GB-NIC", "Charity Commission for Northern Ireland", "charity number", "NIC100123",
        _northern_irish_charity,
    ),
    Register(
        "GB-PPON", "Public Procurement Organisation Number", "number", "PNWX1234ABCD", _any_number
    ),
    Register("GB-OTHER", "Another register", "registration number", "AB12345", _any_number),
)  # fmt: skip
_BY_CODE = {register.code: register for register in REGISTERS}

OPERATOR_SCHEME = "PLATFORM"
"""The scheme of the one organisation that runs the platform; no register knows it."""


def register_of(scheme: str) -> Register | None:
    """The register with this code, if there is one."""
    return _BY_CODE.get(scheme)


def normal_identifier(scheme: str, typed: str) -> str:
    """A number that means the same organisation is written in one way only.

    Spaces, full stops, slashes and hyphens go, letters become capitals, and zeros are filled in
    where the register fills them in. Raises ValueError, with a sentence that says what to type, for
    a number that the register cannot have given, or for an unknown register.
    """
    register = _BY_CODE.get(scheme)
    if register is None:
        raise ValueError("Choose the register that gave the number.")
    normal = register.normalise(re.sub(r"[\s./-]", "", typed).upper())
    if normal is None:
        raise ValueError(
            f"Enter a {register.number_name} of {register.name}, such as {register.example}."
        )
    return normal
