"""Files of a bid: sealed in pieces while they arrive, and never written down in clear."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.infrastructure import documents, scanner
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.kernel.file_names import is_as_sent, safe_file_name
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission
from commissioning.submission import queries
from commissioning.submission.domain import file_findings, file_limits
from commissioning.submission.domain.envelopes import FileEntry, QualityDocument
from commissioning.submission.domain.file_findings import FileUnfit, Finding, FirstLook
from commissioning.submission.domain.sealing import (
    FileRefused,
    FileSeal,
    SealBroken,
    opened_file,
)
from commissioning.submission.models import Bid, BidFile
from commissioning.submission.services import port
from commissioning.submission.services.drafts import (
    begun_bid,
    discard_removed,
    own_bid_at,
    own_bid_row,
    quality_to_change,
)
from commissioning.submission.services.standing import Standing, for_bid, require_in_time

_KEY_BYTES = 32
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file being read: what it is, and its content, which is checked while it is given.

    `harm` names what a virus scanner found in it; then there are no pieces to be had.
    """

    entry: FileEntry
    pieces: Iterator[bytes]
    harm: str = ""


class FileWithheld(Conflict):
    """A file is not handed out: a virus scanner found something in it, or gave no answer."""


class UnfitFile(BadInput):
    """A file is of a kind that is never taken: sending the rest of it, or it again, is no use."""


def add_file(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    leaf: str,
    file_name: str,
    media_type: str,
    pieces: Iterable[bytes],
    clock: Clock,
) -> FileEntry:
    """A bidder adds a file to one answer of its bid; it is sealed before it is stored.

    `file_name` is what the browser said, and is made safe; `pieces` is the content in parts of any
    length. What is found about the file while it streams past stands in its entry. Raises BadInput
    at `file` for a file that is empty, too large, of a kind that nobody could read
    (`file_findings`), or of a question that takes none, and where the answer or the bid is full
    (`file_limits`); TooLate, KeyLocked.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    require_takes_files(standing, leaf)
    bid = begun_bid(standing)
    return take_in(actor, bid, Sent(leaf, file_name, media_type), pieces, at=now)


def _sealed(
    bid: Bid, sent: Sent, pieces: Iterable[bytes], *, most: int
) -> tuple[FileEntry, BidFile]:
    reference, key = new_reference("FIL"), secrets.token_bytes(_KEY_BYTES)
    purpose = queries.place_of(bid).file_purpose(reference)
    seal = FileSeal(key, purpose=purpose, largest=most)
    name = safe_file_name(sent.file_name)
    look = FirstLook(name)
    try:
        store_key = documents.store().put(seal.pieces(look.pieces(pieces)))
    except FileRefused as refusal:
        raise file_limits.refusal_of_size(name, refusal.size, most) from None
    except FileUnfit as refusal:
        raise unfit(name, refusal) from None
    entry = FileEntry(
        reference,
        sent.leaf,
        name,
        sent.media_type[:100],
        seal.size,
        seal.sha256,
        key.hex(),
        _named(look.findings, is_renamed=sent.is_renamed or not is_as_sent(sent.file_name, name)),
    )
    return entry, BidFile(reference=reference, bid=bid, store_key=store_key)


def unfit(name: str, refusal: FileUnfit) -> UnfitFile:
    """The refusal of a file that no evaluator could read, at `file`."""
    return UnfitFile("file", file_findings.refusal_of_kind(name, refusal.finding))


def _named(findings: tuple[Finding, ...], *, is_renamed: bool) -> tuple[str, ...]:
    changed = (Finding.NAME.value,) if is_renamed else ()
    return (*changed, *(finding.value for finding in findings))


def remove_file(
    actor: Actor, competition: str, lot: str, organisation: str, file: str, *, clock: Clock
) -> None:
    """A bidder takes a file out of its draft; what counts as submitted keeps it, else it is gone.

    A file that the submission names stays until that is replaced or withdrawn. `file` is its
    reference. Raises NotFound where the draft has none of it; TooLate, KeyLocked.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    bid = own_bid_at(actor, standing)
    if bid is None:
        raise NotFound
    document = quality_to_change(actor, bid)
    if document.file(file) is None:
        raise NotFound
    queries.file_of(bid, file).removed_at = now
    port.put_quality(bid, document.without_file(file, salt=port.new_salt()))
    submitted = port.read_submitted(port.unlock(actor, bid.organisation), bid)
    discard_removed(bid, None if submitted is None else submitted[0], at=now)
    db.session.flush()
    audit.record(
        actor,
        Event.BID_FILE_REMOVED,
        Subject("bid", bid.reference),
        {"file": file},
        at=now,
        stream=sealed_stream(standing.competition.reference, standing.organisation.reference),
    )


