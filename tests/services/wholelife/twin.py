"""The twin: what the competition must look like, kept by hand and apart from the platform.

It reads no table of the platform. Commands ask it whether an act is legal before they try it, and
tell it what followed; the machine compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from commissioning.kernel.actor import Role
from tests.support import small_competition as small

STAGES = (
    "draft",
    "pqq_open",
    "pqq_closed",
    "shortlisted",
    "itn_open",
    "itn_closed",
    "quality_evaluation",
    "quality_locked",
    "price_evaluation",
    "award_modelling",
    "award_recommended",
    "preferred_bidders",
)
"""The life of a competition as far as it is built, in its order."""

MOVES = {
    ("draft", "pqq_issued"): "pqq_open",
    ("pqq_open", "pqq_deadline_passed"): "pqq_closed",
    ("pqq_closed", "shortlist_confirmed"): "shortlisted",
    ("shortlisted", "itn_issued"): "itn_open",
    ("itn_open", "itn_deadline_passed"): "itn_closed",
    ("itn_closed", "quality_envelopes_opened"): "quality_evaluation",
    ("quality_evaluation", "quality_locked"): "quality_locked",
    ("quality_locked", "price_envelopes_opened"): "price_evaluation",
    ("price_evaluation", "prices_completed"): "award_modelling",
    ("award_modelling", "award_recommended"): "award_recommended",
    ("award_recommended", "award_sent_back"): "award_modelling",
    ("award_recommended", "preferred_bidders_announced"): "preferred_bidders",
} | {(stage, "terminated"): "terminated" for stage in STAGES}
"""Every legal move, written down a second time."""

DEADLINE = {"pqq_open": "pqq_deadline", "itn_open": "itn_deadline"}
OPENED_FROM = {"quality": "quality_evaluation", "price": "price_evaluation"}
THRESHOLD, HOLDERS = 2, 3


@dataclass
class Proposal:
    """An act that one person proposed; it is stale once what it rests on has changed."""

    reference: str
    event: str
    by: str
    until: datetime | None = None
    rests_on: object = None
    correction: tuple[str, tuple[str, str, str]] | None = None
    late: tuple[str, str] | None = None  # of a late bid: which, and what is proposed


@dataclass
class Response:
    """A PQQ response: as drafted, and as submitted."""

    answers: dict[str, str] = field(default_factory=dict)
    lots: tuple[str, ...] = ()
    funding: int | None = None
    source: str = ""
    status: str = "draft"
    reference: str = ""
    submitted: dict | None = None

    @property
    def is_complete(self) -> bool:
        answered = all(self.answers.get(question) for question in small.QUESTIONS)
        return bool(answered and self.lots and self.funding and self.source)


@dataclass
class Bid:
    """A bid: its drafts, and what counts."""

    reference: str
    answers: dict[str, str] = field(default_factory=dict)
    has_quality: bool = False
    fees: tuple[int, ...] | None = None
    adjustments: int = 0
    files: dict[str, str] = field(default_factory=dict)
    version: int = 0
    status: str = "draft"
    receipts: dict[str, int] = field(default_factory=dict)
    submitted_fees: tuple[tuple[int, ...], int] | None = None
    submitted_files: tuple[str, ...] = ()
    uploads: dict = field(default_factory=dict)  # reference to Upload, see uploading.py

    @property
    def is_answered(self) -> bool:
        return all(self.answers.get(leaf) for leaf in small.LEAVES)


@dataclass
class Late:
    """What was sent late for a bid."""

    reference: str
    key: str
    reason: str
    status: str = "waiting"


@dataclass
class Seat:
    """Somebody's place on a sheet."""

    role: Role
    has_submitted: bool = False
    has_ended: bool = False


@dataclass
class Agreed:
    """The agreed mark of an answer; `words` are who agrees (True) and who dissents (False)."""

    mark: int
    reason: str
    is_closed: bool = False
    words: dict[str, bool] = field(default_factory=dict)


@dataclass
class Run:
    """A solved award."""

    reference: str
    is_proven: bool
    ties_version: int
    status: str = "solved"
    proposed_by: str = ""


