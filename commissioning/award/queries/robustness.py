"""How firmly an award stands, with the names that people know: as a study found it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select

from commissioning.award.domain.plain import from_plain
from commissioning.award.domain.problem import Problem, parse_problem
from commissioning.award.domain.robustness import (
    MarkChange,
    MarkedBid,
    PriceChange,
    Quality,
    Search,
    Study,
    Withdrawal,
    marks_in_words,
    points_in_words,
    price_in_words,
    quality_of,
    search_in_words,
    weights_in_words,
    winners_in_words,
    withdrawals_in_words,
)
from commissioning.award.models import AwardRun, AwardWork
from commissioning.award.queries.explained import names_in
from commissioning.award.queries.scenarios import Progress, progress_of
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.evaluation import queries as evaluations
from commissioning.infrastructure.database import db
from commissioning.kernel.errors import NotFound


def quality_of_record(competition: Competition) -> Quality:
    """What the quality points of all bids follow from: the frozen model and the agreed marks.

    Raises BadInputs where a mark is missing.
    """
    model = competitions.frozen_model(competition)
    if model is None:
        raise NotFound
    marks = evaluations.agreed_marks(competition)
    bids = tuple(
        MarkedBid(row.bid.organisation.reference, row.bid.lot.reference, marks.get(row.bid_id, {}))
        for row in evaluations.results(competition)
    )
    return quality_of(model, bids)


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark, one step from where it is, and who would win instead, a line for each lot."""

    lot: str
    bidder: str
    question: str
    mark: int
    to_mark: int
    puts_out: bool
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawalRow:
    """A bidder without a lot, and who would win had it not bid."""

    bidder: str
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeightRow:
    """A criterion with its published weight, the nearest one that moves a lot, and who wins then.

    `to_weight` is the furthest that was tried in that direction where no lot moves.
    """

    criterion: str
    weight: str
    to_weight: str
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A bid and the smallest difference of its price, in pence, that would move a lot.

    `part` is that difference as a part of its price.
    """

    lot: str
    bidder: str
    is_winner: bool
    price_pence: int
    difference_pence: int
    part: Fraction
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyShown:
    """What a study found, part by part; `summary` says it in a sentence or two for each."""

    summary: tuple[str, ...]
    furthest: str
    marks: tuple[MarkRow, ...]
    entering: tuple[MarkRow, ...]
    withdrawals: tuple[WithdrawalRow, ...]
    weights: tuple[WeightRow, ...]
    steady_weights: tuple[WeightRow, ...]
    prices: tuple[PriceRow, ...]
    steady_prices: int
    unsettled_prices: tuple[str, ...]
    notes: Mapping[str, tuple[str, ...]]
    looked_at: Mapping[str, Search]

    @property
    def nearest(self) -> tuple[PriceRow, ...]:
        """On each lot the bid whose price is nearest to moving a lot, as a part of its price."""
        by_lot: dict[str, PriceRow] = {}
        for row in self.prices:
            if row.lot not in by_lot or row.part < by_lot[row.lot].part:
                by_lot[row.lot] = row
        return tuple(by_lot[lot] for lot in sorted(by_lot))


@dataclass(frozen=True, slots=True)
class StudyStanding:
    """How far the study asked for last is, and what the last finished one found.

    `is_older` says that this was of another problem than the one that is solved now.
    """

    progress: Progress | None
    shown: StudyShown | None
    found_for: datetime | None
    is_older: bool


def study_standing(competition: Competition, run: AwardRun, real_now: datetime) -> StudyStanding:
    """How far the studies of a competition's award are, and what the last one found."""
    works = db.session.scalars(
        select(AwardWork)
        .where(
            AwardWork.competition_id == competition.id,
            AwardWork.run_id.is_not(None),
            AwardWork.margin_ppm.is_(None),
        )
        .order_by(AwardWork.id.desc())
        .limit(50)
    ).all()
    done = next((work for work in works if work.answer is not None), None)
    return StudyStanding(
        progress_of(works[0], real_now) if works else None,
        _shown(competition, done) if done is not None else None,
        done.asked_at if done is not None else None,
        done is not None and done.run is not None and done.run.problem_sha256 != run.problem_sha256,
    )


