from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.criteria import (
    AwardRule,
    Criterion,
    EvaluationModel,
    Leaf,
    Limits,
    Objective,
    PriceModel,
    Scope,
    decimal_text,
    notice_problems,
    problems,
)
from commissioning.competition.domain.frozen_model import (
    ModelChanged,
    ModelNotReady,
    from_frozen_dict,
    is_intact,
    notice_dict,
    to_frozen_dict,
)
from commissioning.competition.domain.lots import Lot
from commissioning.competition.domain.scale import STANDARD, Descriptor
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.errors import BadInput

WEIGHTS = (15, 15, 10, 15, 8, 10, 10, 7, 5, 5)


def criterion(number, weight, *, minimum_mark=1):
    weight = Decimal(weight)
    leaf = Leaf(f"C{number}", weight, Scope.LOT, f"How will you do part {number}?")
    return Criterion(f"C{number}", f"Criterion {number}", weight, minimum_mark, (leaf,))


def lot(reference, value=1_000_000_00):
    return Lot(reference=reference, name=f"Area {reference}", annual_value_pence=value)


MODEL = EvaluationModel(
    lots=tuple(lot(f"L{n}") for n in range(1, 6)),
    criteria=tuple(criterion(n, weight) for n, weight in enumerate(WEIGHTS, start=1)),
    max_mark=4,
    minimum_points_milli=50_000,
    price=PriceModel(2014, Decimal("0.0350"), 7),
    limits=Limits(
        max_value_share_per_bidder_ppm=250_000,
        max_value_share_per_group_ppm=250_000,
        funding_multiple=2,
    ),
    tie_seed="0f1e2d",
)


def with_criterion(**changes):
    first, *rest = MODEL.criteria
    return replace(MODEL, criteria=(replace(first, **changes), *rest))


def with_leaves(*leaves):
    return with_criterion(leaves=leaves)


def with_limits(**limits):
    return replace(MODEL, limits=replace(MODEL.limits, **limits))


def places(model):
    return [problem.where for problem in problems(model)]


def test_seeded_weights_make_a_model_without_a_problem():
    assert problems(MODEL) == []
    assert notice_problems(MODEL) == []


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (replace(MODEL, lots=()), "lots"),
        (replace(MODEL, lots=(*MODEL.lots, lot("L1"))), "lots.L1"),
        (
            replace(MODEL, lots=(*MODEL.lots, lot("L6", 0))),
            "lots.L6.annual_value_pence",
        ),
        (
            replace(MODEL, lots=(*MODEL.lots, replace(lot("L6"), name=" "))),
            "lots.L6.name",
        ),
        (replace(MODEL, lots=(*MODEL.lots, lot(" "))), "lots"),
        (replace(MODEL, criteria=()), "criteria"),
        (replace(MODEL, criteria=MODEL.criteria[1:]), "criteria"),
        (with_criterion(id="C2"), "criteria.C2"),
        (with_criterion(name=""), "criteria.C1.name"),
        (with_criterion(minimum_mark=5), "criteria.C1.minimum_mark"),
        (with_criterion(minimum_mark=-1), "criteria.C1.minimum_mark"),
        (with_criterion(leaves=()), "criteria.C1.leaves"),
        (with_leaves(Leaf("C1", Decimal(14), Scope.LOT, "?")), "criteria.C1.leaves"),
        (with_leaves(Leaf("C1", Decimal(15), Scope.LOT, " ")), "criteria.C1.leaves.C1.text"),
        (with_leaves(Leaf("C2", Decimal(15), Scope.LOT, "?")), "leaves.C2"),
        (replace(MODEL, minimum_points_milli=100_001), "minimum_points"),
        (replace(MODEL, minimum_points_milli=-1), "minimum_points"),
        (replace(MODEL, price=PriceModel(0, Decimal(0), 7)), "price.base_year"),
        (replace(MODEL, price=PriceModel(2014, Decimal("3.5"), 7)), "price.discount_rate"),
        (replace(MODEL, price=PriceModel(2014, Decimal("-0.01"), 7)), "price.discount_rate"),
        (replace(MODEL, price=PriceModel(2014, Decimal("NaN"), 7)), "price.discount_rate"),
        (replace(MODEL, price=PriceModel(2014, Decimal(0), 0)), "price.years"),
        (replace(MODEL, objective=Objective.MIN_TOTAL_PRICE), "objective"),
        (replace(MODEL, objective=Objective.MIN_PORTFOLIO_PPQP), "objective"),
        (replace(MODEL, objective=Objective.MAX_TOTAL_QUALITY), "objective"),
        (replace(MODEL, group_rule="pro_rata"), "group_rule"),
        (with_limits(max_lots_per_bidder=0), "limits.max_lots_per_bidder"),
        (with_limits(budget=-1), "limits.budget"),
        (with_limits(budget="5"), "limits.budget"),
        (with_limits(max_lots_per_group=True), "limits.max_lots_per_group"),
        (with_limits(funding_multiple=0), "limits.funding_multiple"),
        (
            with_limits(max_value_share_per_bidder_ppm=1_000_001),
            "limits.max_value_share_per_bidder_ppm",
        ),
        (with_limits(min_distinct_winners=6), "limits.min_distinct_winners"),
        (with_limits(incompatible_lots=(("L1", "L1"),)), "limits.incompatible_lots"),
        (with_limits(incompatible_lots=(("L1", "L9"),)), "limits.incompatible_lots"),
    ],
)
def test_model_with_a_fault_names_its_place(model, where):
    assert places(model) == [where]