def read_own_file(
    actor: Actor, competition: str, lot: str, organisation: str, file: str
) -> ReadFile:
    """A bidder's own people read a file of their draft, or of what they submitted.

    Raises NotFound where there is none, and for anybody else; KeyLocked.
    """
    _, bid = own_bid_row(actor, competition, lot, organisation)
    if bid is None:
        raise NotFound
    key = port.unlock(actor, bid.organisation)
    submitted = port.read_submitted(key, bid)
    for document in (port.read_quality(key, bid), submitted and submitted[0]):
        if document is not None and document.file(file) is not None:
            return read_from(bid, document, file)
    raise NotFound


def read_opened_file(bid: Bid, file: str) -> ReadFile:
    """A file of an opened bid, for the service that has authorised the reading.

    Where a virus scanner is configured the file is scanned first, and nothing of it is given before
    the scanner has called it clean. What is found in it stands in `harm`, for the caller to record;
    the file itself is kept as it is. Raises FileWithheld where the scanner gives no answer, and
    NotFound while the quality envelope is closed, or where it names no such file.
    """
    found = read_from(bid, queries.quality_document(bid), file)
    asked = scanner.scanner()
    if asked is None:
        return found
    content = b"".join(found.pieces)
    try:
        harm = asked.found_in([content])
    except scanner.NoVerdict as error:
        _log.error("The file %s was not scanned. %s", file, error)
        raise FileWithheld(
            "This file cannot be opened now: the virus scanner did not answer whether it is safe. "
            "Try again in a few minutes, or tell whoever runs the platform."
        ) from error
    if harm is not None:
        return ReadFile(found.entry, _withheld(), harm)
    return ReadFile(found.entry, iter((content,)))


def _withheld() -> Iterator[bytes]:
    yield from ()
    raise FileWithheld(
        "A virus scanner found something harmful in this file, so it is not handed out."
    )


# For the other services of files ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """What a bidder says of a file: for which answer, its name as it was sent, and its type.

    `is_renamed`: its name was made safe before, when it was first loaded.
    """

    leaf: str
    file_name: str
    media_type: str
    is_renamed: bool = False


def require_takes_files(standing: Standing, leaf: str) -> None:
    """A file goes with a question that takes one; BadInput at `file`."""
    asked = {q.reference: q for q in queries.bid_questions(standing.competition)}
    if leaf not in asked or not asked[leaf].takes_files:
        raise BadInput("file", "This question takes no files. Write the answer as text.")


def take_in(
    actor: Actor, bid: Bid, sent: Sent, pieces: Iterable[bytes], *, at: datetime
) -> FileEntry:
    """However a file came, it is looked at, counted, sealed and recorded in this one way.

    Raises BadInput at `file`, KeyLocked.
    """
    document = quality_to_change(actor, bid)
    most = file_limits.require_room(document.files, sent.leaf)
    entry, row = _sealed(bid, sent, pieces, most=most)
    row.added_at = at
    db.session.add(row)
    port.put_quality(bid, document.with_file(entry, salt=port.new_salt()))
    db.session.flush()
    audit.record(
        actor,
        Event.BID_FILE_ADDED,
        Subject("bid", bid.reference),
        {"file": entry.reference},
        at=at,
        stream=sealed_stream(bid.competition.reference, bid.organisation.reference),
    )
    return entry


def read_from(bid: Bid, document: QualityDocument, file: str) -> ReadFile:
    """A file that a document of a bid names, and its content, which is checked while it is given.

    Raises NotFound where the document names none of this reference.
    """
    entry = document.file(file)
    if entry is None:
        raise NotFound
    sealed = documents.store().read(queries.file_of(bid, file).store_key)
    pieces = opened_file(
        bytes.fromhex(entry.key),
        sealed,
        purpose=document.place.file_purpose(file),
        size=entry.size,
        sha256=entry.sha256,
    )
    return ReadFile(entry, checked(pieces))


def checked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; BidDamaged where one of them was changed outside the platform."""
    try:
        yield from pieces
    except SealBroken as error:
        raise port.BidDamaged from error
