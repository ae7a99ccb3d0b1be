"""Reading an award problem: what is taken, and what is refused where."""

from __future__ import annotations

import hashlib
import json

import pytest

from commissioning.award.domain.problem import (
    AwardRule,
    BadProblem,
    Objective,
    parse_problem,
    problem_sha256,
)
from tests.domain.award.documents import document

TWO_LOTS = {"L1": {"A": 50, "B": 55}, "L2": {"A": 60, "B": 200}}


def changed(**parts):
    return {**document(TWO_LOTS), **parts}


def in_first(part, **fields):
    doc = document(TWO_LOTS)
    doc[part][0] = {**doc[part][0], **fields}
    return doc


def without(field, part=None):
    doc = document(TWO_LOTS)
    del (doc[part][0] if part else doc)[field]
    return doc


def package(discounts, **fields):
    return {"id": "P", "bidder": "A", "discounts": discounts, **fields}


def group(**fields):
    return {"id": "G", "members": ["A", "B"], **fields}


@pytest.mark.parametrize(
    ("doc", "path"),
    [
        (changed(format="award-wdp/2"), "$.format"),
        (changed(format=None), "$.format"),
        (without("objective"), "$.objective"),
        (without("bids"), "$.bids"),
        (changed(bids=None), "$.bids"),
        (changed(lots={}), "$.lots"),
        (changed(lots=[]), "$.lots"),
        (changed(objective="min_price"), "$.objective"),
        (changed(objective=["min_total_price"]), "$.objective"),
        (changed(award_rule="best"), "$.award_rule"),
        (changed(colour="red"), "$.colour"),
        (changed(**{"a b": 1}), '$["a b"]'),
        (changed(share_base_value=-1), "$.share_base_value"),
        (changed(limits=[]), "$.limits"),
        (changed(limits={"max_lots": 1}), "$.limits.max_lots"),
        (changed(limits={"max_lots_per_bidder": 0}), "$.limits.max_lots_per_bidder"),
        (changed(limits={"budget": "10"}), "$.limits.budget"),
        (changed(limits={"min_distinct_winners": True}), "$.limits.min_distinct_winners"),
        (changed(limits={"incompatible_lots": [["L1"]]}), "$.limits.incompatible_lots[0]"),
        (changed(limits={"incompatible_lots": [["L1", "L1"]]}), "$.limits.incompatible_lots[0]"),
        (changed(limits={"incompatible_lots": [["L1", "L9"]]}), "$.limits.incompatible_lots[0][1]"),
        (without("value", "lots"), "$.lots[0].value"),
        (in_first("lots", value=-1), "$.lots[0].value"),
        (in_first("lots", value=1.0), "$.lots[0].value"),
        (in_first("lots", value=10**31), "$.lots[0].value"),
        (in_first("lots", max_price=0), "$.lots[0].max_price"),
        (in_first("lots", price=1), "$.lots[0].price"),
        (in_first("lots", id=""), "$.lots[0].id"),
        (in_first("lots", id="x" * 201), "$.lots[0].id"),
        (in_first("lots", id="a\nb"), "$.lots[0].id"),
        (in_first("lots", id="a\x85b"), "$.lots[0].id"),
        (in_first("lots", id="\ud800"), "$.lots[0].id"),
        (in_first("lots", id=7), "$.lots[0].id"),
        (in_first("lots", id="L2"), "$.lots[1].id"),
        (in_first("bidders", id="B"), "$.bidders[1].id"),
        (in_first("bidders", max_lots=0), "$.bidders[0].max_lots"),
        (in_first("bidders", max_value=False), "$.bidders[0].max_value"),
        (in_first("bidders", max_price=0), "$.bidders[0].max_price"),
        (in_first("bids", price=-1), "$.bids[0].price"),
        (in_first("bids", price=None), "$.bids[0].price"),
        (in_first("bids", quality=0), "$.bids[0].quality"),
        (in_first("bids", bidder="Z"), "$.bids[0].bidder"),
        (in_first("bids", lot="L9"), "$.bids[0].lot"),
        (in_first("bids", bidder="B"), "$.bids[1]"),
        (changed(bids=[7]), "$.bids[0]"),
        (changed(groups=[group(), group()]), "$.groups[1].id"),
        (changed(groups=[group(members=["A", "Z"])]), "$.groups[0].members[1]"),
        (changed(groups=[group(members=["A", "A"])]), "$.groups[0].members[1]"),
        (changed(groups=[group(members=None)]), "$.groups[0].members"),
        (changed(groups=[group(max_value=0)]), "$.groups[0].max_value"),
        (changed(packages=[package({"L1": -1})]), "$.packages[0].discounts.L1"),
        (changed(packages=[package({"L1": 51})]), "$.packages[0].discounts.L1"),
        (changed(packages=[package({"L9": 1})]), "$.packages[0].discounts.L9"),
        (changed(packages=[package({})]), "$.packages[0].discounts"),
        (changed(packages=[package({"L1": 1}, bidder="Z")]), "$.packages[0].bidder"),
        (
            changed(packages=[package({"L1": 30}), package({"L1": 30, "L2": 1}, id="Q")]),
            "$.packages[1].discounts.L1",
        ),
        (changed(fixed={"L1": "Z"}), "$.fixed.L1"),
        (changed(fixed={"L 9": "A"}), '$.fixed["L 9"]'),
        (changed(fixed=[]), "$.fixed"),
        (changed(lot_order=["L1"]), "$.lot_order"),
        (changed(lot_order=["L1", "L1"]), "$.lot_order[1]"),
        (changed(lot_order=["L1", "L3"]), "$.lot_order[1]"),
    ],
)
def test_problem_is_refused_at_its_place(doc, path):
    with pytest.raises(BadProblem) as refused:
        parse_problem(doc)
    assert refused.value.path == path
    assert refused.value.reason


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "$"),
        ("{", "$"),
        ("[]", "$"),
        ("[" * 100_000, "$"),
        (b"\xff", "$"),
        ('{"format": "award-wdp/1", "format": "award-wdp/1"}', "$.format"),
        (json.dumps(document(TWO_LOTS)).replace('"price": 50,', '"price": 5, "price": 50,'),
         "$.bids[0].price"),
        (json.dumps(changed(fixed={"L1": "A"})).replace('"L1": "A"', '"L1": "B", "L1": "A"'),
         "$.fixed.L1"),
        (json.dumps(document(TWO_LOTS)).replace('"price": 50', '"price": 50.0'), "$.bids[0].price"),
        (json.dumps(document(TWO_LOTS)).replace('"price": 50', '"price": 5e1'), "$.bids[0].price"),
        (json.dumps(document(TWO_LOTS)).replace('"price": 50', '"price": NaN'), "$.bids[0].price"),
        (json.dumps(document(TWO_LOTS)).replace('"price": 50', '"price": -Infinity'),
         "$.bids[0].price"),
        (json.dumps(document(TWO_LOTS)).replace('"price": 50', '"price": ' + "9" * 5_000),
         "$.bids[0].price"),
    ],
)  # fmt: skip
def test_text_is_refused_at_its_place(text, path):
    with pytest.raises(BadProblem) as refused:
        parse_problem(text)
    assert refused.value.path == path


