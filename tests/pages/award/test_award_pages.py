"""The pages of the award: who reads what and when, and what a refused form keeps."""

from __future__ import annotations

import json
import re

import pytest

from commissioning.award import queries, services
from commissioning.award.domain.problem import parse_problem, problem_sha256
from commissioning.kernel.errors import Conflict
from tests.support.visits import words

PAGES = ("award", "award/why", "award/why/CPA1", "award/problem.json", "award/answer.json")
READERS = ("commercial", "lead", "approver", "auditor")
OTHERS = ("moderator", "e1", "holder", "bidder")


def solve(site):
    return site.post("commercial", "award/solve", page="award")


def recommend(site, text="It is the optimum."):
    return site.post("commercial", "award/recommend", {"text": text})


def decide(site, **entries):
    return site.post("approver", "award/decide", entries)


def run(site):
    return site.ask(queries.latest_run)


def announced(site):
    solve(site)
    recommend(site)
    decide(site, decision="approve", reason="Checked.")
    return site.post("lead", "award/announce")


def test_before_the_solution_the_page_says_what_comes_next(ready):
    page = ready.text("commercial", "award")
    assert "Nothing is solved yet" in page
    assert "Solve the published problem" in page
    assert "Solve the published problem" not in ready.text("auditor", "award")


def test_the_optimum_is_shown_with_who_was_displaced_and_why(ready):
    assert solve(ready).status_code == 303
    page = ready.text("commercial", "award")
    first, second = ready.bidders.values()
    assert "Proven optimal in exact arithmetic, and the only optimal award." in page
    assert (
        f"CPA1 Area CPA1 {second} £8.00 2 {first} : the most lots that one bidder may win" in page
    )
    assert f"CPA2 Area CPA2 {first} £9.33 1 The best ranked bid wins" in page
    assert "2 limits broken" in page
    assert "Lot By the award Lot by lot CPA1 Area CPA1" in page
    assert f"CPA1 Area CPA1 {second} {first} " in page
    # £6.67 beside £8.00 in whole pounds; two figures that are alike so far would show their pence.
    assert "CPA1 £7 rank 1 £8 rank 2, wins" in page
    assert f"{first}: against the funding that the bidder proved" in page


def test_an_award_that_cannot_be_is_said_in_words(site):
    site.make(excluded={("CPA1", 2), ("CPA2", 2)})
    solve(site)
    page = site.text("commercial", "award")
    assert "No award keeps every published limit." in page
    assert "Recommend this award" not in page


def test_why_there_is_none_says_what_would_need_a_new_competition(site):
    site.make(excluded={("CPA1", 2), ("CPA2", 2)}, funding_multiple=9)
    solve(site)
    page = site.text("commercial", "award")
    assert "The limit that cannot be kept With this limit alone" in page
    assert "The most that can be had within the limits, for information only" in page
    assert "Every lot could be awarded if the most lots that one bidder may win were 2" in page
    assert "that would need a new competition" in page
    assert site.get("commercial", "award/why").status_code == 303


def test_why_a_lot_goes_where_it_goes_is_said_with_names_and_exact_costs(site):
    ready = site.make(funding_multiple=9)
    solve(ready)
    first, second = ready.bidders.values()
    page = ready.text("auditor", "award/why")
    assert "The most lots that one bidder may win" in page
    assert "Optimum over all lots (published) £17.33" in page
    assert "Reversion in the order of the lots £33.33 £16.00 2 lots otherwise: CPA1, CPA2" in page
    lot = ready.text("auditor", "award/why/CPA1")
    assert f"{second} wins with £8.00, rank 2 on the lot." in lot
    assert f"{first} £6.67 1 Limit on the bidder" in lot
    assert "£16.00 CPA2" in lot
    assert not any(reference in page + lot for reference in ready.bidders)
    assert ready.get("auditor", "award/why/CPA9").status_code == 404


def test_an_award_by_reversion_is_no_optimum_and_may_leave_lots_over(site):
    site.make(award_rule="reversion_in_order", excluded={("CPA2", 2)})
    solve(site)
    page = site.text("commercial", "award")
    assert "the award that the published rule gives (Reversion in the order of the lots)" in page
    assert "By the rule nobody may take lot CPA2: that lot follows its own path." in page
    assert "Left over: by the published rule nobody may take it" in page
    assert "optimal award" not in page
    assert "Recommend this award" in page
    assert recommend(site).status_code == 303
    decide(site, decision="approve", reason="Checked.")
    site.post("lead", "award/announce")
    assert "No preferred bidder" in site.text("lead", "preferred-bidders")


def test_files_are_the_ones_that_were_solved(ready):
    solve(ready)
    kept = run(ready)
    problem = ready.get("auditor", "award/problem.json").get_data(as_text=True)
    assert problem == kept.problem
    assert problem_sha256(parse_problem(problem)) == kept.problem_sha256
    assert kept.problem_sha256 in ready.text("auditor", "award")
    assert json.loads(ready.get("auditor", "award/answer.json").data) == json.loads(kept.answer)


