"""Before the opening nobody but the bidder learns what is in a bid, nor that there is one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import competition_stream, organisation_stream
from commissioning.infrastructure import outbox
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import Forbidden, NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import Bid
from tests.factories.submission import (
    ITN_DEADLINE,
    contest,
    drafted_bid,
    opened,
    submitted_bid,
    submitted_response,
)

SECRET = "CANARY-BID"
FILE_SECRET = b"CANARY-FILE " * 2000


def write_bids(made):
    """One bid that is submitted, and one that stays a draft, each full of canaries."""
    submitting, drafting = made.bidders
    services.add_file(
        submitting.actor,
        made.reference,
        made.lot,
        submitting.reference,
        leaf="Q1",
        file_name=f"{SECRET}.pdf",
        media_type="application/pdf",
        pieces=[FILE_SECRET],
        clock=made.clock,
    )
    submitted_bid(made, submitting, text=SECRET)
    drafted_bid(made, drafting, text=SECRET)


def everything_stored(folder, database):
    """Every byte of the data folder and of the database, its log of writes included."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    paths += list(database.parent.glob(f"{database.name}*"))
    return {path: path.read_bytes() for path in paths}


@pytest.mark.sqlite
def test_no_byte_of_a_bid_is_stored_in_clear(session, tmp_path):
    made = contest(bidders=2)
    write_bids(made)
    session.commit()
    database = Path(db.engine.url.database)
    secrets = (SECRET.encode(), b"CANARY-FILE", str(made.fees()[0]).encode())

    stored = everything_stored(tmp_path / "var", database)
    found = [
        (path.name, word) for path, content in stored.items() for word in secrets if word in content
    ]

    assert found == []
    assert any(path.name.endswith("-wal") for path in stored)
    assert sum("documents" in str(path) for path in stored) == 1

    # The same search finds the canaries once the envelopes are open, so it can find them at all.
    opened(made)
    session.commit()
    after = everything_stored(tmp_path / "var", database)
    assert any(SECRET.encode() in content for content in after.values())


def test_sealed_envelopes_have_one_length_whatever_is_in_them(session):
    made = contest(bidders=2, word_limit=500)
    short, long = made.bidders
    submitted_bid(made, short, text="Yes.")
    submitted_bid(made, long, text="word " * 150)

    lengths = {
        len(content)
        for bid in session.query(Bid)
        for envelope in bid.envelopes
        for content in (envelope.draft, envelope.own_copy, envelope.sealed)
    }
    assert len(lengths) == 1


def everybody_else(made):
    _, drafting = made.bidders
    team = {role: made.person(Role(role)) for role in made.people}
    auditor = made.person(Role.AUDITOR)
    whole_authority = frozenset(replace(grant, competition=None) for grant in auditor.grants)
    return {
        **team,
        "a rival": drafting.actor,
        "the authority's auditor": auditor.with_grants(whole_authority),
        "an administrator": made.person(Role.AUDITOR).with_grants(
            [replace(grant, role=Role.ADMINISTRATOR) for grant in auditor.grants]
        ),
    }


READINGS = {
    "read_own_bid": services.read_own_bid,
    "read_submitted_bid": services.read_submitted_bid,
    "read_own_file": lambda actor, *place: services.read_own_file(actor, *place, "FIL-1"),
}


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.ITN_CLOSED, Stage.QUALITY_EVALUATION])
@pytest.mark.parametrize("reading", READINGS)
def test_nobody_else_reads_a_bid_by_the_bidders_own_way(session, reading, stage):
    made = contest(bidders=2)
    write_bids(made)
    made.move_to(stage)
    bidder = made.bidders[0]
    place = (made.reference, made.lot, bidder.reference)

    for actor in everybody_else(made).values():
        with pytest.raises(Forbidden):
            READINGS[reading](actor, *place)
    if reading != "read_own_file":
        assert READINGS[reading](bidder.actor, *place)


