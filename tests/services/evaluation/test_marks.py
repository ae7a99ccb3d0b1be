from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.evaluation import queries, services
from commissioning.evaluation.models import Mark
from commissioning.kernel.errors import BadInput, BadInputs, Forbidden, IllegalTransition, NotFound
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import world_at


@pytest.fixture
def world(session, clock):
    world = world_at()
    world.assign(clock)
    return world


def first_answer(world, lot="CPA1"):
    return world.bids_for(lot)[0].reference, "C1"


def save(world, clock, person="e1", answer=None, mark=3, reason="A clear plan."):
    bid, leaf = answer or first_answer(world)
    return services.save_mark(
        world.actor(person), world.reference, bid, leaf, mark=mark, reason=reason, clock=clock
    )


def submit(world, clock, person="e1", **rest):
    rest.setdefault("entries", world.entries("CPA1", "C1"))
    return services.submit_marks(
        world.actor(person), world.reference, "CPA1", "C1", clock=clock, **rest
    )


def trail(world):
    return list(audit_queries.links(competition_stream(world.reference)))


def test_saved_mark_can_be_changed_until_it_is_submitted(world, clock):
    save(world, clock, mark=1)
    mark = save(world, clock, mark=4, reason=" Better on a second reading. ")

    assert (mark.mark, mark.reason) == (4, "Better on a second reading.")
    assert mark.submitted_at is None


def test_every_mark_carries_the_hash_of_the_published_model(world, session, clock):
    save(world, clock)
    submit(world, clock, "e2")

    assert set(session.scalars(select(Mark.model_sha256))) == {world.competition.model_sha256}


@pytest.mark.parametrize(
    ("mark", "reason", "field"),
    [(5, "why", "mark"), (-1, "why", "mark"), (True, "why", "mark"), (2, " \n ", "reason")],
)
def test_mark_off_the_scale_or_without_reason_is_refused(
    world, session, clock, mark, reason, field
):
    with pytest.raises(BadInput) as refusal:
        save(world, clock, mark=mark, reason=reason)

    assert refusal.value.field == field
    assert session.scalars(select(Mark)).all() == []


@pytest.mark.parametrize("mark", [0, 4])
def test_ends_of_the_scale_are_marks(world, clock, mark):
    assert save(world, clock, mark=mark).mark == mark


def test_only_whoever_is_assigned_as_evaluator_marks(world, clock):
    for outsider in ("e4", "moderator", "lead", "commercial", "auditor", "a1", "holder"):
        with pytest.raises(Forbidden):
            save(world, clock, outsider)


@pytest.mark.parametrize("stage", [Stage.ITN_CLOSED, Stage.QUALITY_LOCKED, Stage.TERMINATED])
def test_marking_belongs_to_quality_evaluation(world, session, clock, stage):
    world.competition.stage = stage.value
    world.competition.reached_stage = Stage.QUALITY_EVALUATION.value
    session.flush()

    with pytest.raises(Forbidden):
        save(world, clock)


def test_bid_that_was_not_opened_cannot_be_marked(world, session, clock):
    bid = world.bids_for("CPA1")[0]
    next(e for e in bid.envelopes if e.envelope == "quality").opened = None
    session.flush()

    with pytest.raises(NotFound):
        save(world, clock, answer=(bid.reference, "C1"))


def test_withdrawn_bid_cannot_be_marked(world, session, clock):
    bid = world.bids_for("CPA1")[0]
    bid.status = "withdrawn"
    session.flush()

    with pytest.raises(NotFound):
        save(world, clock, answer=(bid.reference, "C1"))


def test_answer_that_does_not_exist_looks_like_one_that_may_not_be_marked(world, clock):
    with pytest.raises(NotFound):
        save(world, clock, answer=("BID-NOWHERE", "C1"))
    with pytest.raises(NotFound):
        save(world, clock, answer=(first_answer(world)[0], "C9"))


def test_sheet_is_submitted_in_one_act_with_one_record(world, clock):
    before = len(trail(world))
    assignment = submit(world, clock)

    assert assignment.submitted_at == clock.now()
    assert [link.event for link in trail(world)[before:]] == ["marks_submitted"]
    assert {m.submitted_at for m in queries.marks_of(_sheet(world), world.ref("e1")).values()} == {
        clock.now()
    }


def _sheet(world, lot="CPA1", criterion="C1"):
    return queries.sheet(world.reference, lot, criterion)