def test_sentence_of_a_refusal_names_place_and_reason():
    with pytest.raises(BadProblem, match=r"\$\.bids\[0\]\.price: must be an integer, not 50\.0"):
        parse_problem(json.dumps(document(TWO_LOTS)).replace('"price": 50', '"price": 50.0'))


def test_null_and_absent_are_no_limit():
    nothing = {
        "groups": None,
        "packages": None,
        "limits": None,
        "share_base_value": None,
        "fixed": None,
        "award_rule": None,
        "lot_order": None,
    }
    bare = parse_problem(document(TWO_LOTS))

    assert parse_problem(changed(**nothing)) == bare
    assert parse_problem(in_first("bidders", max_lots=None, max_value=None)) == bare
    limits = {"max_lots_per_bidder": None, "incompatible_lots": None, "budget": None}
    assert parse_problem(changed(limits=limits)) == bare
    assert bare.award_rule is AwardRule.OPTIMUM
    assert bare.objective is Objective.MIN_TOTAL_PRICE
    assert bare.share_base_value == 2_000


def test_ids_may_hold_spaces_commas_and_any_script():
    problem = parse_problem(document({"Nord, Süd": {"Αθήνα / 東京 -1": 5}}))
    assert problem.lots[0].id == "Nord, Süd"
    assert problem.bidders[0].id == "Αθήνα / 東京 -1"


def test_discounts_that_cannot_be_met_together_with_a_bid_are_taken():
    # A has no bid for L3, so the package can never be met and takes no price below 0.
    doc = document({**TWO_LOTS, "L3": {"B": 1}}, packages=[package({"L1": 99, "L3": 5})])
    assert parse_problem(doc).packages[0].discounts == {"L1": 99, "L3": 5}


def test_text_bytes_and_dict_are_the_same_problem():
    doc = document(TWO_LOTS)
    text = json.dumps(doc)
    assert parse_problem(text) == parse_problem(text.encode()) == parse_problem(doc)


def test_sha256_is_over_the_canonical_json_of_the_document_as_given():
    doc = changed(limits={"budget": None}, fixed=None)
    canonical = json.dumps(doc, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(canonical.encode()).hexdigest()

    assert problem_sha256(parse_problem(json.dumps(doc, indent=3))) == expected
    assert problem_sha256(parse_problem(doc)) == expected


def test_sha256_keeps_when_the_dict_that_was_given_changes_later():
    doc = document(TWO_LOTS)
    problem = parse_problem(doc)
    before = problem_sha256(problem)
    doc["bids"][0]["price"] = 1
    assert problem_sha256(problem) == before


def test_changed_problem_has_its_own_sha256():
    problem = parse_problem(document(TWO_LOTS))
    what_if = problem.changed(fixed={"L1": "A"})
    assert problem_sha256(what_if) == problem_sha256(parse_problem(what_if.to_dict()))
    assert problem_sha256(what_if) != problem_sha256(problem)


def test_written_document_reads_back_as_the_same_problem():
    doc = changed(
        groups=[group(max_lots=1, max_value_share_ppm=250_000), {"id": "H", "members": []}],
        packages=[package({"L1": 5, "L2": 6})],
        limits={"incompatible_lots": [["L1", "L2"]], "budget": 400},
        share_base_value=9_000,
        fixed={"L1": "A"},
        award_rule="reversion_in_order",
        lot_order=["L2", "L1"],
    )
    problem = parse_problem(doc)
    assert parse_problem(problem.to_dict()) == problem
