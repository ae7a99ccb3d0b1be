"""The award engine beside what it is built on, in one run: ratios of medians, and memory.

    .venv/bin/python -m tests.benchmarks.award [--repeats 3] [--only "5000 x 300"]

prints a line for each case and way of solving it, and then the ratios with what each should be at
most. Ratios of time are of processor time, children included, so that other work on the machine
does not decide them. Every measurement is a process of its own with one solver thread. Ends with 1
where two ways disagree on the total price, or a ratio is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Self

from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.optimiser.deadline import Deadline
from commissioning.award.domain.optimiser.inquiry import Inquiry
from commissioning.award.domain.optimiser.program import AwardProgram
from commissioning.award.domain.problem import Problem
from tests.benchmarks import rivals
from tests.benchmarks.markets import market

_MEBIBYTE_KIB = 1024


def _engine(problem: Problem, **how: Any) -> dict[str, Any]:
    began = time.perf_counter()
    answer = solve(problem, **how)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "award": dict(answer.award), "said": _said(answer)}


def _why_not(problem: Problem) -> dict[str, Any]:
    """The optimum, and what forcing each losing bid would cost: proven, and ties settled."""
    began = time.perf_counter()
    inquiry = Inquiry("highs", Deadline())
    engine = inquiry.engine(problem)
    award = inquiry.optimum(engine).award
    losers = [bid for bid in problem.bids if award[bid.lot] != bid.bidder]
    for bid in losers:
        inquiry.optimum(engine, {bid.lot: bid.bidder})
    seconds = time.perf_counter() - began
    said = f"{len(losers)} losing bids, proof {inquiry.certificate.value}"
    return {"seconds": seconds, "award": dict(award), "said": said}


def _said(answer: Any) -> str:
    gap = "no bound" if answer.gap is None else f"gap {float(answer.gap):.5%}"
    proof = answer.proof.options["certificate"]
    return f"{answer.status.value}, {gap}, proof {proof}, unique {answer.unique}"


def _rival(way: Callable[[Problem], rivals.Timed]) -> Callable[[Problem], dict[str, Any]]:
    def measured(problem: Problem) -> dict[str, Any]:
        timed = way(problem)
        told = f"build {timed.build:.3f}, solve {timed.solve:.3f}"
        return {"seconds": timed.build + timed.solve, "award": timed.award, "said": told}

    return measured


def _build(problem: Problem) -> dict[str, Any]:
    began = time.perf_counter()
    program = AwardProgram(problem)
    stated = program.model.numConstraints()  # the model is stated when it is asked for
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "said": f"{len(program.bids)} bids, {stated} constraints"}


def _naive_build(problem: Problem) -> dict[str, Any]:
    began = time.perf_counter()
    model, won = rivals.naive_model(problem)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "said": f"{len(won)} bids, {len(model.constraints())} rows"}


_CBC_LOSERS = "PuLP + CBC for each loser"
WAYS: Mapping[str, Callable[[Problem], dict[str, Any]]] = {
    "this engine": _engine,
    "this engine, 10 s": lambda problem: _engine(problem, time_limit_s=10),
    "this engine, why not": _why_not,
    "this engine, explained": lambda problem: _engine(problem, explain=True),
    "PuLP + CBC, naive": _rival(rivals.pulp_cbc),
    "PuLP + HiGHS, naive": _rival(rivals.pulp_highs),
    "HiGHS from arrays": _rival(rivals.direct_highs),
    _CBC_LOSERS: _rival(rivals.cbc_for_each_loser),
    "this engine's model": _build,
    "naive model": _naive_build,
}
_FOUR = ("this engine", "PuLP + CBC, naive", "PuLP + HiGHS, naive", "HiGHS from arrays")


@dataclass(frozen=True)
class Case:
    """A problem, and the ways in which it is solved. `most` bounds ratios of one way to another."""

    name: str
    drawn: Mapping[str, Any]
    ways: tuple[str, ...] = _FOUR
    most: Mapping[tuple[str, str], float] = field(default_factory=dict)
    most_memory: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def problem(self) -> Problem:
        """The problem, drawn anew."""
        return market(**self.drawn)


_LARGE = {"lots": 5000, "bidders": 300, "bids_on_each": 30, "max_lots": 20}
_OURS, _CBC, _ARRAYS = "this engine", "PuLP + CBC, naive", "HiGHS from arrays"

CASES = (
    Case("21 x 10, counts", {"lots": 21, "bidders": 10, "bids_on_each": 6, "max_lots": 4}),
    Case(
        "21 x 10, shares",
        {"lots": 21, "bidders": 10, "bids_on_each": 6, "share_ppm": 250_000},
        (*_FOUR, "this engine, explained", "this engine, why not", _CBC_LOSERS),
        most={("this engine, why not", _CBC_LOSERS): 0.15},
    ),
    Case("200 x 50, counts", {"lots": 200, "bidders": 50, "bids_on_each": 10, "max_lots": 6}),
    Case(
        "200 x 50, shares",
        {"lots": 200, "bidders": 50, "bids_on_each": 10, "share_ppm": 30_000},
        most={(_OURS, _CBC): 0.10},
    ),
    Case(
        "200 x 50, packages",
        {"lots": 200, "bidders": 50, "bids_on_each": 10, "max_lots": 6, "packages": 30},
    ),
    Case("1000 x 100, counts", {"lots": 1000, "bidders": 100, "bids_on_each": 20, "max_lots": 14}),
    Case(
        "1000 x 100, shares",
        {"lots": 1000, "bidders": 100, "bids_on_each": 20, "share_ppm": 14_000},
        ("this engine, 10 s", "this engine", "HiGHS from arrays"),
    ),
    Case(
        "5000 x 300, counts",
        _LARGE,
        (*_FOUR, "this engine's model", "naive model"),
        most={
            (_OURS, _CBC): 0.25,
            (_OURS, _ARRAYS): 1.0,
            ("this engine's model", "naive model"): 0.6,
        },
        most_memory={(_OURS, _CBC): 0.5},
    ),
    Case(
        "5000 x 300, counts, tied",
        {**_LARGE, "is_tied": True},
        (_OURS, _CBC),
        most={(_OURS, _CBC): 0.40},
    ),
    Case(
        "5000 x 300, portfolio",
        {**_LARGE, "objective": "min_portfolio_ppqp"},
        (_OURS,),
    ),
)
_PORTFOLIO = ("5000 x 300, portfolio", "5000 x 300, counts", 3.0)


def measure(case: Case, way: str) -> dict[str, Any]:
    """One measurement, in this process: seconds, peak memory with children, total price."""
    problem = case.problem
    before = _most_kib("self")
    began = _cpu_seconds()
    with _Children() as children:
        found = WAYS[way](problem)
    found["cpu"] = _cpu_seconds() - began
    award = found.pop("award", None)
    if award is not None and case.drawn.get("objective") is None and not case.drawn.get("packages"):
        found["price"] = sum(problem.bid_for[bidder, lot].price for lot, bidder in award.items())
    held = _most_kib("self") - before + children.most_kib
    return {**found, "mebibytes": held / _MEBIBYTE_KIB}


def _cpu_seconds() -> float:
    """Processor time of this process and of the children that ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _most_kib(process: str) -> int:
    """The most memory that a process has held since it began its program; 0 for one that ended."""
    with suppress(OSError), Path(f"/proc/{process}/status").open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