def test_trail_keeps_the_digest_of_a_sheet_and_none_of_its_marks(world, clock):
    save(world, clock, mark=4, reason="UNHEARD-OF")
    submit(world, clock)

    changes = trail(world)[-1].changes
    marks = queries.marks_of(_sheet(world), world.ref("e1"))
    assert changes["sha256"] == services.sheet_digest(_sheet(world), world.ref("e1"), marks)
    written = str([link.changes for link in trail(world)])
    assert "UNHEARD-OF" not in written
    assert "Reason for" not in written
    assert all("mark" not in link.changes for link in trail(world))


def test_digest_changes_with_a_mark_and_with_a_reason(world, clock):
    submit(world, clock)
    sheet = _sheet(world)
    marks = queries.marks_of(sheet, world.ref("e1"))
    digest = services.sheet_digest(sheet, world.ref("e1"), marks)
    mark = marks[first_answer(world)]

    mark.mark = 2
    assert services.sheet_digest(sheet, world.ref("e1"), marks) != digest
    mark.mark, mark.reason = 3, "Another."
    assert services.sheet_digest(sheet, world.ref("e1"), marks) != digest


def test_sheet_with_a_missing_mark_is_not_submitted(world, session, clock):
    entries = world.entries("CPA1", "C1")
    entries.popitem()

    with pytest.raises(IllegalTransition, match="no mark with its reason"):
        submit(world, clock, entries=entries)

    assert session.scalars(select(Mark)).all() == []
    assert not any(a.submitted_at for a in _sheet(world).assignments)


def test_drafts_and_entries_complete_a_sheet_together(world, clock):
    entries = world.entries("CPA1", "C1")
    key, _entry = entries.popitem()
    save(world, clock, answer=key, mark=1, reason="Thin.")

    submit(world, clock, entries=entries)

    marks = queries.marks_of(_sheet(world), world.ref("e1"))
    assert marks[key].mark == 1
    assert len(marks) == len(entries) + 1


def test_every_wrong_entry_is_named_at_its_place(world, session, clock):
    entries = world.entries("CPA1", "C1")
    first, second = entries
    entries[first] = (9, "Off the scale.")
    entries[second] = (2, "")
    entries["BID-NOWHERE", "C1"] = (2, "Elsewhere.")

    with pytest.raises(BadInputs) as refusal:
        submit(world, clock, entries=entries)

    assert [field for field, _ in refusal.value.problems] == [
        "/".join(first),
        "/".join(second),
        "BID-NOWHERE/C1",
    ]
    assert session.scalars(select(Mark)).all() == []


def test_bid_for_another_lot_is_no_entry_of_the_sheet(world, clock):
    entries = world.entries("CPA1", "C1")
    stray = world.bids_for("CPA2")[0].reference

    with pytest.raises(BadInputs, match="no answer of this sheet"):
        submit(world, clock, entries=entries | {(stray, "C1"): (3, "Stray.")})


def test_submitted_sheet_does_not_change_any_more(world, clock):
    submit(world, clock)
    clock.advance(timedelta(hours=1))

    with pytest.raises(IllegalTransition):
        save(world, clock, mark=0)
    with pytest.raises(IllegalTransition):
        submit(world, clock)


def test_submitting_one_sheet_leaves_the_others_open(world, clock):
    submit(world, clock)

    services.save_mark(
        world.actor("e1"),
        world.reference,
        world.bids_for("CPA2")[0].reference,
        "C1",
        mark=2,
        reason="Thin.",
        clock=clock,
    )
    assert not _sheet(world, "CPA2").assignments[0].submitted_at


def test_two_evaluators_keep_marks_of_their_own(world, clock):
    save(world, clock, "e1", mark=1)
    save(world, clock, "e2", mark=4)

    sheet = _sheet(world)
    key = first_answer(world)
    assert queries.marks_of(sheet, world.ref("e1"))[key].mark == 1
    assert queries.marks_of(sheet, world.ref("e2"))[key].mark == 4


def test_evaluator_who_moderates_a_sheet_does_not_mark_it(session, clock):
    world = world_at()
    moderator = world.people["moderator"]
    for grant in world.people["e4"].grants:
        grant.user = moderator
    session.flush()
    session.refresh(moderator)
    world.assign(clock)

    with pytest.raises(Forbidden):
        save(world, clock, "moderator")
