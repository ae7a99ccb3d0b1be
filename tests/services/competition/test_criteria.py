from __future__ import annotations

from decimal import Decimal

import pytest

from commissioning.competition import queries, services
from commissioning.competition.domain.criteria import problems
from commissioning.competition.services import LeafInput
from commissioning.kernel.errors import BadInput, BadInputs, Conflict, NotFound
from commissioning.permissions import Permission
from tests.factories import competition as tenders


@pytest.fixture
def tender(session, clock):
    return tenders.bare_draft(clock)


def leaf(reference="C1", weight="100", **changes):
    return LeafInput(reference, "How will you do it?", Decimal(weight), **changes)


def save(tender, actor=None, **changes):
    fields = {
        "criterion": None,
        "reference": "C1",
        "name": "Delivery",
        "weight": Decimal(100),
        "minimum_mark": 2,
        "leaves": [leaf()],
    }
    return services.save_criterion(
        actor or tender.as_lead, tender.reference, **(fields | changes), clock=tender.clock
    )


def test_criterion_is_set_up_with_its_questions(tender, recorded):
    leaves = [
        leaf("C1A", "60.5", scope="common", word_limit=500, allows_file=False),
        leaf("C1B", "39.5"),
    ]
    with recorded() as events:
        save(tender, leaves=leaves)

    (criterion,) = tender.row.criteria
    assert [(row.reference, row.weight, row.scope) for row in criterion.leaves] == [
        ("C1A", Decimal("60.5"), "common"),
        ("C1B", Decimal("39.5"), "lot"),
    ]
    assert (criterion.leaves[0].word_limit, criterion.leaves[0].allows_file) == (500, False)
    assert [event.event for event in events] == ["criteria_changed"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"reference": "c9"}, "reference"),
        ({"name": ""}, "name"),
        ({"weight": None}, "weight"),
        ({"weight": Decimal(0)}, "weight"),
        ({"weight": Decimal("100.1")}, "weight"),
        ({"weight": Decimal("33.3333333")}, "weight"),
        ({"weight": Decimal("NaN")}, "weight"),
        ({"minimum_mark": 5}, "minimum_mark"),
        ({"minimum_mark": None}, "minimum_mark"),
        ({"leaves": []}, "leaves"),
        ({"leaves": [leaf("C1A", "50"), leaf("C1B", "49.5")]}, "leaves"),
        ({"leaves": [leaf("C1A", "50"), leaf("c1a", "50")]}, "leaves.1.reference"),
        ({"leaves": [leaf("C9", "100")]}, "leaves.0.reference"),
        ({"leaves": [LeafInput("C1", " ", Decimal(100))]}, "leaves.0.question"),
        ({"leaves": [leaf(scope="moon")]}, "leaves.0.scope"),
        ({"leaves": [leaf(word_limit=0)]}, "leaves.0.word_limit"),
        ({"leaves": [LeafInput("C1", "How?", None)]}, "leaves.0.weight"),
    ],
)
def test_what_is_typed_wrongly_is_named_at_its_field(tender, refused, changes, field):
    save(tender, reference="C9", leaves=[leaf("C9")])

    with refused(field=field):
        save(tender, **changes)


def test_leaves_must_sum_to_their_criterion_exactly(tender, refused):
    leaves = [leaf("C1A", "33.3"), leaf("C1B", "33.3"), leaf("C1C", "33.3")]

    with refused(BadInput, field="leaves", match="sum to 99.9, not to 100"):
        save(tender, leaves=leaves)


def test_criterion_is_changed_and_keeps_the_leaves_that_stay(tender):
    save(tender, leaves=[leaf("C1A", "60"), leaf("C1B", "40")])
    kept = tender.row.criteria[0].leaves[1].id

    save(tender, criterion="C1", name="Service", leaves=[leaf("C1B", "70"), leaf("C1C", "30")])

    (criterion,) = tender.row.criteria
    assert criterion.name == "Service"
    assert [(row.reference, row.weight) for row in criterion.leaves] == [
        ("C1B", Decimal(70)),
        ("C1C", Decimal(30)),
    ]
    assert criterion.leaves[0].id == kept


def test_criterion_is_removed_with_its_leaves(tender, refused):
    save(tender)
    save(tender, reference="C2", leaves=[leaf("C2")])

    services.remove_criterion(tender.as_lead, tender.reference, "C1", clock=tender.clock)

    assert [criterion.reference for criterion in tender.row.criteria] == ["C2"]
    save(tender, reference="C3", leaves=[leaf("C1")])
    with refused(NotFound):
        services.remove_criterion(tender.as_lead, tender.reference, "C1", clock=tender.clock)


