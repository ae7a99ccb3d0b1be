"""The optimiser against trying every award, and what must not change the canonical award."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissioning.award.domain.answer import Status
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.verifier import verify
from tests.domain.award.brute_force import best_award
from tests.domain.award.documents import documents

thorough = settings(
    deadline=None,
    derandomize=True,
    max_examples=600,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
brief = settings(thorough, max_examples=60)

seen = Counter()


@thorough
@given(documents())
def test_optimum_is_what_trying_every_award_finds(doc):
    problem = parse_problem(doc)
    expected = best_award(doc)

    answer = solve(problem)

    seen[expected is None, doc["objective"]] += 1
    if expected is None:
        assert answer.status is Status.INFEASIBLE
        assert answer.award == {}
        assert answer.infeasible.in_words
    else:
        assert answer.status is Status.OPTIMAL
        assert (answer.objective, dict(answer.award), answer.unique) == expected
        assert answer.bound == answer.objective
        assert answer.proof.options["certificate"] == "exact"
        assert verify(problem, answer.to_dict()) == []


def test_optimum_was_tried_on_enough_problems_of_every_kind():
    # Runs after the property above, in the same process: without it there is nothing to count.
    if not seen:
        test_optimum_is_what_trying_every_award_finds()
    assert sum(seen.values()) >= 500
    for objective in ("min_total_price", "min_sum_ppqp", "min_portfolio_ppqp", "max_total_quality"):
        assert seen[False, objective] >= 30, "problems with an award"
    assert sum(count for (is_empty, _), count in seen.items() if is_empty) >= 50


@brief
@given(documents(), st.randoms(use_true_random=False))
def test_canonical_award_is_the_same_whatever_the_order_of_bids_groups_and_packages(doc, chance):
    first = solve(parse_problem(doc))
    for part in ("bids", "groups", "packages"):
        chance.shuffle(doc[part])

    again = solve(parse_problem(doc))

    assert _outcome(again) == _outcome(first)


@brief
@given(documents())
def test_canonical_award_is_the_same_whatever_bidders_are_called(doc):
    names = {each["id"]: f"{9 - index} / é–{index}" for index, each in enumerate(doc["bidders"])}
    first = solve(parse_problem(doc))
    for bidder in doc["bidders"]:
        bidder["id"] = names[bidder["id"]]
    for part in ("bids", "packages"):
        for each in doc[part]:
            each["bidder"] = names[each["bidder"]]
    for group in doc["groups"]:
        group["members"] = [names[each] for each in group["members"]]
    doc["fixed"] = {lot: names[who] for lot, who in (doc.get("fixed") or {}).items()}

    renamed = solve(parse_problem(doc))

    expected = {lot: names[who] for lot, who in first.award.items()}
    assert (renamed.status, renamed.objective, renamed.unique) == (
        first.status,
        first.objective,
        first.unique,
    )
    assert renamed.award == expected


@brief
@given(documents())
def test_canonical_award_is_the_same_with_highs_and_with_cbc(doc):
    problem = parse_problem(doc)

    assert _outcome(solve(problem, solver="cbc")) == _outcome(solve(problem, solver="highs"))


def test_canonical_award_is_the_earliest_of_very_many_equals():
    chance = random.Random(7)
    bids = [
        {"bidder": f"B{who}", "lot": f"L{lot}", "price": 100, "quality": 50_000}
        for who in range(12)
        for lot in range(12)
    ]
    chance.shuffle(bids)
    doc = {
        "format": "award-wdp/1",
        "objective": "min_sum_ppqp",
        "lots": [{"id": f"L{lot}", "value": 1} for lot in range(12)],
        "bidders": [{"id": f"B{who}"} for who in range(12)],
        "bids": bids,
        "limits": {"max_lots_per_bidder": 2, "min_distinct_winners": 9},
    }

    answer = solve(parse_problem(doc))

    # Two lots each for the first three, as far as nine winners allow; then one each.
    expected = [0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8]
    assert answer.award == {f"L{lot}": f"B{who}" for lot, who in enumerate(expected)}
    assert answer.unique is False


def _outcome(answer):
    return answer.status, answer.objective, dict(answer.award), answer.unique
