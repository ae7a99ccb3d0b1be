"""In the last minute before a deadline everybody submits at once: what that costs does not grow."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from commissioning.infrastructure.database import db
from commissioning.submission import services
from tests.factories.submission import ITN_DEADLINE, contest, drafted_bid, freeze_model

STATEMENTS = 14
"""Of one submission: what is read under its locks, what is sealed, the chain and the receipt."""


@contextmanager
def statements(session):
    """What a block sends to the database, from a session that has read nothing."""
    session.flush()
    session.expunge_all()
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def submit(made, bidder, key):
    place = (made.reference, made.lot, bidder.reference)
    actor, clock = bidder.actor, made.clock

    def act():
        receipt = services.submit_bid(actor, *place, idempotency_key=key, clock=clock)
        db.session.flush()
        return receipt

    return act


def test_a_submission_takes_few_statements_however_large_the_competition(session):
    costs = []
    for lots, bidders in ((1, 1), (4, 5)):
        made = contest(lots=lots, bidders=bidders)
        freeze_model(made)
        for bidder in made.bidders:
            drafted_bid(made, bidder)
        act = submit(made, made.bidders[0], "first")
        with statements(session) as sent:
            act()
        costs.append(len(sent))
    assert costs == [STATEMENTS, STATEMENTS]


def test_the_hundredth_submission_takes_as_many_statements_as_the_second(session):
    made = contest(lots=1)
    freeze_model(made)
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    acts = [submit(made, bidder, f"key {number}") for number in range(12)]
    costs = []
    for act in acts:
        with statements(session) as sent:
            act()
        costs.append(len(sent))
    assert costs[1:] == [STATEMENTS - 1] * 11  # the bid itself stays as it is


def test_what_comes_too_late_is_refused_and_recorded_in_fewer(session):
    made = contest(lots=1)
    freeze_model(made)
    (bidder,) = made.bidders
    drafted_bid(made, bidder)
    actor, place = bidder.actor, (made.reference, made.lot, bidder.reference)
    made.clock.move_to(ITN_DEADLINE)
    with statements(session) as sent:
        with pytest.raises(services.TooLate) as refused:
            services.submit_bid(actor, *place, idempotency_key="key", clock=made.clock)
        sentence = services.refusal_if_late(
            actor, *place, received_at=ITN_DEADLINE, refused=refused.value, clock=made.clock
        )
        session.flush()
    assert sentence == refused.value.sentence
    assert len(sent) == STATEMENTS - 5