def _shown(competition: Competition, work: AwardWork) -> StudyShown:
    study = from_plain(Study, json.loads(work.answer or "{}")["study"])
    problem = parse_problem(work.problem)
    names = {**_questions(competition, problem), **names_in(problem)}
    prices = sorted(study.prices.changing, key=lambda each: abs(each.change))
    unsettled = [
        f"{names.get(bidder, bidder)} on lot {lot}" for bidder, lot in study.prices.unsettled
    ]
    return StudyShown(
        summary=_summary(study, prices, names),
        furthest=points_in_words(study.furthest),
        marks=tuple(_mark(each, names) for each in study.marks.changing),
        entering=tuple(
            MarkRow(
                each.lot,
                names.get(each.bidder, each.bidder),
                names.get(each.leaf, each.leaf),
                each.mark,
                each.to_mark,
                puts_out=False,
                winners=(),
            )
            for each in study.marks.entering
        ),
        withdrawals=tuple(_withdrawal(each, names) for each in study.withdrawals.changing),
        weights=tuple(
            WeightRow(
                names.get(each.criterion, each.criterion),
                points_in_words(each.weight),
                points_in_words(each.to_weight),
                winners_in_words(each.moved, names),
            )
            for each in study.weights.changing
        ),
        steady_weights=tuple(
            WeightRow(names.get(criterion, criterion), "", points_in_words(weight), ())
            for criterion, weight in study.weights.steady
        ),
        prices=tuple(_price(each, names) for each in prices),
        steady_prices=len(study.prices.steady),
        unsettled_prices=tuple(unsettled),
        notes={
            "marks": search_in_words(study.marks.search, "marks"),
            "withdrawals": search_in_words(study.withdrawals.search, "withdrawals"),
            "weights": search_in_words(study.weights.search, "weights"),
            "prices": search_in_words(study.prices.search, "prices"),
        },
        looked_at={
            "marks": study.marks.search,
            "withdrawals": study.withdrawals.search,
            "weights": study.weights.search,
            "prices": study.prices.search,
        },
    )


def _summary(study: Study, prices: list[PriceChange], names: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each question; "No ..." only where all of it was looked at."""
    gone, moving = study.withdrawals.changing, {each.criterion for each in study.weights.changing}
    range_of_weights = f"{points_in_words(study.furthest)} points"
    said = (
        (study.marks.changing, study.marks.search, "marks", marks_in_words(study.marks, names)[0]),
        (
            gone,
            study.withdrawals.search,
            "withdrawals",
            withdrawals_in_words(study.withdrawals, names)[0]
            if len(gone) < 2
            else f"{len(gone)} bidders without a lot bear on the award: without any one of them, a "
            "lot would go elsewhere.",
        ),
        (
            moving,
            study.weights.search,
            "weights",
            weights_in_words(study.weights, names)[0]
            if len(moving) < 2
            else f"{len(moving)} of the weights would move a lot within {range_of_weights}.",
        ),
        (
            prices,
            study.prices.search,
            "prices",
            "The smallest difference of a price: " + price_in_words(prices[0], names)
            if prices
            else "No difference of a single price in the range that was looked at would move any "
            "lot.",
        ),
    )
    return tuple(
        line if found or search.is_complete else search_in_words(search, what)[0]
        for found, search, what, line in said
    )


def _mark(change: MarkChange, names: Mapping[str, str]) -> MarkRow:
    return MarkRow(
        change.lot,
        names.get(change.bidder, change.bidder),
        names.get(change.leaf, change.leaf),
        change.mark,
        change.to_mark,
        change.puts_out,
        winners_in_words(change.moved, names, first=change.lot),
    )


def _withdrawal(change: Withdrawal, names: Mapping[str, str]) -> WithdrawalRow:
    return WithdrawalRow(
        names.get(change.bidder, change.bidder), winners_in_words(change.moved, names)
    )


def _price(change: PriceChange, names: Mapping[str, str]) -> PriceRow:
    return PriceRow(
        change.lot,
        names.get(change.bidder, change.bidder),
        change.is_winner,
        change.price,
        abs(change.change),
        Fraction(abs(change.change), change.price),
        winners_in_words(change.moved, names, first=change.lot),
    )


def _questions(competition: Competition, problem: Problem) -> dict[str, str]:
    """What people call criteria and their questions; a lot of the same name keeps its own."""
    model = competitions.frozen_model(competition)
    if model is None:
        raise NotFound
    found = {}
    for criterion in model["criteria"]:
        for each in (criterion, *criterion["leaves"]):
            if each["id"] not in problem.lot_by_id:
                found[each["id"]] = f"{each['id']} {criterion['name']}"
    return found
