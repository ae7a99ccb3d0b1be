"""Pages of an organisation, its people and its key, for its own people and the administrator."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from commissioning.identity import queries
from commissioning.kernel.actor import Role
from tests.factories.identity import (
    AdministratorFactory,
    AuthorityFactory,
    OrganisationFactory,
    PersonFactory,
    team_member,
)
from tests.support.pages import post


def text(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def people(given):
    """A manager and a writer of one bidder, a stranger, an administrator, an evaluator."""

    def build():
        halcyon = OrganisationFactory(name="Halcyon")
        manager = PersonFactory(name="Mina Okafor", organisation=halcyon)
        writer = PersonFactory(
            name="Ravi Tull", organisation=halcyon, roles=[Role.BID_WRITER], admitted=False
        )
        authority = AuthorityFactory(name="Ministry")
        lead = PersonFactory(organisation=authority)
        marker = team_member(authority, "CPA-1", Role.EVALUATOR)
        stranger = PersonFactory(organisation=OrganisationFactory(name="Rival"))
        administrator = AdministratorFactory(name="Ada Quill")
        return SimpleNamespace(
            halcyon=halcyon.reference,
            authority=authority.reference,
            rival=stranger.organisation.reference,
            rival_number=stranger.organisation.identifier,
            **{
                name: SimpleNamespace(email=one.email, reference=one.reference)
                for name, one in {
                    "manager": manager,
                    "writer": writer,
                    "lead": lead,
                    "marker": marker,
                    "stranger": stranger,
                    "administrator": administrator,
                }.items()
            },
        )

    return given(build)


@pytest.fixture
def manager(people, enter):
    return enter(people.manager.email)


@pytest.fixture
def administrator(people, enter):
    return enter(people.administrator.email)


def test_the_own_page_shows_people_and_who_waits(people, manager):
    page = text(manager.get(manager.get("/organisation").location))

    for shown in ("Halcyon", "Mina Okafor", "Ravi Tull", "Waiting", "Invite somebody"):
        assert shown in page


def test_strangers_see_no_organisation_and_no_person(people, enter):
    client = enter(people.stranger.email)
    for page in (
        f"/organisations/{people.halcyon}",
        f"/organisations/{people.halcyon}/ties",
        f"/organisations/{people.halcyon}/edit",
        f"/organisations/{people.halcyon}/people/invite",
        f"/organisations/{people.halcyon}/ownership/new",
        f"/organisations/{people.halcyon}/members/new",
        f"/people/{people.writer.reference}",
        f"/people/{people.writer.reference}/remove",
        "/organisations",
        "/organisations/new",
        f"/organisations/{people.halcyon}/suspend",
    ):
        there, absent = client.get(page), client.get(page.replace("ORG-", "ORG-X"))
        assert there.status_code == 404, page
        assert absent.status_code == 404, page


def test_a_writer_reads_and_changes_nothing(people, enter):
    client = enter(people.writer.email)
    page = text(client.get(f"/organisations/{people.halcyon}"))
    assert "Invite somebody" not in page
    person = text(client.get(f"/people/{people.manager.reference}"))
    assert "Remove" not in person
    for closed in ("edit", "people/invite", "members/new"):
        assert client.get(f"/organisations/{people.halcyon}/{closed}").status_code == 404


def test_who_has_roles_on_competitions_only_sees_their_account(people, enter):
    client = enter(people.marker.email)

    assert client.get("/organisation").location == "/account"
    assert client.get(f"/organisations/{people.authority}").status_code == 404


def test_a_manager_invites_and_withdraws(people, manager, last_link):
    page = f"/organisations/{people.halcyon}/people/invite"
    answer = post(
        manager,
        page,
        {"name": "Siân Pugh", "email": "sian@halcyon.example", "roles": ["signatory"]},
    )
    assert answer.status_code == 303
    assert last_link("sian@halcyon.example").startswith("/invitation/")
    shown = text(manager.get(answer.location))
    assert "Siân Pugh" in shown

    withdraw = re.search(r'action="([^"]+/withdraw)"', shown)[1]
    post(manager, withdraw, page=f"/organisations/{people.halcyon}")
    assert manager.get(last_link("sian@halcyon.example")).status_code == 409
    answer = post(manager, page, {"name": "Siân Pugh", "email": "sian@halcyon.example"})
    assert "Choose at least one role." in text(answer)
    answer = post(
        manager, page, {"name": "X", "email": people.writer.email, "roles": ["signatory"]}
    )
    assert 'href="#email"' in text(answer)


def test_a_second_invitation_to_an_address_takes_the_place_of_the_first(people, manager, last_link):
    page = f"/organisations/{people.halcyon}/people/invite"
    sian = {"name": "Siân Pugh", "email": "sian@halcyon.example"}
    post(manager, page, sian | {"roles": ["signatory"]})
    first = last_link(sian["email"])
    said = text(manager.get(f"/organisations/{people.halcyon}"))
    assert f"An invitation is on its way to {sian['email']}." in said

    post(manager, page, sian | {"email": "SIAN@halcyon.example", "roles": ["bid_writer"]})

    said = text(manager.get(f"/organisations/{people.halcyon}"))
    assert "A new invitation is on its way" in said
    assert "its link opens nothing any more" in said
    assert said.count('/withdraw"') == 1
    assert manager.get(first).status_code == 409
    assert last_link(sian["email"]) != first


def test_a_manager_lets_a_colleague_in(people, manager, unit_of_work):
    page = f"/people/{people.writer.reference}"
    assert "Let Ravi Tull in" in text(manager.get("/dashboard"))
    assert "Let them open the drafts" in text(manager.get(page))
    assert post(manager, f"{page}/admit", page=page).status_code == 303

    assert "Let them open the drafts" not in text(manager.get(page))
    with unit_of_work():
        assert people.writer.reference in queries.key_holders_of(people.halcyon)


def test_who_is_locked_is_told_and_cannot_let_others_in(people, enter):
    client = enter(people.writer.email)
    assert "Open your organisation’s key" in text(client.get("/dashboard"))
    assert "Ask Mina Okafor" in text(client.get("/key"))
    own = f"/people/{people.writer.reference}"
    assert "Only somebody who can open the drafts" in text(client.get(own))

    answer = post(client, f"{own}/admit", page="/account/password")
    assert answer.status_code == 409


def test_a_code_is_shown_once_and_lets_its_owner_back_in(people, manager, enter, last_link):
    shown = text(post(manager, "/key/recovery-code", page="/key"))
    code = re.search(r"<code[^>]*>([^<]+)</code>", shown)[1]
    assert code not in text(manager.get("/key"))

    post(manager, "/sign-out", page="/key")
    post(manager, "/password/forgotten", {"email": people.manager.email})
    post(manager, last_link(people.manager.email), {"password": "nine louder kestrels"})
    client = enter(people.manager.email, "nine louder kestrels")
    assert "Or use the recovery code" in text(client.get("/key"))
    answer = post(client, "/key", {"code": "wrong"})
    assert answer.status_code == 422
    assert 'href="#code"' in text(answer)
    assert post(client, "/key", {"code": code}).status_code == 303
    assert "Or use the recovery code" not in text(client.get("/key"))


def test_a_manager_gives_and_ends_roles_and_removes(people, manager):
    page = f"/people/{people.writer.reference}"
    assert post(manager, page, {"role": "signatory"}).status_code == 303
    assert "Signatory" in text(manager.get(page))
    assert "Their other roles stay" in text(manager.get(f"{page}/roles/signatory/end"))
    assert "Signatory" in text(manager.get(page))
    assert post(manager, f"{page}/roles/signatory/end").status_code == 303
    assert manager.get(f"{page}/roles/signatory/end").status_code == 404
    assert manager.get(f"{page}/roles/king/end").status_code == 404
    assert post(manager, page, {"role": "auditor"}).status_code == 422
    answer = post(manager, f"{page}/remove")
    assert answer.location == f"/organisations/{people.halcyon}"
    assert "Ravi Tull is removed." in text(manager.get(answer.location))
    assert manager.get(f"{page}/remove").status_code == 404


def test_the_last_manager_is_told_why_not(people, manager):
    page = f"/people/{people.manager.reference}"
    answer = post(manager, f"{page}/remove")

    assert answer.status_code == 422
    assert "last bid manager" in text(answer)
    answer = post(manager, f"{page}/roles/bid_manager/end")
    assert answer.status_code == 422
    assert "last bid manager" in text(answer)


def test_particulars_are_corrected_but_never_the_number(people, manager):
    page = f"/organisations/{people.halcyon}/edit"
    post(manager, page, {"name": "Halcyon Trust", "legal_form": "charity", "identifier": "9"})
    shown = text(manager.get(f"/organisations/{people.halcyon}"))

    assert "Halcyon Trust" in shown
    assert "Charity" in shown
    assert post(manager, page, {"name": "", "legal_form": "charity"}).status_code == 422


def test_ties_are_recorded_and_taken_back(people, manager, enter):
    page = f"/organisations/{people.halcyon}/ties"
    number = {"identifier_scheme": "company-number", "identifier": people.rival_number}
    answer = post(
        manager, f"/organisations/{people.halcyon}/ownership/new", number | {"direction": "owner"}
    )
    assert answer.location == page
    assert "Rival" in text(manager.get(page))
    answer = post(
        manager, f"/organisations/{people.halcyon}/ownership/new", number | {"direction": "owned"}
    )
    assert answer.status_code == 422
    answer = post(
        manager, f"/organisations/{people.halcyon}/members/new", number | {"share": "33.3333"}
    )
    assert answer.location == page
    shown = text(manager.get(page))
    assert "33.3333%" in shown

    assert "does not count until they confirm it" in shown

    rival = enter(people.stranger.email)
    theirs = f"/organisations/{people.rival}/ties"
    assert "Confirm or refuse the tie to Halcyon" in text(rival.get("/dashboard"))
    assert "does not count until you confirm it" in text(rival.get(theirs))

    def answers(client, where, answer):
        found = re.findall(rf'action="([^"]+/{answer})"', text(client.get(where)))
        for address in found:
            assert post(client, address, page=where).status_code == 303
        return len(found)

    assert answers(rival, theirs, "end") == 0
    assert answers(rival, theirs, "confirm") == 2
    assert "Confirmed" in text(manager.get(page))
    assert answers(manager, page, "end") == 2
    assert "They ask to end it" in text(rival.get(theirs))
    assert answers(rival, theirs, "keep") == 2
    assert answers(manager, page, "end") == 2
    assert answers(rival, theirs, "end") == 2
    assert "Rival" not in text(manager.get(page))


def test_a_tie_is_refused_by_the_other_end_alone(people, manager, enter):
    page = f"/organisations/{people.halcyon}/ties"
    number = {"identifier_scheme": "company-number", "identifier": people.rival_number}
    form = f"/organisations/{people.halcyon}/ownership/new"
    post(manager, form, number | {"direction": "owner"})
    tie = f"ties/ownership/{people.rival}/{people.halcyon}"
    own = f"/organisations/{people.halcyon}/{tie}/confirm"
    assert post(manager, own, page=page).status_code == 409
    rival = enter(people.stranger.email)
    theirs = f"/organisations/{people.rival}"
    for wrong in (f"{theirs}/ties/kinship/{people.rival}/{people.halcyon}/refuse",):
        assert post(rival, wrong, page=f"{theirs}/ties").status_code == 404
    assert post(rival, f"{theirs}/{tie}/refuse", page=f"{theirs}/ties").status_code == 303
    assert "They refused it" in text(manager.get(page))


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ({"identifier": "99999999"}, "identifier"),
        ({"identifier": "?"}, "identifier"),
        ({"share": "0"}, "share"),
        ({"share": "100.1"}, "share"),
        ({"identifier_scheme": ""}, "identifier_scheme"),
    ],
)
def test_a_tie_that_cannot_be_is_refused_at_its_place(people, manager, typed, place):
    told = {"identifier_scheme": "company-number", "identifier": people.rival_number}
    answer = post(manager, f"/organisations/{people.halcyon}/members/new", told | typed)

    assert answer.status_code == 422
    assert f'href="#{place}"' in text(answer)


# The administrator ---------------------------------------------------------------------------


def test_the_administrator_finds_brings_in_and_invites(people, administrator, last_link):
    assert "Halcyon" in text(administrator.get("/organisations"))
    found = text(administrator.get("/organisations?q=rival&kind=bidder&sort=-name"))
    assert "Rival" in found
    assert "Halcyon" not in found
    answer = post(
        administrator,
        "/organisations/new",
        {"name": "Agency", "identifier_scheme": "public-body", "identifier": "AG"},
    )
    invite = f"{answer.location}/people/invite"
    post(
        administrator,
        invite,
        {"name": "Lee Dean", "email": "lee@agency.example", "roles": ["procurement_lead"]},
    )
    post(administrator, invite, {"name": "Eve Low", "email": "eve@agency.example"})

    assert last_link("lee@agency.example")
    assert last_link("eve@agency.example")


def test_the_administrator_suspends_and_lets_in_again(people, administrator, manager):
    page = f"/people/{people.manager.reference}"
    post(administrator, f"{page}/suspend", page=page)
    assert "/sign-in" in manager.get("/account").location
    post(administrator, f"{page}/restore", page=page)

    organisation = f"/organisations/{people.halcyon}"
    assert post(administrator, f"{organisation}/suspend").status_code == 303
    assert "suspended for all people" in text(administrator.get(organisation))
    post(administrator, f"{organisation}/restore", page=organisation)
    assert "suspended for all people" not in text(administrator.get(organisation))


def test_the_administrator_looks_after_no_bidders_people(people, administrator):
    person = text(administrator.get(f"/people/{people.writer.reference}"))
    assert "Remove" not in person
    assert "Let them open the drafts" not in person
    invite = f"/organisations/{people.halcyon}/people/invite"
    assert administrator.get(invite).status_code == 404