def test_weights_are_set_at_once_and_sum_to_a_hundred_exactly(tender, recorded):
    save(tender, leaves=[leaf("C1A", "60"), leaf("C1B", "40")])
    save(tender, reference="C2", leaves=[leaf("C2")])
    weights = {"C1A": Decimal("33.333333"), "C1B": Decimal("33.333333"), "C2": Decimal("33.333334")}

    with recorded() as events:
        services.set_weights(tender.as_lead, tender.reference, weights, clock=tender.clock)

    first, second = tender.row.criteria
    assert (first.weight, second.weight) == (Decimal("66.666666"), Decimal("33.333334"))
    assert sum(row.weight for row in tender.row.criteria) == 100
    assert [event.event for event in events] == ["criteria_changed"]


@pytest.mark.parametrize("wrong", ["39.5", "40.000001", "41"])
def test_weights_that_do_not_sum_to_a_hundred_are_refused(tender, refused, wrong):
    save(tender, leaves=[leaf("C1A", "60"), leaf("C1B", "40")])
    weights = {"C1A": Decimal(60), "C1B": Decimal(wrong)}

    with refused(BadInput, field="weights", match="not to 100"):
        services.set_weights(tender.as_lead, tender.reference, weights, clock=tender.clock)


def test_weight_below_nothing_is_named_at_its_question(tender, refused):
    save(tender, leaves=[leaf("C1A", "60"), leaf("C1B", "40")])
    weights = {"C1A": Decimal(140), "C1B": Decimal(-40)}

    with refused(BadInputs) as caught:
        services.set_weights(tender.as_lead, tender.reference, weights, clock=tender.clock)
    assert [field for field, _ in caught.value.problems] == ["C1A", "C1B"]


def test_every_question_needs_its_weight(tender, refused):
    save(tender, leaves=[leaf("C1A", "60"), leaf("C1B", "40")])

    with refused(BadInput, field="weights"):
        services.set_weights(
            tender.as_lead, tender.reference, {"C1A": Decimal(100)}, clock=tender.clock
        )


def test_standard_criteria_are_the_ten_and_sound(tender, recorded):
    with recorded() as events:
        services.load_standard_criteria(tender.as_lead, tender.reference, clock=tender.clock)

    criteria = tender.row.criteria
    assert [(row.weight, row.minimum_mark) for row in criteria] == [
        (15, 2),
        (15, 2),
        (10, 1),
        (15, 2),
        (8, 1),
        (10, 1),
        (10, 1),
        (7, 1),
        (5, 1),
        (5, 1),
    ]
    assert criteria[0].name == "Delivering the sentence: management of offenders"
    assert sum(len(row.leaves) > 1 for row in criteria) >= 2
    scopes = [leaf.scope for row in criteria for leaf in row.leaves]
    assert scopes.count("common") == 1
    assert all(leaf.question.endswith((".", "?")) for row in criteria for leaf in row.leaves)
    found = problems(queries.drafted_model(tender.row))
    assert {problem.where for problem in found} == {"lots"}
    assert [event.event for event in events] == ["criteria_changed"]


def test_standard_criteria_replace_nothing(tender, refused):
    save(tender)

    with refused(Conflict, match="Remove them first"):
        services.load_standard_criteria(tender.as_lead, tender.reference, clock=tender.clock)


def test_only_the_lead_changes_criteria(tender, forbidden, clock):
    save(tender)

    with forbidden(Permission.COMPETITION_EDIT_MODEL):
        save(tender, actor=tender.as_approver)
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.remove_criterion(tender.as_approver, tender.reference, "C1", clock=clock)
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.load_standard_criteria(tender.as_approver, tender.reference, clock=clock)
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.set_weights(tender.as_approver, tender.reference, {}, clock=clock)


def test_notice_fixes_importance_and_leaves_questions_open(session, clock, refused, forbidden):
    tender = tenders.pqq_open(clock)
    kept = {
        "criterion": "C10",
        "reference": "C10",
        "name": "Mobilisation, transition and governance",
        "weight": Decimal(5),
        "leaves": [leaf("C10A", "2"), leaf("C10B", "3")],
    }
    for field, value in (
        ("weight", Decimal(6)),
        ("name", "Mobilisation"),
        ("reference", "C11"),
    ):
        with refused(field=field):
            save(tender, **(kept | {field: value}))
    with refused(field="reference"):
        save(tender, **(kept | {"criterion": None, "reference": "C11"}))
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.remove_criterion(tender.as_lead, tender.reference, "C10", clock=clock)
    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.set_weights(tender.as_lead, tender.reference, {}, clock=clock)

    saved = save(tender, **kept, minimum_mark=3)

    assert saved.minimum_mark == 3
    assert [row.reference for row in saved.leaves] == ["C10A", "C10B"]


def test_itn_fixes_everything(session, clock, forbidden):
    tender = tenders.itn_open(clock)

    with forbidden(Permission.COMPETITION_EDIT_MODEL):
        save(tender, criterion="C10", reference="C10", leaves=[leaf("C10", "5")])
