"""Files of a bid: sealed while they arrive, read back by their own people only."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.infrastructure import discards, documents
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, KeyLocked, NotFound
from commissioning.kernel.file_names import safe_file_name
from commissioning.submission import queries, services
from commissioning.submission.domain import file_limits
from commissioning.submission.models import BidFile
from tests.factories.submission import (
    ITN_DEADLINE,
    colleague,
    contest,
    drafted_bid,
    opened,
    submitted_bid,
)
from tests.support.hostile_files import REFUSED, TAKEN


def add(made, bidder, content=b"a plan", **rest):
    particulars = {"leaf": "Q1", "file_name": "plan.pdf", "media_type": "application/pdf"} | rest
    return services.add_file(
        bidder.actor,
        made.reference,
        made.lot,
        bidder.reference,
        pieces=[content] if isinstance(content, bytes) else content,
        clock=made.clock,
        **particulars,
    )


def read(made, bidder, file, actor=None):
    found = services.read_own_file(
        actor or bidder.actor, made.reference, made.lot, bidder.reference, file
    )
    return found.entry, b"".join(found.pieces)


def remove(made, bidder, entry):
    services.remove_file(
        bidder.actor, made.reference, made.lot, bidder.reference, entry.reference, clock=made.clock
    )


def stored(tmp_path):
    """What the document store holds."""
    return [path for path in (tmp_path / "var" / "documents").rglob("*") if path.is_file()]


def answers_and_files(made, bidder):
    own = services.read_own_bid(bidder.actor, made.reference, made.lot, bidder.reference)
    return own.answers, [file.name for file in own.quality.files]


def test_a_file_is_read_back_as_it_was_given(session):
    made = contest()
    (bidder,) = made.bidders
    content = b"CANARY " * 30_000
    entry = add(made, bidder, [content[:100_000], content[100_000:]])

    found, again = read(made, bidder, entry.reference)

    assert again == content
    assert (found.name, found.media_type, found.size) == ("plan.pdf", "application/pdf", 210_000)


def test_a_file_is_stored_in_no_other_form_than_sealed(session):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder, b"CANARY " * 3000)
    row = session.scalar(select(BidFile))

    stored = b"".join(documents.store().read(row.store_key))

    assert b"CANARY" not in stored
    assert bytes.fromhex(entry.key) not in stored


def test_a_file_leaves_the_answers_and_other_files_alone(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    add(made, bidder, file_name="one.pdf")
    two = add(made, bidder, file_name="two.pdf")
    services.remove_file(
        bidder.actor, made.reference, made.lot, bidder.reference, two.reference, clock=made.clock
    )

    assert answers_and_files(made, bidder) == ({"Q1": "We will.", "Q2": "We will."}, ["one.pdf"])
    with pytest.raises(NotFound):
        read(made, bidder, two.reference)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        ([], "empty"),
        ([bytes(file_limits.LARGEST_FILE_BYTES), b"x"], "larger than 52 MB"),
    ],
)
def test_a_file_that_is_empty_or_too_large_is_refused_and_not_kept(
    session, tmp_path, content, word
):
    made = contest()
    (bidder,) = made.bidders

    with pytest.raises(BadInput) as refusal:
        add(made, bidder, content)

    assert refusal.value.field == "file"
    assert word in refusal.value.sentence
    assert "plan.pdf" in refusal.value.sentence
    kept = [path for path in (tmp_path / "var" / "documents").rglob("*") if path.is_file()]
    assert kept == []
    assert session.scalars(select(BidFile)).all() == []


def test_a_question_that_takes_no_files_gets_none(session):
    made = contest()
    (bidder,) = made.bidders

    for leaf in ("Q2", "Q9"):
        with pytest.raises(BadInput):
            add(made, bidder, leaf=leaf)


def test_an_answer_takes_five_files(session):
    made = contest()
    (bidder,) = made.bidders
    for number in range(5):
        add(made, bidder, file_name=f"{number}.pdf")

    with pytest.raises(BadInput, match="up to 5 files"):
        add(made, bidder)


def test_a_bid_takes_so_many_files_over_all_its_answers(session, monkeypatch):
    monkeypatch.setattr(file_limits, "MOST_FILES_PER_BID", 3)
    made = contest()
    (bidder,) = made.bidders
    kept = [add(made, bidder, file_name=f"{number}.pdf") for number in range(3)]

    with pytest.raises(BadInput, match="A bid takes up to 3 files") as refusal:
        add(made, bidder)
    assert refusal.value.field == "file"
    remove(made, bidder, kept[0])
    add(made, bidder)


@pytest.mark.parametrize("content", [bytes(41), [bytes(30), bytes(11)]])
def test_the_files_of_a_bid_have_so_many_bytes_together(session, tmp_path, monkeypatch, content):
    monkeypatch.setattr(file_limits, "MOST_BYTES_PER_BID", 100)
    made = contest()
    (bidder,) = made.bidders
    add(made, bidder, bytes(60))

    with pytest.raises(BadInput, match="a bid have up to") as refusal:
        add(made, bidder, content)
    assert refusal.value.field == "file"
    assert len(stored(tmp_path)) == 1
    add(made, bidder, bytes(40))
    with pytest.raises(BadInput, match="a bid have up to"):
        add(made, bidder, b"x")


def test_a_file_that_was_never_submitted_is_gone_once_it_is_removed(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    session.commit()
    for _ in range(3):
        remove(made, bidder, add(made, bidder))
        session.commit()
        discards.delete_discarded()
        session.commit()

    assert session.scalars(select(BidFile)).all() == []
    assert stored(tmp_path) == []


def test_a_file_goes_only_when_its_removal_is_committed(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    session.commit()
    remove(made, bidder, entry)

    with pytest.raises(RuntimeError, match="after the commit"):
        discards.delete_discarded()
    session.rollback()
    assert discards.delete_discarded() == 0
    session.rollback()
    assert read(made, bidder, entry.reference)[1] == b"a plan"


@pytest.mark.parametrize("ending", ["replaced", "withdrawn"])
def test_a_file_that_was_submitted_goes_when_the_submission_ends(session, tmp_path, ending):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    submitted_bid(made, bidder)
    remove(made, bidder, entry)
    session.commit()
    assert discards.delete_discarded() == 0
    session.commit()
    assert len(stored(tmp_path)) == 1

    if ending == "replaced":
        submitted_bid(made, bidder, text="Without a plan.")
    else:
        services.withdraw_bid(
            bidder.actor, made.reference, made.lot, bidder.reference, clock=made.clock
        )
    session.commit()
    assert discards.delete_discarded() == 1
    session.commit()
    assert stored(tmp_path) == []


def test_a_withdrawn_bid_keeps_the_files_of_its_draft(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    submitted_bid(made, bidder)
    services.withdraw_bid(
        bidder.actor, made.reference, made.lot, bidder.reference, clock=made.clock
    )
    session.commit()

    assert discards.delete_discarded() == 0
    session.commit()
    assert read(made, bidder, entry.reference)[1] == b"a plan"


def test_files_follow_the_deadline(session):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    made.clock.move_to(ITN_DEADLINE)

    with pytest.raises(services.TooLate):
        add(made, bidder)
    with pytest.raises(services.TooLate):
        services.remove_file(
            bidder.actor,
            made.reference,
            made.lot,
            bidder.reference,
            entry.reference,
            clock=made.clock,
        )


def test_a_file_that_was_submitted_can_be_read_after_it_left_the_draft(session):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    submitted_bid(made, bidder)
    services.remove_file(
        bidder.actor, made.reference, made.lot, bidder.reference, entry.reference, clock=made.clock
    )

    assert read(made, bidder, entry.reference)[1] == b"a plan"


def test_nobody_else_reads_a_file(session):
    made = contest(bidders=2)
    bidder, rival = made.bidders
    entry = add(made, bidder)

    for actor in (rival.actor, made.person(Role.PROCUREMENT_LEAD), made.person(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            read(made, bidder, entry.reference, actor)
    with pytest.raises(KeyLocked):
        read(made, bidder, entry.reference, colleague(bidder, Role.BID_WRITER, admitted=False))


def test_a_file_is_found_in_its_own_bid_only(session):
    made = contest(bidders=2)
    bidder, rival = made.bidders
    entry = add(made, bidder)
    add(made, rival)

    with pytest.raises(NotFound):
        read(made, rival, entry.reference)


def test_a_file_is_readable_after_the_opening_and_not_before(session):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    bid = submitted_bid(made, bidder)

    with pytest.raises(NotFound):
        services.read_opened_file(bid, entry.reference)
    opened(made)
    (again,) = queries.opened_bids(made.row)
    assert b"".join(services.read_opened_file(again, entry.reference).pieces) == b"a plan"
    with pytest.raises(NotFound):
        services.read_opened_file(again, "FIL-0")


def test_a_file_changed_on_disk_is_not_read_as_if_it_were_whole(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    entry = add(made, bidder)
    (path,) = (p for p in (tmp_path / "var" / "documents").rglob("*") if p.is_file())
    sealed = bytearray(path.read_bytes())
    sealed[10] ^= 1
    path.write_bytes(sealed)

    with pytest.raises(Conflict, match="cannot be opened"):
        read(made, bidder, entry.reference)


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_nobody_could_read_is_refused_and_leaves_nothing(session, tmp_path, what):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    name, make, word = REFUSED[what]
    with pytest.raises(BadInput) as refusal:
        add(made, bidder, make(), file_name=name)

    assert refusal.value.field == "file"
    assert word in refusal.value.sentence
    assert stored(tmp_path) == []
    assert answers_and_files(made, bidder)[1] == []


def test_what_is_taken_is_sealed_as_it_is_and_stays_in_the_store(session, tmp_path):
    made = contest()
    (bidder,) = made.bidders
    outside = {path for path in tmp_path.rglob("*") if "documents" not in path.parts}
    for what, (name, make, expected) in TAKEN.items():
        content = make()
        entry = add(made, bidder, content, file_name=name)

        found, again = read(made, bidder, entry.reference)
        assert again == content, what
        assert set(found.findings) == expected, what
        assert len(found.warnings) == len(expected)
        assert found.name == safe_file_name(name)
        (only,) = stored(tmp_path)
        assert content not in only.read_bytes()
        remove(made, bidder, entry)
        only.unlink(missing_ok=True)

    left = {path for path in tmp_path.rglob("*") if "documents" not in path.parts}
    assert left == outside


def test_a_document_without_findings_reads_as_it_always_did(session):
    made = contest()
    (bidder,) = made.bidders
    assert "findings" not in add(made, bidder, b"%PDF-1.4").to_dict()
