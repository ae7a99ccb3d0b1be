"""What a person's name, address and password must be, in plain Python."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 120
LONGEST_EMAIL = 254
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000

# "=?" and brackets would be read as something else than an address by whoever writes the letter.
_EMAIL = re.compile(
    r"[^@\s,;:<>()\[\]\\\"=?]{1,64}@[^@\s.,;:<>()\[\]\\\"=?]+(\.[^@\s.,;:<>()\[\]\\\"=?]+)+"
)
_COMMON = (
    *("password", "passphrase", "letmein", "welcome", "qwerty", "qwertyuiop", "asdfghjkl"),
    *("administrator", "admin", "changeme", "iloveyou", "football", "monkey", "dragon"),
    *("sunshine", "princess", "procurement", "commissioning", "tender"),
)


def normal_name(typed: str, *, longest: int = LONGEST_NAME) -> str:
    """A name as it is kept: composed letters, single spaces, trimmed.

    Raises ValueError, with a sentence, for one that is blank, too long, without a letter, or that
    hides characters which cannot be seen (it could pass for another name).
    """
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not any(letter.isalpha() for letter in name):
        raise ValueError("Enter a name.")
    if len(name) > longest:
        raise ValueError(f"Enter a name of {longest} characters or fewer.")
    if any(unicodedata.category(letter)[0] == "C" for letter in name):
        raise ValueError("Remove the hidden characters from the name: type it again.")
    return name


def normal_email(typed: str) -> str:
    """An e-mail address as it is kept and compared: composed, in small letters.

    Raises ValueError, with a sentence, for what cannot be an address.
    """
    address = unicodedata.normalize("NFC", typed).strip().casefold()
    has_control = any(unicodedata.category(letter)[0] == "C" for letter in address)
    if has_control or len(address) > LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise ValueError("Enter an email address in the correct format, like name@example.org.")
    return address


def password_problem(password: str, *, name: str = "", email: str = "") -> str | None:
    """Why a password will not do, as a sentence, or None when it will.

    Long, and not what a stranger would try first: no common word, no run of one sign, and not the
    person's own name or address. No rule asks for capitals or signs, which make people write
    passwords down.
    """
    if len(password) < SHORTEST_PASSWORD:
        return f"Choose a password of {SHORTEST_PASSWORD} characters or more."
    if len(password) > LONGEST_PASSWORD:
        return f"Choose a password of {LONGEST_PASSWORD:,} characters or fewer."
    plain = password.casefold()
    if len(set(plain)) < 5:
        return "Choose a password with more different characters."
    rest = plain
    for word in sorted({*_COMMON, *_own_words(name, email)}, key=lambda word: (-len(word), word)):
        rest = rest.replace(word, "")
    if len(re.sub(r"[\W\d_]", "", rest)) < 4 and len(rest) < SHORTEST_PASSWORD:
        return (
            "Choose a password that is harder to guess: three unrelated words, for example, "
            "without your name or email address."
        )
    return None


def _own_words(name: str, email: str) -> set[str]:
    parts = re.split(r"[\W_]+", f"{name} {email}".casefold())
    return {part for part in parts if len(part) >= 4}
