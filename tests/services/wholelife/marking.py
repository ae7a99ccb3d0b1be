"""Commands: marks, consensus and dissent."""

from __future__ import annotations

from commissioning.evaluation import services
from commissioning.kernel.actor import Role
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import Agreed
from tests.support import small_competition as small

# Mostly good marks, so that bids stay in; some poor ones, so that some fall out.
SCALE = (3, 4, 2, 3, 4, 3, 2, 4, 3, 1)


def sheets_with_bids(twin):
    found = [sheet for sheet in twin.sheets() if twin.items(*sheet)]
    return found or [("L1", "C1")]


def entries_for(twin, lot, criterion, n):
    """A mark with its reason for each answer of a sheet."""
    return {
        item: (SCALE[(n + 7 * place) % len(SCALE)], f"Reason {n}, {place}.")
        for place, item in enumerate(twin.items(lot, criterion))
    }


class _Marking(Command):
    """An act of an evaluator on a sheet of theirs."""

    role = Role.EVALUATOR

    def is_open(self, twin, who, lot, criterion):
        sheet = (lot, criterion)
        return (
            twin.at("quality_evaluation")
            and twin.holds(who, self.role)
            and who in twin.seated(sheet, self.role)
            and not twin.has_conflict(who, sheet)
        )


class SaveMark(_Marking):
    name = "evaluation.marks.save_mark"

    def options(self, twin, n):
        for lot, criterion in sheets_with_bids(twin):
            items = twin.items(lot, criterion) or [("BID-NONE", "C1")]
            bid, leaf = items[n % len(items)]
            where = {"lot": lot, "criterion": criterion, "bid": bid, "leaf": leaf}
            yield {**where, "mark": SCALE[n % 10], "reason": "It says how."}
            yield {**where, "mark": small.MAX_MARK + 1, "reason": "It says how."}
            yield {**where, "mark": 3, "reason": "  "}

    def may(self, twin, who, lot, criterion, bid, leaf, mark, reason):
        return (
            self.is_open(twin, who, lot, criterion)
            and not twin.seats[lot, criterion][who].has_submitted
            and (bid, leaf) in twin.items(lot, criterion)
            and mark <= small.MAX_MARK
            and bool(reason.strip())
        )

    def call(self, world, actor, lot, criterion, bid, leaf, mark, reason):
        return services.save_mark(
            actor, world.reference, bid, leaf, mark=mark, reason=reason, clock=world.clock
        )

    def then(self, twin, who, result, lot, criterion, bid, leaf, mark, reason):
        twin.marks.setdefault((lot, criterion, who), {})[bid, leaf] = mark
        return ["mark_saved"]


class SubmitMarks(_Marking):
    name = "evaluation.marks.submit_marks"

    def options(self, twin, n):
        for lot, criterion in sheets_with_bids(twin):
            whole = entries_for(twin, lot, criterion, n)
            where = {"lot": lot, "criterion": criterion}
            yield {**where, "entries": whole}
            yield {**where, "entries": dict(list(whole.items())[1:])}
            yield {**where, "entries": {**whole, ("BID-NONE", "C1"): (3, "It says how.")}}
            yield {**where, "entries": dict.fromkeys(whole, (-1, "It says how."))}

    def may(self, twin, who, lot, criterion, entries):
        items = set(twin.items(lot, criterion))
        saved = set(twin.marks.get((lot, criterion, who), {}))
        return (
            self.is_open(twin, who, lot, criterion)
            and not twin.seats[lot, criterion][who].has_submitted
            and set(entries) <= items
            and {*saved, *entries} == items
            and all(mark >= 0 for mark, _reason in entries.values())
        )

    def call(self, world, actor, lot, criterion, entries):
        return services.submit_marks(
            actor, world.reference, lot, criterion, entries=entries, clock=world.clock
        )

    def then(self, twin, who, result, lot, criterion, entries):
        saved = twin.marks.setdefault((lot, criterion, who), {})
        saved |= {item: mark for item, (mark, _reason) in entries.items()}
        twin.seats[lot, criterion][who].has_submitted = True
        return ["marks_submitted"]


class _Moderating(_Marking):
    role = Role.MODERATOR

    def options(self, twin, n):
        for lot, criterion in sheets_with_bids(twin):
            whole = entries_for(twin, lot, criterion, n)
            where = {"lot": lot, "criterion": criterion}
            yield {**where, "entries": whole}
            yield {**where, "entries": dict(list(whole.items())[:1])}
            yield {**where, "entries": dict.fromkeys(whole, (3, ""))}
            yield {**where, "entries": {}}

    def may(self, twin, who, lot, criterion, entries):
        return (
            self.is_open(twin, who, lot, criterion)
            and twin.is_all_submitted((lot, criterion))
            and bool(entries)
            and all(reason for _mark, reason in entries.values())
            and self.is_right(twin, entries)
        )

    def call(self, world, actor, lot, criterion, entries):
        return type(self).service(
            actor, world.reference, lot, criterion, entries, clock=world.clock
        )

    def then(self, twin, who, result, lot, criterion, entries):
        for item, (mark, reason) in entries.items():
            twin.agreed[item] = Agreed(mark, reason)
        return [self.event]


class RecordConsensus(_Moderating):
    name = "evaluation.consensus.record_consensus"
    event = "consensus_recorded"
    service = services.record_consensus

    def is_right(self, twin, entries):
        return not set(entries) & set(twin.agreed)


