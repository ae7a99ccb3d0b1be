from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from commissioning.audit.domain.chain import breaks
from commissioning.audit.queries import heads, links
from commissioning.competition import queries, services
from commissioning.competition.domain.lots import LotStatus
from commissioning.kernel.actor import SYSTEM, Role
from commissioning.kernel.clock import SetClock
from commissioning.kernel.errors import Conflict, IllegalTransition, NotFound
from tests.factories import competition as tenders
from tests.factories.identity import actor_of

INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("build", "event", "closed"),
    [
        (tenders.pqq_open, "pqq_deadline", "pqq_closed"),
        (tenders.itn_open, "itn_deadline", "itn_closed"),
    ],
)
def test_stage_closes_at_the_instant_of_its_deadline(
    session, clock, recorded, build, event, closed
):
    tender = build(clock)
    open_stage = tender.row.stage
    clock.move_to(tender.deadline(event) - INSTANT)
    assert services.pass_deadlines(clock=clock) == []
    assert tender.row.stage == open_stage

    clock.advance(INSTANT)
    with recorded() as events:
        assert services.pass_deadlines(clock=clock) == [tender.reference]

    assert tender.row.stage == closed
    assert tender.row.stage_since == clock.now()
    kept = ["ties_frozen"] if event == "itn_deadline" else []
    assert [e.event for e in events] == [*kept, f"{event}_passed"]
    assert {e.actor for e in events} == {"system"}
    assert services.pass_deadlines(clock=clock) == []


def test_deadlines_that_pass_late_move_all_that_are_due_and_no_other(session, clock):
    due = [tenders.pqq_open(clock), tenders.pqq_open(clock)]
    clock.advance(timedelta(days=5))
    later = tenders.pqq_open(clock)
    draft = tenders.sound_draft(clock)
    clock.move_to(due[0].deadline("pqq_deadline") + timedelta(days=1))

    assert services.pass_deadlines(clock=clock) == [tender.reference for tender in due]
    assert (later.row.stage, draft.row.stage) == ("pqq_open", "draft")


def test_competition_that_cannot_be_moved_holds_no_other_back(session, clock, caplog):
    broken, whole = tenders.itn_open(clock), tenders.itn_open(clock)
    clock.move_to(whole.deadline("itn_deadline"))

    def fail_on_the_first(competition):
        if competition.reference == broken.reference:
            raise LookupError("its sealed record is gone")

    assert services.pass_deadlines(clock=clock, then=fail_on_the_first) == [whole.reference]

    assert (broken.row.stage, whole.row.stage) == ("itn_open", "itn_closed")
    assert f"The deadline of {broken.reference} could not be passed." in caplog.text
    assert not breaks(links(), heads=heads())
    assert services.pass_deadlines(clock=clock) == [broken.reference]


def test_extended_deadline_is_the_one_that_counts(session, clock):
    tender = tenders.pqq_open(clock)
    first = tender.deadline("pqq_deadline")
    decision = services.propose_extension(
        tender.as_lead,
        tender.reference,
        deadline=first + timedelta(days=2),
        reason="More time",
        clock=clock,
    )
    services.approve_extension(tender.as_approver, decision.reference, clock=clock)
    clock.move_to(first)
    assert services.pass_deadlines(clock=clock) == []
    clock.move_to(first + timedelta(days=2))
    assert services.pass_deadlines(clock=clock) == [tender.reference]


def test_move_by_two_needs_a_decision_of_two(session, clock, refused):
    tender = tenders.pqq_closed(clock)
    ready = {"every_part_assessed": True}

    def advance(actor, decision):
        services.advance_stage(
            actor, tender.row, "shortlist_confirmed", ready, at=clock.now(), decision=decision
        )

    with refused(Conflict, match="two people"):
        advance(tender.as_approver, None)
    decision = services.open_decision(
        tender.as_lead, tender.row, "shortlist_confirmed", clock=clock
    )
    with refused(Conflict, match="two people"):
        advance(tender.as_approver, decision)
    with refused(Conflict, match="yourself"):
        services.close_decision(tender.as_lead, decision, approved=True, clock=clock)
    services.close_decision(tender.as_approver, decision, approved=True, clock=clock)
    for actor in (tender.as_lead, tender.member(Role.APPROVER)):
        with refused(Conflict, match="two people"):
            advance(actor, decision)
    with refused(Conflict, match="decided already"):
        services.close_decision(tender.as_approver, decision, approved=False, clock=clock)
    with refused(IllegalTransition, match="not assessed"):
        services.advance_stage(
            tender.as_approver, tender.row, "shortlist_confirmed", at=clock.now(), decision=decision
        )

    advance(tender.as_approver, decision)
    assert tender.row.stage == "shortlisted"