@dataclass
class Twin:
    """Everything that the platform should know of the competition, and nothing else."""

    now: datetime = small.START
    stage: str = "draft"
    furthest: str = "draft"
    moves: list[str] = field(default_factory=list)
    programme: str = ""
    competitions: list[str] = field(default_factory=lambda: [small.REFERENCE])
    deadlines: dict[str, datetime] = field(default_factory=dict)
    extensions: int = 0
    roles: dict[str, set[Role]] = field(default_factory=dict)
    ever: dict[str, set[Role]] = field(default_factory=dict)
    lots: list[str] = field(default_factory=lambda: list(small.LOTS))
    minimum_points: int = small.MINIMUM_POINTS
    versions: int = 0
    content: dict[str, dict] = field(default_factory=lambda: {"pqq_issued": {}, "itn_issued": {}})
    proposals: dict[str, Proposal] = field(default_factory=dict)
    decided: list[Proposal] = field(default_factory=list)
    streams: set[str] = field(default_factory=set)
    responses: dict[str, Response] = field(default_factory=dict)
    parts: dict[str, set[str]] = field(default_factory=dict)
    findings: dict[tuple[str, str], int | None] = field(default_factory=dict)
    admitted: set[tuple[str, str]] = field(default_factory=set)
    has_keys: bool = False
    is_rehearsed: bool = False
    rehearsing: set[str] = field(default_factory=set)
    replacement: tuple[str, str] | None = None  # of a key holder: who gives up, who takes over
    replacement_proposed: tuple[str, str] = ("", "")  # its reference, and by whom
    is_replacement_approved: bool = False
    renewing: set[str] = field(default_factory=set)
    bids: dict[tuple[str, str], Bid] = field(default_factory=dict)
    late: dict[tuple[str, str], Late] = field(default_factory=dict)
    dawdlers: set[tuple[str, str]] = field(default_factory=set)  # on a straight way they come late
    opening: dict[str, set[str]] = field(default_factory=lambda: {"quality": set(), "price": set()})
    seats: dict[tuple[str, str], dict[str, Seat]] = field(default_factory=dict)
    ever_seated: set[str] = field(default_factory=set)
    marks: dict[tuple[str, str, str], dict[tuple[str, str], int]] = field(default_factory=dict)
    agreed: dict[tuple[str, str], Agreed] = field(default_factory=dict)
    interests: dict[str, set[str | None]] = field(default_factory=dict)
    ties: set[tuple[str, str, str]] = field(default_factory=set)
    ties_version: int = 0
    run: Run | None = None

    # Where it stands ----------------------------------------------------------------------

    @property
    def is_terminated(self) -> bool:
        return self.stage == "terminated"

    def at(self, *stages: str) -> bool:
        return self.stage in stages

    def since(self, stage: str) -> bool:
        """At this stage or later, and not terminated."""
        return not self.is_terminated and STAGES.index(self.stage) >= STAGES.index(stage)

    def has_reached(self, stage: str) -> bool:
        """At this stage or later, also where it was terminated since."""
        return STAGES.index(self.furthest) >= STAGES.index(stage)

    def before(self, stage: str) -> bool:
        return not self.is_terminated and STAGES.index(self.stage) < STAGES.index(stage)

    @property
    def is_in_time(self) -> bool:
        """Whether the deadline of the open stage is still ahead."""
        return self.stage in DEADLINE and self.now < self.deadlines[self.stage]

    def move(self, event: str) -> list[str]:
        """Make a move, which the table must have; the open proposals lapse, all but one."""
        self.stage = MOVES[self.stage, event]
        if not self.is_terminated:
            self.furthest = self.stage
        self.moves.append(event)
        events = [event]
        for name in list(self.proposals):
            if name != "terminated" or self.is_terminated:
                self.decided.append(self.proposals.pop(name))
                events.append("decision_lapsed")
        if event == "itn_deadline_passed":
            self.ties_version = 1
            events = ["ties_frozen", *events, "round_closed"]
        return events

    # Who may ------------------------------------------------------------------------------

    def holds(self, who: str, *roles: Role) -> bool:
        """Whether somebody holds one of these roles on the competition."""
        return bool(self.roles.get(who, set()) & set(roles))

    def acts_as(self, who: str, *roles: Role) -> bool:
        """Whether somebody holds one of these roles, and declared nothing that bears on all."""
        return self.holds(who, *roles) and not self.is_barred(who)

    def free_holders(self) -> set[str]:
        """The key holders whom nothing that they declared keeps out."""
        return {who for who in self.holders() if not self.is_barred(who)}

    def is_barred(self, who: str) -> bool:
        """Whether what somebody declared keeps them from every act that concerns all bidders.

        Before the shortlist that is any interest; afterwards one in the whole, or in a bidder that
        is shortlisted.
        """
        declared = self.interests.get(who, set())
        if not declared or not self.has_reached("shortlisted"):
            return bool(declared)
        return None in declared or bool(declared & {bidder for _lot, bidder in self.admitted})

    # Ties ---------------------------------------------------------------------------------

    @property
    def is_outdated(self) -> bool:
        """Whether the ties have changed since the award was solved."""
        return self.run is not None and self.run.ties_version != self.ties_version

    def may_be_corrected(self, change: str, tie: tuple[str, str, str]) -> bool:
        """Whether a tie can be put into the record, or struck from it."""
        if change == "strike":
            return tie in self.ties
        kind, first, second = tie
        after = {*self.ties, tie}
        edges = {(a, b) if kind == "ownership" else (b, a) for kind, a, b in after}
        behind = {bidder for _lot, bidder in self.admitted}
        for _ in edges:
            behind |= {above for above, below in edges if below in behind}
        owned = {second}
        for _ in after:
            owned |= {b for kind, a, b in self.ties if kind == "ownership" and a in owned}
        lower = second if kind == "ownership" else first
        return (
            first != second
            and tie not in self.ties
            and lower in behind
            and not (kind == "ownership" and first in owned)
        )

    def owns(self, who: str, bidder: str, *roles: Role) -> bool:
        """Whether somebody holds one of these roles for a bidder."""
        own, held = small.BIDDING.get(who, ("", set()))
        return own == bidder and bool(held & set(roles))

    def holders(self) -> set[str]:
        return {name for name, held in self.roles.items() if Role.KEY_HOLDER in held}

    # What is proposed ---------------------------------------------------------------------

    def proposal(self, reference: str) -> Proposal | None:
        every = [*self.proposals.values(), *self.decided]
        return next((one for one in every if one.reference == reference), None)

    # PQQ ----------------------------------------------------------------------------------

    @property
    def submitted_responses(self) -> dict[str, Response]:
        return {b: r for b, r in self.responses.items() if r.status == "submitted"}

    @property
    def is_assessed(self) -> bool:
        return all(
            (bidder, part) in self.findings
            for bidder in self.submitted_responses
            for part in small.PARTS
        )

    def shortlist(self) -> set[tuple[str, str]]:
        """Who goes on for which lot: every question passed, and half of the lot's value proved."""
        passed = set()
        for bidder, response in self.submitted_responses.items():
            sent = response.submitted
            score = self.findings.get((bidder, "Experience"))
            if sent["answers"]["Q2"] == "yes" and score is not None and score >= 2:
                passed |= {
                    (lot, bidder)
                    for lot in sent["lots"]
                    if 2 * sent["funding"] >= small.LOTS.get(lot, EXTRA_LOT_VALUE)
                }
        return passed

    # Bids and sheets ----------------------------------------------------------------------

    def counting(self) -> dict[str, tuple[str, str]]:
        """The bids that count: reference to (lot, bidder)."""
        return {
            bid.reference: place for place, bid in self.bids.items() if bid.status == "submitted"
        }

    def late_waiting(self) -> list[str]:
        """The late bids that nobody has decided on."""
        return [late.reference for late in self.late.values() if late.status == "waiting"]

    def opened(self, lot: str) -> dict[str, str]:
        """The bids that evaluators see for a lot: reference to bidder."""
        if not self.has_reached("quality_evaluation"):
            return {}
        return {ref: bidder for ref, (place, bidder) in self.counting().items() if place == lot}

    def items(self, lot: str, criterion: str) -> list[tuple[str, str]]:
        """The answers of a sheet: (bid, leaf)."""
        leaves = small.CRITERIA[criterion][3]
        return [(bid, leaf) for bid in sorted(self.opened(lot)) for leaf in leaves]

    def sheets(self) -> Iterator[tuple[str, str]]:
        for lot in self.lots:
            for criterion in small.CRITERIA:
                yield lot, criterion

    def seated(self, sheet: tuple[str, str], role: Role) -> dict[str, Seat]:
        """Who has a place on a sheet that has not ended."""
        return {
            who: seat
            for who, seat in self.seats.get(sheet, {}).items()
            if seat.role is role and not seat.has_ended
        }

    def is_all_submitted(self, sheet: tuple[str, str]) -> bool:
        evaluators = self.seated(sheet, Role.EVALUATOR)
        return bool(evaluators) and all(seat.has_submitted for seat in evaluators.values())

    def has_conflict(self, who: str, sheet: tuple[str, str]) -> bool:
        declared = self.interests.get(who, set())
        return None in declared or bool(declared & set(self.opened(sheet[0]).values()))

    def is_marked(self, sheet: tuple[str, str]) -> bool:
        """Whether anybody has saved a mark on a sheet."""
        return any(held for (lot, crit, _who), held in self.marks.items() if (lot, crit) == sheet)

    def has_marked_here(self, who: str) -> bool:
        """Whether somebody was ever given answers."""
        return who in self.ever_seated

    def is_record_complete(self) -> bool:
        """Whether nothing keeps quality from being locked."""
        counting = {lot for lot, _bidder in self.counting().values()}
        sheets = [sheet for sheet in self.sheets() if sheet[0] in counting]
        return bool(sheets) and all(
            self.is_all_submitted(sheet)
            and self.seated(sheet, Role.MODERATOR)
            and all(self._is_settled(sheet, item) for item in self.items(*sheet))
            for sheet in sheets
        )

    def _is_settled(self, sheet: tuple[str, str], item: tuple[str, str]) -> bool:
        agreed = self.agreed.get(item)
        everyone = set(self.seated(sheet, Role.EVALUATOR))
        return agreed is not None and agreed.is_closed and everyone <= set(agreed.words)

    # Figures ------------------------------------------------------------------------------

    def points(self, bid: str) -> Fraction:
        """The quality points of a bid in thousandths, before they are stated."""
        return (
            sum(
                Fraction(weight) * self.agreed[bid, leaf].mark / small.MAX_MARK
                for _name, _weight, _minimum, leaves in small.CRITERIA.values()
                for leaf, weight in leaves.items()
            )
            * 1000
        )

    def millipoints(self, bid: str) -> int:
        return half_even(self.points(bid))

    def is_out(self, bid: str) -> bool:
        under = any(
            self.agreed[bid, leaf].mark < minimum
            for _name, _weight, minimum, leaves in small.CRITERIA.values()
            for leaf in leaves
        )
        return under or self.millipoints(bid) < max(self.minimum_points, 1)

    def price(self, bid: str) -> int:
        fees, adjustments = self.bids[self.counting()[bid]].submitted_fees
        growth = 1 + Fraction(small.DISCOUNT_RATE)
        return half_even(
            sum((fee / growth**year for year, fee in enumerate(fees)), Fraction(adjustments))
        )

    def ratio(self, bid: str) -> Fraction:
        """Pence a point, exactly."""
        return Fraction(self.price(bid) * 1000, self.millipoints(bid))

    def standing(self) -> dict[str, dict[str, Fraction]]:
        """The bids that can win: lot to bidder to price per quality point."""
        found: dict[str, dict[str, Fraction]] = {}
        for bid, (lot, bidder) in self.counting().items():
            if not self.is_out(bid):
                found.setdefault(lot, {})[bidder] = self.ratio(bid)
        return found

    def values(self) -> dict[str, int]:
        return {lot: small.LOTS.get(lot, EXTRA_LOT_VALUE) for lot in self.lots}

    def may_win(self, bidder: str, lots: list[str]) -> bool:
        """The two published limits: half of the market, and twice the funding proved."""
        values = self.values()
        won = sum(values[lot] for lot in lots)
        funding = self.responses[bidder].submitted["funding"]
        return (
            won * 1_000_000 <= small.SHARE_PPM * sum(values.values())
            and won <= small.FUNDING_MULTIPLE * funding
        )

    def optimum(self) -> Fraction | None:
        """The least sum of prices per point over every way to award all lots; None without one."""
        return min((total for total, _award in self.awards()), default=None)

    def awards(self) -> Iterator[tuple[Fraction, dict[str, str]]]:
        """Every award within the limits, with its sum in pence a milli-point."""
        standing = self.standing()
        for award in _products(sorted(standing), standing):
            by_bidder: dict[str, list[str]] = {}
            for lot, bidder in award.items():
                by_bidder.setdefault(bidder, []).append(lot)
            if all(self.may_win(bidder, lots) for bidder, lots in by_bidder.items()):
                yield sum(standing[lot][b] for lot, b in award.items()) / 1000, award


EXTRA_LOT, EXTRA_LOT_VALUE = "LX", 1_000_000_00


def _products(lots: list[str], standing: dict) -> Iterator[dict[str, str]]:
    if not lots:
        yield {}
        return
    for rest in _products(lots[1:], standing):
        for bidder in standing[lots[0]]:
            yield {lots[0]: bidder, **rest}


def half_even(number: Fraction) -> int:
    """The nearest whole number; of two equally near, the even one."""
    floor = number.numerator // number.denominator
    rest = number - floor
    if rest == Fraction(1, 2):
        return floor + floor % 2
    return floor + (rest > Fraction(1, 2))


def twin_of(world: small.Small) -> Twin:
    """The twin of a competition that has just been drafted."""
    return Twin(
        now=world.clock.now(),
        programme=world.programme,
        deadlines={
            stage: world.clock.now() + timedelta(days=small.DAYS[event])
            for stage, event in DEADLINE.items()
        },
        roles={"lead": {Role.PROCUREMENT_LEAD}} | {n: set(r) for n, r in small.TEAM.items()},
    )
