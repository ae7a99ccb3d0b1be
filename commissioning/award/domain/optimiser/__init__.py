"""The optimiser: the best award over all lots, proven in exact arithmetic.

This package alone knows PuLP and HiGHS. `program` states the model; `solvers` has it solved;
`relaxation` and `bounds` make exact bounds; `search` proves; `engine` puts them together. On top
of it, `rules` are the award rules, `explaining` says why, `shortfall` why not, `alternatives`
what else, and `solving` makes the answer.
"""

from __future__ import annotations

from commissioning.award.domain.optimiser.alternatives import (
    Alternative,
    Alternatives,
    awards_within,
    optimal_awards,
)
from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.engine import Engine
from commissioning.award.domain.optimiser.inquiry import Inquiry
from commissioning.award.domain.optimiser.pursuit import Certificate, Optimum
from commissioning.award.domain.optimiser.solvers import SOLVERS
from commissioning.award.domain.optimiser.solving import solve

__all__ = [
    "SOLVERS",
    "Alternative",
    "Alternatives",
    "Certificate",
    "Deadline",
    "Engine",
    "Inquiry",
    "Optimum",
    "awards_within",
    "optimal_awards",
    "solve",
]