def test_share_under_which_nobody_could_win_a_lot_is_named_for_that_lot():
    model = with_limits(max_value_share_per_group_ppm=200_000)
    assert problems(model) == []  # each lot is exactly one fifth, and equality is allowed
    (*_, last) = problems(with_limits(max_value_share_per_group_ppm=199_999))
    assert last.where == "limits.max_value_share_per_group_ppm"
    assert "Nobody could win Area L5" in last.sentence


@pytest.mark.parametrize(
    "weight", ["0", "-1", "100.1", "1E-7", "NaN", "sNaN", "Infinity", "14.9999999"]
)
def test_weight_out_of_bounds_is_refused(weight):
    assert "criteria.C1.weight" in places(with_criterion(weight=Decimal(weight)))
    leaf = Leaf("C1", Decimal(weight), Scope.LOT, "?")
    assert "criteria.C1.leaves.C1.weight" in places(with_leaves(leaf))


def test_sum_that_is_not_exactly_100_is_told_with_its_figure():
    (problem,) = notice_problems(with_criterion(weight=Decimal("15.000001")))
    assert problem.sentence == (
        "The weights of the criteria sum to 100.000001, not to 100. Change them."
    )


def test_scale_without_a_mark_is_refused():
    places_found = places(replace(MODEL, max_mark=0))
    assert places_found[0] == "max_mark"


def test_notice_may_go_out_before_the_questions_are_written():
    draft = replace(
        MODEL, tie_seed=None, criteria=tuple(replace(c, leaves=()) for c in MODEL.criteria)
    )
    assert notice_problems(draft) == []
    assert set(notice_dict(draft)) == {"lots", "limits", "award_rule", "criteria", "sha256"}
    assert len(problems(draft)) == len(MODEL.criteria)


def test_notice_does_not_change_when_the_rest_of_the_model_does():
    later = replace(ten_marks(), minimum_points_milli=40_000, price=PriceModel(2015, Decimal(0), 5))
    assert notice_dict(later) == notice_dict(MODEL)


@pytest.mark.parametrize(
    "changed",
    [
        replace(MODEL, lots=MODEL.lots[::-1]),
        replace(MODEL, award_rule=AwardRule.PROTECTED_OPTIMUM),
        with_limits(max_lots_per_bidder=2),
        with_criterion(name="Another name"),
    ],
)
def test_notice_fixes_lots_limits_award_rule_and_criteria(changed):
    assert notice_dict(changed)["sha256"] != notice_dict(MODEL)["sha256"]