@pytest.mark.parametrize("rest", PAGES)
def test_whoever_marked_or_has_no_part_finds_nothing(ready, rest):
    solve(ready)
    for who in READERS:
        assert ready.get(who, rest).status_code == 200, who
    for who in OTHERS:
        assert ready.get(who, rest).status_code == 404, who


def test_only_whose_act_it_is_finds_the_forms(ready):
    solve(ready)
    assert [who for who in READERS if ready.get(who, "award/recommend").status_code == 200] == [
        "commercial"
    ]
    recommend(ready)
    assert [who for who in READERS if ready.get(who, "award/decide").status_code == 200] == [
        "approver"
    ]
    assert [who for who in READERS if ready.get(who, "award/announce").status_code == 200] == []
    decide(ready, decision="approve", reason="Checked.")
    assert [who for who in READERS if ready.get(who, "award/announce").status_code == 200] == [
        "lead"
    ]


def test_a_recommendation_without_reasons_is_asked_for_them(ready):
    solve(ready)
    answer = recommend(ready, " ")
    assert answer.status_code == 422
    assert "Enter why this award is recommended." in words(answer)
    assert run(ready).status == "solved"


def test_a_decision_keeps_what_was_typed(ready):
    solve(ready)
    recommend(ready)
    answer = decide(ready, reason="The figures follow from the record.")
    assert answer.status_code == 422
    assert "Select whether you approve the award or send it back." in words(answer)
    assert "The figures follow from the record." in words(answer)
    assert run(ready).status == "recommended"


def test_an_award_sent_back_is_solved_again(ready):
    solve(ready)
    recommend(ready)
    decide(ready, decision="send_back", reason="Explain CPA1.")
    assert run(ready).status == "sent_back"
    assert "Solve again" in ready.text("commercial", "award")


def test_a_recommendation_of_an_answer_that_was_solved_again_is_refused(ready):
    solve(ready)
    old = run(ready).reference
    solve(ready)
    assert run(ready).reference != old
    with pytest.raises(Conflict, match="A later answer exists"):
        ready.act(services.recommend_award, "commercial", old, "This one.")


def test_nobody_outside_reads_the_preferred_bidders_before_they_are_announced(ready):
    for who in OTHERS:
        assert ready.get(who, "preferred-bidders").status_code == 404
    assert announced(ready).status_code == 303
    first, second = ready.bidders.values()
    for who in OTHERS:
        page = ready.text(who, "preferred-bidders")
        assert first in page
        assert second in page
    reader = ready.app.test_client().get(ready.path("preferred-bidders"))
    assert reader.status_code == 200


def test_a_winner_has_one_colour_and_one_code_on_every_page(site):
    def placed(world):
        for place, lot in enumerate(world.lots, start=1):
            lot.tile_column, lot.tile_row = place, 1

    site.make(prepare=placed)
    announced(site)

    def key(rest):
        page = site.get("lead", rest).get_data(as_text=True)
        legend = page.split('class="app-legend"')[1].split("</ul>")[0]
        return {
            re.search(r"(Bidder \d)", entry)[1]: re.search(
                r'fill="(#\w+)".*?>(\w+)<', entry, re.DOTALL
            ).groups()
            for entry in legend.split("</li>")[:-1]
        }

    assert key("award") == key("preferred-bidders")
    assert len(key("award")) == 2


def test_after_the_announcement_nothing_of_the_award_changes_any_more(ready):
    announced(ready)
    for who in READERS:
        for rest in ("award/recommend", "award/decide", "award/announce"):
            assert ready.get(who, rest).status_code == 404, (who, rest)
    assert solve(ready).status_code == 404


def about_on(site, who, rest):
    page = site.get(who, rest).get_data(as_text=True)
    return re.search(r'name="about"[^>]*? value="([^"]+)"', page)[1]


def test_an_award_that_was_solved_anew_is_not_recommended_from_an_older_page(ready):
    solve(ready)
    about = about_on(ready, "commercial", "award/recommend")
    solve(ready)
    entries = {"text": "As I read it.", "about": about}
    answer = ready.post("commercial", "award/recommend", entries)

    assert answer.status_code == 422
    assert "A later answer exists." in answer.get_data(as_text=True)
    assert run(ready).status == "solved"


def test_an_award_that_was_never_read_is_neither_approved_nor_announced(ready):
    solve(ready)
    recommend(ready)
    about = about_on(ready, "approver", "award/decide")
    decide(ready, decision="send_back", reason="Explain CPA1.")
    solve(ready)
    recommend(ready, "For other reasons.")
    for decision in ("approve", "send_back"):
        answer = decide(ready, decision=decision, reason="As I read it.", about=about)
        assert answer.status_code == 422
        page = answer.get_data(as_text=True)
        assert "The award was solved anew since you read it." in page
        # The page shows what stands now, and what is sent from it is about that.
        assert f'value="{run(ready).reference}"' in page
    assert run(ready).status == "recommended"

    decide(ready, decision="approve", reason="Read.", about=run(ready).reference)
    answer = ready.post("lead", "award/announce", {"about": about})
    assert "The award was solved anew since you read it." in answer.get_data(as_text=True)
    assert ready.post("lead", "award/announce").status_code == 303
