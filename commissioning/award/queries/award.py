"""Reading an award: the runs, and the table that sets the optimum beside the lot-by-lot answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from commissioning.award.domain import comparison
from commissioning.award.domain.building import ValidBid, stated_problem
from commissioning.award.domain.limits import Holding, Measured, Rule, broken_limits, holdings
from commissioning.award.domain.objective import objective_value
from commissioning.award.domain.problem import Problem, parse_problem
from commissioning.award.domain.standing import (
    is_proven_by_rule,
    left_over,
    standing_in_words,
)
from commissioning.award.domain.wording import OBJECTIVE_WORDS, broken_in_words, limits_in_words
from commissioning.award.models import AwardRun, PreferredBidder
from commissioning.competition import queries as competitions
from commissioning.competition.domain.ties import TiesOfRecord
from commissioning.competition.models import Competition, Lot
from commissioning.evaluation import queries as evaluations
from commissioning.evaluation.models import BidResult
from commissioning.identity import queries as identities
from commissioning.identity.domain.membership import (
    ConsortiumMembership,
    Ownership,
    groups_for_award,
)
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Facts

_OF_SUPPLIERS: Final = frozenset(
    {
        Rule.MAX_LOTS_PER_GROUP,
        Rule.MAX_VALUE_SHARE_PER_GROUP,
        Rule.GROUP_MAX_LOTS,
        Rule.GROUP_MAX_VALUE_SHARE,
        Rule.GROUP_MAX_VALUE,
    }
)
"""The limits on what one supplier holds through all the bidders behind which it stands."""

# Runs ----------------------------------------------------------------------------------------


def run_by_reference(reference: str) -> AwardRun:
    """A solved problem with its competition; NotFound where there is none."""
    found = db.session.scalar(
        select(AwardRun)
        .options(joinedload(AwardRun.competition))
        .where(AwardRun.reference == reference)
    )
    if found is None:
        raise NotFound
    return found


def latest_run(competition: Competition) -> AwardRun | None:
    """The problem that was solved last; None before the first."""
    return latest_runs(competition).get(competition.id)


def latest_runs(*competitions_: Competition) -> dict[int, AwardRun]:
    """The problem that was solved last in each competition, where there is one."""
    last = (
        select(func.max(AwardRun.id))
        .where(AwardRun.competition_id.in_([row.id for row in competitions_]))
        .group_by(AwardRun.competition_id)
    )
    rows = db.session.scalars(select(AwardRun).where(AwardRun.id.in_(last)))
    return {row.competition_id: row for row in rows}


def facts(competition: Competition, actor: Actor, now: datetime, run: AwardRun | None) -> Facts:
    """What the permission table needs to know of an award."""
    return competitions.facts(
        competition,
        now,
        proposer=run.proposed_by if run is not None else None,
        is_approved=run is not None and run.status == "approved",
        has_marked_here=evaluations.has_marked_here(competition, actor.reference),
    )


def preferred_bidders(competition: Competition) -> Sequence[PreferredBidder]:
    """Who is preferred for which lot, in the order of the lots; empty before the announcement."""
    return db.session.scalars(
        select(PreferredBidder)
        .join(PreferredBidder.lot)
        .options(
            contains_eager(PreferredBidder.lot),
            joinedload(PreferredBidder.organisation),
            joinedload(PreferredBidder.bid),
        )
        .where(Lot.competition_id == competition.id)
        .order_by(Lot.position)
    ).all()


def announced_runs(competition: Competition) -> Sequence[AwardRun]:
    """The solved problems by which preferred bidders were announced, in that order."""
    return db.session.scalars(
        select(AwardRun)
        .where(
            AwardRun.id.in_(
                select(PreferredBidder.run_id)
                .join(PreferredBidder.lot)
                .where(Lot.competition_id == competition.id)
            )
        )
        .order_by(AwardRun.id)
    ).all()


# The problem, from the record ----------------------------------------------------------------


def problem_of_record(competition: Competition) -> dict[str, Any]:
    """The award problem as the locked record states it now; see `domain.building`."""
    model = competitions.frozen_model(competition)
    if model is None:
        raise NotFound
    bids = [
        ValidBid(
            row.bid.organisation.reference,
            row.bid.lot.reference,
            int(row.evaluated_price_pence or 0),
            row.quality_millipoints,
        )
        for row in evaluations.results(competition)
        if row.rank is not None
    ]
    funding = {
        admission.organisation.reference: admission.proved_funding_pence
        for admission in competitions.admissions_of(competition)
    }
    return stated_problem(
        model,
        bids,
        proved_funding_pence=funding,
        groups=groups_of(
            sorted({bid.bidder for bid in bids}),
            competitions.ties_of_record(competition),
        ),
    )


def is_outdated(competition: Competition, run: AwardRun) -> bool:
    """Whether two people have corrected the ties that count since the award was solved."""
    return run.ties_version != competitions.ties_version(competition)


def groups_of(bidders: Sequence[str], ties: TiesOfRecord) -> list[dict[str, Any]]:
    """The suppliers that stand in more than one bidder: the limits on groups bear on them.

    By the ties that the competition has kept, never by what organisations are to each other now.
    """
    return groups_for_award(
        bidders,
        [Ownership(owner, owned) for owner, owned in ties.ownerships],
        [ConsortiumMembership(whole, part) for whole, part in ties.memberships],
    )


# The table -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One bid in the table: its figure in pence a point, its rank, and what became of it."""

    bidder: str
    figure: Fraction | None
    rank: int | None
    is_winner: bool
    excluded_because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DisplacedBid:
    """A better-ranked bid that did not win, and why in words."""

    bidder: str
    because: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot of the table.

    `winner` is None for a lot without a valid bid, and for one that nobody may take by the
    published rule: `is_left_over` tells the two apart.
    """

    lot: str
    name: str
    value_pence: int
    winner: str | None
    winning_figure: Fraction | None
    rank: int | None
    first_place: str | None
    displaced: tuple[DisplacedBid, ...]
    cells: Mapping[str, Cell]
    is_left_over: bool


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What one bidder, or one supplier through all its bidders, holds against its limits."""

    holder: str
    is_group: bool
    members: tuple[str, ...]
    lots: tuple[str, ...]
    value_pence: int
    share: Fraction | None
    share_limit: Measured | None
    funding_limit: Measured | None


