"""Three evaluators for each criterion and lot mark alone, then agree; quality is locked."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.competition import queries as competitions
from commissioning.evaluation import services as evaluation
from commissioning.replay import invention
from commissioning.replay.cast import Cast
from commissioning.replay.invention import Character
from commissioning.replay.scenario import Scenario
from commissioning.replay.setting_up import Progress
from commissioning.submission import queries as submissions

EVALUATORS_A_CRITERION = 3


@dataclass(frozen=True, slots=True)
class _Paper:
    """What the marking needs to know: lots, criteria with their leaves, bids with their bidder."""

    reference: str
    max_mark: int
    lots: list[str]
    criteria: list[tuple[str, str, list[str]]]
    bids: dict[str, list[tuple[str, Character]]]
    weakest: str

    def agreed(self, character: Character, lot: str, leaf: str) -> int:
        return invention.agreed_mark(
            character, lot, leaf, is_weakest=leaf == self.weakest, max_mark=self.max_mark
        )


def assign_answers(scenario: Scenario, cast: Cast) -> Progress:
    """Three evaluators and a moderator are given each criterion, over all lots."""
    cast.clock.move_to(scenario.act("assignments"))
    reference = scenario.raw["competition"]["reference"]
    row = competitions.competition_by_reference(reference)
    lots = [lot.reference for lot in row.lots]
    criteria = [criterion.reference for criterion in row.criteria]
    lead = cast.actor("lead")
    for index, criterion in enumerate(criteria):
        evaluators, moderator = _team_of(index)
        evaluation.assign_team(
            lead,
            reference,
            criterion,
            lots=lots,
            evaluators=[cast.people[key].reference for key in evaluators],
            moderator=cast.people[moderator].reference,
            clock=cast.clock,
        )
        yield index + 1, len(criteria)


def _team_of(index: int) -> tuple[list[str], str]:
    """The evaluators and the moderator of the criterion at this place of the list."""
    first = index * EVALUATORS_A_CRITERION
    evaluators = [f"evaluator:{first + number}" for number in range(EVALUATORS_A_CRITERION)]
    return evaluators, f"moderator:{index // 2}"


def _paper(scenario: Scenario, cast: Cast) -> _Paper:
    reference = scenario.raw["competition"]["reference"]
    row = competitions.competition_by_reference(reference)
    characters = {
        cast.people[f"bidder:{bidder.key}"].organisation: bidder.character
        for bidder in scenario.bidding
    }
    bids: dict[str, list[tuple[str, Character]]] = {}
    for bid in submissions.opened_bids(row):
        bids.setdefault(bid.lot.reference, []).append(
            (bid.reference, characters[bid.organisation.reference])
        )
    criteria = [
        (criterion.reference, criterion.name, [leaf.reference for leaf in criterion.leaves])
        for criterion in row.criteria
    ]
    strict = next(c for c in row.criteria if c.minimum_mark > 1)
    return _Paper(
        reference,
        row.max_mark,
        [lot.reference for lot in row.lots],
        criteria,
        bids,
        strict.leaves[0].reference,
    )


def mark_answers(scenario: Scenario, cast: Cast) -> Progress:
    """Each evaluator marks a criterion on a lot, every bid with its reason, and submits."""
    cast.clock.move_to(scenario.act("marking"))
    paper = _paper(scenario, cast)
    total = len(paper.criteria) * EVALUATORS_A_CRITERION * len(paper.bids)
    done = 0
    for index, (criterion, name, leaves) in enumerate(paper.criteria):
        for key in _team_of(index)[0]:
            actor = cast.actor(key)
            for lot, bids in paper.bids.items():
                entries = {}
                for bid, character in bids:
                    for leaf in leaves:
                        mark = _marked(paper, character, lot, leaf, key)
                        entries[bid, leaf] = (mark, invention.mark_reason(mark, name))
                evaluation.submit_marks(
                    actor, paper.reference, lot, criterion, entries=entries, clock=cast.clock
                )
                done += 1
                yield done, total


def _marked(paper: _Paper, character: Character, lot: str, leaf: str, evaluator: str) -> int:
    # a bid's reference is random; the bidder's key and the lot tell the same story every time
    return invention.individual_mark(
        paper.agreed(character, lot, leaf),
        evaluator,
        f"{character.key}|{lot}",
        leaf,
        max_mark=paper.max_mark,
    )


def record_consensus(scenario: Scenario, cast: Cast) -> Progress:
    """The moderator records the agreed marks with reasons; each evaluator agrees."""
    cast.clock.move_to(scenario.act("consensus"))
    paper = _paper(scenario, cast)
    total = len(paper.criteria) * len(paper.bids)
    done = 0
    for index, (criterion, _name, leaves) in enumerate(paper.criteria):
        evaluators, chair = _team_of(index)
        moderator = cast.actor(chair)
        actors = [cast.actor(key) for key in evaluators]
        for lot, bids in paper.bids.items():
            entries = {}
            for bid, character in bids:
                for leaf in leaves:
                    marks = [_marked(paper, character, lot, leaf, key) for key in evaluators]
                    agreed = paper.agreed(character, lot, leaf)
                    entries[bid, leaf] = (agreed, invention.consensus_reason(marks, agreed))
            evaluation.record_consensus(
                moderator, paper.reference, lot, criterion, entries, clock=cast.clock
            )
            for actor in actors:
                evaluation.agree_consensus(actor, paper.reference, lot, criterion, clock=cast.clock)
            done += 1
            yield done, total


def lock_quality(scenario: Scenario, cast: Cast) -> Progress:
    """The lead proposes the quality lock, the approver approves it."""
    cast.clock.move_to(scenario.act("quality_lock"))
    reference = scenario.raw["competition"]["reference"]
    decision = evaluation.propose_quality_lock(cast.actor("lead"), reference, clock=cast.clock)
    evaluation.approve_quality_lock(cast.actor("approver"), decision.reference, clock=cast.clock)
    yield 1, 1
