"""Names of files that people send: what could mislead or hurt is taken out before they are kept."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_NAME: Final = 150
_LONGEST_SUFFIX: Final = 10
# Controls, directions and other invisible signs, surrogates, private and unassigned characters.
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')
# Names that Windows keeps for its devices, whatever suffix follows.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def safe_file_name(name: str) -> str:
    """A file is kept under the last part of its name, without what could mislead or hurt.

    Folders, drives, controls, directions of writing and what no system takes in a name go:
    "../../plan.pdf" becomes "plan.pdf". A name that has nothing left becomes "file"; a long one
    keeps its suffix.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(
        " " if unicodedata.category(letter) == "Zs" else letter
        for letter in last
        if unicodedata.category(letter) not in _HIDDEN
    )
    kept = _NOT_IN_NAMES.sub("_", _DRIVE.sub("", seen, count=1) if _DRIVE.match(seen) else seen)
    kept = kept.strip(" .")
    if _DEVICE.fullmatch(kept):
        kept = f"_{kept}"
    if len(kept) > LONGEST_NAME:
        stem, dot, suffix = kept.rpartition(".")
        has_suffix = dot and len(suffix) <= _LONGEST_SUFFIX
        kept = (
            f"{stem[: LONGEST_NAME - _LONGEST_SUFFIX - 1]}.{suffix}"
            if has_suffix
            else kept[:LONGEST_NAME]
        )
    return kept or "file"


def is_as_sent(name: str, safe: str) -> bool:
    """Whether a name was kept as sent, but for blanks around it and ways of writing accents."""
    return unicodedata.normalize("NFC", name).strip() == safe
