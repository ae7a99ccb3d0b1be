from __future__ import annotations

from fractions import Fraction

import pytest
from sqlalchemy import delete, select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.competition.domain.frozen_model import ModelChanged
from commissioning.competition.services import send_back
from commissioning.evaluation import queries, services
from commissioning.evaluation.models import (
    Assignment,
    BidResult,
    Consensus,
    ConsensusAgreement,
    Mark,
)
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.errors import Conflict, Forbidden, IllegalTransition
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import open_price, world_at

FEES = (1_000_000_00,) * 7


@pytest.fixture
def world(session, clock):
    return world_at()


@pytest.fixture
def complete(world, clock):
    world.mark_everything(clock)
    return world


def lock(world, clock):
    decision = services.propose_quality_lock(world.actor("lead"), world.reference, clock=clock)
    return services.approve_quality_lock(world.actor("approver"), decision.reference, clock=clock)


def open_all_prices(world, session, **fees):
    """As the opening leaves it; fees by the bid's reference, else the same for everyone."""
    for bid in world.bids:
        open_price(bid, *fees.get(bid.reference, FEES))
    world.competition.stage = Stage.PRICE_EVALUATION.value
    session.flush()


# The lock


def test_complete_record_is_locked_by_two_and_gives_points(complete, clock):
    lock(complete, clock)

    assert complete.competition.stage == Stage.QUALITY_LOCKED
    rows = queries.results(complete.competition)
    assert len(rows) == len(complete.bids)
    assert {row.quality_millipoints for row in rows} == {75_000}
    assert {row.model_sha256 for row in rows} == {complete.competition.model_sha256}
    assert all(row.excluded_because == [] and row.rank is None for row in rows)
    events = [link.event for link in audit_queries.links(competition_stream(complete.reference))]
    assert events[-2:] == ["quality_points_computed", "quality_locked"]


def test_lock_takes_a_second_person_in_the_right_role(complete, clock):
    with pytest.raises(Forbidden):
        services.propose_quality_lock(complete.actor("approver"), complete.reference, clock=clock)
    decision = services.propose_quality_lock(
        complete.actor("lead"), complete.reference, clock=clock
    )
    for person in ("lead", "moderator", "commercial", "auditor"):
        with pytest.raises(Forbidden):
            services.approve_quality_lock(complete.actor(person), decision.reference, clock=clock)
    assert complete.competition.stage == Stage.QUALITY_EVALUATION
    assert queries.results(complete.competition) == []


def test_proposal_that_was_sent_back_locks_nothing(complete, clock):
    decision = services.propose_quality_lock(
        complete.actor("lead"), complete.reference, clock=clock
    )
    send_back(complete.actor("approver"), decision.reference, reason="Look again.", clock=clock)
    with pytest.raises(Conflict):
        services.approve_quality_lock(complete.actor("approver"), decision.reference, clock=clock)


def test_change_after_the_proposal_stops_the_lock(complete, clock):
    decision = services.propose_quality_lock(
        complete.actor("lead"), complete.reference, clock=clock
    )
    key = complete.bids_for("CPA1")[0].reference, "C1"
    services.change_consensus(
        complete.actor("moderator"),
        complete.reference,
        "CPA1",
        "C1",
        {key: (4, "Read again.")},
        clock=clock,
    )
    with pytest.raises(IllegalTransition, match="not agreed to"):
        services.approve_quality_lock(complete.actor("approver"), decision.reference, clock=clock)


def _changed(world, clock, mark, reason):
    """The moderator changes one agreed mark, and all agree to it again."""
    key = world.bids_for("CPA1")[0].reference, "C1"
    services.change_consensus(
        world.actor("moderator"),
        world.reference,
        "CPA1",
        "C1",
        {key: (mark, reason)},
        clock=clock,
    )
    for name in ("e1", "e2", "e3"):
        services.agree_consensus(world.actor(name), world.reference, "CPA1", "C1", clock=clock)


@pytest.mark.parametrize("mark", [4, 3])
def test_marks_agreed_anew_after_the_proposal_are_not_what_was_proposed(complete, clock, mark):
    """Also where the record is complete again, and where only the reason is another."""
    decision = services.propose_quality_lock(
        complete.actor("lead"), complete.reference, clock=clock
    )
    _changed(complete, clock, mark, "Read again.")
    assert services.missing_records(complete.reference) == []

    with pytest.raises(Conflict, match="have changed since the lock was proposed"):
        services.approve_quality_lock(complete.actor("approver"), decision.reference, clock=clock)
    assert complete.competition.stage == Stage.QUALITY_EVALUATION
    assert queries.results(complete.competition) == []

    send_back(complete.actor("approver"), decision.reference, reason="Changed.", clock=clock)
    lock(complete, clock)
    assert complete.competition.stage == Stage.QUALITY_LOCKED