QUERIES = {
    "opened_bids": lambda made: len(queries.opened_bids(made.row)),
    "submitted_bids, quality": lambda made: len(queries.submitted_bids(made.row, Envelope.QUALITY)),
    "submitted_bids, price": lambda made: len(queries.submitted_bids(made.row, Envelope.PRICE)),
    "unreadable_bids": lambda made: len(queries.unreadable_bids(made.row, Envelope.QUALITY)),
}


@pytest.mark.parametrize("stage", [Stage.ITN_OPEN, Stage.ITN_CLOSED])
def test_queries_over_all_bids_give_nothing_before_the_opening(session, stage):
    made = contest(bidders=2)
    write_bids(made)
    bid = session.query(Bid).filter_by(status="submitted").one()
    made.move_to(stage)

    assert {name: ask(made) for name, ask in QUERIES.items()} == dict.fromkeys(QUERIES, 0)
    for ask in (
        lambda: queries.opened_bid(made.row, bid.reference),
        lambda: queries.quality_document(bid),
        lambda: queries.price_document(bid),
        lambda: services.read_opened_file(bid, "FIL-1"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_same_queries_answer_after_the_opening(session):
    made = contest(bidders=2)
    write_bids(made)
    opened(made)

    answers = {name: ask(made) for name, ask in QUERIES.items()}
    assert answers == {
        "opened_bids": 1,
        "submitted_bids, quality": 1,
        "submitted_bids, price": 0,
        "unreadable_bids": 0,
    }
    (bid,) = queries.opened_bids(made.row)
    assert queries.quality_document(bid).answers["Q1"] == SECRET


def test_a_stage_set_by_hand_opens_no_envelope(session):
    """Whoever moves the stage in the database still has no content to read."""
    made = contest(bidders=2)
    write_bids(made)
    made.move_to(Stage.PRICE_EVALUATION)
    (bid,) = queries.submitted_bids(made.row, Envelope.QUALITY)

    assert queries.opened_bids(made.row) == []
    with pytest.raises(NotFound):
        queries.price_document(bid)


def seen_by_others(made):
    """What reaches others by the trail, by mail and by the dashboard."""
    actors = everybody_else(made)
    return {
        "trail": [
            (link.event, link.subject, link.changes)
            for link in trail.links()
            if link.stream
            in {
                competition_stream(made.reference),
                organisation_stream(made.authority.reference),
                "platform",
            }
        ],
        "mail": [message.body for message in outbox.waiting_messages()],
        "waiting": {
            name: queries.waiting_for(actor, made.clock.now()) for name, actor in actors.items()
        },
        "ceremony": queries.ceremony(made.row, Envelope.QUALITY, "opening"),
    }


def test_a_bid_leaves_no_trace_where_others_look(session):
    made = contest(bidders=2)
    before = seen_by_others(made)
    write_bids(made)
    services.withdraw_bid(
        made.bidders[0].actor, made.reference, made.lot, made.bidders[0].reference, clock=made.clock
    )
    after = seen_by_others(made)

    before["waiting"].pop("a rival")
    after["waiting"].pop("a rival")  # it has drafted a bid of its own
    assert after == before
    opened(made)
    assert seen_by_others(made)["trail"] != before["trail"]


def test_nobody_counts_pqq_responses_before_the_closing(session):
    made = contest(stage=Stage.PQQ_OPEN, bidders=2)
    before = seen_by_others(made)
    response = submitted_response(made, made.bidders[0])

    assert seen_by_others(made) == before
    assert queries.submitted_responses(made.row) == []
    with pytest.raises(NotFound):
        queries.submitted_response(made.row, response.reference)
    made.move_to(Stage.PQQ_CLOSED)
    assert queries.submitted_responses(made.row) == [response]


def test_a_termination_before_the_opening_opens_nothing(session):
    made = contest(bidders=2)
    write_bids(made)
    made.clock.move_to(ITN_DEADLINE)
    made.row.reached_stage = Stage.ITN_CLOSED.value
    made.move_to(Stage.TERMINATED)

    assert queries.submitted_bids(made.row, Envelope.QUALITY) == []
    with pytest.raises(Forbidden):
        services.join_opening(
            made.person(Role.KEY_HOLDER), made.reference, "quality", clock=made.clock
        )
