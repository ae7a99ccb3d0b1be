from __future__ import annotations

from itertools import pairwise

import pytest

from commissioning.competition.domain.lifecycle import (
    ACTUAL_DATES,
    EXTENSION,
    LOT_TABLE,
    OPEN_UNTIL,
    TABLE,
    approval_permission,
    event_to,
    fixed_dates,
)
from commissioning.competition.domain.lots import LotStatus
from commissioning.competition.domain.timetable import TimetableEvent
from commissioning.kernel.errors import IllegalTransition
from commissioning.kernel.lifecycle import advance
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission

ON_THE_WAY = (
    "pqq_issued",
    "pqq_deadline_passed",
    "shortlist_confirmed",
    "itn_issued",
    "itn_deadline_passed",
    "quality_envelopes_opened",
    "quality_locked",
    "price_envelopes_opened",
    "prices_completed",
    "award_recommended",
    "preferred_bidders_announced",
)
GUARDED = [
    pytest.param(row, guard.name, id=f"{row.source}-{row.event}-{guard.name}")
    for row in TABLE.transitions
    for guard in row.guards
]


def all_facts(row):
    return {guard.name: True for guard in row.guards}


def test_competition_goes_through_every_stage_in_order():
    stages = [Stage.DRAFT]
    for event in ON_THE_WAY:
        row = TABLE.find(stages[-1], event)
        stages.append(advance(TABLE, stages[-1], event, all_facts(row)).target)

    assert stages == [stage for stage in Stage if stage is not Stage.TERMINATED]


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.TERMINATED])
def test_every_stage_can_be_ended_by_two_people_with_a_reason(stage):
    row = advance(TABLE, stage, "terminated", {"reason_is_given": True})

    assert row.target is Stage.TERMINATED
    assert row.two_person
    assert row.permission == Permission.COMPETITION_APPROVE_TERMINATION.value
    with pytest.raises(IllegalTransition, match="reason"):
        advance(TABLE, stage, "terminated")


def test_nothing_follows_termination():
    assert TABLE.events_from(Stage.TERMINATED) == ()


@pytest.mark.parametrize(("row", "missing"), GUARDED)
def test_move_is_refused_while_one_guard_fails(row, missing):
    facts = all_facts(row) | {missing: False}

    with pytest.raises(IllegalTransition):
        advance(TABLE, row.source, row.event, facts)
    assert advance(TABLE, row.source, row.event, all_facts(row)) is row


@pytest.mark.parametrize(
    ("event", "guards"),
    [
        ("pqq_issued", {"model_is_sound", "timetable_is_sound"}),
        ("shortlist_confirmed", {"every_part_assessed"}),
        (
            "itn_issued",
            {"model_is_sound", "timetable_is_sound", "keys_are_held", "rehearsal_is_done"},
        ),
        ("quality_envelopes_opened", {"threshold_met"}),
        ("quality_locked", {"every_record_complete"}),
        ("price_envelopes_opened", {"threshold_met"}),
        ("award_recommended", {"answer_is_proven"}),
        ("preferred_bidders_announced", {"award_is_approved"}),
    ],
)
def test_each_gate_asks_for_its_facts(event, guards):
    rows = [row for row in TABLE.transitions if row.event == event]

    assert [{guard.name for guard in row.guards} for row in rows] == [guards]


def test_two_people_act_where_the_policy_says_so():
    assert {row.event for row in TABLE.transitions if row.two_person} == {
        "pqq_issued",
        "shortlist_confirmed",
        "itn_issued",
        "quality_locked",
        "terminated",
    }


def test_deadlines_pass_without_a_person_and_name_their_statutory_period():
    by_time = {row.event: row for row in TABLE.transitions if row.permission is None}

    assert set(by_time) == {"pqq_deadline_passed", "itn_deadline_passed"}
    assert by_time["pqq_deadline_passed"].statutory == "participation_period"
    assert by_time["itn_deadline_passed"].statutory == "tendering_period"
    assert {f"{event.value}_passed" for event in OPEN_UNTIL.values()} == set(by_time)


def test_award_that_is_sent_back_is_modelled_again():
    assert advance(TABLE, Stage.AWARD_RECOMMENDED, "award_sent_back").target is (
        Stage.AWARD_MODELLING
    )


@pytest.mark.parametrize(
    ("event", "permission"),
    [
        ("pqq_issued", Permission.COMPETITION_APPROVE_ISSUE_PQQ),
        ("itn_issued", Permission.COMPETITION_APPROVE_ISSUE_ITN),
        ("terminated", Permission.COMPETITION_APPROVE_TERMINATION),
        (EXTENSION, Permission.COMPETITION_APPROVE_EXTENSION),
        ("shortlist_confirmed", Permission.EVALUATION_APPROVE_SHORTLIST),
        ("quality_locked", Permission.EVALUATION_APPROVE_QUALITY_LOCK),
        ("prices_completed", None),
        ("no_such_event", None),
    ],
)
def test_second_person_decides_by_the_permission_of_the_move(event, permission):
    assert approval_permission(event) is permission


def test_dates_once_promised_stay_promised():
    stages = [stage for stage in Stage if stage is not Stage.TERMINATED]

    for earlier, later in pairwise(stages):
        assert fixed_dates(earlier) <= fixed_dates(later)
    assert fixed_dates(Stage.DRAFT) == frozenset()
    assert TimetableEvent.PQQ_DEADLINE in fixed_dates(Stage.PQQ_OPEN)
    assert TimetableEvent.ITN_DEADLINE not in fixed_dates(Stage.SHORTLISTED)
    assert TimetableEvent.ITN_DEADLINE in fixed_dates(Stage.ITN_OPEN)
    assert TimetableEvent.AWARD_DECISION not in fixed_dates(Stage.PREFERRED_BIDDERS)


def test_date_of_a_move_is_fixed_once_the_move_is_made():
    for event, date in ACTUAL_DATES.items():
        (row,) = [row for row in TABLE.transitions if row.event == event]
        assert date in fixed_dates(row.target)
        assert date not in fixed_dates(row.source)


@pytest.mark.parametrize(
    ("source", "target", "event"),
    [
        (LotStatus.OPEN, LotStatus.UNBID, "lot_found_without_bid"),
        (LotStatus.OPEN, LotStatus.SINGLE_BID, "lot_found_with_one_bid"),
        (LotStatus.OPEN, LotStatus.EVALUATED, "lot_found_with_bids"),
        (LotStatus.EVALUATED, LotStatus.PREFERRED, "lot_preferred_bidder_announced"),
        (LotStatus.SINGLE_BID, LotStatus.PREFERRED, "lot_preferred_bidder_announced"),
        (LotStatus.UNBID, LotStatus.PREFERRED, None),
        (LotStatus.OPEN, LotStatus.PREFERRED, None),
        (LotStatus.TERMINATED, LotStatus.OPEN, None),
    ],
)
def test_lot_moves_along_its_own_table(source, target, event):
    assert event_to(target, source) == event
    if event:
        assert advance(LOT_TABLE, source, event).target is target
