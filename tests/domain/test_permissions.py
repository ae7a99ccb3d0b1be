"""The policy answers no, unless a row says yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from commissioning.kernel.actor import ANONYMOUS, Actor, Grant, Role
from commissioning.kernel.errors import Forbidden
from commissioning.kernel.stage import Stage
from commissioning.permissions import (
    ROWS,
    Facts,
    Permission,
    Scope,
    could_ever,
    in_words,
    may,
    require,
    rows_for,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def person(role: Role, *, organisation="ORG-1", competition=None, reference="USR-1") -> Actor:
    grant = Grant(role, organisation, competition)
    return Actor(reference, "Somebody", organisation, frozenset({grant}))


def test_every_permission_is_told_in_words_of_its_own():
    told = [in_words(permission) for permission in Permission]

    assert len(set(told)) == len(told)
    # Said by a person, and not put together from the parts of its name.
    for permission, words in zip(Permission, told, strict=True):
        _context, resource, action = permission.value.split(":")
        assert words != f"{action} {resource}".replace("_", " ").capitalize()


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_a_row(permission):
    assert rows_for(permission)


@pytest.mark.parametrize("permission", Permission)
def test_nobody_without_a_role_may_do_anything_but_the_public_acts(permission):
    facts = Facts(
        authority="ORG-1", competition="T-1", organisation="ORG-1", stage=Stage.QUALITY_EVALUATION
    )
    public = any(
        row.scope is Scope.ANYONE
        and all(condition.holds(ANONYMOUS, facts) for condition in row.conditions)
        for row in rows_for(permission)
    )
    assert may(ANONYMOUS, permission, facts) is public


def test_the_administrator_never_sees_a_bid_or_a_mark():
    administrator = person(Role.ADMINISTRATOR)
    for permission in Permission:
        if permission.split(":")[0] in {"submission", "evaluation", "award"}:
            is_public = could_ever(ANONYMOUS, permission)
            assert could_ever(administrator, permission) is is_public, permission


def test_a_role_on_one_competition_gives_nothing_on_another():
    lead = person(Role.PROCUREMENT_LEAD, competition="T-1")
    assert may(lead, Permission.COMPETITION_READ, Facts(competition="T-1"))
    assert not may(lead, Permission.COMPETITION_READ, Facts(competition="T-2"))


@pytest.mark.parametrize(
    "permission", sorted({row.permission for row in ROWS if row.permission.endswith("approve")})
)
def test_who_proposed_never_approves(permission):
    approver = person(Role.APPROVER, competition="T-1")
    for stage in Stage:
        facts = Facts(
            competition="T-1",
            stage=stage,
            proposer="USR-1",
            now=NOW,
            deadline=NOW + timedelta(days=1),
        )
        assert not may(approver, permission, facts)


def test_an_approval_without_a_proposal_is_refused():
    approver = person(Role.APPROVER, competition="T-1")
    facts = Facts(competition="T-1", stage=Stage.DRAFT)
    assert not may(approver, Permission.COMPETITION_APPROVE_ISSUE_PQQ, facts)


@pytest.mark.parametrize(("seconds", "allowed"), [(-1, True), (0, False), (1, False)])
def test_a_bid_may_be_submitted_only_before_the_deadline(seconds, allowed):
    signatory = person(Role.SIGNATORY)
    facts = Facts(
        organisation="ORG-1",
        stage=Stage.ITN_OPEN,
        is_admitted=True,
        now=NOW + timedelta(seconds=seconds),
        deadline=NOW,
    )
    assert may(signatory, Permission.SUBMISSION_SUBMIT_BID, facts) is allowed


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.MODERATOR])
def test_who_marks_quality_never_sees_a_price_even_with_a_second_role(role):
    grants = frozenset(
        {Grant(role, "ORG-1", "T-1"), Grant(Role.COMMERCIAL_OFFICER, "ORG-1", "T-1")}
    )
    both = Actor("USR-1", "Somebody", "ORG-1", grants)
    facts = Facts(competition="T-1", stage=Stage.PRICE_EVALUATION)
    assert not may(both, Permission.SUBMISSION_READ_PRICE_ENVELOPE, facts)
    assert may(
        person(Role.COMMERCIAL_OFFICER, competition="T-1"),
        Permission.SUBMISSION_READ_PRICE_ENVELOPE,
        facts,
    )


@pytest.mark.parametrize("stage", Stage)
def test_no_envelope_is_read_before_its_stage(stage):
    lead = person(Role.PROCUREMENT_LEAD, competition="T-1")
    facts = Facts(competition="T-1", stage=stage)
    assert may(lead, Permission.SUBMISSION_READ_QUALITY_ENVELOPE, facts) is (
        stage.is_at_or_after(Stage.QUALITY_EVALUATION)
    )
    assert may(lead, Permission.SUBMISSION_READ_PRICE_ENVELOPE, facts) is (
        stage.is_at_or_after(Stage.PRICE_EVALUATION)
    )


def test_a_terminated_competition_is_read_as_far_as_it_came_and_changed_no_more():
    lead = person(Role.PROCUREMENT_LEAD, competition="T-1")
    facts = Facts(competition="T-1", stage=Stage.TERMINATED, reached=Stage.ITN_CLOSED)
    assert not may(lead, Permission.SUBMISSION_READ_QUALITY_ENVELOPE, facts)
    assert not may(lead, Permission.COMPETITION_EDIT_MODEL, facts)
    assert may(ANONYMOUS, Permission.COMPETITION_READ_PUBLISHED, facts)


def test_a_refusal_looks_like_absence_and_keeps_its_reason_for_the_trail():
    signatory = person(Role.SIGNATORY)
    facts = Facts(organisation="ORG-1", stage=Stage.PQQ_OPEN)
    with pytest.raises(Forbidden) as refusal:
        require(signatory, Permission.SUBMISSION_SUBMIT_BID, facts)
    assert "not yours to see" in refusal.value.sentence
    assert refusal.value.reason == "fails: at ITN open"
