"""A file that a bidder has loaded once, used for another answer or another lot.

Each use is a copy, sealed afresh under a key of its own and bound to its own bid. Shared bytes
would need one key in the envelopes of several lots: the opening of one would then open a file of
another, and whoever watches the store could tell which bids have a file in common. So a lot stands
by itself, whatever becomes of the file in another, at the cost of its room in the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.competition import queries as competitions
from commissioning.competition.models import Lot
from commissioning.identity import queries as identities
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.submission import queries
from commissioning.submission.domain.envelopes import FileEntry, QualityDocument
from commissioning.submission.domain.file_findings import Finding
from commissioning.submission.models import Bid
from commissioning.submission.services import port
from commissioning.submission.services.drafts import begun_bid
from commissioning.submission.services.files import Sent, read_from, require_takes_files, take_in
from commissioning.submission.services.standing import for_bid, require_in_time


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file of one of a bidder's own bids, and for which lot that is."""

    lot: Lot
    entry: FileEntry


def loaded_files(actor: Actor, competition: str, organisation: str) -> tuple[LoadedFile, ...]:
    """A bidder's own people see every file that they have loaded in a competition, lot by lot.

    A bid that does not open keeps nobody from the files of the others. Raises NotFound for anybody
    else, KeyLocked.
    """
    contest = competitions.competition_by_reference(competition)
    bidder = identities.organisation_by_reference(organisation)
    queries.require_own(actor, Permission.SUBMISSION_READ_OWN_BID, contest, bidder.reference)
    key = port.unlock(actor, bidder)
    return tuple(
        LoadedFile(bid.lot, entry)
        for bid in queries.own_bids(bidder, contest)
        for entry in _entries(key, bid)
    )


def use_loaded_file(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    leaf: str,
    file: str,
    clock: Clock,
) -> FileEntry:
    """A bidder uses a file that it has loaded for another answer, or another lot, once more.

    `file` is its reference in any of the bidder's own bids of the competition. It is copied as it
    is, under the same name. Raises NotFound where no bid of the bidder has it; BadInput at `file`
    as for a file that is sent; TooLate, KeyLocked.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    require_takes_files(standing, leaf)
    source = queries.own_file(standing.competition, standing.organisation, file).bid
    key = port.unlock(actor, standing.organisation)
    for document in _documents(key, source):
        entry = document.file(file)
        if entry is not None:
            found = read_from(source, document, file)
            is_renamed = Finding.NAME.value in entry.findings
            sent = Sent(leaf, entry.name, entry.media_type, is_renamed=is_renamed)
            return take_in(actor, begun_bid(standing), sent, found.pieces, at=now)
    raise NotFound


def _entries(key: bytes, bid: Bid) -> list[FileEntry]:
    """The files of a bid's draft, and of what counts as submitted, each once."""
    try:
        documents = _documents(key, bid)
    except port.BidDamaged:
        return []
    found = {entry.reference: entry for document in documents for entry in document.files}
    return list(found.values())


def _documents(key: bytes, bid: Bid) -> list[QualityDocument]:
    submitted = port.read_submitted(key, bid)
    found = (port.read_quality(key, bid), None if submitted is None else submitted[0])
    return [document for document in found if document is not None]
