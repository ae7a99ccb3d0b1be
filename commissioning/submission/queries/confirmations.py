"""Under which version of the invitation a submitted bid stands: for its own bidder.


Who has confirmed is shown to nobody else before the quality opening; the closing asks for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from commissioning.competition import queries as competitions
from commissioning.competition.domain.changes import (
    IssuedVersion,
    counts_at_closing,
    current_version,
    version_at,
)
from commissioning.competition.models import Competition
from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.submission.domain.lifecycle import BidStatus
from commissioning.submission.models import Bid, BidConfirmation, Receipt
from commissioning.submission.queries.own import last_receipts, own_bids


@dataclass(frozen=True, slots=True)
class UnderVersion:
    """A submitted bid with the version that it covers, and the one that holds now.

    `counts` is whether it would count at the closing as it stands.
    """

    bid: Bid
    receipt: Receipt
    covered: int
    current: int
    counts: bool

    @property
    def is_confirmed(self) -> bool:
        """Whether it covers the version that holds now."""
        return self.covered >= self.current


def under_versions(competition: Competition, bids: Sequence[Bid]) -> list[UnderVersion]:
    """The submitted ones of these bids, in their order; nothing where the invitation stands."""
    return _under_versions(competitions.issued_versions_of_each(competition), bids)


def _under_versions(
    versions: Mapping[int, Sequence[IssuedVersion]], bids: Sequence[Bid]
) -> list[UnderVersion]:
    submitted = [
        bid
        for bid in bids
        if bid.status == BidStatus.SUBMITTED.value and versions[bid.competition_id]
    ]
    if not submitted:
        return []
    receipts = last_receipts(submitted)
    confirmed = _confirmed([row.id for row in receipts.values()])
    return [
        _under(
            bid,
            receipts[bid.id],
            confirmed.get(receipts[bid.id].id, 0),
            versions[bid.competition_id],
        )
        for bid in submitted
        if bid.id in receipts
    ]


def own_unconfirmed(organisation: Organisation, *competitions_: Competition) -> list[UnderVersion]:
    """A bidder's own submitted bids that do not cover the version that holds now, by lot.

    In one competition or in several, in as many queries.
    """
    versions = competitions.issued_versions_of_each(*competitions_)
    found = _under_versions(versions, own_bids(organisation, *competitions_))
    return [row for row in found if not row.is_confirmed]


def confirmation_of(receipt: Receipt, version: int) -> BidConfirmation | None:
    """That a submitted bid was confirmed for a version; None where it was not."""
    return db.session.scalar(
        select(BidConfirmation).where(
            BidConfirmation.receipt_id == receipt.id, BidConfirmation.version == version
        )
    )


def _confirmed(receipts: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(BidConfirmation.receipt_id, func.max(BidConfirmation.version))
        .where(BidConfirmation.receipt_id.in_(receipts))
        .group_by(BidConfirmation.receipt_id)
    )
    return dict(rows.tuples().all())


def _under(
    bid: Bid, receipt: Receipt, confirmed: int, versions: Sequence[IssuedVersion]
) -> UnderVersion:
    covered = max(confirmed, version_at(receipt.received_at, versions))
    return UnderVersion(
        bid,
        receipt,
        covered,
        current_version(versions),
        counts_at_closing(covered, versions),
    )
