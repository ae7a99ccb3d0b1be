"""What bidders are asked, as they read it and as the second person reads it before an issue."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.competition.domain.criteria import decimal_text
from commissioning.competition.models import Competition
from commissioning.competition.views.questions import answer_words, by_part, rule_words
from commissioning.competition.views.tables import scope_words


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its reference, its words, and how it is answered and counts."""

    reference: str
    question: str
    note: str


def asked_in_pqq(competition: Competition) -> dict[str, list[Asked]]:
    """The questions of the PQQ by the part in which an assessor reads them."""
    return {
        part: [
            Asked(row.reference, row.question, f"{answer_words(row)}. {rule_words(row)}.")
            for row in rows
        ]
        for part, rows in by_part(competition.questions).items()
    }


def asked_in_itn(competition: Competition) -> dict[str, list[Asked]]:
    """The questions of the ITN by criterion."""
    return {
        f"{criterion.reference}, {criterion.name}": [
            Asked(
                leaf.reference,
                leaf.question,
                f"Weight {decimal_text(leaf.weight)}. {scope_words(leaf.scope)}, up to "
                f"{leaf.word_limit:,} words. "
                f"{'Files may be attached' if leaf.allows_file else 'No files'}.",
            )
            for leaf in criterion.leaves
        ]
        for criterion in competition.criteria
    }
