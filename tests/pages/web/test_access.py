from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Blueprint
from sqlalchemy import select

from commissioning.audit.models import AuditEvent
from commissioning.infrastructure.database import db
from commissioning.permissions import Permission
from commissioning.web import shell
from commissioning.web.access import public, requires, safe_next, sign_in, sign_out
from commissioning.web.shell import SignedIn
from tests.pages.web.probe import LEAD, written


def denials(app):
    with app.app_context():
        return [
            (row.actor, row.subject, row.changes)
            for row in db.session.scalars(select(AuditEvent).where(AuditEvent.event == "denied"))
        ]


def change_shell(app, **changes):
    with app.app_context():
        known = shell.current_shell()
    shell.init_app(app, replace(known, **changes))


@pytest.fixture
def with_sign_in(site):
    """The site with one person, and with addresses of its own to sign in and out at."""
    identity = Blueprint("door", __name__, url_prefix="/door")

    @identity.get("/sign-in")
    @public
    def enter():
        return "sign in here"

    @identity.get("/begin")
    @public
    def begin():
        sign_in("a token")
        return safe_next("/default")

    @identity.get("/end")
    @public
    def end():
        sign_out()
        return "ended"

    site.register_blueprint(identity)
    change_shell(
        site,
        load_user=lambda token: SignedIn(LEAD) if token == "a token" else None,
        sign_in_endpoint="door.enter",
    )
    return site


def test_a_view_without_declaration_is_closed_to_everybody(visitor, lead):
    assert visitor.get("/probe/undeclared").status_code == 404
    assert lead.get("/probe/undeclared").status_code == 404


def test_a_public_view_serves_anybody_as_the_public(visitor):
    assert visitor.get("/probe/public").text == "public"


def test_the_signed_in_see_their_own_page(lead):
    assert lead.get("/probe/signed-in").text == LEAD.name


def test_a_stranger_finds_nothing_where_nobody_can_sign_in(site, visitor):
    change_shell(site, sign_in_endpoint="nowhere.to_be_found")
    assert visitor.get("/probe/signed-in").status_code == 404


@pytest.mark.parametrize("address", ["/probe/signed-in", "/probe/lead"])
def test_a_stranger_is_sent_to_sign_in_and_back(with_sign_in, address):
    answer = with_sign_in.test_client().get(f"{address}?a=1")
    assert answer.status_code == 303
    assert answer.location == f"/door/sign-in?next={address}?a%3D1"


def test_a_stranger_who_posts_is_sent_to_sign_in_and_nothing_happens(with_sign_in):
    answer = with_sign_in.test_client().post("/probe/lead")
    assert (answer.status_code, answer.location) == (303, "/door/sign-in?next=/probe/lead")
    assert written(with_sign_in) == []


def test_a_role_that_could_hold_the_permission_is_let_in(lead):
    assert lead.get("/probe/lead").text == "lead"


def test_another_role_is_shown_what_an_unknown_address_shows(site, bidder):
    refused = bidder.get("/probe/lead")
    absent = bidder.get("/probe/no-such-page")
    assert refused.status_code == absent.status_code == 404
    assert without_nonce(refused) == without_nonce(absent)


def test_any_one_of_several_permissions_is_enough(lead, bidder):
    assert lead.get("/probe/either").text == bidder.get("/probe/either").text == "either"


def test_a_denial_is_kept_though_the_request_is_undone(site, bidder):
    bidder.get("/probe/lead")
    bidder.get("/probe/raise/forbidden")
    assert denials(site) == [
        (
            "USR-BIDDER",
            "competition:competition:create",
            {"where": "GET /probe/lead", "reason": "no role that could hold it"},
        ),
        (
            "USR-BIDDER",
            "submission:price_envelope:read",
            {"where": "GET /probe/raise/forbidden", "reason": "too early"},
        ),
    ]


def test_a_move_that_is_not_legal_is_refused_on_the_record(site, bidder):
    bidder.get("/probe/raise/illegal")
    bidder.get("/probe/raise/conflict")
    assert denials(site) == [
        (
            "USR-BIDDER",
            "refused",
            {"where": "GET /probe/raise/illegal", "reason": "It is not open any more."},
        )
    ]


@pytest.mark.parametrize("name", ["forbidden", "illegal"])
def test_what_is_refused_to_somebody_not_signed_in_fills_no_trail(site, visitor, caplog, name):
    caplog.set_level("INFO")
    for _ in range(3):
        assert visitor.get(f"/probe/raise/{name}").status_code in {404, 409}

    assert denials(site) == []
    said = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert said == ["A request of somebody who has not signed in was refused."] * 3
    assert name not in "".join(said)


def test_an_absent_thing_is_not_a_denial(site, bidder):
    bidder.get("/probe/raise/absent")
    bidder.get("/no/such/page")
    assert denials(site) == []


def test_requires_without_a_permission_is_a_mistake():
    with pytest.raises(ValueError, match="Name a permission"):
        requires()


def test_requires_leaves_its_declaration_on_the_view(site):
    declared = site.view_functions["probe.either_page"].declared_access
    assert declared.permissions == (
        Permission.COMPETITION_CREATE,
        Permission.IDENTITY_INVITE_PEOPLE,
    )


def test_signing_in_begins_a_new_session(with_sign_in):
    client = with_sign_in.test_client()
    with client.session_transaction() as session:
        session["csrf_token"] = "old"
        session["left"] = "over"
    client.get("/door/begin")
    with client.session_transaction() as session:
        assert "left" not in session
        assert session.get("csrf_token") != "old"
    assert client.get("/probe/signed-in").text == LEAD.name


def test_signing_out_ends_the_session(with_sign_in):
    client = with_sign_in.test_client()
    client.get("/door/begin")
    client.get("/door/end")
    assert client.get("/probe/signed-in").status_code == 303


def test_a_session_that_the_loader_does_not_know_is_nobodys(with_sign_in):
    client = with_sign_in.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "a token that was ended"
    assert client.get("/probe/signed-in").status_code == 303


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/dashboard?page=2", "/dashboard?page=2"),
        ("", "/default"),
        ("https://elsewhere.example", "/default"),
        ("//elsewhere.example", "/default"),
        ("/\\elsewhere.example", "/default"),
        ("javascript:alert(1)", "/default"),
        ("/ok\nSet-Cookie: a=b", "/default"),
        ("dashboard", "/default"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(with_sign_in, asked, given):
    answer = with_sign_in.test_client().get("/door/begin", query_string={"next": asked})
    assert answer.text == given


def without_nonce(answer):
    return re.sub(r'nonce="[^"]+"', "", answer.text)
