from __future__ import annotations

from decimal import Decimal

import pytest

from commissioning.competition import queries, services
from commissioning.competition.domain.scale import STANDARD
from commissioning.kernel.errors import BadInput, DomainError
from commissioning.permissions import Permission
from tests.factories import competition as tenders

QUARTER = 250_000
TEN = [(f"Step {mark}", f"Given at {mark}.") for mark in range(11)]
SHARE = "max_value_share_per_bidder_ppm"


def set_rules(tender, actor=None, **changes):
    fields = {
        "max_mark": 4,
        "minimum_points": 50_000,
        "discount_rate": Decimal("0.035"),
        "price_years": 7,
        "price_base_year": 2026,
        "closing_rule": "majority",
        "objective": "min_sum_ppqp",
        "award_rule": "optimum",
        "limits": {},
        "funding_multiple": 2,
    }
    return services.set_rules(
        actor or tender.as_lead, tender.reference, **(fields | changes), clock=tender.clock
    )


def test_rules_are_set(session, clock, recorded):
    tender = tenders.sound_draft(clock, lots=8)
    limits = {
        "max_value_share_per_bidder_ppm": QUARTER,
        "max_value_share_per_group_ppm": QUARTER,
        "max_lots_per_bidder": None,
        "incompatible_lots": [["L1", "L2"]],
    }
    with recorded() as events:
        set_rules(
            tender,
            max_mark=10,
            descriptors=TEN,
            minimum_points=60_500,
            discount_rate=Decimal("0.0425"),
            closing_rule="all_agree",
            award_rule="protected_optimum",
            limits=limits,
            funding_multiple=3,
        )

    model = queries.evaluation_model(tender.row)
    assert model.max_mark == 10
    assert [(step.name, step.meaning) for step in model.descriptors] == TEN
    assert model.minimum_points_milli == 60_500
    assert model.price.discount_rate == Decimal("0.0425")
    assert model.closing_rule == "all_agree"
    assert model.award_rule == "protected_optimum"
    assert model.limits.as_dict() == {
        "max_value_share_per_bidder_ppm": QUARTER,
        "max_value_share_per_group_ppm": QUARTER,
        "incompatible_lots": [["L1", "L2"]],
        "funding_multiple": 3,
    }
    assert [event.event for event in events] == ["rules_changed"]
    assert events[0].changes["max_mark"] == [4, 10]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_mark": 0}, "max_mark"),
        # some criteria ask for a mark of at least 2
        ({"max_mark": 1, "descriptors": TEN[:2]}, "max_mark"),
        ({"max_mark": None}, "max_mark"),
        ({"minimum_points": 100_001}, "minimum_points"),
        ({"discount_rate": Decimal("3.5")}, "discount_rate"),
        ({"discount_rate": None}, "discount_rate"),
        ({"discount_rate": Decimal("0.0350001")}, "discount_rate"),
        ({"price_years": 0}, "price_years"),
        ({"price_base_year": 0}, "price_base_year"),
        ({"objective": "min_total_price"}, "objective"),
        ({"objective": "cheapest"}, "objective"),
        ({"award_rule": "toss_a_coin"}, "award_rule"),
        ({"funding_multiple": 0}, "funding_multiple"),
        ({"limits": {"max_lots_per_bidder": 0}}, "limits.max_lots_per_bidder"),
        ({"limits": {"max_lots_per_bidder": 1.5}}, "limits.max_lots_per_bidder"),
        ({"limits": {"moon": 1}}, "limits"),
        ({"limits": {SHARE: 1_000_001}}, f"limits.{SHARE}"),
        ({"limits": {SHARE: QUARTER}}, f"limits.{SHARE}"),  # two equal lots: a half each
        ({"limits": {"min_distinct_winners": 3}}, "limits.min_distinct_winners"),
        ({"limits": {"incompatible_lots": [["L1", "L9"]]}}, "limits.incompatible_lots"),
    ],
)  # fmt: skip
def test_what_is_typed_wrongly_is_named_at_its_field(session, clock, refused, changes, field):
    tender = tenders.sound_draft(clock)

    with refused(field=field):
        set_rules(tender, **changes)


def test_limits_wait_for_the_lots(session, clock):
    tender = tenders.bare_draft(clock)

    limits = {SHARE: QUARTER, "min_distinct_winners": 3}
    set_rules(tender, limits=limits)

    assert tender.row.limits == limits


def test_notice_fixes_limits_and_award_rule_and_leaves_the_rest_open(session, clock, refused):
    tender = tenders.pqq_open(clock)
    for field, value in (
        ("limits", {"max_lots_per_bidder": 1}),
        ("award_rule", "protected_optimum"),
        ("funding_multiple", 3),
    ):
        with refused(BadInput, field=field, match="published notice"):
            set_rules(tender, **{field: value})

    set_rules(tender, minimum_points=40_000, discount_rate=Decimal("0.04"))

    assert tender.row.minimum_points == 40_000


def test_itn_fixes_the_rules(session, clock, forbidden):
    tender = tenders.itn_open(clock)

    with forbidden(Permission.COMPETITION_EDIT_MODEL):
        set_rules(tender)


def test_only_the_lead_sets_rules(session, clock, forbidden):
    tender = tenders.sound_draft(clock)

    with forbidden(Permission.COMPETITION_EDIT_MODEL):
        set_rules(tender, actor=tender.as_approver)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"max_mark": 5}, "descriptors.0.name"),
        ({"max_mark": 10, "descriptors": TEN[:10]}, "descriptors.10.name"),
        ({"max_mark": 10, "descriptors": [*TEN[:10], ("Step 3", "When.")]}, "descriptors.10.name"),
        ({"max_mark": 10, "descriptors": [*TEN[:10], ("Last", "")]}, "descriptors.10.meaning"),
        (
            {"max_mark": 10, "descriptors": [*TEN[:10], ("L\u200bast", "When.")]},
            "descriptors.10.name",
        ),
    ],
)
def test_every_mark_of_another_scale_is_described(session, clock, refused, changes, place):
    tender = tenders.sound_draft(clock)

    with refused(DomainError) as refusal:
        set_rules(tender, **changes)

    found = refusal.value
    places = [found.field] if isinstance(found, BadInput) else [at for at, _ in found.problems]
    assert places[0] == place


def test_what_marks_mean_stays_where_nothing_is_said_of_it(session, clock):
    tender = tenders.sound_draft(clock)
    set_rules(tender, max_mark=10, descriptors=TEN)
    set_rules(tender, max_mark=10, minimum_points=40_000)
    assert len(queries.drafted_model(tender.row).descriptors) == 11

    set_rules(tender, max_mark=4)

    assert queries.drafted_model(tender.row).descriptors == STANDARD
