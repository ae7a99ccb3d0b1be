"""Commands: the opening keys, their rehearsal, and the two openings."""

from __future__ import annotations

from collections import Counter

from commissioning.kernel.actor import Role
from commissioning.submission import services
from tests.services.wholelife.command import Command
from tests.services.wholelife.setting_up import EXCLUDED
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
        return twin.acts_as(who, Role.KEY_HOLDER) and twin.at("shortlisted") and twin.has_keys

    def call(self, world, actor):
        return services.join_rehearsal(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        events = [] if who in twin.rehearsing else ["rehearsal_joined"]
        twin.rehearsing.add(who)
        present = twin.free_holders() & twin.rehearsing
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
        is_held_up = envelope == "quality" and twin.late_waiting()
        is_time = twin.at(STAGE[envelope]) and is_past and not is_held_up
        return twin.acts_as(who, Role.KEY_HOLDER) and is_time

    def call(self, world, actor, envelope):
        return services.join_opening(actor, world.reference, envelope, clock=world.clock)

    def then(self, twin, who, result, envelope):
        joined = twin.opening[envelope]
        events = [] if who in joined else ["opening_joined"]
        joined.add(who)
        if len(joined & twin.free_holders()) < THRESHOLD:
            return events
        if envelope == "quality":
            events.append("round_counted")
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


class _Replacement(Command):
    """Who takes over a share of the keys: proposed by the lead, made by the holders."""

    def is_time(self, twin):
        return twin.at("itn_open", "itn_closed", "quality_evaluation", "quality_locked")


class ProposeReplacement(_Replacement):
    name = "submission.replacement.propose_replacement"

    def options(self, twin, n):
        holders = sorted(twin.holders())
        leaving = [*holders[: 1 + n % 3], "auditor"]
        return [
            {"leaving": one, "joining": other}
            for one in leaving
            for other in ("nobody", "evaluator_1", *holders[:2])
        ]

    def may(self, twin, who, leaving, joining):
        holders = twin.holders()
        if not twin.acts_as(who, Role.PROCUREMENT_LEAD) or not self.is_time(twin):
            return False
        counts = set(twin.roles.get(joining, set()))
        if twin.since("quality_evaluation"):
            counts |= twin.ever.get(joining, set())
        excluded = any(frozenset({Role.KEY_HOLDER, held}) in EXCLUDED for held in counts)
        is_other = joining not in holders and not excluded
        return twin.replacement is None and leaving in holders and (joining == leaving or is_other)

    def call(self, world, actor, leaving, joining):
        return services.propose_replacement(
            actor,
            world.reference,
            leaving=world.ref(leaving),
            joining=world.ref(joining),
            reason="She leaves the ministry.",
            clock=world.clock,
        )

    def then(self, twin, who, result, leaving, joining):
        twin.replacement, twin.renewing = (leaving, joining), set()
        twin.replacement_proposed, twin.is_replacement_approved = (result.reference, who), False
        return ["holder_replacement_proposed"]


class ApproveReplacement(_Replacement):
    name = "submission.replacement.approve_replacement"

    def options(self, twin, n):
        reference = twin.replacement_proposed[0] if twin.replacement else "HLD-NONE"
        return [{"replacement": reference}]

    def may(self, twin, who, replacement):
        return (
            twin.acts_as(who, Role.APPROVER)
            and self.is_time(twin)
            and twin.replacement is not None
            and twin.replacement_proposed[0] == replacement
            and twin.replacement_proposed[1] != who
            and not twin.is_replacement_approved
        )

    def call(self, world, actor, replacement):
        return services.approve_replacement(actor, world.reference, replacement, clock=world.clock)

    def then(self, twin, who, result, replacement):
        twin.is_replacement_approved = True
        return ["holder_replacement_approved"]


class DropReplacement(_Replacement):
    name = "submission.replacement.drop_replacement"

    def may(self, twin, who):
        is_lead = twin.acts_as(who, Role.PROCUREMENT_LEAD)
        return is_lead and self.is_time(twin) and twin.replacement is not None

    def call(self, world, actor):
        return services.drop_replacement(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        twin.replacement, twin.renewing = None, set()
        return ["holder_replacement_dropped"]


class JoinReplacement(_Replacement):
    name = "submission.replacement.join_replacement"

    def may(self, twin, who):
        is_holder = twin.acts_as(who, Role.KEY_HOLDER)
        is_ready = twin.replacement is not None and twin.is_replacement_approved
        return is_holder and self.is_time(twin) and is_ready

    def call(self, world, actor):
        return services.join_replacement(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        events = [] if who in twin.renewing else ["holder_replacement_joined"]
        twin.renewing.add(who)
        present = twin.free_holders() & twin.renewing
        assert len(result.joined) == len(present)
        if len(present) < THRESHOLD:
            return events
        leaving, joining = twin.replacement
        twin.replacement, twin.renewing = None, set()
        for envelope, opened in OPENED_FROM.items():
            if not twin.has_reached(opened):
                twin.opening[envelope] = set()
        if joining == leaving:
            return [*events, "holder_replaced"]
        twin.roles[leaving].discard(Role.KEY_HOLDER)
        for known in (twin.roles, twin.ever):
            known.setdefault(joining, set()).add(Role.KEY_HOLDER)
        return [*events, "competition_role_ended", "competition_role_given", "holder_replaced"]
