"""One question to an award problem on its way: proposed, proved, made canonical.

A solver proposes; the exact search proves that nothing is better, or finds what is, and whether
anything is as good; the tie rule settles which of the equals stands. Where an exact proof would be
too long, the solver's own word is taken, and the certificate says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from commissioning.award.domain.lexicographic import canonical_award
from commissioning.award.domain.limits import broken_limits
from commissioning.award.domain.objective import is_better, objective_value
from commissioning.award.domain.optimiser.costs import Costs
from commissioning.award.domain.optimiser.deadline import Deadline, OutOfTime
from commissioning.award.domain.optimiser.exchanges import Exchanges
from commissioning.award.domain.optimiser.instruments import Instruments
from commissioning.award.domain.optimiser.search import OutOfWork, Question
from commissioning.award.domain.optimiser.solvers import Word
from commissioning.award.domain.problem import Objective

_MOST_RATIOS = 40
_SWAPS_TRIED = 3


class Certificate(StrEnum):
    """What stands behind an answer: exact arithmetic alone, or in places the solver's word."""

    EXACT = "exact"
    SOLVER = "solver"


@dataclass(frozen=True)
class Optimum:
    """What was found: an award (lot to bidder) or none, and how much of it is proven.

    Without an award, `is_proven` says that none exists. With one, it says that none is better, and
    `is_canonical` that ties are settled too, so that `is_unique` is known. No award is better than
    `bound`, by the objective of the problem.
    """

    award: Mapping[str, str]
    value: Fraction | None
    bound: Fraction | None
    is_proven: bool
    is_canonical: bool
    is_unique: bool | None
    certificate: Certificate


