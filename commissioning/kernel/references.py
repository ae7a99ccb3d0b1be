"""References: the names that people and records use for things.

A reference that could be guessed would tell a stranger that the thing exists, so every reference
that is not chosen by a person is random.
"""

from __future__ import annotations

import re
import secrets

# Crockford's alphabet leaves out I, L, O and U, which are misread on paper.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHOSEN = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,30}[A-Z0-9])?")


def new_reference(prefix: str) -> str:
    """A fresh reference such as `ORG-7K2M9QX4TD`: a prefix and 50 random bits."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(10))


def is_chosen_reference(text: str) -> bool:
    """Whether a person's own reference for a competition can be used: capitals, digits, hyphens."""
    return bool(_CHOSEN.fullmatch(text))