def test_decision_that_was_sent_back_moves_nothing(session, clock, refused):
    tender = tenders.pqq_closed(clock)
    decision = services.open_decision(
        tender.as_lead, tender.row, "shortlist_confirmed", clock=clock
    )
    services.close_decision(
        tender.as_approver, decision, approved=False, reason="Not yet", clock=clock
    )

    with refused(Conflict, match="two people"):
        services.advance_stage(
            tender.as_approver,
            tender.row,
            "shortlist_confirmed",
            {"every_part_assessed": True},
            at=clock.now(),
            decision=decision,
        )


def test_decision_of_another_competition_moves_nothing(session, clock, refused):
    tender, other = tenders.pqq_closed(clock), tenders.pqq_closed(clock)
    decision = services.open_decision(other.as_lead, other.row, "shortlist_confirmed", clock=clock)
    services.close_decision(other.as_approver, decision, approved=True, clock=clock)

    with refused(Conflict, match="two people"):
        services.advance_stage(
            other.as_approver,
            tender.row,
            "shortlist_confirmed",
            {"every_part_assessed": True},
            at=clock.now(),
            decision=decision,
        )


@pytest.mark.parametrize(
    "event", ["quality_envelopes_opened", "quality_locked", "prices_completed", "nonsense"]
)
def test_stage_moves_only_along_the_table(session, clock, refused, event):
    tender = tenders.pqq_open(clock)

    with refused(IllegalTransition):
        services.advance_stage(SYSTEM, tender.row, event, at=clock.now())
    with refused(IllegalTransition):
        services.check_move(tender.row, event)


def test_move_in_the_hour_that_happens_twice_is_dated_in_utc(session):
    clock = SetClock(datetime(2026, 10, 1, 9, 0, tzinfo=UTC))
    tender = tenders.sound_draft(clock)
    decision = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    clock.move_to(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    services.approve_pqq_issue(tender.as_approver, decision.reference, clock=clock)

    notice = queries.deadline_of(tender.row, "notice")
    assert (notice.instant_utc, notice.zone) == (clock.now(), "UTC")


def test_lots_move_along_their_own_table(session, clock, recorded, refused):
    tender = tenders.itn_closed(clock, lots=3)
    holder = actor_of(tender.key_holders[0])
    statuses = {"L1": LotStatus.UNBID, "L2": LotStatus.SINGLE_BID, "L3": LotStatus.EVALUATED}
    with recorded() as events:
        services.set_lot_statuses(holder, tender.row, statuses, at=clock.now())

    assert {lot.reference: lot.status for lot in tender.row.lots} == statuses
    assert [(e.event, e.subject) for e in events] == [
        ("lot_found_without_bid", f"{tender.reference}/L1"),
        ("lot_found_with_one_bid", f"{tender.reference}/L2"),
        ("lot_found_with_bids", f"{tender.reference}/L3"),
    ]
    with refused(IllegalTransition, match="L1 cannot become"):
        services.set_lot_statuses(
            holder,
            tender.row,
            {"L3": LotStatus.PREFERRED, "L1": LotStatus.PREFERRED},
            at=clock.now(),
        )
    with refused(NotFound):
        services.set_lot_statuses(holder, tender.row, {"L9": LotStatus.UNBID}, at=clock.now())
    with recorded() as again:
        services.set_lot_statuses(holder, tender.row, statuses, at=clock.now())
    assert again == []


def test_whole_life_leaves_an_unbroken_chain(session, clock):
    tender = tenders.itn_closed(clock)
    stream = f"competition:{tender.reference}"
    session.flush()

    chain = list(links(stream))

    assert breaks(chain, heads=heads(stream)) == []
    moves = [link.event for link in chain if link.event.endswith(("issued", "passed", "confirmed"))]
    assert moves == [
        "pqq_issued",
        "pqq_deadline_passed",
        "shortlist_confirmed",
        "itn_issued",
        "itn_deadline_passed",
    ]
