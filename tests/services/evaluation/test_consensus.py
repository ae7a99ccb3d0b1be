from __future__ import annotations

import json

import pytest

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.competition.domain.frozen_model import to_frozen_dict
from commissioning.competition.queries import drafted_model
from commissioning.evaluation import queries, services
from commissioning.kernel.errors import BadInput, BadInputs, Conflict, Forbidden
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import world_at

WHERE = {"lot": "CPA1", "criterion": "C2"}
EVERYONE = ("e1", "e2", "e3")


@pytest.fixture
def world(session, clock):
    world = world_at()
    world.assign(clock)
    world.submit(clock, *EVERYONE, **WHERE)
    return world


def record(world, clock, person="moderator", entries=None):
    return services.record_consensus(
        world.actor(person),
        world.reference,
        "CPA1",
        "C2",
        world.entries(**WHERE) if entries is None else entries,
        clock=clock,
    )


def change(world, clock, entries, person="moderator"):
    return services.change_consensus(
        world.actor(person), world.reference, "CPA1", "C2", entries, clock=clock
    )


def agree(world, clock, *people):
    return [
        services.agree_consensus(world.actor(name), world.reference, "CPA1", "C2", clock=clock)
        for name in people
    ]


def dissent(world, clock, person, key, reason="The annex says otherwise."):
    return services.dissent(world.actor(person), world.reference, *key, reason=reason, clock=clock)


def standing(world):
    return queries.consensus_on(queries.sheet(world.reference, "CPA1", "C2"))


def publish(world, session, **changes):
    """The model as frozen with other rules."""
    for name, value in changes.items():
        setattr(world.competition, name, value)
    session.flush()
    frozen = to_frozen_dict(drafted_model(world.competition))
    world.competition.model = json.dumps(frozen)
    world.competition.model_sha256 = frozen["sha256"]
    session.flush()


@pytest.mark.parametrize(("rule", "closes"), [("majority", True), ("all_agree", False)])
def test_a_consensus_closes_over_a_dissent_only_where_the_published_model_says_so(
    session, clock, rule, closes
):
    world = world_at()
    publish(world, session, closing_rule=rule)
    # What a row says afterwards decides nothing.
    world.competition.closing_rule = "majority" if rule == "all_agree" else "all_agree"
    session.flush()
    world.assign(clock)
    world.submit(clock, *EVERYONE, **WHERE)
    record(world, clock)
    key = next(iter(standing(world)))
    dissent(world, clock, "e1", key)
    agree(world, clock, *EVERYONE)

    assert (standing(world)[key].closed_at is not None) is closes


def events(world):
    return [link.event for link in audit_queries.links(competition_stream(world.reference))]


def first_key(world):
    return min(world.entries(**WHERE))


def test_consensus_is_recorded_with_reason_and_model_hash(world, clock):
    record(world, clock)

    rows = standing(world)
    assert set(rows) == set(world.entries(**WHERE))
    assert {row.mark for row in rows.values()} == {3}
    assert {row.model_sha256 for row in rows.values()} == {world.competition.model_sha256}
    assert {row.version for row in rows.values()} == {1}
    assert events(world)[-1] == "consensus_recorded"


def test_consensus_waits_until_every_assigned_evaluator_has_submitted(session, clock):
    world = world_at()
    world.assign(clock)
    world.submit(clock, "e1", "e2", **WHERE)
    with pytest.raises(Forbidden, match="no such page"):
        record(world, clock)

    world.submit(clock, "e3", **WHERE)
    assert record(world, clock)


@pytest.mark.parametrize("person", ["e1", "moderator2", "lead", "approver", "auditor"])
def test_only_the_moderator_of_the_sheet_records(world, clock, person):
    with pytest.raises(Forbidden):
        record(world, clock, person)


def test_evaluator_who_moderates_elsewhere_does_not_moderate_here(session, clock):
    world = world_at()
    world.assign(clock)
    evaluator = world.people["e1"]
    for grant in world.people["moderator2"].grants:
        grant.user = evaluator
    session.flush()
    session.refresh(evaluator)
    world.submit(clock, *EVERYONE, **WHERE)

    with pytest.raises(Forbidden):
        record(world, clock, "e1")


def test_consensus_of_a_part_of_the_sheet_can_be_recorded_first(world, clock):
    entries = world.entries(**WHERE)
    key = first_key(world)
    record(world, clock, entries={key: entries.pop(key)})
    with pytest.raises(Conflict, match="not recorded every agreed mark"):
        agree(world, clock, "e1")
    record(world, clock, entries=entries)

    assert agree(world, clock, "e1") == [0]


def test_consensus_that_stands_is_changed_and_not_recorded_again(world, clock):
    record(world, clock)
    with pytest.raises(Conflict, match="Change it instead"):
        record(world, clock)


@pytest.mark.parametrize("entry", [(5, "why"), (-1, "why"), (2, " ")])
def test_agreed_mark_is_on_the_scale_with_a_reason(world, clock, entry):
    key = first_key(world)
    with pytest.raises(BadInputs) as refusal:
        record(world, clock, entries=world.entries(**WHERE) | {key: entry})
    assert [field for field, _ in refusal.value.problems] == ["/".join(key)]
    assert standing(world) == {}


