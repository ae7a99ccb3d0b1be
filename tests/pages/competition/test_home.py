from __future__ import annotations

from commissioning.competition import queries
from commissioning.kernel.actor import Role


def test_a_bare_draft_says_what_is_to_do_in_every_part(site):
    page = site("bare_draft").page()

    assert page.count("1 thing to do") == 4  # lots, criteria, questions, timetable
    assert "There is no lot. Add at least one." in page
    assert page.count("Standard values") == 1  # the rules, which nobody has read yet
    assert "/issue-pqq" in page


def test_a_sound_draft_has_every_part_completed(site):
    page = site().page()

    assert "to do" not in page.split("Particulars")[0]
    assert page.count("Completed") == 5
    assert page.count("Standard values") == 1  # the rules are sound, but nobody has changed them
    assert "Optional" in page  # documents


def test_years_of_fees_beside_another_term_of_the_contracts_are_said(site, unit_of_work):
    draft = site()
    assert "Bidders give fees for" not in draft.page("rules")

    with unit_of_work():
        queries.competition_by_reference(draft.reference).price_years = 5
    assert "Bidders give fees for 5 years, but a contract runs for 7 years." in draft.page("rules")


def test_only_the_lead_is_offered_the_acts_of_the_lead(site, member):
    draft = site()

    for client in (draft.approver, member(draft, Role.EVALUATOR)):
        page = draft.page(client=client)
        assert "/issue-pqq" not in page
        assert "/terminate" not in page
        assert "/trail" not in page


def test_whoever_is_not_of_the_team_is_sent_to_what_is_published(site, bidder):
    issued = site("pqq_open")

    for client in (bidder, issued.visitor):
        answer = client.get(issued.path())
        assert (answer.status_code, answer.location) == (303, issued.path("published"))


def test_a_draft_does_not_exist_for_anybody_else(site, bidder):
    draft, other = site(), site()

    assert bidder.get(draft.path()).status_code == 404
    assert other.lead.get(draft.path()).status_code == 404
    for page in ("lots", "criteria", "rules", "timetable", "questions", "documents", "people"):
        assert other.lead.get(draft.path(page)).status_code == 404, page
    assert draft.visitor.get(draft.path()).status_code == 404


def test_the_stages_behind_have_their_time_and_one_is_now(site):
    page = site("itn_open").page()

    assert page.count('aria-current="step"') == 1
    assert "ITN open" in page.split('aria-current="step"')[1][:200]
    assert page.count("app-steps__item--done") == 4
    assert page.count("app-steps__item--ahead") == 7


def test_a_terminated_competition_shows_how_far_it_came_and_why_it_ended(site, clock, unit_of_work):
    issued = site("pqq_open")
    issued.post(
        "terminate",
        {"reason": "No money.", "typed_reference": issued.reference, "step": "confirm"},
    )
    decision = issued.page("decisions").split("/decisions/")[1].split('"')[0]
    issued.post(f"decisions/{decision}", {"decision": "approve"}, client=issued.approver)

    page = issued.page()

    assert "No money." in page
    assert page.count("app-steps__item--done") == 2
    assert "Nobody: this competition has ended." in page
    assert "/terminate" not in page


def test_pages_of_later_contexts_are_offered_by_role_and_stage(site, member):
    issued = site("itn_open")

    lead, holder = issued.page(), issued.page(client=member(issued, Role.KEY_HOLDER))

    assert "/evaluation/assignments" in lead
    assert "/evaluation/assignments" not in holder
    for page in (lead, holder):
        assert "/award" not in page
        assert "/evaluation/ranking" not in page
        assert issued.path("bids") not in page


def test_the_dashboard_leads_to_the_set_up(site):
    draft = site("bare_draft")

    page = draft.lead.get("/dashboard").get_data(as_text=True)

    assert "Complete the set-up and propose the issue of the PQQ" in page
    assert draft.path() in page
