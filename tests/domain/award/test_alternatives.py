"""The next best awards, in order, against trying every award."""

from __future__ import annotations

import pytest

from commissioning.award.domain.optimiser.alternatives import awards_within, optimal_awards
from commissioning.award.domain.problem import parse_problem
from tests.domain.award.brute_explanation import World
from tests.domain.award.chance import problem_by_chance
from tests.domain.award.documents import document


def every_award_in_order(doc, margin_ppm):
    """(value, award) of all awards within the margin; positions settle ties."""
    world = World(doc)
    kept = [
        (world.sign * value, place, award, value)
        for place, (award, breaches, value) in enumerate(world.all)
        if not breaches
    ]
    kept.sort(key=lambda each: each[:2])
    best = kept[0][3] if kept else 0
    return [
        (value, award)
        for _, _, award, value in kept
        if 1_000_000 * abs(value - best) <= margin_ppm * abs(best)
    ]


@pytest.mark.parametrize("margin_ppm", [0, 100_000, 1_000_000])
def test_awards_are_those_that_trying_every_award_finds_in_the_same_order(margin_ppm):
    tried = several = cut = 0
    for seed in range(40):
        doc = problem_by_chance(seed, most_lots=4, most_bidders=4)
        expected = every_award_in_order(doc, margin_ppm)
        found = awards_within(parse_problem(doc), margin_ppm, cap=6)
        assert [(each.objective, each.award) for each in found.awards] == expected[:6], doc
        assert found.is_complete == (len(expected) <= 6)
        tried += bool(expected)
        several += len(expected) > 1
        cut += not found.is_complete
    assert tried >= 15
    assert several >= 5
    assert cut >= (1 if margin_ppm else 0)


def test_all_optimal_awards_are_listed_with_their_number_and_the_canonical_one_first():
    doc = document({"L1": {"A": 5, "B": 5}, "L2": {"A": 5, "B": 5}, "L3": {"A": 4, "B": 5}})
    found = optimal_awards(parse_problem(doc))
    assert [list(each.award.values()) for each in found.awards] == [
        ["A", "A", "A"],
        ["A", "B", "A"],
        ["B", "A", "A"],
        ["B", "B", "A"],
    ]
    assert (found.count, found.is_complete) == (4, True)


def test_cap_and_time_end_the_list_and_it_says_so():
    doc = document({"L1": {"A": 5, "B": 5}, "L2": {"A": 5, "B": 5}})
    capped = optimal_awards(parse_problem(doc), cap=3)
    assert (capped.count, capped.is_complete) == (3, False)
    assert optimal_awards(parse_problem(doc), cap=4).is_complete
    late = optimal_awards(parse_problem(doc), time_limit_s=0)
    assert (late.count, late.is_complete) == (0, False)


def test_margin_allows_equality_and_no_more():
    doc = document({"L1": {"A": 100, "B": 101, "C": 102}})
    found = awards_within(parse_problem(doc), 10_000)
    assert [each.objective for each in found.awards] == [100, 101]
    assert found.is_complete


@pytest.mark.parametrize(("margin", "cap"), [(-1, 1), (0, 0)])
def test_senseless_margin_or_cap_is_refused(margin, cap):
    with pytest.raises(ValueError, match="must be 0 or more"):
        awards_within(parse_problem(document({"L1": {"A": 1}})), margin, cap=cap)