class _Children:
    """Looks again and again what the children of this process hold.

    The kernel's own count would begin before a child runs its own program.
    """

    def __enter__(self) -> Self:
        self.most_kib = 0
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._watch.join()

    def _look(self) -> None:
        own = Path(f"/proc/self/task/{os.getpid()}/children")
        while not self._is_over.wait(0.01):
            for child in own.read_text(encoding="ascii").split():
                self.most_kib = max(self.most_kib, _most_kib(child))


def run(case: Case, way: str, repeats: int) -> dict[str, Any]:
    """The median of some measurements, each in a process of its own."""
    found = []
    for _ in range(repeats):
        command = [sys.executable, "-m", "tests.benchmarks.award", "--one", case.name, way]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(said.stdout.splitlines()[-1]))
    return {
        **found[0],
        "seconds": median(each["seconds"] for each in found),
        "cpu": median(each["cpu"] for each in found),
        "mebibytes": median(each["mebibytes"] for each in found),
    }


def report(only: str, repeats: int) -> bool:
    """Measure, print, compare; whether every ratio is kept and every price agrees."""
    is_good, taken = True, {}
    tell = sys.stdout.write
    for case in (each for each in CASES if only in each.name):
        tell(f"\n{case.name} ({len(case.problem.bids)} bids)\n")
        found = {}
        for way in case.ways:
            found[way] = each = run(case, way, repeats)
            figures = (
                f"{each['seconds']:9.3f} s {each['cpu']:9.3f} s cpu {each['mebibytes']:8.1f} MiB"
            )
            tell(f"  {way:28} {figures}  {each['said']}\n")
            sys.stdout.flush()
        taken[case.name] = found.get(_OURS)
        prices = {each["price"] for each in found.values() if "price" in each}
        # A solver of floats may be a few pence off; an engine that proves may not be dearer.
        ours = found.get(_OURS, {}).get("price")
        if ours is not None and ours > min(prices):
            is_good = False
            tell(f"  DEARER than another: {sorted(prices)}\n")
        for what, bounds in (("cpu", case.most), ("mebibytes", case.most_memory)):
            for (one, other), most in bounds.items():
                is_good &= _compare(what, one, found[one], other, found[other], most)
    portfolio, linear, most = _PORTFOLIO
    if taken.get(portfolio) and taken.get(linear):
        is_good &= _compare("cpu", portfolio, taken[portfolio], linear, taken[linear], most)
    return is_good


def _compare(what: str, one: str, ours: Any, other: str, theirs: Any, most: float) -> bool:
    ratio = ours[what] / theirs[what]
    verdict = "kept" if ratio <= most else "MISSED"
    sys.stdout.write(f"  {what}: {one} / {other} = {ratio:.3f} (at most {most:g}): {verdict}\n")
    return ratio <= most


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--one", nargs=2, metavar=("CASE", "WAY"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        (case,) = [each for each in CASES if each.name == given.one[0]]
        sys.stdout.write(json.dumps(measure(case, given.one[1])) + "\n")
        return 0
    return 0 if report(given.only, given.repeats) else 1


if __name__ == "__main__":
    sys.exit(main())