def test_empty_consensus_is_refused(world, clock):
    with pytest.raises(BadInput):
        record(world, clock, entries={})


def test_consensus_closes_with_the_last_agreement(world, clock):
    record(world, clock)

    assert agree(world, clock, *EVERYONE) == [0, 0, 4]
    assert {row.closed_at for row in standing(world).values()} == {clock.now()}
    assert events(world)[-4:] == [
        "consensus_agreed",
        "consensus_agreed",
        "consensus_agreed",
        "consensus_closed",
    ]


def test_whoever_has_spoken_on_all_of_it_cannot_agree_again(world, clock):
    record(world, clock)
    agree(world, clock, "e1")
    with pytest.raises(Conflict, match="already said"):
        agree(world, clock, "e1")


@pytest.mark.parametrize("person", ["e4", "moderator", "lead"])
def test_only_evaluators_of_the_sheet_agree(world, clock, person):
    record(world, clock)
    with pytest.raises(Forbidden):
        agree(world, clock, person)
    with pytest.raises(Forbidden):
        dissent(world, clock, person, first_key(world))


def test_one_dissent_is_recorded_and_closed_over(world, clock):
    record(world, clock)
    key = first_key(world)
    dissent(world, clock, "e1", key)
    agree(world, clock, *EVERYONE)

    row = standing(world)[key]
    assert row.closed_at == clock.now()
    assert [(a.evaluator, a.dissent) for a in row.agreements if not a.agrees] == [
        (world.ref("e1"), "The annex says otherwise.")
    ]


def test_dissent_of_most_keeps_it_open(world, clock):
    record(world, clock)
    key = first_key(world)
    dissent(world, clock, "e1", key)
    dissent(world, clock, "e2", key)

    assert agree(world, clock, *EVERYONE) == [0, 0, 3]
    assert standing(world)[key].closed_at is None


def test_last_word_may_be_a_dissent_and_closes_too(world, clock):
    record(world, clock)
    agree(world, clock, "e1", "e2")
    key = first_key(world)

    assert dissent(world, clock, "e3", key).closed_at == clock.now()
    assert events(world)[-2:] == ["consensus_dissented", "consensus_closed"]


def test_dissent_needs_a_reason(world, clock):
    record(world, clock)
    with pytest.raises(BadInput) as refusal:
        dissent(world, clock, "e1", first_key(world), " ")
    assert refusal.value.field == "reason"


def test_dissent_is_withdrawn_before_it_closes(world, clock):
    record(world, clock)
    key = first_key(world)
    dissent(world, clock, "e1", key)
    dissent(world, clock, "e2", key)
    agree(world, clock, *EVERYONE)

    services.withdraw_dissent(world.actor("e1"), world.reference, *key, clock=clock)

    assert standing(world)[key].closed_at == clock.now()
    with pytest.raises(Conflict):
        services.withdraw_dissent(world.actor("e2"), world.reference, *key, clock=clock)
    with pytest.raises(Conflict, match="closed"):
        dissent(world, clock, "e3", key)


def test_change_keeps_the_old_version_and_asks_everyone_again(world, clock):
    record(world, clock)
    agree(world, clock, *EVERYONE)
    key = first_key(world)

    change(world, clock, {key: (1, "An annex was missed.")})

    sheet = queries.sheet(world.reference, "CPA1", "C2")
    first, second = queries.consensus_versions(sheet)[key]
    assert (first.mark, first.version, first.superseded_at) == (3, 1, clock.now())
    assert len(first.agreements) == 3
    assert (second.mark, second.version, second.closed_at) == (1, 2, None)
    assert second.agreements == []
    assert agree(world, clock, *EVERYONE) == [0, 0, 1]


def test_trail_says_what_was_before_a_change(world, clock):
    record(world, clock)
    key = first_key(world)
    change(world, clock, {key: (1, "An annex was missed.")})

    last = list(audit_queries.links(competition_stream(world.reference)))[-1]
    assert last.event == "consensus_changed"
    assert [(row["before"], row["mark"]) for row in last.changes["agreed"]] == [(3, 1)]
    assert "annex" not in str(last.changes)


def test_change_that_changes_nothing_and_change_of_nothing_are_refused(world, clock):
    entries = world.entries(**WHERE)
    with pytest.raises(Conflict, match="Record it first"):
        change(world, clock, entries)
    record(world, clock)
    with pytest.raises(BadInputs, match="Change the mark or the reason"):
        change(world, clock, entries)
    with pytest.raises(BadInputs):
        change(world, clock, {first_key(world): (2, "")})
    assert {row.version for row in standing(world).values()} == {1}


def test_nothing_changes_after_the_quality_lock(world, session, clock):
    record(world, clock)
    world.competition.stage = Stage.QUALITY_LOCKED.value
    session.flush()

    with pytest.raises(Forbidden):
        change(world, clock, {first_key(world): (1, "Too late.")})
    with pytest.raises(Forbidden):
        agree(world, clock, "e1")