@dataclass(frozen=True, slots=True)
class AwardTable:
    """Everything that an award page shows, exact.

    `without_limits` is the lot-by-lot answer's objective, which breaks `broken_without_limits`.
    `names` gives every bidder's name by reference. `standing` says what is true of the answer,
    `is_proven` that it may be recommended, `is_whole` that every lot with a valid bid is awarded.
    """

    status: str
    objective_kind: str
    objective_name: str
    objective: Fraction | None
    without_limits: Fraction | None
    broken_without_limits: tuple[str, ...]
    is_unique: bool | None
    lots: tuple[LotRow, ...]
    shares: tuple[ShareRow, ...]
    bidders: tuple[str, ...]
    names: Mapping[str, str]
    standing: str
    is_proven: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Compared:
    """An award beside the lot-by-lot answer; every mapping is by lot, or by (lot, bidder)."""

    problem: Problem
    award: Mapping[str, str]
    first: Mapping[str, str | None]
    ranks: Mapping[tuple[str, str], int]
    displaced: Mapping[str, tuple[comparison.Displaced, ...]]


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem and its answer, both as they were kept, and when it was asked for."""

    problem: str
    answer: str
    at: datetime


def award_table(
    competition: Competition, run: AwardRun | Solved, *, is_published: bool = True
) -> AwardTable:
    """The table of an answer: lots by bidders, winners, who was displaced and why, and shares.

    `is_published` is False for a scenario, whose rules nobody published.
    """
    problem = parse_problem(run.problem)
    answer = json.loads(run.answer)
    award: dict[str, str] = answer["award"]
    results = evaluations.results(competition)
    compared = _Compared(
        problem,
        award,
        comparison.lot_by_lot(problem),
        comparison.rank_on_lot(problem),
        comparison.displaced(problem, award) if award else {},
    )
    places = {lot: bidder for lot, bidder in compared.first.items() if bidder is not None}
    members = {group.id: group.members for group in problem.groups}
    bidders = sorted({row.bid.organisation.reference for row in results})
    names = identities.names_of([*bidders, *(_supplier(group.id) for group in problem.groups)])
    return AwardTable(
        status=answer["status"],
        objective_kind=problem.objective.value,
        objective_name=OBJECTIVE_WORDS[problem.objective],
        objective=objective_value(problem, award) if award else None,
        without_limits=objective_value(problem, places) if places else None,
        broken_without_limits=broken_in_words(
            broken_limits(problem, places), _known_as(problem, names)
        ),
        is_unique=answer["unique"],
        lots=tuple(
            _lot_row(lot, [row for row in results if row.bid.lot_id == lot.id], compared, names)
            for lot in competition.lots
        ),
        shares=tuple(
            _share_row(holding, members)
            for holding in (holdings(problem, award) if award else ())
            if holding.lots
        ),
        bidders=tuple(sorted(bidders, key=lambda one: names.get(one, one))),
        names=names,
        standing=""
        if answer["status"] == "infeasible"
        else standing_in_words(problem, answer, is_published=is_published),
        is_proven=is_proven_by_rule(problem, answer),
        is_whole=not left_over(problem, award),
    )


def _known_as(problem: Problem, names: Mapping[str, str]) -> dict[str, str]:
    """What people call whatever a limit can be about: bidders, suppliers behind them, lots."""
    suppliers = {group.id: names.get(_supplier(group.id), group.id) for group in problem.groups}
    return {**names, **suppliers, **{lot.id: f"Lot {lot.id}" for lot in problem.lots}}


def _supplier(group: str) -> str:
    """The organisation behind a group of an award problem."""
    return group.removeprefix("group:")


def _because(item: comparison.Displaced, problem: Problem, names: Mapping[str, str]) -> str:
    """The limits that displaced a bid; those on a supplier with its name."""
    said = limits_in_words(item.limits)
    if _OF_SUPPLIERS.isdisjoint(item.limits):
        return said
    known = _known_as(problem, names)
    suppliers = [known[group.id] for group in problem.groups_of.get(item.bidder, ())]
    return f"{said} ({' and '.join(suppliers)})"


def _lot_row(
    lot: Lot, results: Sequence[BidResult], compared: _Compared, names: Mapping[str, str]
) -> LotRow:
    winner = compared.award.get(lot.reference)
    cells = {}
    for row in results:
        bidder = row.bid.organisation.reference
        bid = compared.problem.bid_for.get((bidder, lot.reference))
        cells[bidder] = Cell(
            bidder,
            figure=Fraction(bid.price * 1000, bid.quality) if bid is not None else None,
            rank=compared.ranks.get((lot.reference, bidder)),
            is_winner=bidder == winner,
            excluded_because=tuple(row.excluded_because),
        )
    return LotRow(
        lot=lot.reference,
        name=lot.name,
        value_pence=lot.annual_value_pence,
        winner=winner,
        winning_figure=cells[winner].figure if winner in cells else None,
        rank=compared.ranks.get((lot.reference, winner)) if winner is not None else None,
        first_place=compared.first.get(lot.reference),
        displaced=tuple(
            DisplacedBid(item.bidder, _because(item, compared.problem, names))
            for item in compared.displaced.get(lot.reference, ())
        ),
        cells=cells,
        is_left_over=winner is None and lot.reference in compared.problem.lot_by_id,
    )


def _share_row(holding: Holding, group_members: Mapping[str, tuple[str, ...]]) -> ShareRow:
    by_rule = {measured.rule: measured for measured in holding.limits}
    return ShareRow(
        holder=_supplier(holding.id),
        is_group=holding.is_group,
        members=group_members.get(holding.id, ()),
        lots=holding.lots,
        value_pence=holding.value,
        share=holding.share,
        share_limit=by_rule.get(Rule.MAX_VALUE_SHARE_PER_BIDDER)
        or by_rule.get(Rule.GROUP_MAX_VALUE_SHARE)
        or by_rule.get(Rule.MAX_VALUE_SHARE_PER_GROUP),
        funding_limit=by_rule.get(Rule.BIDDER_MAX_VALUE),
    )