def test_both_events_of_the_lock_carry_the_digest_of_every_agreed_mark(complete, clock):
    before = queries.agreed_marks_sha256(complete.competition)
    lock(complete, clock)

    carried = {
        link.event: link.changes.get("payload", link.changes).get("agreed_marks_sha256")
        for link in audit_queries.links(competition_stream(complete.reference))
    }
    assert before == queries.agreed_marks_sha256(complete.competition)
    for event in ("decision_proposed", "quality_points_computed", "quality_locked"):
        assert carried[event] == before


def test_the_digest_can_be_computed_from_what_the_trail_states(complete, clock):
    stated = {
        (each["bid"], each["leaf"]): each
        for link in audit_queries.links(competition_stream(complete.reference))
        if link.event == "consensus_recorded"
        for each in link.changes["agreed"]
    }
    marks = [
        {name: stated[key][name] for name in ("bid", "leaf", "mark", "reason_sha256")}
        for key in sorted(stated)
    ]
    assert sha256_hex(marks) == queries.agreed_marks_sha256(complete.competition)


def _without_a_mark(session, world):
    session.execute(delete(Mark).where(Mark.id == select(Mark.id).limit(1).scalar_subquery()))


def _without_a_consensus(session, world):
    row = session.scalars(select(Consensus)).first()
    session.execute(delete(ConsensusAgreement).where(ConsensusAgreement.consensus_id == row.id))
    session.execute(delete(Consensus).where(Consensus.id == row.id))


def _with_an_open_consensus(session, world):
    session.scalars(select(Consensus)).first().closed_at = None


def _without_an_answer(session, world):
    row = session.scalars(select(ConsensusAgreement)).first()
    session.execute(delete(ConsensusAgreement).where(ConsensusAgreement.id == row.id))


def _with_an_open_sheet(session, world):
    session.scalars(
        select(Assignment).where(Assignment.role == "quality_evaluator")
    ).first().submitted_at = None


def _without_a_moderator(session, world):
    row = session.scalars(select(Assignment).where(Assignment.role == "moderator")).first()
    session.execute(delete(Assignment).where(Assignment.id == row.id))


def _without_evaluators(session, world):
    row = session.scalars(select(Assignment)).first()
    session.execute(
        delete(Assignment).where(
            Assignment.lot_id == row.lot_id,
            Assignment.criterion_id == row.criterion_id,
            Assignment.role == "quality_evaluator",
        )
    )


def _marked_under_another_model(session, world):
    session.scalars(select(Mark)).first().model_sha256 = "f" * 64


def _agreed_under_another_model(session, world):
    session.scalars(select(Consensus)).first().model_sha256 = "f" * 64


@pytest.mark.parametrize(
    ("remove", "sentence"),
    [
        (_without_a_mark, "the mark of .+ is missing"),
        (_without_a_consensus, "no consensus is recorded"),
        (_with_an_open_consensus, "the consensus is not agreed to"),
        (_without_an_answer, "not every evaluator has agreed or dissented"),
        (_with_an_open_sheet, "has not submitted the sheet"),
        (_without_a_moderator, "no moderator is assigned"),
        (_without_evaluators, "no evaluator is assigned"),
        (_marked_under_another_model, "under another evaluation model"),
        (_agreed_under_another_model, "under another evaluation model"),
    ],
)
def test_each_missing_record_is_named_and_stops_the_lock(
    complete, session, clock, remove, sentence
):
    assert services.missing_records(complete.reference) == []
    remove(session, complete)
    session.flush()
    session.expire_all()

    assert len(services.missing_records(complete.reference)) == 1
    with pytest.raises(IllegalTransition, match=sentence):
        services.propose_quality_lock(complete.actor("lead"), complete.reference, clock=clock)


def test_missing_records_are_found_in_as_many_queries_for_one_lot_as_for_many(
    session, clock, count_queries
):
    counts = []
    for lots in (("CPA1",), ("CPA1", "CPA2", "CPA3", "CPA4")):
        world = world_at(lots=lots)
        world.mark_everything(clock)
        session.flush()
        session.expire_all()
        _ = world.competition.id
        with count_queries() as queries_made:
            assert services.missing_records(world.reference) == []
        counts.append(len(queries_made))
    assert counts[0] == counts[1]


def test_marks_under_a_minimum_put_a_bid_out_and_say_why(world, clock):
    world.assign(clock)
    weak = world.bids_for("CPA1")[0].reference
    for lot in ("CPA1", "CPA2"):
        for criterion in ("C1", "C2"):
            world.submit(clock, "e1", "e2", "e3", lot=lot, criterion=criterion)
            entries = world.entries(lot, criterion)
            for (bid, leaf), (_mark, reason) in list(entries.items()):
                if bid == weak:
                    entries[bid, leaf] = ({"C1": 1, "C2.1": 0, "C2.2": 1}[leaf], reason)
            services.record_consensus(
                world.actor("moderator"), world.reference, lot, criterion, entries, clock=clock
            )
            for name in ("e1", "e2", "e3"):
                services.agree_consensus(
                    world.actor(name), world.reference, lot, criterion, clock=clock
                )
    lock(world, clock)

    row = next(r for r in queries.results(world.competition) if r.bid.reference == weak)
    assert row.quality_millipoints == 18_750  # 60 x 1/4 + 25 x 0 + 15 x 1/4
    assert row.excluded_because == ["minimum_mark:C1", "minimum_mark:C2.1", "minimum_points"]