def test_frozen_model_is_the_model_file_of_the_award_pack():
    small = EvaluationModel(
        lots=(lot("L1", 114_000_000_00),),
        criteria=(
            Criterion(
                "Q1",
                "Safety",
                Decimal("60.0"),
                2,
                (
                    Leaf("Q1a", Decimal("20.50"), Scope.COMMON, "Who?"),
                    Leaf("Q1b", Decimal("39.5"), Scope.LOT, "Where?"),
                ),
            ),
            Criterion("Q2", "People", Decimal(40), 0, (Leaf("Q2", Decimal(40), Scope.LOT, "?"),)),
        ),
        max_mark=4,
        minimum_points_milli=50_500,
        price=PriceModel(2014, Decimal("0.035000"), 7),
        limits=Limits(incompatible_lots=(), max_lots_per_bidder=3, funding_multiple=2),
        tie_seed="abc",
    )
    frozen = to_frozen_dict(small)
    stated = frozen.pop("sha256")
    assert frozen["descriptors"][2] == {
        "mark": 2,
        "name": "Acceptable",
        "meaning": "It meets the requirement. Some parts are thin or rest on little evidence.",
    }
    assert frozen == {
        "descriptors": [step.as_dict() for step in STANDARD],
        "lots": [{"id": "L1", "name": "Area L1", "annual_value_pence": 114_000_000_00}],
        "criteria": [
            {
                "id": "Q1",
                "name": "Safety",
                "weight": "60",
                "minimum_mark": 2,
                "leaves": [
                    {"id": "Q1a", "weight": "20.5", "scope": "common"},
                    {"id": "Q1b", "weight": "39.5", "scope": "lot"},
                ],
            },
            {
                "id": "Q2",
                "name": "People",
                "weight": "40",
                "minimum_mark": 0,
                "leaves": [{"id": "Q2", "weight": "40", "scope": "lot"}],
            },
        ],
        "max_mark": 4,
        "closing_rule": "majority",
        "minimum_points": "50.5",
        "price": {"base_year": 2014, "discount_rate": "0.035", "years": 7},
        "objective": "min_sum_ppqp",
        "award_rule": "optimum",
        "limits": {"max_lots_per_bidder": 3, "funding_multiple": 2},
        "group_rule": "whole",
        "tie_seed": "abc",
    }
    # As a stranger would compute it.
    text = json.dumps(frozen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert stated == hashlib.sha256(text.encode()).hexdigest()


def test_model_with_problems_or_without_seed_is_not_frozen():
    with pytest.raises(ModelNotReady, match="at least one") as refusal:
        to_frozen_dict(replace(MODEL, lots=(), tie_seed=None))
    assert [problem.where for problem in refusal.value.problems] == ["lots", "tie_seed"]
    with pytest.raises(ModelNotReady, match="not drawn"):
        to_frozen_dict(replace(MODEL, tie_seed=""))
    with pytest.raises(ModelNotReady):
        notice_dict(replace(MODEL, lots=()))


def test_frozen_model_survives_json_and_reads_back_what_it_states():
    frozen = json.loads(json.dumps(to_frozen_dict(MODEL)))
    back = from_frozen_dict(frozen)
    assert back == replace(
        MODEL,
        criteria=tuple(
            replace(c, leaves=tuple(replace(leaf, text="") for leaf in c.leaves))
            for c in MODEL.criteria
        ),
    )


@pytest.mark.parametrize(
    "tampered",
    [{"max_mark": 5}, {"tie_seed": "other"}, {"sha256": "0" * 64}, {"extra": 1}],
)
def test_frozen_model_that_was_changed_is_refused(tampered):
    frozen = to_frozen_dict(MODEL) | tampered
    assert not is_intact(frozen)
    with pytest.raises(ModelChanged, match="its hash differs"):
        from_frozen_dict(frozen)


def test_hash_does_not_depend_on_how_a_weight_is_spelt():
    respelt = with_criterion(weight=Decimal("15.00"))
    assert to_frozen_dict(respelt) == to_frozen_dict(MODEL)


def test_limits_read_back_and_refuse_what_is_no_limit():
    limits = Limits(max_lots_per_group=2, incompatible_lots=(("L1", "L2"),), budget=5)
    written = json.loads(json.dumps(limits.as_dict()))
    assert written == {
        "max_lots_per_group": 2,
        "incompatible_lots": [["L1", "L2"]],
        "budget": 5,
    }
    assert Limits.from_dict(written) == limits
    assert Limits.from_dict({}) == Limits()
    assert replace(limits, funding_multiple=2).for_award() == written
    with pytest.raises(BadInput, match="no limit called 'max_lots'"):
        Limits.from_dict({"max_lots": 1})


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=12))
def test_only_weights_that_sum_to_exactly_100_pass(millionths):
    total = sum(millionths)
    weights = [Decimal(n) / 1_000_000 for n in millionths]
    if total < 100_000_000:
        weights.append(Decimal(100_000_000 - total) / 1_000_000)
    criteria = tuple(criterion(n, weight) for n, weight in enumerate(weights))
    found = places(replace(MODEL, criteria=criteria))
    assert ("criteria" in found) == (sum(weights) != 100)
    assert (
        "criteria"
        in places(
            replace(
                MODEL,
                criteria=(*criteria[1:], criterion(0, weights[0] + Decimal("0.000001"))),
            )
        )
        or sum(weights) != 100
    )


