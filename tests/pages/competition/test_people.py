from __future__ import annotations

import pytest

from commissioning.kernel.actor import AUTHORITY_ROLES


@pytest.fixture
def draft(site):
    return site()


def given(site, role: str, name: str = "Newly Come") -> dict[str, str]:
    return {"user": site.people[name], "role": role}


def test_a_role_is_given_and_ended(draft):
    assert draft.post("give-role", given(draft, "moderator")).status_code == 303
    page = draft.page("people")
    assert "Moderator" in page
    assert "Newly Come" in page

    end = f"people/{draft.people['Newly Come']}/moderator/end"
    assert "What they did stays in the trail." in draft.page(end)
    assert draft.post(end).status_code == 303

    draft.page("people")  # says so once, in its banner
    assert "Newly Come" not in draft.page("people")


def test_two_roles_that_exclude_each_other_are_refused_with_the_reason(draft, rows):
    draft.post("give-role", given(draft, "quality_evaluator"))
    draft.page("give-role")
    before = rows()

    answer = draft.post("give-role", given(draft, "commercial_officer"))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Newly Come is, or was, quality evaluator and cannot be commercial officer" in page
    assert "Whoever marks quality must not have seen a price." in page
    assert 'id="role-error"' in page
    assert rows() == before


def test_only_people_of_the_authority_are_offered_and_taken(site, rows):
    draft, other = site(), site()
    page = draft.page("give-role")
    assert other.people["Newly Come"] not in page
    before = rows()

    answer = draft.post("give-role", given(other, "moderator"))

    assert answer.status_code == 422
    assert 'id="user-error"' in answer.get_data(as_text=True)
    assert rows() == before


def test_the_last_lead_stays(draft, rows):
    end = f"people/{draft.lead_actor.reference}/procurement_lead/end"
    draft.page(end)
    before = rows()

    answer = draft.post(end)

    assert answer.status_code == 422
    assert "A competition needs a lead who can act." in answer.get_data(as_text=True)
    assert rows() == before


def test_a_role_that_is_not_held_cannot_be_ended(draft):
    for rest in (
        f"people/{draft.people['Newly Come']}/moderator/end",
        f"people/{draft.lead_actor.reference}/moderator/end",
        f"people/{draft.lead_actor.reference}/emperor/end",
    ):
        assert draft.lead.get(draft.path(rest)).status_code == 404, rest


def test_only_the_lead_gives_and_ends_roles(draft):
    page = draft.page("people", client=draft.approver)

    assert "/give-role" not in page
    assert "/end" not in page
    assert draft.approver.get(draft.path("give-role")).status_code == 404


def test_the_page_counts_the_key_holders_that_are_needed(draft):
    draft.post("give-role", given(draft, "key_holder"))

    page = draft.page("people")

    assert "Key holders: 1 of 3 named. Any 2 of them open the envelopes together." in page


def test_whoever_gives_a_role_reads_what_it_does(site):
    page = site().page("give-role")

    for role in AUTHORITY_ROLES:
        told = page.split("What each role does")[1].split("</details>")[0]
        assert f"<li>{role.label.capitalize()} " in told, role
