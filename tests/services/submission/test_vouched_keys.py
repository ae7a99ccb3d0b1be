"""Whoever writes to the database gets nothing sealed to a key of their own."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select, update

from commissioning.identity.domain import keys as key_pairs
from commissioning.identity.models import Organisation, User
from commissioning.infrastructure.database import db
from commissioning.infrastructure.vault import KeyNotOurs
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import OpeningKey
from tests.factories.submission import contest, drafted_bid, submitted_bid

FOREIGN = key_pairs.new_key_pair().public


def kept(model, **where):
    """What a row keeps as its public key: the key, and the installation's word."""
    return db.session.scalars(select(model.vouched_key).filter_by(**where)).one()


def put(model, key, **where):
    """Write a public key behind the platform's back."""
    assert (
        db.session.execute(update(model).filter_by(**where).values(vouched_key=key)).rowcount == 1
    )
    db.session.expire_all()


def forgeries(own, of_another):
    """What somebody without the installation's secret can put in a key's place."""
    return {
        "a bare key": FOREIGN,
        "a key with the word for the right one": FOREIGN + own[32:],
        "a key with a word of zeros": FOREIGN + bytes(32),
        "the key of another, word and all": of_another,
        "nothing": b"",
    }


KINDS = list(forgeries(b"", b""))


@pytest.mark.parametrize("kind", KINDS)
def test_no_bid_is_sealed_to_an_opening_key_that_was_put_there(session, kind, caplog):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    price = kept(OpeningKey, competition_id=made.row.id, envelope="price")
    quality = kept(OpeningKey, competition_id=made.row.id, envelope="quality")

    forged = forgeries(price, quality)[kind]
    put(OpeningKey, forged, competition_id=made.row.id, envelope="price")

    with caplog.at_level(logging.ERROR), pytest.raises(KeyNotOurs, match="nothing was sealed"):
        services.submit_bid(
            bidder.actor, made.reference, made.lot, bidder.reference,
            idempotency_key="key", clock=made.clock,
        )  # fmt: skip
    assert f"{made.reference}, round 1, price" in caplog.text
    bid = queries.own_bid(made.row.lots[0], bidder.organisation)
    assert bid is not None
    assert bid.status == "draft"
    assert queries.receipts_of(bid) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_draft_is_sealed_to_an_organisations_key_that_was_put_there(session, kind):
    made = contest(bidders=2)
    bidder, rival = made.bidders
    own, other = (kept(Organisation, reference=each.reference) for each in made.bidders)

    put(Organisation, forgeries(own, other)[kind], reference=bidder.reference)

    with pytest.raises(KeyNotOurs):
        drafted_bid(made, bidder)
    drafted_bid(made, rival)


@pytest.mark.parametrize("kind", KINDS)
def test_no_share_is_sealed_to_a_persons_key_that_was_put_there(session, kind):
    made = contest(stage=Stage.SHORTLISTED, with_keys=False)
    first, second = made.people[Role.KEY_HOLDER.value][:2]
    own, other = (kept(User, reference=who.reference) for who in (first, second))

    put(User, forgeries(own, other)[kind], reference=first.reference)

    with pytest.raises(KeyNotOurs):
        services.prepare_opening_keys(
            made.person(Role.PROCUREMENT_LEAD), made.reference, clock=made.clock
        )


def test_keys_of_another_preparation_are_not_those_that_the_itn_published(session):
    made = contest()
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    for row in queries.opening_keys(made.row).values():
        row.public_key = FOREIGN  # with the installation's word, as a preparation gives it

    with pytest.raises(KeyNotOurs):
        services.submit_bid(
            bidder.actor, made.reference, made.lot, bidder.reference,
            idempotency_key="key", clock=made.clock,
        )  # fmt: skip


def test_a_receipt_names_the_keys_that_the_bid_is_sealed_to(session):
    made = contest()
    (bidder,) = made.bidders

    (receipt,) = queries.receipts_of(submitted_bid(made, bidder))
    body = queries.receipt_body(receipt)

    assert body["opening_keys_sha256"] == queries.digest_of_keys(queries.opening_keys(made.row))
    assert body["opening_keys_sha256"] == made.row.opening_keys_sha256


def test_both_opening_keys_enter_the_digest(session):
    made = contest()
    found = queries.opening_keys(made.row)
    swapped = {
        Envelope.QUALITY: found[Envelope.PRICE],
        Envelope.PRICE: found[Envelope.QUALITY],
    }

    assert queries.digest_of_keys(found) != queries.digest_of_keys(swapped)
