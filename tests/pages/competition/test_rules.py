from __future__ import annotations

import pytest

from commissioning.competition.domain.scale import STANDARD
from commissioning.competition.forms import NOTICE_FIELDS

RULES = {
    "max_mark": "4",
    "closing_rule": "majority",
    "minimum_points": "50",
    "discount_rate": "3.5",
    "price_years": "7",
    "price_base_year": "2026",
    "objective": "min_sum_ppqp",
    "award_rule": "optimum",
    "max_value_share_per_bidder_ppm": "50",
    "max_value_share_per_group_ppm": "75.5",
    "max_lots_per_bidder": "2",
    "max_lots_per_group": "",
    "min_distinct_winners": "2",
    "incompatible_lots": "L1, L2",
    "budget": "150000000",
    "funding_multiple": "2",
}
for step in STANDARD:
    RULES[f"descriptor_{step.mark}_name"] = step.name
    RULES[f"descriptor_{step.mark}_meaning"] = step.meaning


@pytest.fixture
def draft(site):
    return site()


def test_the_rules_are_saved_and_said_in_words(draft):
    answer = draft.post("rules/change", RULES)

    assert answer.status_code == 303
    page = draft.page("rules")
    for told in (
        "One bidder wins lots worth at most 50% of £20,000,000.00, which is £10,000,000.00, by",
        "The members of one group together win lots worth at most 75.5% of",
        "One bidder wins at most 2 lots.",
        "At least 2 different bidders win a lot.",
        "Lots L1 and L2 do not go to one bidder.",
        "are at most £150,000,000.00.",
        "at most 2 times the funding that it proved, by",
        "7 yearly fees, in prices of 2026, at a real discount rate of 3.5% a year",
        "0 unacceptable, 1 poor, 2 acceptable, 3 good, 4 excellent",
        "A bid with fewer than 50 points",
    ):
        assert told in page
    assert 'value="75.5"' in draft.page("rules/change")


def test_the_award_rules_are_one_text_that_is_read_and_taken_away(draft):
    draft.post("rules/change", RULES | {"award_rule": "reversion_in_order"})
    page = draft.page("award-rules")
    answer = draft.lead.get(draft.path("award-rules.txt"))
    text = " ".join(answer.get_data(as_text=True).split())
    for told in (
        "DRAFT: nothing of this is published yet",
        "2. How the lots go to bidders",
        "The lots are awarded one after the other, in this order: L1, L2.",
        "3.1 One bidder wins at most 2 lots.",
    ):
        assert told in text
        assert told.removeprefix("3.1 ") in page
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for rest in ("award-rules", "award-rules.txt"):
        assert draft.visitor.get(draft.path(rest)).status_code == 404


def test_everybody_reads_the_award_rules_once_the_notice_is_out(site):
    issued = site("pqq_open")
    said = issued.page("award-rules", client=issued.visitor)
    assert "The notice, whose SHA-256 is" in said
    assert "DRAFT" not in said
    assert issued.visitor.get(issued.path("award-rules.txt")).status_code == 200
    assert issued.path("award-rules") in issued.page("published", client=issued.visitor)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("max_mark", "0", "Highest mark must be between 1 and 100."),
        ("max_mark", "1", "The minimum mark of"),
        ("minimum_points", "100.5", "Minimum quality points must be between 0 and 100."),
        ("discount_rate", "", "Enter the discount rate."),
        ("discount_rate", "3.12345", "no more than 4 digits"),
        ("price_years", "0", "Years of fees must be between 1 and 50."),
        ("objective", "min_total_price", "Price per quality point ranks the bids"),
        ("award_rule", "", "Choose an award rule."),
        ("max_value_share_per_bidder_ppm", "10", "Nobody could win"),
        ("min_distinct_winners", "9", "There are fewer lots than winners asked."),
        ("incompatible_lots", "L1", "is no pair"),
        ("incompatible_lots", "L1, L7", "are not two lots of this competition"),
        ("funding_multiple", "", "Enter the funding multiple."),
        ("budget", "1.5m", "Enter the amount in full"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_beside_its_field(draft, rows, field, typed, sentence):
    draft.page("rules/change")
    before = rows()

    answer = draft.post("rules/change", RULES | {field: typed})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert 'value="2026"' in page
    assert rows() == before


def test_a_year_out_of_range_is_named_without_a_comma_and_not_lost(draft, rows):
    draft.page("rules/change")
    before = rows()

    page = draft.post("rules/change", RULES | {"price_base_year": "1899"}).get_data(as_text=True)

    assert "Price base must be a year from 1900 to 2200." in page
    assert 'value="1899"' in page
    assert rows() == before


def test_the_notice_fixes_the_limits_and_the_award_rule(site):
    issued = site("pqq_open")
    page = issued.page("rules/change")
    assert 'name="award_rule"' not in page
    assert 'name="funding_multiple"' not in page

    answer = issued.post(
        "rules/change",
        RULES | {"award_rule": "reversion_in_order", "funding_multiple": "9", "price_years": "8"},
    )

    assert answer.status_code == 303
    words = issued.page("rules")
    assert "8 yearly fees" in words
    assert "at most 2 times the funding" in words
    assert "The award is the best of all awards that keep every limit." in words


def test_another_scale_asks_what_each_mark_means(draft, rows):
    page = draft.page("rules/change")
    assert 'value="Excellent"' in page
    assert "descriptor_5_name" not in page
    before = rows()

    answer = draft.post("rules/change", RULES | {"max_mark": "6"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert rows() == before
    for mark in (5, 6):
        assert f'id="descriptor_{mark}_name-error"' in page
        assert f"Say in a sentence when the mark {mark} is given." in page
        assert f'href="#descriptor_{mark}_meaning"' in page
    assert 'value="Excellent"' in page  # what was typed is kept

    more = {
        f"descriptor_{mark}_{part}": f"{part} of mark {mark}"
        for mark in (5, 6)
        for part in ("name", "meaning")
    }
    assert draft.post("rules/change", RULES | more | {"max_mark": "6"}).status_code == 303
    page = draft.page("rules")
    assert "name of mark 6" in page
    assert "meaning of mark 6" in page
    assert "5 name of mark 5, 6 name of mark 6." in page


def test_two_marks_of_one_name_are_refused_beside_the_second(draft):
    answer = draft.post("rules/change", RULES | {"descriptor_3_name": "poor"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="descriptor_3_name-error"' in page
    assert "The marks 1 and 3 have the same name." in page


def test_what_marks_mean_is_published_with_the_itn_and_read_by_whoever_issues_it(site):
    ready = site("ready_for_itn")
    own = {"descriptor_4_name": "Outstanding", "descriptor_4_meaning": "Nothing is left to ask."}
    issued_already = {
        name: value for name, value in (RULES | own).items() if name not in NOTICE_FIELDS
    }
    assert ready.post("rules/change", issued_already).status_code == 303
    assert "Nothing is left to ask." not in ready.page("published", client=ready.visitor)
    assert "Nothing is left to ask." in ready.page("issue-itn")
    path = ready.post("issue-itn").location.removeprefix(ready.path() + "/")
    assert "Nothing is left to ask." in ready.page(path, client=ready.approver)
    ready.post(path, {"decision": "approve"}, client=ready.approver)

    page = ready.page("published", client=ready.visitor)
    assert "Outstanding" in page
    assert "Nothing is left to ask." in page
    model = ready.visitor.get(ready.path("model.json")).get_json(force=True)
    told = {"mark": 4, "name": "Outstanding", "meaning": "Nothing is left to ask."}
    assert model["descriptors"][4] == told
