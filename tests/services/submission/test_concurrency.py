"""Two requests at the same moment: one receipt, and no answer of a colleague lost."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from commissioning.competition.queries import competition_by_reference
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain import file_pieces
from commissioning.submission.models import (
    BidFile,
    FilePiece,
    FileUnderWay,
    HelpRequest,
    OpeningAttendance,
    Receipt,
)
from tests.factories.submission import ITN_DEADLINE, colleague, contest, drafted_bid, submitted_bid


@pytest.fixture
def kept(app):
    """Make rows and commit them: returns what the block made of them."""

    def make(build):
        with app.app_context():
            made = build()
            db.session.commit()
            return made

    return make


def test_a_request_that_is_sent_twice_at_once_gives_one_receipt(app, at_once, kept):
    def build():
        made = contest()
        (bidder,) = made.bidders
        drafted_bid(made, bidder)
        return made.clock, bidder.actor, (made.reference, made.lot, bidder.reference)

    clock, actor, place = kept(build)

    def submit():
        receipt = services.submit_bid(actor, *place, idempotency_key="one", clock=clock)
        return receipt.reference

    outcomes = at_once(*[submit] * 4)

    assert len(set(map(str, outcomes))) == 1
    assert kept(lambda: len(db.session.scalars(select(Receipt)).all())) == 1


def test_a_double_click_on_asking_for_help_is_one_request(app, at_once, kept):
    """And of two that say different things under one key, one is taken and the other refused."""

    def build():
        made = contest()
        (bidder,) = made.bidders
        return made.clock, bidder.actor, (made.reference, bidder.reference)

    clock, actor, place = kept(build)

    def ask(text, key):
        return services.ask_for_help(
            actor, *place, text=text, idempotency_key=key, clock=clock
        ).reference

    outcomes = at_once(*[lambda: ask("The page is blank.", "one")] * 4)
    assert len(set(map(str, outcomes))) == 1
    assert isinstance(outcomes[0], str)

    outcomes = at_once(
        lambda: ask("The page is blank.", "two"), lambda: ask("The file is refused.", "two")
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "str"]
    assert kept(lambda: len(db.session.scalars(select(HelpRequest)).all())) == 2


def test_two_colleagues_who_save_at_once_both_keep_their_answer(app, at_once, kept):
    def build():
        made = contest()
        (bidder,) = made.bidders
        writer = colleague(bidder, Role.BID_WRITER)
        return made.clock, bidder.actor, writer, (made.reference, made.lot, bidder.reference)

    clock, one, other, place = kept(build)
    outcomes = at_once(
        lambda: services.save_quality_draft(one, *place, {"Q1": "One."}, clock=clock).reference,
        lambda: services.save_quality_draft(other, *place, {"Q2": "Two."}, clock=clock).reference,
    )

    assert len(set(map(str, outcomes))) == 1
    answers = kept(lambda: dict(services.read_own_bid(one, *place).answers))
    assert answers == {"Q1": "One.", "Q2": "Two."}


def test_three_holders_who_join_at_once_open_once(app, at_once, kept):
    def build():
        made = contest()
        submitted_bid(made, made.bidders[0])
        made.clock.move_to(ITN_DEADLINE)
        made.move_to(Stage.ITN_CLOSED)
        return made.clock, made.holders(3), made.reference

    clock, holders, reference = kept(build)
    outcomes = at_once(
        *[
            lambda holder=holder: (
                services.join_opening(holder, reference, "quality", clock=clock).is_done
            )
            for holder in holders
        ]
    )

    assert sorted(outcomes) == [False, False, True]

    def after():
        row = competition_by_reference(reference)
        joined = db.session.scalars(select(OpeningAttendance)).all()
        return row.stage, len(joined), len(queries.opened_bids(row))

    assert kept(after) == (Stage.QUALITY_EVALUATION.value, 3, 1)


def test_two_tabs_that_send_one_file_at_once_make_one_file(app, at_once, kept, monkeypatch):
    """Each announces it, sends every piece, and is told that it is in."""
    monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", 1000)
    pieces = [bytes([number]) * 1000 for number in range(3)]

    def build():
        made = contest()
        (bidder,) = made.bidders
        return made.clock, bidder.actor, (made.reference, made.lot, bidder.reference)

    clock, actor, place = kept(build)

    def begin():
        found = services.begin_upload(
            actor,
            *place,
            leaf="Q1",
            file_name="plan.pdf",
            media_type="application/pdf",
            size=3000,
            digests=[hashlib.sha256(piece).hexdigest() for piece in pieces],
            clock=clock,
        )
        return found.upload

    def send(upload, number):
        found = services.add_piece(
            actor, *place, upload, number=number, content=pieces[number], clock=clock
        )
        return found.became

    (upload,) = set(at_once(*[begin] * 3))
    assert at_once(*[lambda: send(upload, 1)] * 3) == [None] * 3
    assert kept(lambda: len(db.session.scalars(select(FilePiece)).all())) == 1
    at_once(lambda: send(upload, 0))
    (file,) = set(at_once(*[lambda: send(upload, 2)] * 3))

    assert kept(lambda: [row.became for row in db.session.scalars(select(FileUnderWay))]) == [file]
    assert kept(lambda: [row.reference for row in db.session.scalars(select(BidFile))]) == [file]
