"""Files that arrive in pieces: announced, sealed piece by piece, gone on with after a broken line.

What is announced lies sealed to the bidder's key, and with it the secret from which the keys of the
pieces come. Between two requests the server can read neither; each request brings the key of one of
the bidder's people. With the last piece the file goes the way of any other: it is looked at,
counted and sealed under a key of its own, and the pieces are discarded.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Conflict, NotFound
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission
from commissioning.submission import queries
from commissioning.submission.domain import file_findings, file_limits, file_pieces
from commissioning.submission.domain.envelopes import FileEntry
from commissioning.submission.domain.file_findings import FileUnfit
from commissioning.submission.domain.file_pieces import Announced
from commissioning.submission.models import Bid, FileUnderWay
from commissioning.submission.services import port
from commissioning.submission.services.drafts import (
    begun_bid,
    own_bid_at,
    own_bid_row,
    quality_to_change,
)
from commissioning.submission.services.files import (
    Sent,
    require_takes_files,
    take_in,
    unfit,
)
from commissioning.submission.services.pieces import (
    content_of,
    discard_pieces,
    sealed_piece,
)
from commissioning.submission.services.standing import for_bid, require_in_time

_SECRET_BYTES = 32


class AnotherFile(Conflict):
    """The file that was chosen is not the one that is under way; `upload` is that one."""

    def __init__(self, sentence: str, upload: str) -> None:
        super().__init__(sentence)
        self.upload = upload


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A file under way: which pieces the server has, by number from 0, and until when it waits.

    `announced` is None where the announcement was changed outside the platform: such an upload can
    only be discarded. `became` is the reference of the file once the last piece is in, and `entry`
    the file itself in the answer to that piece.
    """

    upload: str
    announced: Announced | None
    has: tuple[int, ...]
    kept_until: datetime
    became: str | None = None
    entry: FileEntry | None = None

    @property
    def arrived(self) -> int:
        """How many bytes of the file have arrived."""
        return 0 if self.announced is None else self.announced.arrived(self.has)


def begin_upload(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    *,
    leaf: str,
    file_name: str,
    media_type: str,
    size: int,
    digests: Sequence[str],
    upload: str = "",
    anew: bool = False,
    clock: Clock,
) -> UnderWay:
    """A bidder announces a file that comes in pieces, or goes on with one that is under way.

    `size` is in bytes; `digests` are the SHA-256 of the pieces (`file_pieces`). The same file for
    the same answer is gone on with, whoever of the bidder's people began it. `upload` names one
    that the person means to go on with; `anew` discards that one, or one of the same name, where
    the file is another. Raises AnotherFile where the file is another and `anew` is not said;
    BadInput at `file` as for a file in one request; TooLate, NotFound, KeyLocked.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    require_takes_files(standing, leaf)
    chosen = file_pieces.announcement(
        leaf=leaf,
        file_name=file_name,
        media_type=media_type,
        size=size,
        digests=digests,
        key=secrets.token_bytes(_SECRET_BYTES),
    )
    port.unlock(actor, standing.organisation)  # whoever cannot go on with it does not begin it
    bid = own_bid_at(actor, standing)
    others = [] if bid is None else _announced(actor, bid)
    found = _same(others, chosen, upload)
    if found is not None:
        row, announced = found
        return _under_way(row, announced)
    replaced = _in_the_way(others, chosen, upload)
    if replaced is not None and not anew:
        row, announced = replaced
        raise AnotherFile(
            file_pieces.refusal_of_another(announced, chosen) or "", upload=row.reference
        )
    _check_room(chosen, () if bid is None else quality_to_change(actor, bid).files)
    file_pieces.check_under_way(len(others) - (replaced is not None))
    if replaced is not None:
        _discard(actor, replaced[0], at=now)
    bid = begun_bid(standing)
    db.session.flush()
    reference = new_reference("UPL")
    row = FileUnderWay(
        reference=reference,
        bid=bid,
        announced=port.seal_announced(bid, reference, chosen),
        touched_at=now,
    )
    db.session.add(row)
    db.session.flush()
    _record(actor, row, Event.BID_UPLOAD_BEGUN, at=now)
    return _under_way(row, chosen)


def _check_room(chosen: Announced, files: Sequence[FileEntry]) -> None:
    """What can be known to be refused is refused before a piece is sent."""
    try:
        file_findings.refused_by_name(chosen.name)
    except FileUnfit as refusal:
        raise unfit(chosen.name, refusal) from None
    most = file_limits.require_room(files, chosen.leaf)
    if chosen.size > most:
        raise file_limits.refusal_of_size(chosen.name, chosen.size, most)


def add_piece(
    actor: Actor,
    competition: str,
    lot: str,
    organisation: str,
    upload: str,
    *,
    number: int,
    content: bytes,
    clock: Clock,
) -> UnderWay:
    """A piece of a file is sealed before it is stored; the last one makes it a file of the bid.

    `number` counts from 0; pieces may come in any order, and one that comes twice is stored once.
    Raises BadInput at `file` for a piece that was not announced so, and with the last one for what
    `add_file` refuses; NotFound where this bid has no such file under way; TooLate, KeyLocked. The
    pieces themselves are recorded by the file that they become.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    bid = own_bid_at(actor, standing)
    if bid is None:
        raise NotFound
    row = queries.file_under_way(bid, upload)
    announced = port.read_announced(port.unlock(actor, bid.organisation), row)
    file_pieces.check_piece(announced, number, content)
    if row.became is not None:
        return _under_way(row, announced)
    if number == 0:
        try:
            file_findings.refused_by_head(content)
        except FileUnfit as refusal:
            raise unfit(announced.name, refusal) from None
    stored = {piece.number: piece for piece in row.pieces}
    if not announced.lacks({*stored, number}):
        return _finish(actor, row, announced, {number: content}, at=now)
    if number not in stored:
        row.pieces.append(sealed_piece(row, announced, number, content))
    row.touched_at = now
    db.session.flush()
    return _under_way(row, announced)


