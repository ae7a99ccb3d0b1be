"""A life under watch: each act is tried, compared with the twin, followed by the invariants."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import SetClock
from commissioning.kernel.errors import DomainError
from commissioning.submission import services as submission
from tests.services.wholelife import invariants
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import DEADLINE, Twin, twin_of
from tests.support import snapshots
from tests.support.small_competition import Small, found

ACTORS = (
    "lead",
    "approver",
    "commercial",
    "moderator",
    "evaluator_1",
    "evaluator_2",
    "evaluator_3",
    "holder_1",
    "holder_2",
    "holder_3",
    "assessor",
    "auditor",
    "nobody",
    "stranger",
    "administrator",
    "north_writer",
    "north_signatory",
    "south",
    "east",
)


@dataclass
class Kept:
    """A moment of a life, to begin another from."""

    rows: snapshots.Saved
    world: Small
    twin: Twin


class Life:
    """One competition, its twin, and the rows as they were after the last step."""

    def __init__(self, world: Small, twin: Twin) -> None:
        self.world = world
        self.twin = twin
        self.rows = snapshots.rows_now()

    @classmethod
    def begin(cls) -> Life:
        """A drafted competition in an empty database."""
        snapshots.clear()
        world = found()
        db.session.commit()
        return cls(world, twin_of(world))

    @classmethod
    def resume(cls, kept: Kept) -> Life:
        """A life as it was kept."""
        snapshots.restore(kept.rows)
        world = copy.copy(kept.world)
        world.clock = SetClock(kept.world.clock.moment)
        return cls(world, copy.deepcopy(kept.twin))

    def keep(self) -> Kept:
        """This moment, to resume from."""
        world = copy.copy(self.world)
        world.clock = SetClock(self.world.clock.moment)
        return Kept(snapshots.save(), world, copy.deepcopy(self.twin))

    def act(self, command: Command, who: str, **args: Any) -> bool:
        """Try an act; whether it was done. Fails where the platform and the twin differ."""
        said = f"{command.name} by {who} with {args} at {self.twin.stage}"
        expected = command.may(self.twin, who, **args)
        try:
            result = command.call(self.world, self.world.actor(who), **args)
        except DomainError as error:
            self._refused(error, said, expected=expected)
            return False
        assert expected, f"was done: {said}"
        events = command.then(self.twin, who, result, **args)
        if events and command.name.startswith("submission.") and "bidder" in args:
            self.twin.streams.add(args["bidder"])
        self._after(events, said)
        return True

    def _refused(self, error: DomainError, said: str, *, expected: bool) -> None:
        """A refusal has changed nothing, also before anything is rolled back."""
        after = snapshots.rows_now()
        db.session.rollback()
        changed = snapshots.difference(self.rows, after)
        assert not changed, f"refused and yet changed {changed}: {said}"
        assert not expected, f"refused, {error!r}: {said}"

    def wait(self, span: timedelta) -> None:
        """Time passes, and with it nothing by itself."""
        self.world.clock.advance(span)
        self.twin.now = self.world.clock.now()

    def come_to(self, instant) -> None:
        """Wait until an instant, if it lies ahead."""
        self.wait(max(instant - self.world.clock.now(), timedelta(0)))

    def make_due_moves(self) -> None:
        """What time must do is done."""
        moved = submission.pass_deadlines(clock=self.world.clock)
        stage = self.twin.stage
        is_due = stage in DEADLINE and self.twin.now >= self.twin.deadlines[stage]
        assert moved == ([self.world.reference] if is_due else [])
        events = self.twin.move(f"{DEADLINE[stage]}_passed") if is_due else []
        self._after(events, f"due moves at {stage}")

    def _after(self, events: list[str], said: str) -> None:
        db.session.commit()
        before, self.rows = self.rows, snapshots.rows_now()
        assert invariants.new_events(before, self.rows) == events, said
        invariants.check_all(before, self.rows)
        stands = invariants.competition_in(self.rows)
        assert stands["stage"] == self.twin.stage, said

    def check_at_the_end(self) -> None:
        """What is too dear to check after every step."""
        assert breaks(trail.links(), heads=trail.heads()) == []
        invariants.check_documents()
        db.session.rollback()
