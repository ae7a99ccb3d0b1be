from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.evaluation.domain.moderation import (
    Answer,
    ClosingRule,
    IndividualMark,
    ModerationRefused,
    answer_consensus,
    are_all_submitted,
    change_consensus,
    close_consensus,
    may_close,
    reassign,
    record_consensus,
    submit_mark,
    visible_marks,
)
from commissioning.kernel.errors import BadInput

T0 = datetime(2014, 7, 14, 10, 0, tzinfo=UTC)
T1 = T0 + timedelta(hours=1)
ALL = frozenset({"E1", "E2", "E3"})


def submitted(*evaluators):
    return [IndividualMark(name, 3, "clear plan", T0) for name in evaluators]


def recorded(**changes):
    arguments = {
        "assigned": ALL,
        "marks": submitted(*ALL),
        "moderator": "M1",
        "at": T0,
    } | changes
    return record_consensus(3, "Agreed on the plan.", 4, **arguments)


def answered(*answers, consensus=None):
    consensus = consensus or recorded()
    for answer in answers:
        consensus = answer_consensus(consensus, answer, ALL)
    return consensus


def agrees(*names):
    return [Answer(name, agrees=True) for name in names]


def dissents(name, reason="I read it otherwise."):
    return Answer(name, agrees=False, dissent=reason)


def test_mark_is_submitted_once():
    mark = submit_mark(IndividualMark("E1", 4, "thorough"), 4, at=T0)
    assert mark.submitted_at == T0
    with pytest.raises(ModerationRefused, match="submitted already"):
        submit_mark(mark, 4, at=T1)


@pytest.mark.parametrize("mark", [0, 4])
def test_mark_at_either_end_of_the_scale_is_taken(mark):
    assert submit_mark(IndividualMark("E1", mark, "why"), 4, at=T0).mark == mark


@pytest.mark.parametrize(
    ("mark", "reason", "field"),
    [(5, "good", "mark"), (-1, "bad", "mark"), (True, "yes", "mark"), (3, "  ", "reason")],
)
def test_mark_off_the_scale_or_without_reason_is_refused(mark, reason, field):
    with pytest.raises(BadInput) as refusal:
        submit_mark(IndividualMark("E1", mark, reason), 4, at=T0)
    assert refusal.value.field == field


def test_nobody_sees_anothers_mark_before_all_have_submitted():
    marks = [*submitted("E1", "E2"), IndividualMark("E3", 1, "thin")]
    assert visible_marks("E1", ALL, marks) == (marks[0],)
    assert visible_marks("E3", ALL, marks) == (marks[2],)
    assert visible_marks("M1", ALL, marks) == ()
    marks[2] = submit_mark(marks[2], 4, at=T1)
    assert visible_marks("E1", ALL, marks) == tuple(marks)
    assert visible_marks("M1", ALL, marks) == tuple(marks)


def test_answer_without_evaluators_is_never_complete():
    assert not are_all_submitted([], submitted("E1"))


def test_consensus_waits_for_every_individual_mark():
    with pytest.raises(ModerationRefused, match="Wait for all"):
        recorded(marks=submitted("E1", "E2"))


@pytest.mark.parametrize(("mark", "reason"), [(5, "why"), (3, "")])
def test_consensus_needs_a_mark_on_the_scale_and_a_reason(mark, reason):
    with pytest.raises(BadInput):
        record_consensus(
            mark, reason, 4, assigned=ALL, marks=submitted(*ALL), moderator="M1", at=T0
        )


def test_consensus_closes_when_all_agree():
    consensus = close_consensus(answered(*agrees(*ALL)), ALL, ClosingRule.ALL_AGREE, at=T1)
    assert (consensus.closed_at, consensus.mark, consensus.dissents) == (T1, 3, ())


@pytest.mark.parametrize("rule", list(ClosingRule))
def test_consensus_stays_open_while_somebody_is_silent(rule):
    with pytest.raises(ModerationRefused, match="agreed or dissented"):
        close_consensus(answered(*agrees("E1", "E2")), ALL, rule, at=T1)


def test_one_dissent_keeps_it_open_unless_the_published_rule_is_the_majority():
    consensus = answered(*agrees("E1", "E2"), dissents("E3"))
    with pytest.raises(ModerationRefused, match="do not agree"):
        close_consensus(consensus, ALL, ClosingRule.ALL_AGREE, at=T1)
    closed = close_consensus(consensus, ALL, ClosingRule.MAJORITY, at=T1)
    assert closed.dissents == (dissents("E3"),)


