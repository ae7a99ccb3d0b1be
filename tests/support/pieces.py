"""A file sent in pieces as a browser does it: announced, cut, and sent one by one."""

from __future__ import annotations

import hashlib

from commissioning.infrastructure import discards
from commissioning.submission import services
from commissioning.submission.domain import file_pieces

SMALL = 100_000
"""What a piece has in most tests: more than one sealed chunk, and quick."""

CANARY = b"CANARY-PIECE "


def content_of(size=3 * SMALL + 7, text=CANARY):
    return (text * (size // len(text) + 1))[:size]


def pieces_of(content):
    length = file_pieces.UPLOAD_PIECE_BYTES
    return [content[at : at + length] for at in range(0, len(content), length)]


def begin(made, bidder, content, actor=None, lot=None, **rest):
    said = {
        "leaf": "Q1",
        "file_name": "plan.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "digests": [hashlib.sha256(piece).hexdigest() for piece in pieces_of(content)],
    }
    return services.begin_upload(
        actor or bidder.actor,
        made.reference,
        lot or made.lot,
        bidder.reference,
        **said | rest,
        clock=made.clock,
    )


def send(made, bidder, upload, number, piece, actor=None, lot=None):
    return services.add_piece(
        actor or bidder.actor,
        made.reference,
        lot or made.lot,
        bidder.reference,
        upload,
        number=number,
        content=piece,
        clock=made.clock,
    )


def load(made, bidder, content, order=None, **rest):
    """Announce a file and send its pieces: what was told with the last one."""
    pieces = pieces_of(content)
    told = begin(made, bidder, content, **rest)
    for number in order or range(len(pieces)):
        told = send(made, bidder, told.upload, number, pieces[number])
    return told


def own(made, bidder, lot=None):
    return services.read_own_bid(bidder.actor, made.reference, lot or made.lot, bidder.reference)


def read(made, bidder, file):
    found = services.read_own_file(bidder.actor, made.reference, made.lot, bidder.reference, file)
    return b"".join(found.pieces)


def stored(tmp_path):
    return [path for path in (tmp_path / "var" / "documents").rglob("*") if path.is_file()]


def under_way(made, bidder):
    return services.uploads_under_way(bidder.actor, made.reference, made.lot, bidder.reference)


def delete_discarded(session):
    session.commit()
    discards.delete_discarded()
    session.commit()
