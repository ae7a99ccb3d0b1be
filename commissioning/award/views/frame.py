"""What every page of the award begins with: the blueprint, the run, and how figures are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction

from flask import Blueprint

from commissioning.award import queries
from commissioning.award.domain.wording import short_codes
from commissioning.award.models import AwardRun
from commissioning.award.queries import AwardTable
from commissioning.competition.models import Competition
from commissioning.competition.queries import competition_by_reference
from commissioning.permissions import Facts
from commissioning.web.access import current_actor
from commissioning.web.filters import money, points, ppqp_apart

blueprint = Blueprint("award", __name__, url_prefix="/competitions/<string:reference>")


def award_facts(reference: str, now: datetime) -> tuple[Competition, AwardRun | None, Facts]:
    """The competition, its last solved problem, and what the policy needs to know of them."""
    competition = competition_by_reference(reference)
    run = queries.latest_run(competition)
    return competition, run, queries.facts(competition, current_actor(), now, run)


def shown_table(table: AwardTable) -> dict[str, object]:
    """The table of an award with the codes and the colours of its bidders."""
    codes = short_codes({one: table.names.get(one, one) for one in table.bidders})
    winners = {row.winner for row in table.lots if row.winner is not None}
    return {"table": table, "codes": codes, "colours": colours_of(winners)}


def colours_of(winners: Iterable[str]) -> dict[str, int]:
    """A colour for each winner, by its reference: the same on every page of one award."""
    return {one: place % 24 for place, one in enumerate(sorted(winners))}


def in_units(kind: str, values: Sequence[Fraction | None]) -> list[str]:
    """Figures of an objective as people read them, with as many digits as tell them apart.

    In the units of the objective: pence, pence a milli-point, or milli-points.
    """
    if kind == "min_total_price":
        return [money(None if one is None else int(one)) for one in values]
    if kind == "max_total_quality":
        return ["–" if one is None else f"{points(int(one))} points" for one in values]
    return ppqp_apart([None if one is None else one * 1000 for one in values])