class Pursuit:
    """One question on its way: the best award so far, and what is known of the rest."""

    def __init__(self, instruments: Instruments, is_open: bytearray, deadline: Deadline) -> None:
        self._instruments = instruments
        self._program = instruments.program
        self._problem = instruments.problem
        self._is_open = is_open
        self._deadline = deadline
        self._certificate = Certificate.EXACT
        self._chosen: tuple[int, ...] | None = None
        self._value = Fraction(0)
        self._bound: Fraction | None = None
        self._costs = instruments.costs_for(self._first_ratio())

    def run(self) -> Optimum:
        """Propose, prove, settle ties; stop where the time ends."""
        is_proven = False
        try:
            if self._deadline.is_limited:
                self._bound_at_root()  # so that an answer cut short has an exact bound
            is_near = self._start_near() or self._relax()
            may_propose = is_near or self._instruments.search.is_small
            if not may_propose:
                self._propose()
            ties = None if self._chosen is None else self._ties()
            is_unique = None if ties is not None else self._prove(may_propose=may_propose)
            if self._chosen is None:
                return self._nothing(is_proven=True)
            is_proven = True
            self._bound = self._value
            if ties is not None:
                is_unique = not ties.has_other(self._deadline)
                self._chosen = ties.canonical(self._deadline)
            elif not is_unique:
                self._make_canonical()
            self._instruments.seen[self._chosen or ()] = self._value
        except OutOfTime:
            if self._chosen is None:
                return self._nothing(is_proven=False)
            return self._as_found(is_proven=is_proven, is_unique=None)
        return self._as_found(is_proven=True, is_unique=is_unique)

    def any_award(self) -> tuple[Mapping[str, str] | None, Certificate]:
        """Some award, or None where there is none. Raises OutOfTime."""
        found = self._find(None)
        award = None if found is None else self._program.award_of(found)
        return award, self._certificate

    def _nothing(self, *, is_proven: bool) -> Optimum:
        return Optimum({}, None, None, is_proven, is_proven, None, self._certificate)

    def _as_found(self, *, is_proven: bool, is_unique: bool | None) -> Optimum:
        chosen = self._chosen or ()
        bound = self._bound
        if bound is not None and is_better(self._problem, self._value, bound):
            bound = self._value  # it was found on the other awards only
        award = self._program.award_of(chosen)
        is_canonical = is_unique is not None
        return Optimum(
            award, self._value, bound, is_proven, is_canonical, is_unique, self._certificate
        )

    def _bound_at_root(self) -> None:
        root = self._instruments.search.bound_at_root(self._is_open, self._deadline)
        if root is not None:
            self._raise_bound(Fraction(root.total, root.scale))

    def _start_near(self) -> bool:
        """Start from an award of an earlier question: the best that fits, as it is or swapped.

        Where lots are forced, the award that was best without often needs only these lots changed.
        Whatever it is, it is only a start: the proof is the same.
        """
        program = self._program
        forced = [on for on in map(self._left_on, program.columns_on) if len(on) == 1]
        starts: dict[tuple[int, ...], None] = {}
        for number, seen in enumerate(self._instruments.seen):
            if number >= _SWAPS_TRIED and not all(self._is_open[column] for column in seen):
                continue
            swapped = list(seen)
            for (column,) in forced:
                swapped[program.lot_of[column]] = column
            if all(self._is_open[column] for column in swapped):
                starts[tuple(swapped)] = None
        for start in starts:
            award = program.award_of(start)
            if not broken_limits(self._problem, award) and self._improves(start):
                self._take(start)
        return self._chosen is not None

    def _relax(self) -> bool:
        """Start from what the relaxation proposes, where it splits no lot; False where it does.

        For the ratio of sums, again with each ratio that it falls to (see `_propose`).
        """
        for _ in range(_MOST_RATIOS):
            chosen = self._instruments.search.whole_at_root(self._is_open, self._deadline)
            if chosen is None or broken_limits(self._problem, self._program.award_of(chosen)):
                break
            if not self._improves(chosen):
                return True
            self._take(chosen)
            if self._costs.ratio is None:
                return True
            self._beat(self._value)
        return False

    def _left_on(self, columns: Sequence[int]) -> list[int]:
        return [column for column in columns if self._is_open[column]]

    def _propose(self) -> None:
        """Let the solver propose; for the ratio of sums, until its ratio falls no further.

        Dinkelbach: with the ratio of any award, price less ratio x quality is negative for exactly
        the awards that are better; the least of it gives the next ratio.
        """
        for _ in range(_MOST_RATIOS):
            proposal = self._instruments.proposer.propose(self._is_open, self._deadline)
            if proposal.bound is not None:
                self._raise_bound(Fraction(proposal.bound))
            if proposal.chosen is None or not self._improves(proposal.chosen):
                return
            self._take(proposal.chosen)
            if self._costs.ratio is None or proposal.word is not Word.OPTIMAL:
                return
            self._beat(self._value)

    def _ties(self) -> Exchanges | None:
        """What is as good as the award, where one bound proves that nothing is better.

        None where more than a bound is needed, or more is limited than numbers of lots.
        """
        self._beat(self._value)
        costs = self._costs
        if not costs.exact:
            return None
        most = costs.most(costs.target(self._value), strict=False)
        face = self._instruments.search.face(self._is_open, most, self._deadline)
        return None if face is None else Exchanges.among(self._program, face, self._chosen or ())

    def _prove(self, *, may_propose: bool) -> bool:
        """Prove the award optimal, after taking whatever is better; whether it is the only one.

        Where there is no award yet, find one, or prove that there is none. Where an exact proof
        would be too long, the solver is asked (if it may still propose), and its word taken.
        """
        try:
            is_unique = self._walk()
            while is_unique is None:
                is_unique = self._walk()
            return is_unique
        except OutOfWork:
            if may_propose:
                self._propose()
            return self._take_word()

    def _walk(self) -> bool | None:
        """The exact proof in one go; None where a better ratio makes it begin again."""
        if self._chosen is not None:
            self._beat(self._value)
        costs = self._costs
        is_unique: bool | None = True

        def told(found: tuple[int, ...]) -> int | None:
            nonlocal is_unique
            is_better_one = self._improves(found)
            if is_better_one:
                self._take(found)
            if is_better_one and costs.ratio is not None:
                is_unique = None
                return None
            is_unique = is_better_one
            return self._most(strict=not is_better_one)

        search = self._instruments.search
        question = Question(self._is_open, self._most(strict=False), self._is_new)
        try:
            search.walk(question, told, self._deadline)
        finally:
            if search.root_bound is not None:
                self._raise_bound(Fraction(search.root_bound.total, search.root_bound.scale), costs)
        return is_unique

    def _most(self, *, strict: bool) -> int | None:
        """What an award may cost to be better than the one so far (or, if not strict, as good)."""
        if self._chosen is None:
            return None
        return self._costs.most(self._costs.target(self._value), strict=strict)

    def _is_new(self, chosen: Sequence[int]) -> bool:
        """Whether it is a valid award, at least as good as the one so far, and another."""
        award = self._program.award_of(chosen)
        if tuple(chosen) == self._chosen or broken_limits(self._problem, award):
            return False
        worth = objective_value(self._problem, award)
        return self._chosen is None or not is_better(self._problem, self._value, worth)

    def _take_word(self) -> bool:
        """The same as a proof, by the word of a solver."""
        while True:
            question = Question(self._is_open, self._most(strict=False), self._is_new)
            other = self._ask_solver(question, self._chosen)
            if other is None:
                return True
            if not self._improves(other):
                question = Question(self._is_open, self._most(strict=True), self._improves_validly)
                other = self._ask_solver(question)
                if other is None:
                    return False
            self._take(other)
            self._beat(self._value)

    def _improves_validly(self, chosen: Sequence[int]) -> bool:
        return self._is_new(chosen) and self._improves(chosen)

    def _make_canonical(self) -> None:
        """Settle the tie: of all optimal awards, the lexicographically smallest."""
        program, costs = self._program, self._costs
        most = costs.most(costs.target(self._value), strict=False)
        left = self._instruments.search.reduced(self._is_open, most, self._deadline)
        by_position = [
            {self._problem.position[program.bids[each].bidder]: each for each in on if left[each]}
            for on in program.columns_on
        ]

        def witness(settled: Mapping[int, int]) -> tuple[int, ...] | None:
            is_open = bytearray(left)
            for place, position in settled.items():
                for column in program.columns_on[place]:
                    is_open[column] = column == by_position[place][position]
            found = self._find(self._value, is_open=is_open)
            if found is None:
                return None
            self._chosen = found  # as good as any, should the time end before the last lot
            return program.positions_of(found)

        positions = canonical_award(
            program.positions_of(self._chosen or ()),
            [sorted(each) for each in by_position],
            witness,
        )
        self._chosen = tuple(
            columns[position] for columns, position in zip(by_position, positions, strict=True)
        )

    def _find(
        self, value: Fraction | None, *, is_open: bytearray | None = None
    ) -> tuple[int, ...] | None:
        """An award as good as `value`, if there is a value; None is proof of none."""
        costs = self._costs
        most = None if value is None else costs.most(costs.target(value), strict=False)

        def accepts(chosen: Sequence[int]) -> bool:
            award = self._program.award_of(chosen)
            if broken_limits(self._problem, award):
                return False
            worth = objective_value(self._problem, award)
            return value is None or not is_better(self._problem, value, worth)

        question = Question(self._is_open if is_open is None else is_open, most, accepts)
        try:
            return self._instruments.search.find(question, self._deadline)
        except OutOfWork:
            return self._ask_solver(question)

    def _ask_solver(
        self, question: Question, excluded: Sequence[int] | None = None
    ) -> tuple[int, ...] | None:
        """The solver's answer to a question that was too hard to prove exactly."""
        proposal = self._instruments.proposer.propose(question.is_open, self._deadline, excluded)
        if proposal.chosen is not None and question.accepts(proposal.chosen):
            return proposal.chosen
        if proposal.word in (Word.OPTIMAL, Word.INFEASIBLE):
            self._certificate = Certificate.SOLVER
            return None
        raise OutOfTime

    def _beat(self, ratio: Fraction) -> None:
        """Take the costs against which an award is better, where the objective is a ratio."""
        if self._problem.objective is Objective.MIN_PORTFOLIO_PPQP:
            self._costs = self._instruments.costs_for(ratio)

    def _first_ratio(self) -> Fraction | None:
        """A ratio to begin with: that of the best bids lot by lot, gross."""
        if self._problem.objective is not Objective.MIN_PORTFOLIO_PPQP:
            return None
        best = []
        for on in self._program.columns_on:
            bids = [self._program.bids[each] for each in on if self._is_open[each]]
            rated = [bid for bid in bids if bid.quality]  # a lot may go to nobody in a what-if
            if rated:
                best.append(min(rated, key=lambda bid: Fraction(bid.price, bid.quality)))
        if not best:
            return Fraction(0)
        return Fraction(sum(bid.price for bid in best), sum(bid.quality for bid in best))

    def _improves(self, chosen: Sequence[int]) -> bool:
        worth = objective_value(self._problem, self._program.award_of(chosen))
        return self._chosen is None or is_better(self._problem, worth, self._value)

    def _take(self, chosen: Sequence[int]) -> None:
        self._chosen = tuple(chosen)
        self._value = objective_value(self._problem, self._program.award_of(chosen))

    def _raise_bound(self, cost: Fraction, costs: Costs | None = None) -> None:
        """No award costs less than this: a bound on the objective follows."""
        costs = costs or self._costs
        badness = costs.badness(cost)
        if costs.ratio is not None:
            # Price less ratio x quality is at least `badness`; divide by the least quality.
            least = sum(
                min(self._program.bids[each].quality for each in on if self._is_open[each])
                for on in self._program.columns_on
            )
            if not least:
                return  # where lots may go to nobody, no quality is certain
            bound = costs.ratio + min(badness, Fraction(0)) / least
        else:
            bound = costs.sign * badness
        if self._bound is None or is_better(self._problem, self._bound, bound):
            self._bound = bound
