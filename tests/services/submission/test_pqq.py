"""Answering the PQQ: drafted, submitted, replaced, withdrawn; read by nobody before it closes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import sealed_stream
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import (
    BadInput,
    BadInputs,
    Forbidden,
    IllegalTransition,
    NotFound,
)
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from tests.factories.submission import PQQ_DEADLINE, colleague, contest, submitted_response

A_MICROSECOND = timedelta(microseconds=1)


def at_pqq(**changes):
    return contest(stage=Stage.PQQ_OPEN, **changes)


def save(made, bidder, actor=None, **content):
    return services.save_response(
        actor or bidder.actor, made.reference, bidder.reference, clock=made.clock, **content
    )


def submit(made, bidder, **rest):
    return services.submit_response(
        bidder.actor, made.reference, bidder.reference, clock=made.clock, **rest
    )


def test_a_response_is_saved_in_parts_and_what_is_not_given_stays(session):
    made = at_pqq()
    (bidder,) = made.bidders
    save(made, bidder, answers={"A1": "A company."})
    save(made, bidder, lots=["L2", "L1"])
    save(made, bidder, proved_funding_pence=500, funding_source=" A letter. ")
    response = save(made, bidder, answers={"B1": "yes"})

    assert response.answers == {"A1": "A company.", "B1": "yes"}
    assert response.lots == ["L1", "L2"]
    assert (response.proved_funding_pence, response.funding_source) == (500, "A letter.")
    assert services.gaps_of(response) == ()


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"answers": {"A1": "far too many words"}}, "A1"),
        ({"answers": {"B1": "perhaps"}}, "B1"),
        ({"proved_funding_pence": 0}, "proved_funding_pence"),
        ({"proved_funding_pence": -1}, "proved_funding_pence"),
        ({"proved_funding_pence": 10**16}, "proved_funding_pence"),
        ({"funding_source": "word " * 301}, "funding_source"),
    ],
)
def test_what_cannot_be_taken_is_refused_beside_its_field(session, content, field):
    made = at_pqq(word_limit=3)
    (bidder,) = made.bidders

    with pytest.raises(BadInputs) as refusal:
        save(made, bidder, **content)
    assert [name for name, _ in refusal.value.problems] == [field]
    assert queries.own_response(made.row, bidder.organisation) is None


def test_lots_and_questions_of_another_competition_are_refused(session):
    made = at_pqq()
    (bidder,) = made.bidders

    for content in ({"lots": ["L9"]}, {"answers": {"Z9": "x"}}):
        with pytest.raises(BadInput):
            save(made, bidder, **content)


def test_everything_must_be_answered_before_it_is_submitted(session):
    made = at_pqq()
    (bidder,) = made.bidders
    with pytest.raises(NotFound):
        submit(made, bidder)
    save(made, bidder, answers={"A1": "A company."})

    with pytest.raises(BadInputs) as refusal:
        submit(made, bidder)
    assert [name for name, _ in refusal.value.problems] == [
        "B1",
        "lots",
        "proved_funding_pence",
        "funding_source",
    ]


def test_what_was_submitted_counts_whatever_is_drafted_later(session):
    made = at_pqq()
    (bidder,) = made.bidders
    response = submitted_response(made, bidder)
    save(made, bidder, answers={"A1": "Changed."})
    made.move_to(Stage.PQQ_CLOSED)

    (found,) = queries.submitted_responses(made.row)
    assert found == response
    assert queries.response_snapshot(found)["answers"] == {"A1": "A company.", "B1": "yes"}
    assert queries.submitted_response(made.row, response.reference) == response


def test_a_response_is_replaced_by_submitting_again(session):
    made = at_pqq()
    (bidder,) = made.bidders
    response = submitted_response(made, bidder)
    first = response.snapshot_sha256
    save(made, bidder, answers={"A1": "Changed."})
    submit(made, bidder)

    assert response.snapshot_sha256 != first
    assert queries.response_snapshot(response)["answers"]["A1"] == "Changed."


def test_a_withdrawn_response_is_not_among_those_submitted(session):
    made = at_pqq()
    (bidder,) = made.bidders
    response = submitted_response(made, bidder)
    services.withdraw_response(bidder.actor, made.reference, bidder.reference, clock=made.clock)
    with pytest.raises(IllegalTransition):
        services.withdraw_response(bidder.actor, made.reference, bidder.reference, clock=made.clock)
    made.move_to(Stage.PQQ_CLOSED)

    assert response.status == "withdrawn"
    assert response.answers
    assert queries.submitted_responses(made.row) == []
    with pytest.raises(NotFound):
        queries.response_snapshot(response)


def test_the_instant_of_the_deadline_is_late(session):
    made = at_pqq(bidders=2)
    in_time, late = made.bidders
    for bidder in made.bidders:
        submitted_response(made, bidder)
    made.clock.move_to(PQQ_DEADLINE - A_MICROSECOND)
    assert submit(made, in_time).submitted_at == PQQ_DEADLINE - A_MICROSECOND
    made.clock.move_to(PQQ_DEADLINE)

    with pytest.raises(services.TooLate, match=r"12:00:00\.000 on Friday 31 January 2014"):
        submit(made, late)
    assert submit(made, late, received_at=PQQ_DEADLINE - A_MICROSECOND)


def test_a_withdrawal_goes_by_the_instant_at_which_it_was_received(session):
    made = at_pqq(bidders=2)
    in_time, late = made.bidders
    for bidder in made.bidders:
        submitted_response(made, bidder)
    made.clock.move_to(PQQ_DEADLINE + A_MICROSECOND)

    with pytest.raises(services.TooLate):
        withdraw(made, late, received_at=PQQ_DEADLINE)
    with pytest.raises(services.TooLate):
        withdraw(made, late)
    received = PQQ_DEADLINE - A_MICROSECOND
    assert withdraw(made, in_time, received_at=received).status == "withdrawn"
    (*_, last) = trail.links(sealed_stream(made.reference, in_time.reference))
    assert last.changes == {"received_at": "2014-01-31T11:59:59.999999Z"}


def withdraw(made, bidder, **received):
    return services.withdraw_response(
        bidder.actor, made.reference, bidder.reference, clock=made.clock, **received
    )


def test_a_late_attempt_is_recorded(session):
    made = at_pqq()
    (bidder,) = made.bidders
    submitted_response(made, bidder)
    stream = sealed_stream(made.reference, bidder.reference)

    def attempt():
        return services.pqq_refusal_if_late(
            bidder.actor,
            made.reference,
            bidder.reference,
            received_at=made.clock.now(),
            clock=made.clock,
        )

    assert attempt() is None
    made.clock.move_to(PQQ_DEADLINE)
    made.move_to(Stage.PQQ_CLOSED)
    assert attempt().startswith("The deadline was")
    assert [link.event for link in trail.links(stream)][-1] == "submission_refused_as_late"


def test_a_writer_drafts_and_only_the_signatory_submits(session):
    made = at_pqq()
    (bidder,) = made.bidders
    submitted_response(made, bidder)
    writer = colleague(bidder, Role.BID_WRITER)
    save(made, bidder, writer, answers={"A1": "From a colleague."})

    with pytest.raises(Forbidden):
        services.submit_response(writer, made.reference, bidder.reference, clock=made.clock)
    with pytest.raises(Forbidden):
        services.withdraw_response(writer, made.reference, bidder.reference, clock=made.clock)


def test_nobody_else_reads_or_writes_a_response(session):
    made = at_pqq(bidders=2)
    bidder, rival = made.bidders
    submitted_response(made, bidder)
    others = [rival.actor, *(made.person(Role(role)) for role in made.people)]

    for actor in others:
        with pytest.raises(Forbidden):
            services.read_own_response(actor, made.reference, bidder.reference, at=made.clock.now())
        with pytest.raises(Forbidden):
            save(made, bidder, actor, answers={"A1": "x"})


def test_nobody_learns_of_a_competition_that_is_not_published(session):
    made = contest(stage=Stage.DRAFT)
    (bidder,) = made.bidders

    with pytest.raises(Forbidden):
        services.read_own_response(
            bidder.actor, made.reference, bidder.reference, at=made.clock.now()
        )
    with pytest.raises(Forbidden):
        services.read_own_bid(bidder.actor, made.reference, made.lot, bidder.reference)