@given(st.decimals(min_value=0, max_value=100, places=6))
def test_decimal_text_is_exact_and_has_one_spelling(number):
    text = decimal_text(number)
    assert Decimal(text) == number
    assert decimal_text(Decimal(text)) == text
    assert decimal_text(number.normalize()) == text
    assert "E" not in text


@pytest.mark.parametrize(
    "model",
    [
        replace(MODEL, price=PriceModel(1, Decimal(0), 1)),
        replace(MODEL, price=PriceModel(2014, Decimal("0.999"), 50)),
        replace(MODEL, minimum_points_milli=0),
        replace(MODEL, minimum_points_milli=100_000),
        replace(MODEL, max_mark=1, criteria=tuple(criterion(n, 10) for n in range(10))),
        with_criterion(minimum_mark=0),
        with_criterion(minimum_mark=4),
        with_limits(max_value_share_per_bidder_ppm=1_000_000),
        with_limits(min_distinct_winners=5),
        with_limits(max_lots_per_bidder=1, budget=1, funding_multiple=1),
    ],
)
def test_figure_at_the_edge_of_its_range_is_sound(model):
    assert problems(model) == []


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (replace(MODEL, price=PriceModel(2014, Decimal(0), 51)), "price.years"),
        (replace(MODEL, price=PriceModel(2014, Decimal(1), 7)), "price.discount_rate"),
    ],
)
def test_figure_just_beyond_its_range_is_not(model, where):
    assert places(model) == [where]


def test_a_ceiling_is_frozen_where_one_is_published_and_comes_back():
    capped = replace(MODEL.lots[0], ceiling_price_pence=900_000_00)
    frozen = to_frozen_dict(replace(MODEL, lots=(capped, *MODEL.lots[1:])))
    assert frozen["lots"][0]["ceiling_price_pence"] == 900_000_00
    assert all("ceiling_price_pence" not in lot for lot in frozen["lots"][1:])
    assert from_frozen_dict(frozen).lots[0].ceiling_price_pence == 900_000_00


def ten_marks(**changes):
    scale = tuple(Descriptor(mark, f"Step {mark}", f"Given at {mark}.") for mark in range(11))
    return replace(MODEL, max_mark=10, **{"descriptors": scale} | changes)


def test_every_mark_of_the_scale_is_described_before_it_is_published():
    assert problems(ten_marks()) == []
    assert set(places(replace(MODEL, max_mark=5))) == {
        "descriptors.5.name",
        "descriptors.5.meaning",
    }
    assert len(places(replace(MODEL, descriptors=()))) == 10
    with pytest.raises(ModelNotReady, match="short name"):
        to_frozen_dict(replace(MODEL, max_mark=5))


@pytest.mark.parametrize(
    ("name", "meaning", "place"),
    [
        (" ", "When.", "name"),
        ("x" * 41, "When.", "name"),
        ("STEP 1", "When.", "name"),  # that of another mark
        ("Step 3", " ", "meaning"),
        ("Step 3", "x" * 301, "meaning"),
    ],
)
def test_a_mark_has_a_name_of_its_own_and_a_sentence(name, meaning, place):
    scale = list(ten_marks().descriptors)
    scale[3] = Descriptor(3, name, meaning)

    assert places(ten_marks(descriptors=tuple(scale))) == [f"descriptors.3.{place}"]


def test_what_marks_mean_is_part_of_the_frozen_model_and_its_hash():
    scale = list(ten_marks().descriptors)
    scale[10] = replace(scale[10], meaning="Given at 10, and rarely.")
    first, other = to_frozen_dict(ten_marks()), to_frozen_dict(ten_marks(descriptors=tuple(scale)))

    assert first["sha256"] != other["sha256"]
    assert from_frozen_dict(json.loads(json.dumps(other))).descriptors == tuple(scale)


def test_a_model_that_was_frozen_before_marks_were_described_keeps_the_standard_ones():
    frozen = to_frozen_dict(MODEL)
    del frozen["sha256"], frozen["descriptors"]
    frozen["sha256"] = sha256_hex(frozen)

    assert from_frozen_dict(frozen).descriptors == STANDARD
