"""What a competition asks of its bidders, and what a price schedule comes to."""

from __future__ import annotations

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.submission.domain import pricing
from commissioning.submission.domain.completeness import Question
from commissioning.submission.domain.envelopes import PriceDocument


def bid_questions(competition: Competition) -> tuple[Question, ...]:
    """The questions that a bid answers: every leaf of the evaluation model, in its order."""
    return tuple(
        Question(
            leaf.reference,
            leaf.question,
            leaf.word_limit,
            group=criterion.name,
            takes_files=leaf.allows_file,
        )
        for criterion in competition.criteria
        for leaf in criterion.leaves
    )


def asked_of_bid(competition: Competition) -> tuple[str, ...]:
    """The references of the questions that a bid answers, from the ITN on as the model froze them.

    So whether a bid is complete is found out without a row of the model: in the last minute before
    a deadline everybody asks at once.
    """
    criteria = competitions.evaluation_model(competition).criteria
    return tuple(leaf.id for criterion in criteria for leaf in criterion.leaves)


def pqq_questions(competition: Competition) -> tuple[Question, ...]:
    """The questions of the PQQ, in their order; the group is the part."""
    return tuple(
        Question(
            question.reference,
            question.question,
            question.word_limit,
            group=question.part,
            is_yes_no=question.answer == "yes_no",
        )
        for question in competition.questions
    )


def evaluated_price(competition: Competition, price: PriceDocument) -> int:
    """The evaluated price of a schedule by the competition's model, in pence."""
    model = competitions.evaluation_model(competition)
    return pricing.evaluated_price_pence(
        price.fees_pence, price.adjustments_pence, model.price.discount_rate
    )
