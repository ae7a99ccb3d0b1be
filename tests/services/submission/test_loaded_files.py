"""A file that was loaded once, in many answers and lots; each lot stands by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.competition.models import Leaf
from commissioning.infrastructure import discards
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope, SealBroken, opened_file
from commissioning.submission.models import BidFile
from commissioning.submission.services import port
from tests.factories.submission import ITN_DEADLINE, contest, opened, submitted_bid

LOTS = ("L1", "L2", "L3")


def made_contest(**changes):
    """Three lots, and a second question that takes files."""
    made = contest(lots=3, **changes)
    db.session.scalar(select(Leaf).where(Leaf.reference == "Q2")).allows_file = True
    db.session.flush()
    return made


def add(made, bidder, lot="L1", content=b"%PDF-1.4 a plan", **rest):
    particulars = {"leaf": "Q1", "file_name": "plan.pdf", "media_type": "application/pdf"} | rest
    return services.add_file(
        bidder.actor,
        made.reference,
        lot,
        bidder.reference,
        pieces=[content],
        clock=made.clock,
        **particulars,
    )


def use(made, bidder, file, lot, leaf="Q1", actor=None):
    return services.use_loaded_file(
        actor or bidder.actor,
        made.reference,
        lot,
        bidder.reference,
        leaf=leaf,
        file=file,
        clock=made.clock,
    )


def remove(made, bidder, file, lot):
    services.remove_file(
        bidder.actor, made.reference, lot, bidder.reference, file, clock=made.clock
    )


def read(made, bidder, file, lot):
    found = services.read_own_file(bidder.actor, made.reference, lot, bidder.reference, file)
    return b"".join(found.pieces)


def loaded(made, bidder):
    return [
        (one.lot.reference, one.entry.leaf, one.entry.name)
        for one in services.loaded_files(bidder.actor, made.reference, bidder.reference)
    ]


def stored(tmp_path):
    return [path for path in (tmp_path / "var" / "documents").rglob("*") if path.is_file()]


def delete_discarded(session):
    session.commit()
    discards.delete_discarded()
    session.commit()


def test_one_file_is_used_in_many_answers_and_lots(session):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder, file_name="..\\plan.pdf")
    copies = {
        (lot, leaf): use(made, bidder, first.reference, lot, leaf)
        for lot in LOTS
        for leaf in ("Q1", "Q2")
    }

    for (lot, leaf), copy in copies.items():
        assert (copy.leaf, copy.name, copy.sha256) == (leaf, "plan.pdf", first.sha256)
        assert copy.findings == first.findings == ("name",)
        assert read(made, bidder, copy.reference, lot) == b"%PDF-1.4 a plan"
    assert len({copy.key for copy in (first, *copies.values())}) == 7
    assert loaded(made, bidder).count(("L3", "Q2", "plan.pdf")) == 1
    assert len(loaded(made, bidder)) == 7


def test_the_same_bytes_are_never_refused_in_another_place(session):
    made = made_contest()
    (bidder,) = made.bidders
    for lot in LOTS:
        for leaf in ("Q1", "Q2"):
            for _ in range(2):
                add(made, bidder, lot, leaf=leaf)

    assert len(loaded(made, bidder)) == 12


def test_a_file_that_is_removed_in_one_lot_stays_in_the_others(session, tmp_path):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder)
    second, third = (use(made, bidder, first.reference, lot) for lot in ("L2", "L3"))
    submitted_bid(made, bidder, "L3")

    remove(made, bidder, first.reference, "L1")
    delete_discarded(session)

    assert loaded(made, bidder) == [("L2", "Q1", "plan.pdf"), ("L3", "Q1", "plan.pdf")]
    assert read(made, bidder, second.reference, "L2") == b"%PDF-1.4 a plan"
    assert len(stored(tmp_path)) == 2
    with pytest.raises(NotFound):
        use(made, bidder, first.reference, "L2")
    services.withdraw_bid(bidder.actor, made.reference, "L3", bidder.reference, clock=made.clock)
    remove(made, bidder, second.reference, "L2")
    delete_discarded(session)
    assert read(made, bidder, third.reference, "L3") == b"%PDF-1.4 a plan"


def test_a_copy_opens_with_its_own_lot_and_with_no_other(session):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder)
    copy = use(made, bidder, first.reference, "L2")
    rows = {row.reference: row for row in session.scalars(select(BidFile))}
    place = queries.place_of(rows[first.reference].bid)
    from commissioning.infrastructure import documents

    sealed = list(documents.store().read(rows[copy.reference].store_key))
    for key in (first.key, copy.key):
        with pytest.raises(SealBroken):
            list(
                opened_file(
                    bytes.fromhex(key),
                    sealed,
                    purpose=place.file_purpose(first.reference),
                    size=first.size,
                    sha256=first.sha256,
                )
            )


def test_a_copy_is_opened_with_the_bid_of_its_lot(session):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder)
    copy = use(made, bidder, first.reference, "L2")
    submitted_bid(made, bidder, "L2")
    remove(made, bidder, first.reference, "L1")
    opened(made)

    (bid,) = queries.opened_bids(made.row)
    assert b"".join(services.read_opened_file(bid, copy.reference).pieces) == b"%PDF-1.4 a plan"


def test_a_file_that_only_the_submission_names_can_be_used(session):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder)
    submitted_bid(made, bidder)
    remove(made, bidder, first.reference, "L1")

    assert read(made, bidder, use(made, bidder, first.reference, "L2").reference, "L2")


def test_a_damaged_lot_keeps_nobody_from_the_files_of_the_others(session):
    made = made_contest()
    (bidder,) = made.bidders
    first, second = add(made, bidder), add(made, bidder, "L2", file_name="two.pdf")
    bid = session.scalar(select(BidFile).where(BidFile.reference == first.reference)).bid
    row = queries.envelope_of(bid, Envelope.QUALITY)
    row.draft = row.draft[:-1] + bytes([row.draft[-1] ^ 1])
    session.flush()

    assert loaded(made, bidder) == [("L2", "Q1", "two.pdf")]
    with pytest.raises(port.BidDamaged):
        use(made, bidder, first.reference, "L3")
    assert use(made, bidder, second.reference, "L3").name == "two.pdf"


def test_a_copy_of_what_was_changed_in_the_store_is_refused_and_not_kept(session, tmp_path):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder)
    (path,) = stored(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(Conflict, match="cannot be opened"):
        use(made, bidder, first.reference, "L2")
    assert len(stored(tmp_path)) == 1


def test_only_the_bidders_own_files_of_this_competition_are_used(session):
    made = made_contest(bidders=2)
    bidder, rival = made.bidders
    theirs = add(made, rival)

    assert loaded(made, bidder) == []
    with pytest.raises(NotFound):
        use(made, bidder, theirs.reference, "L2")
    for actor in (bidder.actor, made.person(Role.PROCUREMENT_LEAD), made.person(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            use(made, rival, theirs.reference, "L2", actor=actor)
        with pytest.raises(Forbidden):
            services.loaded_files(actor, made.reference, rival.reference)


def test_a_copy_follows_the_limits_and_the_deadline(session):
    made = made_contest()
    (bidder,) = made.bidders
    first = add(made, bidder)
    for _ in range(5):
        use(made, bidder, first.reference, "L2")
    with pytest.raises(BadInput, match="up to 5 files"):
        use(made, bidder, first.reference, "L2")
    with pytest.raises(BadInput, match="takes no files"):
        use(made, bidder, first.reference, "L2", leaf="Q9")
    made.clock.move_to(ITN_DEADLINE)
    with pytest.raises(services.TooLate):
        use(made, bidder, first.reference, "L3")
