"""The four questions in one study: what is found, heard, stopped and kept."""

from __future__ import annotations

import json

import pytest

from commissioning.award.domain.plain import as_plain, from_plain
from commissioning.award.domain.problem import parse_problem
from commissioning.award.domain.robustness import (
    Study,
    marks_that_decide,
    prices_that_decide,
    study_award,
    weights_that_decide,
    winners_in_words,
    withdrawals_that_decide,
)
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import BadInput
from tests.domain.award.brute_robustness import marked_by_chance, winners
from tests.domain.award.test_robustness import marked

CLOSE = ({"L1": {"A": 100, "B": 101}, "L2": {"A": 100, "B": 900}},
         {"L1": {"A": (3, 3), "B": (3, 3)}, "L2": {"A": (3, 3), "B": (3, 3)}})  # fmt: skip


def test_a_study_is_the_four_searches_together():
    standing, quality = marked(*CLOSE)
    study = study_award(standing.problem, quality, furthest=5)
    assert study.award == standing.award
    assert study.marks.changing == marks_that_decide(standing, quality).changing
    assert study.withdrawals.changing == withdrawals_that_decide(standing).changing
    assert study.weights.changing == weights_that_decide(standing, quality, furthest=5).changing
    assert study.prices.changing == prices_that_decide(standing).changing
    assert study.is_complete
    assert study.is_exact
    decided = [(each.bidder, each.lot) for each in study.marks.changing]
    assert ("B", "L1") in decided
    moved = next(each.moved for each in study.marks.changing if each.bidder == "B")
    assert winners_in_words(moved, {"B": "Beta"}) == ("L1: Beta instead of A",)


def test_what_is_done_only_grows_and_ends_at_what_was_said_first():
    standing, quality = marked(*CLOSE)
    heard = []

    def hear(done, total):
        heard.append((done, total))
        return True

    study_award(standing.problem, quality, furthest=5, heard=hear)
    assert {total for _, total in heard} == {heard[0][1]}
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[0][0] == 0
    assert heard[-1][0] == heard[-1][1] > 0


@pytest.mark.parametrize("most", [0, 3, 20])
def test_a_study_that_is_stopped_says_so(most):
    standing, quality = marked(*CLOSE)
    study = study_award(
        standing.problem, quality, furthest=5, heard=lambda done, _total: done < most
    )
    assert not study.is_complete
    assert sum(each.tried for each in study.searches) == most


@pytest.mark.parametrize("seed", range(12))
def test_a_study_is_kept_whole(seed):
    document, quality = marked_by_chance(seed)
    problem = parse_problem(document)
    if not winners(document):
        with pytest.raises(BadInput, match="gives no award"):
            study_award(problem, quality, furthest=3)
        return
    study = study_award(problem, quality, furthest=3)
    assert from_plain(Study, json.loads(canonical_json(as_plain(study)))) == study
