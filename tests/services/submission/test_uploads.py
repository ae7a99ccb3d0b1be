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
from commissioning.infrastructure import discards
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, KeyLocked, NotFound
from commissioning.submission import services
from commissioning.submission.domain import file_limits, file_pieces, sealing
from commissioning.submission.models import BidFile, FilePiece, FileUnderWay
from tests.factories.submission import ITN_DEADLINE, colleague, contest, submitted_bid
from tests.support.hostile_files import REFUSED

SMALL = 100_000
"""What a piece has in most tests: more than one sealed chunk, and quick."""

CANARY = b"CANARY-PIECE "


@pytest.fixture(autouse=True)
def pieces_are_small(request, monkeypatch):
    if "as_they_are" not in request.node.name:
        monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", SMALL)


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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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
        with pytest.raises(services.TooLate, match="so it cannot be taken"):
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


@pytest.mark.both_databases
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