class ChangeConsensus(_Moderating):
    name = "evaluation.consensus.change_consensus"
    event = "consensus_changed"
    service = services.change_consensus

    def is_right(self, twin, entries):
        return set(entries) <= set(twin.agreed) and all(
            (twin.agreed[item].mark, twin.agreed[item].reason) != entry
            for item, entry in entries.items()
        )


class _Speaking(_Marking):
    """An evaluator says yes or no to agreed marks; the last word may close them."""

    event = ""

    def is_open(self, twin, who, lot, criterion):
        is_open = super().is_open(twin, who, lot, criterion)
        return is_open and twin.is_all_submitted((lot, criterion))

    def say(self, twin, who, sheet, items, *, agrees):
        everyone = set(twin.seated(sheet, Role.EVALUATOR))
        closed = 0
        for item in items:
            agreed = twin.agreed[item]
            agreed.words[who] = agrees
            spoken = {person: word for person, word in agreed.words.items() if person in everyone}
            if set(spoken) == everyone and 2 * sum(spoken.values()) > len(everyone):
                agreed.is_closed = True
                closed += 1
        return [self.event] + ["consensus_closed"] * bool(closed)


class AgreeConsensus(_Speaking):
    name = "evaluation.consensus.agree_consensus"
    event = "consensus_agreed"

    def options(self, twin, n):
        return [{"lot": lot, "criterion": criterion} for lot, criterion in sheets_with_bids(twin)]

    def unsaid(self, twin, who, sheet):
        return [
            item
            for item in twin.items(*sheet)
            if not twin.agreed[item].is_closed and who not in twin.agreed[item].words
        ]

    def may(self, twin, who, lot, criterion):
        return (
            self.is_open(twin, who, lot, criterion)
            and set(twin.items(lot, criterion)) <= set(twin.agreed)
            and bool(self.unsaid(twin, who, (lot, criterion)))
        )

    def call(self, world, actor, lot, criterion):
        return services.agree_consensus(actor, world.reference, lot, criterion, clock=world.clock)

    def then(self, twin, who, result, lot, criterion):
        sheet = (lot, criterion)
        return self.say(twin, who, sheet, self.unsaid(twin, who, sheet), agrees=True)


class _OnOneAnswer(_Speaking):
    def options(self, twin, n):
        for lot, criterion in sheets_with_bids(twin):
            items = twin.items(lot, criterion) or [("BID-NONE", "C1")]
            bid, leaf = items[n % len(items)]
            yield {"lot": lot, "criterion": criterion, "bid": bid, "leaf": leaf}

    def may(self, twin, who, lot, criterion, bid, leaf):
        agreed = twin.agreed.get((bid, leaf))
        is_open = self.is_open(twin, who, lot, criterion)
        return is_open and agreed is not None and not agreed.is_closed


class Dissent(_OnOneAnswer):
    name = "evaluation.consensus.dissent"
    event = "consensus_dissented"

    def options(self, twin, n):
        for place in super().options(twin, n):
            yield {**place, "reason": "It is better than that."}
            yield {**place, "reason": ""}

    def may(self, twin, who, lot, criterion, bid, leaf, reason):
        return super().may(twin, who, lot, criterion, bid, leaf) and bool(reason)

    def call(self, world, actor, lot, criterion, bid, leaf, reason):
        return services.dissent(actor, world.reference, bid, leaf, reason=reason, clock=world.clock)

    def then(self, twin, who, result, lot, criterion, bid, leaf, reason):
        return self.say(twin, who, (lot, criterion), [(bid, leaf)], agrees=False)


class WithdrawDissent(_OnOneAnswer):
    name = "evaluation.consensus.withdraw_dissent"
    event = "consensus_agreed"

    def may(self, twin, who, lot, criterion, bid, leaf):
        if not super().may(twin, who, lot, criterion, bid, leaf):
            return False
        return twin.agreed[bid, leaf].words.get(who) is False

    def call(self, world, actor, lot, criterion, bid, leaf):
        return services.withdraw_dissent(actor, world.reference, bid, leaf, clock=world.clock)

    def then(self, twin, who, result, lot, criterion, bid, leaf):
        return self.say(twin, who, (lot, criterion), [(bid, leaf)], agrees=True)


class ReadBidFile(Command):
    """A file of an opened bid is taken away by whoever may read the answer."""

    name = "evaluation.reading.read_bid_file"

    def options(self, twin, n):
        for (lot, _bidder), bid in twin.bids.items():
            for file in (*bid.files, "FIL-NONE"):
                yield {"lot": lot, "bid": bid.reference, "file": file}

    def may(self, twin, who, lot, bid, file):
        sheet = (lot, "C1")
        seated = {*twin.seated(sheet, Role.EVALUATOR), *twin.seated(sheet, Role.MODERATOR)}
        is_marking = who in seated and twin.holds(who, Role.EVALUATOR, Role.MODERATOR)
        return (
            twin.has_reached("quality_evaluation")
            and bid in twin.opened(lot)
            and file in twin.bids[twin.counting()[bid]].submitted_files
            and (twin.holds(who, Role.PROCUREMENT_LEAD, Role.AUDITOR) or is_marking)
            and not twin.has_conflict(who, sheet)
        )

    def call(self, world, actor, lot, bid, file):
        read = services.read_bid_file(actor, world.reference, bid, "C1", file, clock=world.clock)
        assert b"".join(read.pieces).startswith(b"CANARY-Q a file")
        return read

    def then(self, twin, who, result, lot, bid, file):
        return ["bid_read"]
