"""Numbers by which organisations are known: each in one normal form, so that none is here twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Register:
    """A register of organisations, and what its numbers look like.

    `published_code` is the register's code in open contracting data, where it has one.
    """

    code: str
    name: str
    number_name: str
    example: str
    normalise: Callable[[str], str | None]
    published_code: str | None


# Letters stand before the digits for Scotland, Northern Ireland, partnerships, societies and the
# like; some societies have letters after them, too.
_COMPANY = re.compile(r"([A-Z]{0,2})([0-9]+)(R?S?)")


def _company(text: str) -> str | None:
    found = _COMPANY.fullmatch(text)
    if found is None:
        return None
    prefix, digits, suffix = found[1], found[2].lstrip("0"), found[3]
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
    return text if re.fullmatch(r"[A-Z0-9]{2,40}", text) else None


REGISTERS: tuple[Register, ...] = (
    Register(
        "company-number", "Companies House", "company number", "01234567 or SC123456", _company,
        "GB-COH",
    ),
    Register(
        "charity-number", "the Charity Commission for England and Wales", "charity number",
        "1234567", _charity, "GB-CHC",
    ),
    Register(
        "scottish-charity", "the Office of the Scottish Charity Regulator", "charity number",
        "SC012345", _scottish_charity, "GB-SC",
    ),
    Register(
        "ni-charity", "the Charity Commission for Northern Ireland", "charity number",
        "NIC100123", _northern_irish_charity, "GB-NIC",
    ),
    Register(
        "ppon", "the central digital platform", "procurement organisation number",
        "PNWX-1234-ABCD", _any_number, "GB-PPON",
    ),
    Register("public-body", "public bodies", "code", "MOJ", _any_number, None),
    Register("other", "another register", "registration number", "AB12345", _any_number, None),
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
    bare = re.sub(r"[\s./-]", "", typed).upper()
    normal = register.normalise(bare) if bare.isascii() else None
    if normal is None:
        raise ValueError(
            f"Enter a {register.number_name} of {register.name}, such as {register.example}."
        )
    return normal
