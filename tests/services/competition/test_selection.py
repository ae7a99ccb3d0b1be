from __future__ import annotations

import pytest

from commissioning.competition import queries, services
from commissioning.competition.domain.selection_rules import rule_problems
from commissioning.kernel.errors import Conflict, NotFound
from commissioning.permissions import Permission
from tests.factories import competition as tenders


@pytest.fixture
def tender(session, clock):
    return tenders.bare_draft(clock)


def save(tender, actor=None, **changes):
    fields = {
        "question": None,
        "reference": "Q1",
        "part": "Declarations",
        "kind": "pass_fail",
        "answer": "yes_no",
        "text": "Do you?",
        "rule": {"passes": ["yes"]},
    }
    return services.save_question(
        actor or tender.as_lead, tender.reference, **(fields | changes), clock=tender.clock
    )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, {"passes": ["yes"]}),
        ({"answer": "text", "rule": {}}, {"passes": []}),
        ({"kind": "not_scored", "answer": "text", "rule": {}}, {}),
        (
            {"kind": "scored", "answer": "text", "rule": {"max_score": 4, "minimum": 2}},
            {"max_score": 4, "minimum": 2},
        ),
    ],
)
def test_question_is_content_with_its_pass_rule(tender, recorded, changes, rule):
    with recorded() as events:
        saved = save(tender, **changes)

    assert saved.rule == rule
    assert [event.event for event in events] == ["selection_questions_changed"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": "q9"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"part": ""}, "part"),
        ({"part": "x" * 81}, "part"),
        ({"text": ""}, "text"),
        ({"word_limit": 0}, "word_limit"),
        ({"answer": "song"}, "answer"),
        ({"kind": "song"}, "kind"),
        ({"rule": {"max_score": 4}}, "rule"),
        ({"rule": {"passes": ["perhaps"]}}, "rule"),
        ({"rule": {"passes": [" "]}}, "rule"),
        ({"answer": "text"}, "rule"),
        ({"kind": "not_scored"}, "rule"),
        ({"kind": "scored", "answer": "text", "rule": {}}, "rule"),
        ({"kind": "scored", "answer": "text", "rule": {"max_score": 4, "minimum": 5}}, "rule"),
        ({"kind": "scored", "answer": "text", "rule": {"max_score": 4.5, "minimum": 1}}, "rule"),
    ],
)
def test_what_is_typed_wrongly_is_named_at_its_field(tender, refused, changes, field):
    save(tender, reference="Q9")

    with refused(field=field):
        save(tender, **changes)


def test_question_is_changed_in_its_place_and_removed(tender, refused):
    for reference in ("Q1", "Q2", "Q3"):
        save(tender, reference=reference)

    save(tender, question="Q2", reference="Q2B", text="Will you?")
    services.remove_question(tender.as_lead, tender.reference, "Q1", clock=tender.clock)

    assert [(row.reference, row.question) for row in tender.row.questions] == [
        ("Q2B", "Will you?"),
        ("Q3", "Do you?"),
    ]
    with refused(NotFound):
        services.remove_question(tender.as_lead, tender.reference, "Q1", clock=tender.clock)


def test_standard_questions_are_of_all_three_kinds_and_sound(tender, recorded):
    with recorded() as events:
        services.load_standard_questions(tender.as_lead, tender.reference, clock=tender.clock)

    rules = queries.selection_rules(tender.row)
    assert rule_problems(rules) == []
    assert {question.kind for question in rules.questions} == {"not_scored", "pass_fail", "scored"}
    declarations = [row for row in tender.row.questions if row.part == "Declarations"]
    assert all(row.rule == {"passes": ["yes"]} for row in declarations)
    assert [event.event for event in events] == ["selection_questions_changed"]


def test_standard_questions_replace_nothing(tender, refused):
    save(tender)

    with refused(Conflict, match="Remove them first"):
        services.load_standard_questions(tender.as_lead, tender.reference, clock=tender.clock)


def test_questions_are_fixed_by_the_notice(session, clock, forbidden):
    tender = tenders.pqq_open(clock)
    wanted = Permission.COMPETITION_EDIT_NOTICE

    with forbidden(wanted):
        save(tender, question="Q1")
    with forbidden(wanted):
        services.remove_question(tender.as_lead, tender.reference, "Q1", clock=clock)
    with forbidden(wanted):
        services.load_standard_questions(tender.as_lead, tender.reference, clock=clock)


def test_only_the_lead_changes_questions(tender, forbidden):
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        save(tender, actor=tender.as_approver)