def discard_upload(
    actor: Actor, competition: str, lot: str, organisation: str, upload: str, *, clock: Clock
) -> None:
    """A bidder gives up a file that is under way; its pieces go.

    Raises NotFound where this bid has no such file under way; TooLate.
    """
    now = clock.now()
    standing = for_bid(competition, lot, organisation, now, lock=True)
    require_in_time(actor, Permission.SUBMISSION_WRITE_BID, standing)
    bid = own_bid_at(actor, standing)
    if bid is None:
        raise NotFound
    row = queries.file_under_way(bid, upload)
    if row.became is not None:
        raise NotFound
    _discard(actor, row, at=now)


def uploads_under_way(
    actor: Actor, competition: str, lot: str, organisation: str
) -> tuple[UnderWay, ...]:
    """A bidder's own people see which files of a bid are under way, and how much of each is there.

    Raises NotFound for anybody else, KeyLocked.
    """
    _, bid = own_bid_row(actor, competition, lot, organisation)
    if bid is None:
        return ()
    return tuple(_under_way(row, announced) for row, announced in _announced(actor, bid))


def discard_abandoned(*, clock: Clock) -> int:
    """What nobody went on with in the published time is discarded; gives how many uploads.

    What is in already has left a row behind, so that a last piece that is sent again is answered;
    it goes at the same time.
    """
    before = clock.now() - file_pieces.KEPT_UNDER_WAY
    rows = db.session.scalars(
        select(FileUnderWay)
        .where(FileUnderWay.touched_at <= before)
        .order_by(FileUnderWay.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _let_go(row, at=clock.now())
    db.session.flush()
    return sum(row.became is None for row in rows)


_Pair = tuple[FileUnderWay, Announced | None]


def _announced(actor: Actor, bid: Bid) -> list[_Pair]:
    """The files of a bid that are under way, with what was announced of each."""
    rows = queries.files_under_way(bid)
    if not rows:
        return []
    key = port.unlock(actor, bid.organisation)
    return [(row, _readable(key, row)) for row in rows]


def _readable(key: bytes, row: FileUnderWay) -> Announced | None:
    """One that was changed outside keeps nobody from the others."""
    try:
        return port.read_announced(key, row)
    except port.BidDamaged:
        return None


def _same(
    others: Sequence[_Pair], chosen: Announced, upload: str
) -> tuple[FileUnderWay, Announced] | None:
    for row, announced in others:
        is_meant = not upload or row.reference == upload
        if announced is not None and is_meant and announced.is_same(chosen):
            return row, announced
    return None


def _in_the_way(
    others: Sequence[_Pair], chosen: Announced, upload: str
) -> tuple[FileUnderWay, Announced] | None:
    """The upload that was meant, by its reference or by the name and the answer of the file."""
    for row, announced in others:
        if announced is None or announced.leaf != chosen.leaf:
            continue
        is_meant = row.reference == upload if upload else announced.sent_name == chosen.sent_name
        if is_meant:
            return row, announced
    if upload:
        raise NotFound
    return None


def _under_way(
    row: FileUnderWay, announced: Announced | None, entry: FileEntry | None = None
) -> UnderWay:
    return UnderWay(
        row.reference,
        announced,
        tuple(sorted(piece.number for piece in row.pieces)),
        row.touched_at + file_pieces.KEPT_UNDER_WAY,
        row.became,
        entry,
    )


def _finish(
    actor: Actor,
    row: FileUnderWay,
    announced: Announced,
    at_hand: Mapping[int, bytes],
    *,
    at: datetime,
) -> UnderWay:
    sent = Sent(announced.leaf, announced.sent_name, announced.media_type)
    entry = take_in(actor, row.bid, sent, content_of(row, announced, at_hand), at=at)
    row.became, row.touched_at = entry.reference, at
    discard_pieces(row, at=at)
    db.session.flush()
    return _under_way(row, announced, entry)


def _discard(actor: Actor, row: FileUnderWay, *, at: datetime) -> None:
    _let_go(row, at=at)
    db.session.flush()
    _record(actor, row, Event.BID_UPLOAD_DISCARDED, at=at)


def _let_go(row: FileUnderWay, *, at: datetime) -> None:
    discard_pieces(row, at=at)
    db.session.delete(row)


def _record(actor: Actor, row: FileUnderWay, event: Event, *, at: datetime) -> None:
    audit.record(
        actor,
        event,
        Subject("bid", row.bid.reference),
        {"upload": row.reference},
        at=at,
        stream=sealed_stream(row.bid.competition.reference, row.bid.organisation.reference),
    )
