from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.competition.domain.selection_rules import (
    Finding,
    FindingResult,
    LotAskedFor,
    LotOutcome,
    Question,
    QuestionKind,
    SelectionIncomplete,
    SelectionRules,
    finding_by_answer,
    funding_passes,
    question_rule,
    question_with_rule,
    rule_problems,
    selection_outcome,
)
from commissioning.kernel.errors import BadInput

K, R = QuestionKind, FindingResult
ABOUT = Question("A1", K.NOT_SCORED, "How are you organised?")
COMPLIANCE = Question("B1", K.PASS_FAIL, "Do you comply?", passing_answers=("yes",))
INSURANCE = Question("B2", K.PASS_FAIL, "How will you be insured?")
EXPERIENCE = Question("C1", K.SCORED, "What have you done?", max_score=4, minimum_score=2)
STAFF = Question("C2", K.SCORED, "Who will do it?", max_score=4, minimum_score=0)
RULES = SelectionRules((ABOUT, COMPLIANCE, INSURANCE, EXPERIENCE, STAFF), minimum_total_score=4)
GOOD = {
    "B1": Finding(R.PASS),
    "B2": Finding(R.PASS),
    "C1": Finding(R.NOTED, 3),
    "C2": Finding(R.NOTED, 1),
}
LONDON = LotAskedFor("london", 65_000_000_00)
WALES = LotAskedFor("wales", 24_500_000_00)
AMPLE = 100_000_000_00
pence = st.integers(0, 10**15)


def outcome(findings=GOOD, funding=AMPLE, lots=(LONDON, WALES), rules=RULES):
    return selection_outcome(rules, findings, funding, lots)


def test_bidder_that_passes_everything_goes_on_for_every_lot():
    assert outcome() == (LotOutcome("london", True, ()), LotOutcome("wales", True, ()))


def test_financial_test_is_of_each_lot_alone():
    london, wales = outcome(funding=12_250_000_00)
    assert wales.passed
    assert london == LotOutcome(
        "london",
        False,
        ("Funding proved is £12,250,000.00; london needs at least £32,500,000.00.",),
    )


@pytest.mark.parametrize(
    ("funding", "value", "passes"),
    [
        (12_250_000_00, 24_500_000_00, True),
        (12_249_999_99, 24_500_000_00, False),
        (1, 3, False),
        (2, 3, True),
        (0, 1, False),
    ],
)
def test_half_of_the_annual_value_is_enough_and_a_penny_less_is_not(funding, value, passes):
    assert funding_passes(funding, value) is passes


def test_other_part_of_the_annual_value_may_be_published():
    assert funding_passes(1, 4, Fraction(1, 4))
    assert not funding_passes(0, 4, Fraction(1, 4))


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"B1": Finding(R.FAIL)}, ("B1 is failed.",)),
        (
            {"C1": Finding(R.NOTED, 1), "C2": Finding(R.NOTED, 4)},
            ("C1 scores 1; at least 2 is needed.",),
        ),
        ({"C2": Finding(R.NOTED, 0)}, ("The scores total 3; at least 4 is needed.",)),
        (
            {"B2": Finding(R.FAIL), "C1": Finding(R.NOTED, 0)},
            (
                "B2 is failed.",
                "C1 scores 0; at least 2 is needed.",
                "The scores total 1; at least 4 is needed.",
            ),
        ),
    ],
)
def test_failed_question_shuts_out_from_every_lot_with_its_reasons(changed, reasons):
    assert [(lot.passed, lot.reasons) for lot in outcome(GOOD | changed)] == [
        (False, reasons),
        (False, reasons),
    ]


@pytest.mark.parametrize(
    ("question", "finding"),
    [("B1", None), ("B2", Finding(R.NOTED)), ("C1", Finding(R.NOTED)), ("C2", None)],
)
def test_nothing_is_decided_while_an_answer_is_not_assessed(question, finding):
    findings = {key: value for key, value in GOOD.items() if key != question}
    if finding is not None:
        findings[question] = finding
    with pytest.raises(SelectionIncomplete, match=question):
        outcome(findings)


