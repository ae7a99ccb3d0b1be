"""The rehearsal of rules on invented markets: drawing, solving, counting, and saying so."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest

from commissioning.award.domain.limits import Rule
from commissioning.award.domain.problem import AwardRule
from commissioning.award.domain.rehearsal import (
    Assumptions,
    Between,
    BidderKind,
    Rules,
    fitted,
    invented_market,
    marks_in_words,
    plausible_assumptions,
    rehearsal_in_words,
    rehearse,
    single_marks,
    spread_of,
    with_counts,
)
from commissioning.award.domain.robustness import Standing, marks_that_decide
from commissioning.award.domain.what_if import without
from commissioning.kernel.errors import BadInput, BadInputs

LOTS = 7
VALUES = [900_000_00 + 250_000_00 * (3 * place % LOTS) for place in range(LOTS)]


def model(**changes):
    """An evaluation model with seven lots, two criteria, the 25 % limit and the funding test."""
    return {
        "lots": [
            {"id": f"L{place}", "name": f"Lot {place}", "annual_value_pence": value}
            for place, value in enumerate(VALUES, start=1)
        ],
        "criteria": [
            {
                "id": f"C{place}",
                "name": f"Criterion {place}",
                "weight": weight,
                "minimum_mark": 1,
                "leaves": [{"id": f"C{place}.1", "weight": weight, "scope": "lot"}],
            }
            for place, weight in enumerate(("37.5", "62.5"), start=1)
        ],
        "max_mark": 4,
        "minimum_points": "30",
        "price": {"base_year": 2014, "discount_rate": "0.035", "years": 7},
        "limits": {
            "max_value_share_per_bidder_ppm": 250_000,
            "max_value_share_per_group_ppm": 250_000,
            "funding_multiple": 2,
        },
        "objective": "min_sum_ppqp",
        "award_rule": "optimum",
        "tie_seed": None,
        **changes,
    }


def assumed(markets=12, seed="harbour", **changes):
    """Plausible markets, where small bidders bid for the lots that are small among seven."""
    plausible = plausible_assumptions(seed, markets=markets)
    kinds = tuple(
        replace(kind, largest_lot_ppm=max(150_000, kind.largest_lot_ppm))
        for kind in plausible.kinds
    )
    return replace(plausible, **{"kinds": kinds, **changes})


def poor(**changes):
    """Few bidders with little funding: limits bite, and a reversion leaves lots."""
    kinds = tuple(
        replace(kind, count=Between(2, 4), funding_ppm=Between(100_000, 300_000))
        for kind in assumed().kinds
    )
    return assumed(kinds=kinds, **changes)


def test_market_is_the_same_for_the_same_seed_and_another_for_another():
    rules = Rules(model())
    first = invented_market(rules, assumed(), 3)

    assert invented_market(rules, assumed(markets=99), 3) == first
    assert invented_market(rules, assumed(), 4).problem != first.problem
    assert invented_market(rules, assumed(seed="quarry"), 3).problem != first.problem


def test_market_is_drawn_as_it_always_was():
    # A changed draw would change every rehearsal that was ever written down.
    market = invented_market(Rules(model()), assumed(), 0)
    bid = market.problem.bids[0]
    assert (len(market.bidders), len(market.problem.bids)) == (16, 58)
    assert (bid.bidder, bid.lot, bid.price, bid.quality) == ("large-1", "L1", 591_388_851, 100_000)


def test_markets_keep_to_the_assumptions():
    rules, assumptions = Rules(model()), poor(known_group_sizes=(4,))
    kinds = {kind.id: kind for kind in assumptions.kinds}
    total = sum(VALUES)
    seen = set()
    for number in range(20):
        market = invented_market(rules, assumptions, number)
        problem = market.problem
        assert problem.share_base_value == total
        for kind in kinds.values():
            of_kind = [each for each in market.bidders if each.kind == kind.id]
            assert kind.count.low <= len(of_kind) <= kind.count.high
        for bidder in market.bidders:
            kind = kinds[bidder.kind]
            values = [rules.values[lot] for lot in bidder.lots]
            assert len(bidder.lots) <= kind.lots.high
            assert all(1_000_000 * value <= kind.largest_lot_ppm * total for value in values)
            # Whoever bids for a lot has proved at least half of its value.
            assert 2 * bidder.funding_pence >= max(values, default=0)
        assert {bid.lot for bid in problem.bids} == {lot.id for lot in problem.lots}
        seen.update(bid.bidder.split("-")[0] for bid in problem.bids)
        for bid in problem.bids:
            kind = kinds[bid.bidder.split("-")[0]]
            worth = rules.values[bid.lot] * rules.worth_of_a_penny
            assert kind.price_ppm.low <= 1_000_000 * (bid.price + 1) / worth
            assert 1_000_000 * (bid.price - 1) / worth <= kind.price_ppm.high
            assert 30_000 <= bid.quality <= 100_000
        assert all(2 <= len(group.members) <= 4 for group in problem.groups)
    assert seen == {"large", "small", "voluntary"}


def stood(problem, rule):
    """The award that stands by a rule, solved on its own, or one without an award or a value."""
    try:
        return Standing(problem.changed(award_rule=rule))
    except BadInput:
        return SimpleNamespace(award={}, value=None)


def test_rehearsal_counts_what_its_markets_show_one_by_one():
    limits = {**model()["limits"], "min_distinct_winners": 5}
    rules = Rules(model(award_rule="protected_optimum", limits=limits))
    assumptions = poor(markets=12)
    found = rehearse(rules, assumptions)

    assert found.is_complete
    assert found.is_exact
    problems = [invented_market(rules, assumptions, number).problem for number in range(12)]
    with_bids = [problem for problem in problems if problem is not None]
    best = [stood(problem, AwardRule.OPTIMUM) for problem in with_bids]
    for place, lot in enumerate(rules.values):
        counts = [len(problem.bids_on.get(lot, ())) for problem in problems]
        outlook = found.lots[place]
        assert (outlook.lot, sum(outlook.markets_by_bids)) == (lot, 12)
        assert outlook.without_bid == counts.count(0)
        assert outlook.with_one_bid == counts.count(1)
    assert found.without_award == sum(answer.value is None for answer in best)
    costs = []
    for problem, answer in zip(with_bids, best, strict=True):
        freed = problem
        for rule in (Rule.MAX_VALUE_SHARE_PER_BIDDER, Rule.GROUP_MAX_VALUE_SHARE):
            freed = without(freed, rule)
        freed = without(freed, Rule.MAX_VALUE_SHARE_PER_GROUP)
        value = stood(freed, AwardRule.OPTIMUM).value
        if value is not None and answer.value is not None:
            costs.append(answer.value - value)
    assert found.share_limit.compared == len(costs)
    assert found.share_limit.costing == sum(cost > 0 for cost in costs) > 0
    assert found.share_limit.absolute == spread_of(costs)
    for outlook in found.rules:
        answers = [stood(problem, outlook.rule) for problem in with_bids]
        pairs = [
            (answer, other)
            for answer, other in zip(answers, best, strict=True)
            if other.value is not None
        ]
        assert outlook.markets == len(pairs)
        assert outlook.without_award == sum(not answer.award for answer, _ in pairs)
        whole = [pair for pair in pairs if len(pair[0].award) == len(pair[1].award)]
        assert outlook.whole == len(whole)
        assert outlook.differing == sum(a.award != b.award for a, b in whole)
        assert outlook.worse_by == spread_of(
            (a.value - b.value) / b.value for a, b in whole if a.award != b.award
        )
    assert any(outlook.leaving_lots for outlook in found.rules)
    assert any(outlook.without_award for outlook in found.rules)
    protected = [stood(problem, AwardRule.PROTECTED_OPTIMUM) for problem in with_bids]
    won = [who for answer in protected for who in answer.award.values()]
    for kind in found.kinds:
        assert kind.lots_won == sum(who.startswith(f"{kind.kind}-") for who in won)
    assert sum(kind.value_share for kind in found.kinds) == 1


def test_limits_that_make_an_award_impossible_are_counted():
    few = BidderKind(
        id="few",
        name="Few",
        count=Between(1, 1),
        lots=Between(LOTS, LOTS),
        price_ppm=Between(1_000_000, 1_000_000),
        marks=Between(4, 4),
        funding_ppm=Between(1_000_000, 1_000_000),
    )
    found = rehearse(Rules(model()), Assumptions(seed="s", kinds=(few,), markets=3))

    assert found.without_award == 3
    assert found.share_limit.made_impossible == 3
    assert (found.funding_test.made_impossible, found.funding_test.compared) == (0, 0)
    assert all(lot.with_one_bid == 3 for lot in found.lots)
    assert all(rule.markets == 0 for rule in found.rules)
    assert [kind.lots_won for kind in found.kinds] == [0]
    said = " ".join(rehearsal_in_words(found))
    assert "In 3 of 3 markets, no award of all lots with a bid keeps every limit." in said
    assert "there is an award only without the share limit" in said


def test_market_without_a_valid_bid_is_counted_and_breaks_nothing():
    poor = replace(assumed(markets=2).kinds[0], marks=Between(0, 0))
    found = rehearse(
        Rules(model(minimum_points="90")), Assumptions(seed="s", kinds=(poor,), markets=2)
    )
    assert (found.without_bid, found.without_award) == (2, 0)
    assert all(lot.without_bid == 2 for lot in found.lots)
    assert all(market.lots_without_bid == LOTS for market in found.markets)


def test_words_say_that_all_is_invented_and_what_was_assumed():
    rules = Rules(model(limits={"max_value_share_per_bidder_ppm": 250_000}))
    lines = rehearsal_in_words(rehearse(rules, assumed(markets=4)), {"L1": "North"})

    assert lines[0].startswith("All of this is invented: 4 markets drawn from the seed harbour.")
    assert lines[1].startswith("Assumed of Large bidders: 6 to 9 in a market, each bidding for 4")
    assert "The funding test is not stated in these rules." in lines
    assert any(line.startswith("The share limit costs something in ") for line in lines)
    assert any(
        line.startswith("Voluntary and community bodies: by the best award") for line in lines
    )


def test_rehearsal_that_is_stopped_says_how_far_it_came():
    found = rehearse(Rules(model()), assumed(markets=9), heard=lambda done, _: done < 2)
    assert (len(found.markets), found.is_complete) == (2, False)
    assert "stopped after 2 of 9 markets" in " ".join(rehearsal_in_words(found))
    none = rehearse(Rules(model()), assumed(), heard=lambda *_: False)
    assert none.markets == ()
    assert "0 markets" in rehearsal_in_words(none)[0]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"seed": ""}, "seed"),
        ({"markets": 0}, "markets"),
        ({"markets": 2_001}, "markets"),
        ({"kinds": ()}, "kinds"),
        ({"kinds": assumed().kinds[:1] * 2}, "kinds"),
        ({"groups": Between(2, 1)}, "groups"),
        ({"group_size": Between(1, 2)}, "group_size"),
        ({"known_group_sizes": (1,)}, "known_group_sizes"),
        ({"kinds": (replace(assumed().kinds[0], count=Between(0, 0)),)}, "kinds"),
        ({"kinds": (replace(assumed().kinds[0], lots=Between(0, 1)),)}, "kinds[large].lots"),
        (
            {"kinds": (replace(assumed().kinds[0], price_ppm=Between(0, 1)),)},
            "kinds[large].price_ppm",
        ),
        (
            {"kinds": (replace(assumed().kinds[0], largest_lot_ppm=0),)},
            "kinds[large].largest_lot_ppm",
        ),
        ({"kinds": (replace(assumed().kinds[0], name=""),)}, "kinds[large]"),
    ],
)
def test_assumption_out_of_range_is_refused_at_its_place(change, place):
    with pytest.raises(BadInputs) as refused:
        assumed(**change)
    assert place in [each for each, _ in refused.value.problems]


def test_rules_that_lack_a_part_are_refused():
    with pytest.raises(BadInputs) as refused:
        Rules({name: part for name, part in model().items() if name != "criteria"})
    assert [place for place, _ in refused.value.problems] == ["criteria"]
    with pytest.raises(BadInputs):
        Rules(model(lots=[]))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([3], (1, 3, 3, 3, 3, 3)),
        ([4, 1, 3, 2], (4, 1, 1, 2, 3, 4)),
        ([5, 4, 3, 2, 1], (5, 1, 2, 3, 4, 5)),
    ],
)
def test_spread_names_figures_that_were_there(figures, expected):
    spread = spread_of(map(Fraction, figures))
    assert (
        spread.count,
        spread.least,
        spread.lower_quartile,
        spread.median,
        spread.upper_quartile,
        spread.most,
    ) == expected
    assert spread_of([]) is None


def test_single_marks_are_counted_as_a_study_of_each_market_finds_them():
    rules, assumptions = Rules(model()), assumed(markets=4)
    outlook = single_marks(rules, assumptions, 4)
    by_market = []
    for number in range(4):
        market = invented_market(rules, assumptions, number)
        quality = replace(rules.quality, bids=market.marks)
        by_market.append(len(marks_that_decide(Standing(market.problem), quality).changing))
    assert (outlook.examined, outlook.without_award, outlook.is_complete) == (4, 0, True)
    assert outlook.marks_deciding == sum(by_market)
    assert outlook.deciding == sum(count > 0 for count in by_market)
    assert outlook.by_market.most == max(by_market)
    assert marks_in_words(outlook)[0].startswith(f"In {outlook.deciding} of 4 markets that were")


def test_a_market_that_is_not_looked_at_to_its_end_does_not_count():
    asked = []

    def heard(done, _total):
        asked.append(done)
        return len(asked) < 6

    outlook = single_marks(Rules(model()), assumed(markets=4), 4, heard=heard)
    assert (outlook.examined, outlook.marks_tried, outlook.is_complete) == (0, 0, False)
    assert marks_in_words(outlook) == ("No market was looked at for single marks that decide.",)


def test_markets_whose_rule_gives_no_award_are_told_apart():
    rules = Rules(model(limits={"min_distinct_winners": 7, "max_lots_per_bidder": 1}))
    lonely = with_counts(assumed(), dict.fromkeys(("large", "small", "voluntary"), Between(1, 1)))
    outlook = single_marks(rules, lonely, 3)
    assert (outlook.examined, outlook.without_award, outlook.is_complete) == (0, 3, True)


def test_marks_of_a_market_make_the_quality_of_its_bids():
    rules = Rules(model())
    market = invented_market(rules, assumed(), 1)
    replace(rules.quality, bids=market.marks).check_against(market.problem)
    assert len(market.marks) == sum(len(bidder.lots) for bidder in market.bidders)


def test_nobody_is_kept_from_every_lot_by_its_size_alone():
    rules = Rules(model())
    plausible = plausible_assumptions("harbour")
    small = fitted(plausible, rules).kinds[1]
    middle = sorted(VALUES)[3]
    assert small.largest_lot_ppm == -(-1_000_000 * middle // sum(VALUES))
    market = invented_market(rules, fitted(plausible, rules), 0)
    assert all(bidder.lots for bidder in market.bidders)
    many = Rules(model(lots=[{"id": f"L{n}", "annual_value_pence": 100} for n in range(40)]))
    assert fitted(plausible, many) == plausible
