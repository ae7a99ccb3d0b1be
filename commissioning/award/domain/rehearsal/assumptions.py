"""What markets are thought plausible, in numbers that anybody may question and change.

Everything is a whole number, drawn evenly from a range; shares and ratios are in parts per million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from commissioning.kernel.errors import BadInputs

PPM: Final = 1_000_000
MOST_MARKETS: Final = 2_000
MOST_BIDDERS: Final = 100

Fault = tuple[str, str]


@dataclass(frozen=True)
class Between:
    """A range of whole numbers, both ends included."""

    low: int
    high: int


@dataclass(frozen=True)
class BidderKind:
    """A kind of bidder, and how those of its kind are thought to bid.

    `count`: how many of them come to a market. `lots`: for how many lots each bids, of those worth
    at most `largest_lot_ppm` of the value of all lots. `price_ppm`: a bid's price, in parts per
    million of what the lot's indicative value comes to over the years. `marks`: the level of each
    bidder; of ten marks one is a step below that level and three a step above. `funding_ppm`: the
    funding that it proves, in parts per million of the value of the lots it bids for; never less
    than the funding test needs for the largest of them alone, since otherwise it would not have
    been admitted.
    """

    id: str
    name: str
    count: Between
    lots: Between
    price_ppm: Between
    marks: Between
    funding_ppm: Between
    largest_lot_ppm: int = PPM


@dataclass(frozen=True)
class Assumptions:
    """What the invented markets of a rehearsal are drawn from.

    `seed` and the number of a market decide everything in it. `groups` suppliers each stand behind
    several bidders, `group_size` of them; groups may overlap. `known_group_sizes` are groups that
    are known already: each market has one of each size, and `groups` come on top. Raises BadInputs
    with every place that is out of range.
    """

    seed: str
    kinds: tuple[BidderKind, ...]
    markets: int = 300
    groups: Between = Between(0, 2)
    group_size: Between = Between(2, 3)
    known_group_sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        faults = [*self._faults(), *(fault for kind in self.kinds for fault in _faults_of(kind))]
        if faults:
            raise BadInputs(faults)

    @property
    def most_bidders(self) -> int:
        """How many bidders a market may have at most."""
        return sum(kind.count.high for kind in self.kinds)

    def _faults(self) -> Iterator[Fault]:
        if not self.seed:
            yield "seed", "Give a seed: any text from which the markets are drawn."
        if not 1 <= self.markets <= MOST_MARKETS:
            yield "markets", f"Rehearse from 1 to {MOST_MARKETS} markets."
        if not self.kinds:
            yield "kinds", "Describe at least one kind of bidder."
        if len({kind.id for kind in self.kinds}) < len(self.kinds):
            yield "kinds", "Give each kind of bidder an id of its own."
        if self.kinds and not 1 <= self.most_bidders <= MOST_BIDDERS:
            yield "kinds", f"A market needs from 1 to {MOST_BIDDERS} bidders in all."
        yield from _out_of("groups", self.groups, 0, MOST_BIDDERS)
        yield from _out_of("group_size", self.group_size, 2, MOST_BIDDERS)
        if any(size < 2 for size in self.known_group_sizes):
            yield "known_group_sizes", "A group has at least 2 bidders."


def _faults_of(kind: BidderKind) -> Iterator[Fault]:
    place = f"kinds[{kind.id}]"
    if not kind.id or not kind.name:
        yield place, "Give each kind of bidder an id and a name."
    yield from _out_of(f"{place}.count", kind.count, 0, MOST_BIDDERS)
    yield from _out_of(f"{place}.lots", kind.lots, 1, 10_000)
    yield from _out_of(f"{place}.price_ppm", kind.price_ppm, 1, 100 * PPM)
    yield from _out_of(f"{place}.marks", kind.marks, 0, 1_000)
    yield from _out_of(f"{place}.funding_ppm", kind.funding_ppm, 1, 100 * PPM)
    if not 1 <= kind.largest_lot_ppm <= PPM:
        yield f"{place}.largest_lot_ppm", f"Give a share from 1 to {PPM} parts per million."


def _out_of(place: str, between: Between, least: int, most: int) -> Iterator[Fault]:
    if not least <= between.low <= between.high <= most:
        yield place, f"Give a range from {least} to {most}, the lower number first."


def with_counts(assumptions: Assumptions, counts: Mapping[str, Between]) -> Assumptions:
    """The assumptions with other numbers of bidders for some kinds, by the id of the kind.

    Raises BadInputs where a number is out of range or nobody is left.
    """
    return replace(
        assumptions,
        kinds=tuple(
            replace(kind, count=counts.get(kind.id, kind.count)) for kind in assumptions.kinds
        ),
    )


def plausible_assumptions(seed: str, *, markets: int = 300) -> Assumptions:
    """A market of large, small and voluntary bidders to begin with, in round numbers.

    They are a starting point for people who know the market, and taken from no record: about
    sixty valid bids for twenty lots. Large bidders bid widely and prove much; small and voluntary
    ones bid for few lots, none of the largest, a little dearer and often better.
    """
    return Assumptions(
        seed=seed,
        markets=markets,
        kinds=(
            BidderKind(
                id="large",
                name="Large bidders",
                count=Between(6, 9),
                lots=Between(4, 10),
                price_ppm=Between(900_000, 1_080_000),
                marks=Between(2, 3),
                funding_ppm=Between(250_000, 700_000),
            ),
            BidderKind(
                id="small",
                name="Small firms",
                count=Between(3, 6),
                lots=Between(1, 3),
                price_ppm=Between(930_000, 1_120_000),
                marks=Between(2, 3),
                funding_ppm=Between(300_000, 900_000),
                largest_lot_ppm=60_000,
            ),
            BidderKind(
                id="voluntary",
                name="Voluntary and community bodies",
                count=Between(3, 6),
                lots=Between(1, 2),
                price_ppm=Between(940_000, 1_120_000),
                marks=Between(2, 4),
                funding_ppm=Between(300_000, 900_000),
                largest_lot_ppm=50_000,
            ),
        ),
    )