def test_tie_is_no_majority():
    pair = frozenset({"E1", "E2"})
    consensus = recorded(assigned=pair, marks=submitted(*pair))
    for answer in [*agrees("E1"), dissents("E2")]:
        consensus = answer_consensus(consensus, answer, pair)
    assert not may_close(consensus, pair, ClosingRule.MAJORITY)


def test_evaluator_may_change_their_word_until_it_closes():
    consensus = answered(dissents("E1"), *agrees("E1"))
    assert consensus.answers == tuple(agrees("E1"))
    closed = close_consensus(answered(*agrees(*ALL)), ALL, ClosingRule.ALL_AGREE, at=T1)
    with pytest.raises(ModerationRefused, match="closed"):
        answer_consensus(closed, dissents("E1"), ALL)
    with pytest.raises(ModerationRefused, match="closed already"):
        close_consensus(closed, ALL, ClosingRule.ALL_AGREE, at=T1)


def test_dissent_without_reason_and_strangers_are_refused():
    with pytest.raises(BadInput, match="reason why you do not agree"):
        answered(dissents("E1", " "))
    with pytest.raises(ModerationRefused, match="Only the evaluators"):
        answered(*agrees("M1"))


def test_change_keeps_the_old_version_and_must_be_agreed_to_again():
    first = close_consensus(answered(*agrees(*ALL)), ALL, ClosingRule.ALL_AGREE, at=T0)
    second = change_consensus(
        first, 2, "An annex was missed.", 4, moderator="M1", at=T1, is_quality_locked=False
    )
    assert (second.version, second.mark, second.answers, second.closed_at) == (2, 2, (), None)
    assert second.history == (first, second)
    assert first.mark == 3
    third = change_consensus(
        second, 3, "It was read.", 4, moderator="M1", at=T1, is_quality_locked=False
    )
    assert [version.mark for version in third.history] == [3, 2, 3]


def test_change_needs_a_reason_and_ends_with_the_quality_lock():
    with pytest.raises(BadInput):
        change_consensus(recorded(), 2, " ", 4, moderator="M1", at=T1, is_quality_locked=False)
    with pytest.raises(ModerationRefused, match="Quality is locked"):
        change_consensus(recorded(), 2, "late", 4, moderator="M1", at=T1, is_quality_locked=True)


def test_replacement_marks_before_anything_is_seen_or_agreed():
    team = reassign(ALL, "E3", "E4")
    assert team == {"E1", "E2", "E4"}
    assert not are_all_submitted(team, submitted(*ALL))
    assert are_all_submitted(team, submitted("E1", "E2", "E4"))
    # The word of the one who left does not count for the one who came.
    consensus = answered(*agrees(*ALL))
    assert not may_close(consensus, team, ClosingRule.ALL_AGREE)


@pytest.mark.parametrize(("absent", "replacement"), [("E9", "E4"), ("E1", "E2"), ("E1", "E1")])
def test_replacement_that_changes_nothing_or_doubles_somebody_is_refused(absent, replacement):
    with pytest.raises(ModerationRefused):
        reassign(ALL, absent, replacement)


names = st.sampled_from(["E1", "E2", "E3", "E4"])


@given(st.sets(names, min_size=1), st.dictionaries(names, st.booleans()), names)
def test_marks_of_others_are_visible_exactly_when_all_have_submitted(assigned, given_marks, viewer):
    marks = [
        IndividualMark(name, 2, "because", T0 if done else None)
        for name, done in given_marks.items()
    ]
    seen = visible_marks(viewer, assigned, marks)
    complete = all(given_marks.get(name) for name in assigned)
    if complete:
        assert seen == tuple(marks)
    else:
        assert {mark.evaluator for mark in seen} <= {viewer}


@given(st.dictionaries(names, st.booleans(), min_size=1))
def test_what_all_agree_to_also_has_the_majority(votes):
    assigned = frozenset(votes)
    consensus = recorded(assigned=assigned, marks=submitted(*assigned))
    for name, vote in votes.items():
        answer = Answer(name, agrees=True) if vote else dissents(name)
        consensus = answer_consensus(consensus, answer, assigned)
    unanimous = may_close(consensus, assigned, ClosingRule.ALL_AGREE)
    assert unanimous == all(votes.values())
    assert may_close(consensus, assigned, ClosingRule.MAJORITY) == (
        sum(votes.values()) > len(votes) / 2
    )
    assert len(consensus.dissents) == sum(not vote for vote in votes.values())
