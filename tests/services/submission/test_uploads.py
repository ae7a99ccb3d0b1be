"""Files in pieces: sealed as they come, gone on with, and never put together wrongly."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import sealed_stream
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.submission import services
from commissioning.submission.domain import file_pieces, sealing
from commissioning.submission.models import FileUnderWay
from tests.factories.submission import colleague, contest, submitted_bid
from tests.support.pieces import (
    CANARY,
    SMALL,
    begin,
    content_of,
    delete_discarded,
    load,
    own,
    pieces_of,
    read,
    send,
    stored,
    under_way,
)


@pytest.fixture(autouse=True)
def pieces_are_small(request, monkeypatch):
    if "as_they_are" not in request.node.name:
        monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", SMALL)


@pytest.mark.parametrize("size", [1, SMALL, SMALL + 1, 3 * SMALL, 3 * SMALL + 7])
def test_a_file_in_pieces_is_the_file_that_came_in_one_request(session, tmp_path, size):
    made = contest()
    (bidder,) = made.bidders
    content = content_of(size)
    whole = services.add_file(
        bidder.actor,
        made.reference,
        made.lot,
        bidder.reference,
        leaf="Q1",
        file_name="plan.pdf",
        media_type="application/pdf",
        pieces=[content],
        clock=made.clock,
    )

    entry = load(made, bidder, content).entry

    what = ("leaf", "name", "media_type", "size", "sha256", "findings")
    assert [getattr(entry, name) for name in what] == [getattr(whole, name) for name in what]
    assert entry.key != whole.key
    assert read(made, bidder, entry.reference) == content
    delete_discarded(session)
    assert len(stored(tmp_path)) == 2, "the pieces are gone"
    assert len({len(path.read_bytes()) for path in stored(tmp_path)}) == 1


def test_pieces_as_they_are_need_the_memory_of_one_and_not_of_the_file(session):
    made = contest()
    (bidder,) = made.bidders
    pieces = [bytes([number]) * file_pieces.UPLOAD_PIECE_BYTES for number in range(6)]
    digests = [hashlib.sha256(piece).hexdigest() for piece in pieces]
    size = sum(map(len, pieces))
    told = begin(made, bidder, b"x", size=size, digests=digests)
    for number in range(5):
        send(made, bidder, told.upload, number, pieces.pop(0))
    (last,) = pieces
    tracemalloc.start()
    done = send(made, bidder, told.upload, 5, last)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert done.entry.size == size
    assert most < 2.5 * file_pieces.UPLOAD_PIECE_BYTES, most


def test_a_file_goes_on_where_the_line_broke_for_a_colleague_too(session):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    pieces = pieces_of(content)
    first = begin(made, bidder, content)
    send(made, bidder, first.upload, 0, pieces[0])
    send(made, bidder, first.upload, 2, pieces[2])
    session.commit()
    session.expire_all()
    writer = colleague(bidder, Role.BID_WRITER)

    again = begin(made, bidder, content, actor=writer)

    assert (again.upload, again.has) == (first.upload, (0, 2))
    assert again.arrived == 2 * SMALL
    send(made, bidder, again.upload, 3, pieces[3], actor=writer)
    done = send(made, bidder, again.upload, 1, pieces[1], actor=writer)
    assert read(made, bidder, done.entry.reference) == content
    assert under_way(made, bidder) == ()


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [1, 1, 0, 0, 3, 2], [2, 0, 3, 2, 1]])
def test_pieces_come_in_any_order_and_twice(session, order):
    made = contest()
    (bidder,) = made.bidders
    content = bytes(range(256)) * 1200

    told = load(made, bidder, content, order=order)

    assert read(made, bidder, told.entry.reference) == content
    assert [file.name for file in own(made, bidder).quality.files] == ["plan.pdf"]


def test_a_piece_that_is_sent_twice_is_stored_once(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    for _ in range(3):
        told = send(made, bidder, told.upload, 0, content[:SMALL])

    assert told.has == (0,)
    assert len(stored(tmp_path)) == 1


def test_the_last_piece_sent_again_is_answered_and_makes_no_second_file(session):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = load(made, bidder, content)

    again = send(made, bidder, told.upload, 3, content[3 * SMALL :])

    assert again.became == told.entry.reference
    assert len(own(made, bidder).quality.files) == 1
    with pytest.raises(NotFound):
        services.discard_upload(
            bidder.actor,
            made.reference,
            made.lot,
            bidder.reference,
            told.upload,
            clock=made.clock,
        )


def test_the_same_file_can_be_sent_again_once_it_is_in(session):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    first, second = load(made, bidder, content), load(made, bidder, content)

    assert first.entry.sha256 == second.entry.sha256
    assert len(own(made, bidder).quality.files) == 2


def test_no_byte_of_half_a_file_is_stored_in_clear(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = content_of(text=CANARY)
    told = begin(made, bidder, content, file_name="CANARY-NAME.pdf")
    for number in (0, 1):
        send(made, bidder, told.upload, number, pieces_of(content)[number])
    session.commit()
    database = Path(db.engine.url.database)
    digest = hashlib.sha256(content[:SMALL])

    paths = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    paths += list(database.parent.glob(f"{database.name}*"))
    found = [
        (path.name, word)
        for path in paths
        for word in (b"CANARY", digest.digest(), digest.hexdigest().encode())
        if word in path.read_bytes()
    ]

    assert found == []
    assert len(stored(tmp_path)) == 2
    assert {len(path.read_bytes()) for path in stored(tmp_path)} == {(1 << 17) + 2 * 16}


def test_two_announcements_look_alike_in_the_database(session):
    made = contest()
    (bidder,) = made.bidders
    begin(made, bidder, b"x", file_name="a")
    begin(made, bidder, content_of(), file_name="a much longer name of a file.pdf")

    assert len({len(row.announced) for row in session.scalars(select(FileUnderWay))}) == 1


def test_a_piece_is_sealed_under_a_key_that_was_never_used_before(session, monkeypatch):
    """One that was stored and whose request then failed comes again, perhaps with other bytes."""
    used = []
    before = sealing.FileSeal.__init__

    def watched(self, key, **rest):
        used.append(key)
        before(self, key, **rest)

    monkeypatch.setattr(sealing.FileSeal, "__init__", watched)
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    session.commit()
    for _ in range(2):
        send(made, bidder, told.upload, 0, content[:SMALL])
        session.rollback()

    assert len(used) == len(set(used)) == 2


def test_what_is_found_at_the_end_of_a_file_is_found_over_its_pieces(session):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("large.bin", content_of())
        archive.writestr("inner.zip", b"PK")
    made = contest()
    (bidder,) = made.bidders

    told = load(made, bidder, packed.getvalue(), file_name="..\\all.zip")

    assert set(told.entry.findings) == {"name", "archive_inside"}


def test_the_trail_says_what_was_begun_added_and_discarded(session):
    made = contest()
    (bidder,) = made.bidders
    told = load(made, bidder, content_of())
    begin(made, bidder, content_of(), file_name="b.pdf")
    other = begin(made, bidder, content_of(), file_name="b.pdf")
    services.discard_upload(
        bidder.actor, made.reference, made.lot, bidder.reference, other.upload, clock=made.clock
    )
    session.flush()

    stream = sealed_stream(made.reference, bidder.reference)
    links = [(link.event, link.changes) for link in trail.links(stream)]
    assert links == [
        ("bid_upload_begun", {"upload": told.upload}),
        ("bid_file_added", {"file": told.entry.reference}),
        ("bid_upload_begun", {"upload": other.upload}),
        ("bid_upload_discarded", {"upload": other.upload}),
    ]


def test_what_nobody_goes_on_with_is_discarded_after_a_day(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    load(made, bidder, content, file_name="in.pdf")
    begun = made.clock.moment
    told = begin(made, bidder, content)
    made.clock.advance(timedelta(hours=20))
    told = send(made, bidder, told.upload, 0, content[:SMALL])
    assert told.kept_until == begun + timedelta(hours=44)
    made.clock.move_to(told.kept_until - timedelta(seconds=1))
    assert services.discard_abandoned(clock=made.clock) == 0
    assert [one.has for one in under_way(made, bidder)] == [(0,)]
    delete_discarded(session)

    made.clock.move_to(told.kept_until)
    assert services.discard_abandoned(clock=made.clock) == 1
    delete_discarded(session)

    assert under_way(made, bidder) == ()
    assert session.scalars(select(FileUnderWay)).all() == []
    assert len(stored(tmp_path)) == 1, "the file that is in stays"


def test_a_discarded_upload_leaves_nothing(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    send(made, bidder, told.upload, 0, content[:SMALL])
    services.discard_upload(
        bidder.actor, made.reference, made.lot, bidder.reference, told.upload, clock=made.clock
    )
    delete_discarded(session)

    assert stored(tmp_path) == []
    assert under_way(made, bidder) == ()


def test_a_file_under_way_is_no_part_of_what_is_submitted(session):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    send(made, bidder, told.upload, 0, content[:SMALL])
    submitted_bid(made, bidder)

    assert own(made, bidder).quality.files == ()
    assert [one.upload for one in under_way(made, bidder)] == [told.upload]
