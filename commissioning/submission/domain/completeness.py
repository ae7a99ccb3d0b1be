"""Whether a bid, or a PQQ response, is complete, and whether its answers can be taken as they are.

A draft may be incomplete, never invalid. A bid may be submitted with answers missing when the
signatory says so aloud, since a bid for the other answers is better than none; without a price it
is no bid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commissioning.kernel.errors import BadInput, BadInputs
from commissioning.kernel.money import Money

LONGEST_TEXT = 100_000
"""Characters that one answer may have at most, whatever its limit of words."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be answered: its reference, what it asks, and its limit in words."""

    reference: str
    text: str
    word_limit: int
    group: str = ""
    is_yes_no: bool = False
    takes_files: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing: where, and what to do; `blocks` where no confirmation helps."""

    place: str
    sentence: str
    blocks: bool = False


def word_count(text: str) -> int:
    """Words are what stands between white space, as word processors count them."""
    return len(text.split())


def check_answers(answers: Mapping[str, str], questions: Sequence[Question]) -> None:
    """An answer is within its limit of words, and a yes or no is one of the two.

    Raises BadInputs with the question's reference as the field, and BadInput for a question that
    the competition does not ask.
    """
    asked = {question.reference: question for question in questions}
    problems = []
    for reference, text in answers.items():
        question = asked.get(reference)
        if question is None:
            raise BadInput(reference, "This competition does not ask that question.")
        problems += [(reference, sentence) for sentence in _faults(question, text)]
    if problems:
        raise BadInputs(problems)


def _faults(question: Question, text: str) -> list[str]:
    if question.is_yes_no:
        return [] if text in {"", "yes", "no"} else ["Select yes or no."]
    words = word_count(text)
    if words > question.word_limit:
        over = words - question.word_limit
        sentence = (
            f"The answer has {words:,} words and the limit is {question.word_limit:,}. "
            f"Take out at least {over:,} {'word' if over == 1 else 'words'}."
        )
        return [sentence]
    if len(text) > LONGEST_TEXT:
        return [f"The answer must have {LONGEST_TEXT:,} characters or fewer."]
    return []


def unanswered(answers: Mapping[str, str], asked: Iterable[str]) -> list[str]:
    """The questions that have no answer yet, by reference and in their order."""
    return [reference for reference in asked if not answers.get(reference, "").strip()]


def bid_gaps(
    answers: Mapping[str, str],
    asked: Iterable[str],
    *,
    price_pence: int | None,
    ceiling_pence: int | None = None,
) -> tuple[Gap, ...]:
    """What a bid lacks: a missing answer can be confirmed, a missing price schedule cannot.

    `asked` are the references of the questions; `price_pence` is the evaluated
    price, None without a schedule. A price above the published
    ceiling cannot win, which the signatory confirms as well.
    """
    gaps = [
        Gap(reference, f"{reference} is not answered.") for reference in unanswered(answers, asked)
    ]
    if price_pence is None:
        gaps.append(Gap("price", "The price schedule is not filled in.", blocks=True))
    elif ceiling_pence is not None and price_pence > ceiling_pence:
        gaps.append(
            Gap(
                "price",
                f"The evaluated price is {Money(price_pence)}, above the ceiling of "
                f"{Money(ceiling_pence)}: it cannot win.",
            )
        )
    return tuple(gaps)


def response_gaps(
    answers: Mapping[str, str],
    questions: Sequence[Question],
    *,
    lots: Sequence[str],
    proved_funding_pence: int | None,
    funding_source: str,
) -> tuple[Gap, ...]:
    """What a PQQ response lacks; each of these must be there before it can be submitted."""
    gaps = [
        Gap(reference, f"{reference} is not answered.", blocks=True)
        for reference in unanswered(answers, [question.reference for question in questions])
    ]
    if not lots:
        gaps.append(Gap("lots", "Choose at least one lot.", blocks=True))
    if proved_funding_pence is None:
        gaps.append(
            Gap("proved_funding_pence", "Enter the funding that you can prove.", blocks=True)
        )
    if not funding_source.strip():
        gaps.append(Gap("funding_source", "Say what proves the funding.", blocks=True))
    return tuple(gaps)