@pytest.mark.parametrize("score", [-1, 5])
def test_score_off_its_scale_is_refused_at_its_question(score):
    with pytest.raises(BadInput) as refusal:
        outcome(GOOD | {"C1": Finding(R.NOTED, score)})
    assert refusal.value.field == "C1"


def test_question_that_is_not_scored_decides_nothing():
    assert outcome(GOOD | {"A1": Finding(R.FAIL)}) == outcome()


@pytest.mark.parametrize(
    ("question", "answer", "result"),
    [
        (COMPLIANCE, " Yes ", R.PASS),
        (COMPLIANCE, "no", R.FAIL),
        (COMPLIANCE, "", R.FAIL),
        (INSURANCE, "yes", None),
        (EXPERIENCE, "yes", None),
        (ABOUT, "yes", None),
    ],
)
def test_answer_passes_by_itself_only_where_the_rule_names_it(question, answer, result):
    assert finding_by_answer(question, answer) is result


@pytest.mark.parametrize("question", RULES.questions)
def test_pass_rule_is_plain_json_and_reads_back(question):
    rule = json.loads(json.dumps(question_rule(question)))
    assert question_with_rule(question.id, question.kind, question.text, rule) == question


def test_pass_rule_of_another_kind_is_refused():
    with pytest.raises(BadInput, match="no rule called 'max_score'"):
        question_with_rule("A1", K.PASS_FAIL, "?", {"max_score": 4})


def test_published_rules_have_no_problem():
    assert rule_problems(RULES) == []


@pytest.mark.parametrize(
    "rules",
    [
        SelectionRules((Question("C1", K.SCORED, "?", (), 1, 0),)),
        SelectionRules((Question("C1", K.SCORED, "?", (), 1, 1),), 1),
        SelectionRules((ABOUT,), 0, Fraction(0)),
    ],
)
def test_rules_at_the_edge_of_their_range_have_no_problem(rules):
    assert rule_problems(rules) == []


@pytest.mark.parametrize("score", [0, 4])
def test_score_at_either_end_of_its_scale_counts(score):
    rules = SelectionRules((Question("C1", K.SCORED, "?", (), 4, score),), score)
    (result,) = outcome({"C1": Finding(R.NOTED, score)}, lots=[WALES], rules=rules)
    assert result.passed


@pytest.mark.parametrize(
    ("rules", "question", "sentence"),
    [
        (SelectionRules(()), "", "no question"),
        (SelectionRules((ABOUT, ABOUT)), "A1", "twice"),
        (SelectionRules((Question("A1", K.NOT_SCORED, " "),)), "A1", "empty"),
        (SelectionRules((Question("C1", K.SCORED, "?"),)), "C1", "highest score"),
        (SelectionRules((Question("C1", K.SCORED, "?", (), 0, 0),)), "C1", "highest score"),
        (SelectionRules((Question("C1", K.SCORED, "?", (), 4),)), "C1", "from 0 to 4"),
        (SelectionRules((Question("C1", K.SCORED, "?", (), 4, 5),)), "C1", "from 0 to 4"),
        (SelectionRules((EXPERIENCE,), 5), "", "from 0 to 4"),
        (SelectionRules((ABOUT,), 0, Fraction(-1, 2)), "", "at least 0"),
    ],
)
def test_rules_with_a_fault_name_the_question(rules, question, sentence):
    (problem,) = rule_problems(rules)
    assert problem.question == question
    assert sentence in problem.sentence


@given(pence, pence)
def test_funding_test_is_twice_the_funding_against_the_value(funding, value):
    assert funding_passes(funding, value) == (2 * funding >= value)


@given(pence, pence, st.integers(1, 10**15))
def test_more_funding_never_shuts_a_bidder_out(funding, more, value):
    (before,) = outcome(funding=funding, lots=[LotAskedFor("L", value)])
    (after,) = outcome(funding=funding + more, lots=[LotAskedFor("L", value)])
    assert after.passed >= before.passed
    assert before.passed == (not before.reasons)
