"""The machine: any command by anybody at any time, on a competition begun at any stage."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import ClassVar

from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.services.wholelife import going_on
from tests.services.wholelife.command import Args, Command
from tests.services.wholelife.commands import COMMANDS, named
from tests.services.wholelife.life import ACTORS, Kept, Life
from tests.services.wholelife.twin import DEADLINE
from tests.support import small_competition as small

# What ends a life, or somebody's part in it, and what can be done at every moment, is chosen less
# often among the right acts than the rest.
RARE = {
    "competition.termination.propose_termination": 10,
    "competition.termination.approve_termination": 2,
    "evaluation.interests.declare_interest": 8,
    "competition.ties.propose_tie": 3,
    "competition.setup.create_programme": 10,
    "competition.setup.create_competition": 10,
    "competition.people.give_role": 4,
    "competition.people.end_role": 3,
    "submission.replacement.propose_replacement": 3,
    "submission.replacement.drop_replacement": 4,
    "submission.late.send_late_bid": 3,
    "submission.pqq.pqq_refusal_if_late": 8,
    "submission.bids.refusal_if_late": 8,
    "submission.bids.submit_bid": 8,
    "evaluation.reading.read_bid_file": 3,
}
ALWAYS = named("competition.setup.create_programme")
OFTEN_AT = {"submission.bids.submit_bid": "itn_open"}
number = st.integers(0, 2**64 - 1)
MOST_STRAIGHT_ON = 3
MANY = 2**32


EVALUATORS = ("evaluator_1", "evaluator_2", "evaluator_3")
HOLDERS = ("holder_1", "holder_2", "holder_3")
LIKELY = {
    "keys": ("lead", *HOLDERS),
    "opening": HOLDERS,
    "replacement": ("lead", "approver", *HOLDERS, "nobody"),
    "late": ("lead", "approver"),
    "assignments": ("lead", "moderator"),
    "marks": EVALUATORS,
    "consensus": ("moderator", *EVALUATORS),
    "reading": ("lead", "auditor", "moderator", *EVALUATORS),
    "interests": ("commercial", "moderator", "auditor", *EVALUATORS),
    "prices": ("commercial",),
    "services": ("commercial", "lead", "approver"),
}


def likely(command: Command, args: Args) -> tuple[str, ...]:
    """Whose act a command is, at the right time."""
    if "bidder" in args and command.name.startswith("submission."):
        return small.WRITER[args["bidder"]], small.SIGNATORY[args["bidder"]]
    if command.name.startswith("evaluation.selection."):
        return ("lead", "approver", "assessor", "assessor")
    return LIKELY.get(command.name.split(".")[1], ("lead", "lead", "approver"))


# The stages to which the commands of a module belong; those not named here belong to any.
HOME = {
    "pqq": ("pqq_open",),
    "selection": ("draft", "pqq_closed"),
    "keys": ("shortlisted",),
    "drafts": ("itn_open",),
    "files": ("itn_open",),
    "uploads": ("itn_open",),
    "loaded": ("itn_open",),
    "price_file": ("itn_open",),
    "bids": ("itn_open",),
    "opening": ("itn_closed", "quality_locked"),
    "late": ("itn_open", "itn_closed"),
    "replacement": ("itn_open", "itn_closed", "quality_evaluation", "quality_locked"),
    "assignments": ("shortlisted", "quality_evaluation"),
    "marks": ("quality_evaluation",),
    "consensus": ("quality_evaluation",),
    "lock": ("quality_evaluation",),
    "reading": ("quality_evaluation",),
    "prices": ("price_evaluation",),
    "services": ("award_modelling", "award_recommended"),
    "ties": ("itn_closed", "award_modelling", "award_recommended"),
    "setup": ("draft",),
    "lots": ("draft",),
    "criteria": ("draft", "shortlisted"),
    "rules": ("draft", "shortlisted"),
    "documents": ("draft", "shortlisted"),
}


def is_at_home(command: Command, stage: str) -> bool:
    return stage in HOME.get(command.name.split(".")[1], (stage,))


class LifeMachine(RuleBasedStateMachine):
    """`moments` are where a life may begin; they are set before the machine runs."""

    KINDS: ClassVar = {
        "anything": 12,
        "anything_by_a_likely_person": 28,
        "right_by_anybody": 12,
        "right": 24,
        "same_again": 8,
        "step_on": 12,
        "go_on": 4,
        "time_passes": 6,
    }
    moments: ClassVar[list[Kept]] = []
    moves: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.life: Life | None = None
        self.last: tuple[Command, str, Args] | None = None
        self.focus: Args = {}
        self.straight_on = 0
        self.draws = 0

    def draw(self, n: int) -> Random:
        """The chances of a step.

        Small numbers are drawn again and again; they shall not bring the same act each time.
        """
        self.draws += 1
        return Random(n if n > MANY else f"{n} {self.draws}")

    @initialize(which=st.integers(0, 1), n=number)
    def begin(self, which, n):
        self.life = Life.resume(self.moments[which])
        draw = self.draw(n)
        # Half of what is done is about one bid and one sheet, so that acts meet each other there.
        self.focus = {
            "lot": "L1",
            "bidder": draw.choice(small.BIDDERS),
            "criterion": draw.choice(tuple(small.CRITERIA)),
        }
        self.life.twin.moves.clear()

    @rule(n=number)
    def step(self, n):
        """One rule for everything: of several, most would be switched off in most runs."""
        draw = self.draw(n)
        (kind,) = draw.choices(tuple(self.KINDS), weights=self.KINDS.values())
        getattr(self, kind)(draw)

    def anything(self, draw):
        command = draw.choice(COMMANDS)
        options = list(command.options(self.life.twin, draw.randrange(1000)))
        if options:
            self.attempt(command, draw.choice(ACTORS), draw.choice(options))

    def anything_by_a_likely_person(self, draw):
        """An act by somebody whose act it is, with whatever arguments; mostly at its own stage."""
        stage = self.life.twin.stage
        near = [command for command in COMMANDS if is_at_home(command, stage)]
        command = draw.choice(near if draw.random() < 0.7 else COMMANDS)
        options = list(command.options(self.life.twin, draw.randrange(1000)))
        if options:
            args = draw.choice(self.focused(draw, options, lambda args: args))
            self.attempt(command, draw.choice(likely(command, args)), args)

    def right(self, draw):
        self.attempt(*self.legal(draw))

    def right_by_anybody(self, draw):
        command, _who, args = self.legal(draw)
        self.attempt(command, draw.choice(ACTORS), args)

    def same_again(self, draw):
        if self.last is not None:
            command, who, args = self.last
            self.attempt(command, who, args)
            self.attempt(command, draw.choice(ACTORS), args)

    def step_on(self, draw):
        found = going_on.next_act(self.life.twin, draw.randrange(1000))
        if found is not None:
            self.attempt(*found)

    def go_on(self, draw):
        if self.straight_on < MOST_STRAIGHT_ON:
            self.straight_on += 1
            note("straight on to the next stage")
            going_on.go_on(self.life, draw.randrange(1000))

    def time_passes(self, draw):
        """Minutes, or up to the deadline and a second before or after; what is due may be late."""
        twin = self.life.twin
        if twin.stage in DEADLINE and draw.random() < 0.5:
            note("the deadline comes")
            to = twin.deadlines[twin.stage] + timedelta(seconds=draw.choice((-1, 0, 1)))
            self.life.come_to(to)
        else:
            self.life.wait(timedelta(minutes=draw.randrange(1, 600)))
        if draw.random() < 0.5:
            self.life.make_due_moves()

    def attempt(self, command: Command, who: str, args: Args) -> None:
        note(f"{command.name} by {who}: {args}")
        self.last = (command, who, args)
        self.life.act(command, who, **args)

    def legal(self, draw: Random) -> tuple[Command, str, Args]:
        """An act that the twin takes for legal now: first a command is chosen, then how."""
        twin, n = self.life.twin, draw.randrange(1000)
        chosen = [command for command in COMMANDS if not draw.randrange(self.rarity(command))]
        draw.shuffle(chosen)
        for command in (*chosen, ALWAYS):
            acts = [
                (command, who, args)
                for args in command.options(twin, n)
                for who in ACTORS
                if command.may(twin, who, **args)
            ]
            if acts:
                return draw.choice(self.focused(draw, acts, lambda act: act[2]))
        raise AssertionError("There is always something that may be done.")

    def focused(self, draw: Random, choices: list, args_of) -> list:
        """Now and then only those about the bid, or the sheet, of this life."""
        near = [
            choice
            for choice in choices
            if all(args_of(choice).get(name, held) == held for name, held in self.focus.items())
        ]
        return near if near and draw.random() < 0.6 else choices

    def rarity(self, command: Command) -> int:
        is_often = OFTEN_AT.get(command.name) == self.life.twin.stage
        return 1 if is_often else RARE.get(command.name, 1)

    def teardown(self):
        if self.life is None:
            return
        self.life.check_at_the_end()
        self.moves.update(self.life.twin.moves)
        event(f"ends at {self.life.twin.stage}")
