"""The award problem `award-wdp/1`: what it holds, and how it is read strictly from JSON."""

from commissioning.award.domain.problem.parser import parse_problem
from commissioning.award.domain.problem.statement import (
    FORMAT,
    AwardRule,
    BadProblem,
    Bid,
    Bidder,
    Group,
    Limits,
    Lot,
    Objective,
    Package,
    Problem,
    problem_sha256,
)
from commissioning.award.domain.problem.strict_json import read_json

__all__ = [
    "FORMAT",
    "AwardRule",
    "BadProblem",
    "Bid",
    "Bidder",
    "Group",
    "Limits",
    "Lot",
    "Objective",
    "Package",
    "Problem",
    "parse_problem",
    "problem_sha256",
    "read_json",
]
