"""Commands: the opening keys, their rehearsal, and the two openings."""

from __future__ import annotations

from collections import Counter

from commissioning.kernel.actor import Role
from commissioning.submission import services
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import HOLDERS, OPENED_FROM, THRESHOLD

STAGE = {"quality": "itn_closed", "price": "quality_locked"}


class PrepareKeys(Command):
    name = "submission.keys.prepare_opening_keys"

    def may(self, twin, who):
        return (
            twin.acts_as(who, Role.PROCUREMENT_LEAD)
            and twin.at("shortlisted")
            and not twin.has_keys
            and len(twin.holders()) == HOLDERS
        )

    def call(self, world, actor):
        return services.prepare_opening_keys(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        twin.has_keys, twin.rehearsing = True, set()
        return ["opening_keys_prepared", "opening_keys_recorded"]


class JoinRehearsal(Command):
    name = "submission.keys.join_rehearsal"

    def may(self, twin, who):
        return twin.holds(who, Role.KEY_HOLDER) and twin.at("shortlisted") and twin.has_keys

    def call(self, world, actor):
        return services.join_rehearsal(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        events = [] if who in twin.rehearsing else ["rehearsal_joined"]
        twin.rehearsing.add(who)
        present = twin.rehearsing & twin.holders()
        assert len(result.joined) == len(present)
        if len(present) >= THRESHOLD and not twin.is_rehearsed:
            twin.is_rehearsed = True
            events += ["rehearsal_held", "rehearsal_recorded"]
        return events


class JoinOpening(Command):
    name = "submission.opening.join_opening"

    def options(self, twin, n):
        return [{"envelope": "quality"}, {"envelope": "price"}]

    def may(self, twin, who, envelope):
        is_past = envelope == "price" or twin.now >= twin.deadlines.get("itn_open", twin.now)
        return twin.holds(who, Role.KEY_HOLDER) and twin.at(STAGE[envelope]) and is_past

    def call(self, world, actor, envelope):
        return services.join_opening(actor, world.reference, envelope, clock=world.clock)

    def then(self, twin, who, result, envelope):
        joined = twin.opening[envelope]
        events = [] if who in joined else ["opening_joined"]
        joined.add(who)
        if len(joined) < THRESHOLD:
            return events
        if envelope == "quality":
            events += ["sealed_stream_disclosed"] * len(twin.streams)
            events += self.lot_events(twin)
        events += twin.move(f"{envelope}_envelopes_opened")
        assert twin.stage == OPENED_FROM[envelope]
        return events

    def lot_events(self, twin):
        """What became known of each lot: how many bid."""
        bids = Counter(lot for lot, _bidder in twin.counting().values())
        found = {0: "lot_found_without_bid", 1: "lot_found_with_one_bid"}
        return [found.get(bids[lot], "lot_found_with_bids") for lot in twin.lots]
