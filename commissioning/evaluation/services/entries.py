"""Marks as they are handed in for a sheet: all of them right, or none is taken."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.evaluation.domain.moderation import check_mark
from commissioning.evaluation.queries import Key, Sheet
from commissioning.kernel.errors import BadInput, BadInputs

Entry = tuple[int, str]
"""A mark and its reason."""


def check_entries(sheet: Sheet, entries: Mapping[Key, Entry]) -> None:
    """Every entry is an answer of the sheet, on the published scale and with its reason.

    Raises BadInputs with "bid/leaf" as the field of each that is not.
    """
    known = sheet.by_key
    problems: list[tuple[str, str]] = []
    for (bid, leaf), (mark, reason) in entries.items():
        place = f"{bid}/{leaf}"
        if (bid, leaf) not in known:
            problems.append((place, f"{place} is no answer of this sheet."))
            continue
        try:
            check_mark(mark, reason, sheet.competition.max_mark)
        except BadInput as error:
            problems.append((place, f"{place}: {error.sentence}"))
    if problems:
        raise BadInputs(problems)