def test_points_follow_the_frozen_model_and_not_later_rows(complete, session, clock):
    complete.competition.criteria[0].leaves[0].weight = 1
    complete.competition.minimum_points = 99_000
    session.flush()

    lock(complete, clock)

    assert {r.quality_millipoints for r in queries.results(complete.competition)} == {75_000}


def test_frozen_model_that_was_tampered_with_locks_nothing(complete, session, clock):
    complete.competition.model = complete.competition.model.replace('"60"', '"59"')
    session.flush()

    with pytest.raises(ModelChanged):
        lock(complete, clock)


# Prices


def test_prices_are_ranked_exactly_lot_by_lot(complete, session, clock):
    lock(complete, clock)
    cheap, dear = complete.bids_for("CPA1")
    open_all_prices(complete, session, **{dear.reference: (1_000_000_01, *FEES[1:])})

    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    assert complete.competition.stage == Stage.AWARD_MODELLING
    rows = {row.bid.reference: row for row in queries.results(complete.competition)}
    price = 632_855_302  # 100 million pence a year for seven years at 3.5 %, from the first day
    assert rows[cheap.reference].evaluated_price_pence == price
    assert rows[dear.reference].evaluated_price_pence == price + 1
    assert Fraction(rows[cheap.reference].price_per_quality_point) == Fraction(price, 75)
    assert (rows[cheap.reference].rank, rows[dear.reference].rank) == (1, 2)
    assert rows[cheap.reference].fees_pence == list(FEES)
    events = [link.event for link in audit_queries.links(competition_stream(complete.reference))]
    assert events[-2:] == ["ranking_computed", "prices_completed"]


def test_equal_bids_share_a_place(complete, session, clock):
    lock(complete, clock)
    open_all_prices(complete, session)

    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    assert {row.rank for row in queries.results(complete.competition)} == {1}


def test_schedule_that_makes_no_price_puts_a_bid_out(complete, session, clock):
    lock(complete, clock)
    open_all_prices(complete, session)
    bad, good = complete.bids_for("CPA1")
    open_price(bad, *FEES, adjustments_pence=-900_000_000)

    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    rows = {row.bid.reference: row for row in queries.results(complete.competition)}
    assert rows[bad.reference].excluded_because == ["price_not_valid"]
    assert rows[bad.reference].rank is None
    assert rows[bad.reference].price_per_quality_point is None
    assert rows[bad.reference].evaluated_price_pence is None
    assert rows[good.reference].rank == 1


@pytest.mark.parametrize("fees", [FEES[:6], (*FEES, 1), (0, *FEES[1:])])
def test_schedule_of_another_shape_makes_no_price(complete, session, clock, fees):
    lock(complete, clock)
    open_all_prices(complete, session)
    bad = complete.bids_for("CPA1")[0]
    open_price(bad, *fees)

    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    row = next(r for r in queries.results(complete.competition) if r.bid_id == bad.id)
    assert row.excluded_because == ["price_not_valid"]


def test_price_that_could_not_be_read_puts_a_bid_out(complete, session, clock):
    lock(complete, clock)
    open_all_prices(complete, session)
    bad = complete.bids_for("CPA2")[0]
    next(e for e in bad.envelopes if e.envelope == "price").opened = None
    session.flush()

    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    row = next(r for r in queries.results(complete.competition) if r.bid_id == bad.id)
    assert (row.excluded_because, row.fees_pence, row.rank) == (["price_not_valid"], None, None)


def test_excluded_bid_keeps_its_reasons_beside_its_price(complete, session, clock):
    lock(complete, clock)
    out = next(r for r in queries.results(complete.competition))
    out.excluded_because = ["minimum_mark:C1"]
    open_all_prices(complete, session)

    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    assert out.excluded_because == ["minimum_mark:C1"]
    assert (out.rank, out.price_per_quality_point) == (None, None)
    assert out.evaluated_price_pence == 632_855_302


def test_price_evaluation_belongs_to_the_commercial_officer_and_its_stage(complete, session, clock):
    lock(complete, clock)
    with pytest.raises(Forbidden):
        services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)
    open_all_prices(complete, session)
    for person in ("lead", "approver", "moderator", "e1", "auditor"):
        with pytest.raises(Forbidden):
            services.complete_prices(complete.actor(person), complete.reference, clock=clock)
    assert all(row.rank is None for row in session.scalars(select(BidResult)))


def test_ranking_lists_excluded_bids_last(complete, session, clock):
    lock(complete, clock)
    open_all_prices(complete, session)
    bad = complete.bids_for("CPA1")[0]
    open_price(bad, *FEES, adjustments_pence=-900_000_000)
    services.complete_prices(complete.actor("commercial"), complete.reference, clock=clock)

    listed = queries.ranking(complete.competition, "CPA1")

    assert [row.rank for row in listed] == [1, None]
    assert len(queries.ranking(complete.competition)) == len(complete.bids)
