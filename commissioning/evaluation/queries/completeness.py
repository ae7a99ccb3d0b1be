"""What a stage still lacks: every record that is missing, named so that somebody can mend it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from commissioning.competition.models import Competition, Criterion, Lot
from commissioning.evaluation.queries.people import Team, teams
from commissioning.evaluation.queries.results import MarkRecord, mark_records
from commissioning.evaluation.queries.sheets import opened_bids
from commissioning.identity import queries as identity_queries
from commissioning.infrastructure.database import db
from commissioning.submission.models import Bid


@dataclass(frozen=True, slots=True)
class SheetProgress:
    """How far one criterion on one lot has come.

    `answers` is how many are to be marked, `agreed` for how many a consensus stands, `closed` how
    many of these are closed. `missing` says in sentences what keeps the sheet from the lock.
    """

    lot: Lot
    criterion: Criterion
    team: Team
    answers: int
    agreed: int
    closed: int
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing before the quality lock."""
        return not self.missing

    @property
    def status(self) -> str:
        """Where the sheet stands, in a word or two."""
        if self.is_complete:
            return "Complete"
        if not self.team.evaluators or not self.team.moderators:
            return "Not assigned"
        if self.team.submitted < len(self.team.evaluators):
            return "Marking"
        return "Consensus" if self.agreed < self.answers else "Agreement"


def sheet_progress(*competitions: Competition) -> list[SheetProgress]:
    """How far every sheet has come that has bids: criterion by criterion within each lot.

    Of one competition or of several, in a fixed number of queries, however many bids there are.
    Empty before the quality opening.
    """
    bids: dict[int, list[Bid]] = {}
    lots: dict[int, Lot] = {}
    for bid in opened_bids(*competitions):
        bids.setdefault(bid.lot_id, []).append(bid)
        lots[bid.lot_id] = bid.lot
    if not bids:
        return []
    criteria = list(
        db.session.scalars(
            select(Criterion)
            .where(Criterion.competition_id.in_([row.id for row in competitions]))
            .options(selectinload(Criterion.leaves))
            .order_by(Criterion.position)
        )
    )
    records = mark_records(*competitions)
    assigned = teams(*competitions)
    names = identity_queries.names_of(
        row.person for team in assigned.values() for row in (*team.evaluators, *team.moderators)
    )
    hashes = {row.id: row.model_sha256 for row in competitions}
    return [
        _progress(
            hashes[criterion.competition_id],
            lots[lot],
            criterion,
            bids=bids[lot],
            team=assigned.get((lot, criterion.id), Team()),
            records=records,
            names=names,
        )
        for lot in bids
        for criterion in criteria
        if criterion.competition_id == lots[lot].competition_id
    ]


def missing_records(competition: Competition) -> list[str]:
    """Everything that keeps quality from being locked, in sentences; empty when it may be."""
    return missing_in_each(competition)[competition.id]


def missing_in_each(*competitions: Competition) -> dict[int, list[str]]:
    """Everything that keeps quality from being locked, by competition."""
    progress: dict[int, list[SheetProgress]] = {row.id: [] for row in competitions}
    for sheet in sheet_progress(*competitions):
        progress[sheet.lot.competition_id].append(sheet)
    return {
        competition: [sentence for sheet in sheets for sentence in sheet.missing]
        if sheets
        else ["No bid is open, so there is nothing to lock."]
        for competition, sheets in progress.items()
    }


_NOTHING = MarkRecord(frozenset(), None, frozenset(), frozenset())


def _progress(
    model_sha256: str | None,
    lot: Lot,
    criterion: Criterion,
    *,
    bids: list[Bid],
    team: Team,
    records: dict[tuple[int, int], MarkRecord],
    names: dict[str, str],
) -> SheetProgress:
    where = f"{lot.name}, {criterion.name}"
    missing = []
    if not team.evaluators:
        missing.append(f"{where}: no evaluator is assigned.")
    if not team.moderators:
        missing.append(f"{where}: no moderator is assigned.")
    missing += [
        f"{where}: {names.get(row.person, row.person)} has not submitted the sheet."
        for row in team.evaluators
        if row.submitted_at is None
    ]
    submitted = {row.person for row in team.evaluators if row.submitted_at is not None}
    everyone = {row.person for row in team.evaluators}
    agreed = closed = 0
    for bid in bids:
        for leaf in criterion.leaves:
            record = records.get((bid.id, leaf.id), _NOTHING)
            answer = f"{where}, bid of {bid.organisation.name}, {leaf.reference}"
            missing += [
                f"{answer}: the mark of {names.get(person, person)} is missing."
                for person in sorted(submitted - record.evaluators)
            ]
            agreed += record.consensus_closed is not None
            if record.consensus_closed is None:
                missing.append(f"{answer}: no consensus is recorded.")
            elif not record.consensus_closed:
                missing.append(f"{answer}: the consensus is not agreed to.")
            elif not everyone <= record.answered:
                missing.append(f"{answer}: not every evaluator has agreed or dissented.")
            else:
                closed += 1
            if record.hashes - {model_sha256}:
                missing.append(f"{answer}: it was marked under another evaluation model.")
    return SheetProgress(
        lot=lot,
        criterion=criterion,
        team=team,
        answers=len(bids) * len(criterion.leaves),
        agreed=agreed,
        closed=closed,
        missing=tuple(missing),
    )
