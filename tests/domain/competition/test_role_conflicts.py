from __future__ import annotations

import pytest

from commissioning.competition.domain.conflicts import EXCLUDED_PAIRS, excluded_by
from commissioning.kernel.actor import AUTHORITY_ROLES, Role


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Role.EVALUATOR, Role.COMMERCIAL_OFFICER),
        (Role.MODERATOR, Role.COMMERCIAL_OFFICER),
        (Role.EVALUATOR, Role.NEGOTIATOR),
        (Role.EVALUATOR, Role.KEY_HOLDER),
        (Role.EVALUATOR, Role.PANEL_MEMBER),
        (Role.KEY_HOLDER, Role.PROCUREMENT_LEAD),
        (Role.APPROVER, Role.PROCUREMENT_LEAD),
        (Role.APPROVER, Role.COMMERCIAL_OFFICER),
        (Role.DUTY_OFFICER, Role.PROCUREMENT_LEAD),
        (Role.DUTY_OFFICER, Role.KEY_HOLDER),
        (Role.DUTY_OFFICER, Role.EVALUATOR),
    ],
)
def test_roles_exclude_each_other_in_either_order(one, other):
    first, second = excluded_by({one}, other), excluded_by({other}, one)

    assert first is second
    assert first is not None
    assert first.reason.endswith(".")


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ({Role.PROCUREMENT_LEAD}, Role.MODERATOR),
        ({Role.EVALUATOR}, Role.MODERATOR),
        ({Role.APPROVER, Role.AUDITOR}, Role.KEY_HOLDER),
        ({Role.COMMERCIAL_OFFICER}, Role.KEY_HOLDER),
        ({Role.EVALUATOR}, Role.EVALUATOR),
        (set(), Role.EVALUATOR),
    ],
)
def test_other_roles_go_together(held, wanted):
    assert excluded_by(held, wanted) is None


def test_excluded_pairs_are_of_roles_on_a_competition():
    for pair in EXCLUDED_PAIRS:
        assert {pair.first, pair.second} <= AUTHORITY_ROLES
        assert pair.first is not pair.second


def test_four_people_can_run_the_short_form_and_not_the_full_procedure():
    four = {
        "the first": {Role.PROCUREMENT_LEAD, Role.KEY_HOLDER, Role.MODERATOR},
        "the second": {Role.APPROVER, Role.KEY_HOLDER},
        "the third": {Role.COMMERCIAL_OFFICER, Role.KEY_HOLDER},
        "the fourth": {Role.EVALUATOR, Role.ASSESSOR},
    }

    def conflicts(profile):
        return [
            who
            for who, roles in four.items()
            if any(excluded_by(roles - {role}, role, profile=profile) for role in roles)
        ]

    assert conflicts("short") == []
    assert conflicts("full") == ["the first"]
