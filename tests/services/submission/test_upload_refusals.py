"""Files in pieces: what is refused, to whom, when, and what it leaves."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, KeyLocked, NotFound
from commissioning.submission import services
from commissioning.submission.domain import file_limits, file_pieces
from commissioning.submission.models import BidFile, FilePiece, FileUnderWay
from tests.factories.submission import ITN_DEADLINE, colleague, contest
from tests.support.hostile_files import REFUSED
from tests.support.pieces import (
    SMALL,
    begin,
    content_of,
    load,
    pieces_of,
    send,
    stored,
    under_way,
)


@pytest.fixture(autouse=True)
def pieces_are_small(request, monkeypatch):
    if "as_they_are" not in request.node.name:
        monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", SMALL)


def test_a_piece_other_than_announced_is_refused_and_changes_nothing(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    pieces = pieces_of(content)
    others = {
        "cut": (0, pieces[0][:-1]),
        "longer": (0, pieces[0] + b"x"),
        "changed": (0, b"x" + pieces[0][1:]),
        "of another place": (1, pieces[0]),
        "the last too long": (3, pieces[3] + bytes(SMALL - 7)),
        "beyond the end": (4, pieces[3]),
        "before the beginning": (-1, pieces[3]),
        "empty": (0, b""),
    }
    for what, (number, piece) in others.items():
        with pytest.raises(BadInput) as refusal:
            send(made, bidder, told.upload, number, piece)
        assert refusal.value.field == "file", what

    assert stored(tmp_path) == []
    assert under_way(made, bidder)[0].has == ()


def test_nobody_sends_a_piece_to_an_upload_of_others(session):
    made = contest(bidders=2)
    bidder, rival = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    begin(made, rival, content)
    piece = content[:SMALL]

    with pytest.raises(NotFound):
        send(made, rival, told.upload, 0, piece)
    for actor in (rival.actor, made.person(Role.PROCUREMENT_LEAD), made.person(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            send(made, bidder, told.upload, 0, piece, actor=actor)
        with pytest.raises(Forbidden):
            begin(made, bidder, content, actor=actor)
        with pytest.raises(Forbidden):
            services.uploads_under_way(actor, made.reference, made.lot, bidder.reference)
    stranger = colleague(bidder, Role.BID_WRITER, admitted=False)
    with pytest.raises(KeyLocked):
        send(made, bidder, told.upload, 0, piece, actor=stranger)
    begin(made, bidder, content, lot="L2")
    with pytest.raises(NotFound):
        send(made, bidder, told.upload, 0, piece, lot="L2")


@pytest.mark.parametrize("what", ["swapped", "changed", "of another upload", "cut"])
def test_pieces_that_were_changed_in_the_store_make_no_file(session, tmp_path, what):
    made = contest()
    (bidder,) = made.bidders
    content = bytes(range(256)) * 1200
    pieces = pieces_of(content)
    told = begin(made, bidder, content)
    other = begin(made, bidder, content, file_name="other.pdf")
    for upload in (told.upload, other.upload):
        for number in (0, 1):
            send(made, bidder, upload, number, pieces[number])
    first, second, foreign, _ = session.scalars(select(FilePiece).order_by(FilePiece.id)).all()
    if what == "swapped":
        first.store_key, second.store_key = second.store_key, first.store_key
        first.salt, second.salt = second.salt, first.salt
    elif what == "of another upload":
        first.store_key, first.salt = foreign.store_key, foreign.salt
    else:
        path = next(path for path in stored(tmp_path) if path.name == first.store_key)
        sealed = path.read_bytes()
        path.write_bytes(sealed[:-1] + b"x" if what == "changed" else sealed[: len(sealed) // 2])
    send(made, bidder, told.upload, 2, pieces[2])

    with pytest.raises(Conflict, match="changed outside the platform"):
        send(made, bidder, told.upload, 3, pieces[3])
    session.rollback()


def test_a_piece_at_the_deadline_is_refused(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    send(made, bidder, told.upload, 0, content[:SMALL])
    made.clock.move_to(ITN_DEADLINE)

    for act in (
        lambda: send(made, bidder, told.upload, 1, pieces_of(content)[1]),
        lambda: send(made, bidder, told.upload, 0, content[:SMALL]),
        lambda: begin(made, bidder, content),
    ):
        with pytest.raises(services.TooLate, match="so it came too late"):
            act()
    assert len(stored(tmp_path)) == 1


@pytest.mark.parametrize(
    ("rest", "word"),
    [
        ({"size": 0, "digests": []}, "could not be read"),
        ({"size": file_limits.LARGEST_FILE_BYTES + 1}, "could not be read"),
        ({"digests": ["0" * 63]}, "could not be read"),
        ({"leaf": "Q2"}, "takes no files"),
        ({"file_name": "run.exe"}, "is a program"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_a_piece_is_sent(session, rest, word):
    made = contest()
    (bidder,) = made.bidders

    with pytest.raises(BadInput, match=word) as refusal:
        begin(made, bidder, b"x", **rest)

    assert refusal.value.field == "file"
    assert session.scalars(select(FileUnderWay)).all() == []


def test_a_file_that_is_too_large_is_refused_when_it_is_announced(session):
    made = contest()
    (bidder,) = made.bidders
    size = file_limits.LARGEST_FILE_BYTES + 1

    with pytest.raises(BadInput, match="larger than 52 MB"):
        begin(made, bidder, b"", size=size, digests=["0" * 64] * -(-size // SMALL))


def test_a_bid_that_was_filled_meanwhile_takes_the_file_once_there_is_room(
    session, tmp_path, monkeypatch
):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    pieces = pieces_of(content)
    for number in range(3):
        send(made, bidder, told.upload, number, pieces[number])
    session.commit()
    before = len(stored(tmp_path))
    with monkeypatch.context() as narrow:
        narrow.setattr(file_limits, "MOST_BYTES_PER_BID", len(content) - 1)
        with pytest.raises(BadInput, match="Choose a smaller file"):
            send(made, bidder, told.upload, 3, pieces[3])
        session.rollback()
    assert len(stored(tmp_path)) == before

    assert send(made, bidder, told.upload, 3, pieces[3]).entry.size == len(content)


def test_a_bid_has_so_many_files_under_way(session, monkeypatch):
    monkeypatch.setattr(file_pieces, "MOST_UNDER_WAY", 2)
    made = contest()
    (bidder,) = made.bidders
    for name in ("one.pdf", "two.pdf"):
        begin(made, bidder, content_of(), file_name=name)

    with pytest.raises(BadInput, match="2 files under way"):
        begin(made, bidder, content_of(), file_name="three.pdf")
    begin(made, bidder, content_of(), file_name="two.pdf")
    begin(made, bidder, content_of(size=9), file_name="two.pdf", anew=True)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda content: content + b"x", "this one has 300,008 bytes and that one 300,007"),
        (lambda content: b"x" + content[1:], "they begin differently"),
        (lambda content: content[:-1] + b"x", "they begin alike and go on differently"),
    ],
)
def test_another_file_of_the_same_name_is_told_apart_in_words(session, change, word):
    made = contest()
    (bidder,) = made.bidders
    content = content_of()
    told = begin(made, bidder, content)
    send(made, bidder, told.upload, 0, content[:SMALL])

    with pytest.raises(services.AnotherFile, match=word) as refusal:
        begin(made, bidder, change(content))
    assert refusal.value.upload == told.upload

    anew = begin(made, bidder, change(content), anew=True)
    assert anew.upload != told.upload
    assert [one.upload for one in under_way(made, bidder)] == [anew.upload]
    with pytest.raises(NotFound):
        send(made, bidder, told.upload, 1, pieces_of(content)[1])


def test_a_file_of_another_name_is_no_way_to_go_on(session):
    made = contest()
    (bidder,) = made.bidders
    told = begin(made, bidder, content_of())

    with pytest.raises(services.AnotherFile, match=r"that one is called “plan\.pdf”"):
        begin(made, bidder, content_of(), file_name="b.pdf", upload=told.upload)
    assert begin(made, bidder, content_of(), upload=told.upload).upload == told.upload
    with pytest.raises(NotFound):
        begin(made, bidder, content_of(), upload="UPL-NONE")


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_nobody_could_read_is_refused_in_pieces_too(session, monkeypatch, what):
    monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", 1 << 16)
    made = contest()
    (bidder,) = made.bidders
    name, make, word = REFUSED[what]
    made_of = make()
    content = made_of if isinstance(made_of, bytes) else b"".join(made_of)

    with pytest.raises(BadInput, match=word):
        load(made, bidder, content, file_name=name)
    session.rollback()
    assert session.scalars(select(BidFile)).all() == []


def test_a_program_is_refused_with_its_first_piece(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    content = b"\x7fELF\x02\x01" + content_of(size=2 * SMALL)
    told = begin(made, bidder, content)

    with pytest.raises(BadInput, match="is a program"):
        send(made, bidder, told.upload, 0, content[:SMALL])
    assert stored(tmp_path) == []


def test_an_announcement_that_was_changed_keeps_nobody_from_the_others(session):
    made = contest()
    (bidder,) = made.bidders
    spoilt = begin(made, bidder, content_of())
    row = session.scalar(select(FileUnderWay))
    row.announced = row.announced[:-1] + bytes([row.announced[-1] ^ 1])
    session.flush()

    load(made, bidder, content_of(), file_name="other.pdf")

    (left,) = under_way(made, bidder)
    assert (left.announced, left.arrived) == (None, 0)
    services.discard_upload(
        bidder.actor, made.reference, made.lot, bidder.reference, spoilt.upload, clock=made.clock
    )
    assert under_way(made, bidder) == ()
