"""The page of the ties that count, and the pages on which two people change them."""

from __future__ import annotations

import re

import pytest

from commissioning.competition import queries
from commissioning.evaluation.services import declare_interest
from commissioning.identity import services as identity
from commissioning.kernel.actor import Role
from tests.factories import competition as stages
from tests.factories.identity import PersonFactory, actor_of
from tests.support.pages import post


@pytest.fixture
def tied(site, monkeypatch, clock):
    """A competition past its deadline; a parent declared that it owns one of the bidders."""
    opened = stages.itn_open

    def closed(clock):
        tender = opened(clock)
        parent, bidder = PersonFactory(organisation__name="Grand Parent plc"), tender.bidders[0]
        pair = parent.organisation.reference, bidder.organisation.reference
        identity.record_ownership(actor_of(parent), *pair, clock=clock)
        clock.move_to(tender.deadline("itn_deadline"))
        stages.services.pass_deadlines(clock=clock)
        return tender

    monkeypatch.setattr(stages, "tied", closed, raising=False)
    return site("tied")


def decide(tied, location, answer="approve"):
    return post(tied.approver, location, {"decision": answer, "reason": "Checked."})


def test_a_refused_or_open_tie_is_put_in_and_struck_again(tied):
    shown = tied.page("ties")
    assert "not answered by the other end" in shown
    assert "No tie counts" in shown
    (address,) = re.findall(r'href="([^"]+/ties/put/[^"]+)"', shown)
    assert "Grand Parent plc owns or controls" in tied.lead.get(address).get_data(as_text=True)
    assert post(tied.lead, address, {"reason": ""}).status_code == 422
    answer = post(tied.lead, address, {"reason": "Their accounts say so."})
    assert answer.status_code == 303
    assert "waits for an approver" in tied.page("ties")
    decision = tied.approver.get(answer.location).get_data(as_text=True)
    assert "this counts here" in decision
    assert "solved anew" in decision
    assert decide(tied, answer.location).status_code == 303

    shown = tied.page("ties")
    assert "Two people decided it" in shown
    assert "Their accounts say so." in shown
    (address,) = re.findall(r'href="([^"]+/ties/strike/[^"]+)"', shown)
    answer = post(tied.lead, address, {"reason": "They were sold."})
    decide(tied, answer.location)
    assert "No tie counts" in tied.page("ties")


def test_a_tie_that_nobody_declared_is_named_by_its_number(tied, app):
    with app.app_context():
        competition = queries.competition_by_reference(tied.reference)
        rows = queries.admissions_of(competition)
        bidder, other = list(
            {row.organisation.reference: row.organisation for row in rows}.values()
        )[:2]
        typed = {
            "bidder": bidder.reference,
            "what": "member",
            "scheme": "company-number",
            "other": other.identifier,
            "reason": "They told us.",
        }
    for wrong, place in (
        ({"other": "99999999"}, "other"),
        ({"reason": ""}, "reason"),
        ({"what": ""}, "what"),
    ):
        answer = tied.post("ties/put", typed | wrong)
        assert answer.status_code == 422
        assert f'href="#{place}' in answer.get_data(as_text=True)
    answer = tied.post("ties/put", typed)
    decide(tied, answer.location)

    assert f"{bidder.name} has as a member {other.name}" in tied.page("ties")


def test_only_those_who_may_read_the_ties(tied, member, bidder):
    for client in (
        member(tied, Role.EVALUATOR),
        member(tied, Role.MODERATOR),
        bidder,
        tied.visitor,
    ):
        assert client.get(tied.path("ties")).status_code in {303, 404}
    for role in (Role.AUDITOR, Role.COMMERCIAL_OFFICER):
        client = member(tied, role)
        assert "Propose that it counts" not in tied.page("ties", client=client)
        assert client.get(tied.path("ties/put")).status_code == 404
    assert "Ties that count" in tied.page()


def test_the_pages_say_who_names_a_new_lead(site, app, member, clock, unit_of_work):
    made = site("sound_draft")
    colleague = member(made, Role.PROCUREMENT_LEAD, on_competition=False)
    assert colleague.get(made.path()).status_code == 404
    with unit_of_work():
        declare_interest(
            made.lead_actor, made.reference, organisation=None, statement="A share.", clock=clock
        )

    for rest in ("", "people"):
        shown = made.page(rest)
        assert "No lead of this competition can act" in shown
        assert "A procurement lead of the authority can name a new lead" in shown
    assert made.lead.get(made.path("give-role")).status_code == 404
    assert "Name a new lead" in made.page(client=colleague)
    assert "Name a new lead" in colleague.get("/dashboard").get_data(as_text=True)
    fresh = made.people["Newly Come"]
    answer = post(
        colleague, made.path("give-role"), {"user": fresh, "role": Role.PROCUREMENT_LEAD.value}
    )
    assert answer.status_code == 303
    assert colleague.get(made.path()).status_code == 404
    assert "No lead of this competition can act" not in made.page()
