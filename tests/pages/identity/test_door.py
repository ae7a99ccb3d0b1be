"""The pages at the door: signing in and out, passwords, invitations."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from commissioning.audit.models import AuditEvent
from commissioning.identity.models import SignInAttempt, SignInSession
from commissioning.identity.services import end_role, invite_person
from commissioning.kernel.actor import Role
from tests.factories.identity import PASSWORD, OrganisationFactory, PersonFactory, actor_of
from tests.support.pages import post

NEW_PASSWORD = "nine louder kestrels"


@pytest.fixture
def email(given):
    return given(lambda: PersonFactory(name="Mina Okafor").email)


def rows(unit_of_work, model):
    with unit_of_work() as session:
        return session.query(model).count()


def text(answer):
    return answer.get_data(as_text=True)


# Signing in and out --------------------------------------------------------------------------


def test_signing_in_leads_to_where_one_wanted_to_go(client, email):
    sent = client.get("/account")
    assert "/sign-in?next=/account" in sent.location

    answer = post(client, sent.location, {"email": email, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Mina Okafor" in text(client.get("/account"))


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_sends_nobody_elsewhere(client, email, target):
    answer = post(client, f"/sign-in?next={target}", {"email": email, "password": PASSWORD})

    assert answer.location == "/dashboard"


def test_a_refusal_is_the_same_page_for_every_address(client, email):
    answers = []
    for typed in (email, "nobody@organisation.example"):
        answer = post(client, "/sign-in", {"email": typed, "password": "not the password"})
        assert answer.status_code == 422
        answers.append(text(answer).replace(typed, "X"))
    without_tokens = [re.sub(r'(value|nonce)="[^"]+"', "", page) for page in answers]

    assert without_tokens[0] == without_tokens[1]
    assert "is not right" in answers[0]


def test_a_refused_try_is_kept(client, email, unit_of_work):
    post(client, "/sign-in", {"email": email, "password": "not the password"})

    assert rows(unit_of_work, SignInAttempt) == 1
    assert rows(unit_of_work, AuditEvent) == 1
    assert rows(unit_of_work, SignInSession) == 0


def test_the_sixth_try_waits(app, client, email, real_clock):
    for _ in range(5):
        post(client, "/sign-in", {"email": email, "password": "not the password"})
    answer = post(client, "/sign-in", {"email": email, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in text(answer)

    real_clock.advance(timedelta(minutes=15))
    assert post(client, "/sign-in", {"email": email, "password": PASSWORD}).status_code == 303


def test_a_browser_that_was_here_before_is_not_kept_out_by_strangers(app, client, email, enter):
    known = enter(email)
    post(known, "/sign-out", page="/account")
    for _ in range(5):
        post(client, "/sign-in", {"email": email, "password": "not the password"})

    answer = post(client, "/sign-in", {"email": email, "password": PASSWORD})
    assert answer.status_code == 429
    answer = post(known, "/sign-in", {"email": email, "password": PASSWORD})
    assert answer.status_code == 303


def test_cookies_are_closed_to_scripts_and_other_sites(client, email):
    answer = post(client, "/sign-in", {"email": email, "password": PASSWORD})

    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"session", "device"}
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_over_https_cookies_are_bound_to_the_host(make_app, unit_of_work):
    app = make_app(base_url="https://localhost")
    with app.app_context():
        from commissioning.infrastructure.database import db

        email = PersonFactory().email
        db.session.commit()
    client = app.test_client()
    answer = post(
        client,
        "/sign-in",
        {"email": email, "password": PASSWORD},
        base_url="https://localhost",
        page="/sign-in",
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)


def test_the_form_gives_nothing_typed_back(client, email):
    answer = post(client, "/sign-in", {"email": email, "password": "not the password"})

    assert "not the password" not in text(answer)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "", "password": "x"}, "Enter your email address."),
        ({"email": "a@b.example", "password": ""}, "Enter your password."),
        ({"email": "nobody", "password": "x"}, "correct format"),
        ({"email": "a@b.example", "password": "x" * 2000}, "too long"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(client, typed, sentence):
    answer = post(client, "/sign-in", typed)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_signing_out_ends_the_session_on_the_server(app, email, enter):
    client = enter(email)
    stolen = client.get_cookie("session").value
    answer = post(client, "/sign-out", page="/account/password")
    assert answer.status_code == 303
    assert "You have signed out." in text(client.get(answer.location))

    thief = app.test_client()
    thief.set_cookie("session", stolen)
    assert "/sign-in" in thief.get("/account").location


def test_a_session_that_has_run_out_asks_to_sign_in(email, enter, real_clock):
    client = enter(email)
    real_clock.advance(timedelta(minutes=60))

    assert "/sign-in" in client.get("/account").location


def test_a_reading_keeps_the_session_alive(email, enter, real_clock):
    client = enter(email)
    for _ in range(3):
        real_clock.advance(timedelta(minutes=59))
        assert client.get("/account").status_code == 200


def test_a_role_that_ends_is_gone_at_the_next_request(given, enter, clock):
    def build():
        manager, writer = PersonFactory(), None
        writer = PersonFactory(organisation=manager.organisation, roles=[Role.BID_MANAGER])
        return manager.reference, writer.email, writer.reference, manager.organisation.reference

    manager, email, writer, organisation = given(build)
    client = enter(email)
    page = f"/organisations/{organisation}/edit"
    assert client.get(page).status_code == 200

    from commissioning.identity import queries

    given(
        lambda: end_role(
            queries.actor_of(queries.user_by_reference(manager)),
            organisation,
            writer,
            Role.BID_MANAGER,
            clock=clock,
        )
    )
    assert client.get(page).status_code == 404


# Passwords -----------------------------------------------------------------------------------


def test_a_forgotten_password_is_reset_by_its_link(client, email, last_link):
    answer = post(client, "/password/forgotten", {"email": email})
    assert answer.location == "/letter-sent/password"
    link = last_link(email)

    answer = post(client, link, {"password": NEW_PASSWORD})
    assert answer.location == "/sign-in"
    answer = post(client, "/sign-in", {"email": email, "password": NEW_PASSWORD})
    assert answer.status_code == 303
    assert "Open your organisation’s key" in text(client.get("/dashboard"))
    assert client.get(link).status_code == 409


def test_asking_for_a_reset_tells_nothing(client, email, unit_of_work):
    for typed in (email, "nobody@organisation.example"):
        answer = post(client, "/password/forgotten", {"email": typed})
        assert (answer.status_code, answer.location) == (303, "/letter-sent/password")


def test_a_link_leads_to_the_site_itself_whatever_the_request_claims(client, email, last_link):
    elsewhere = {"base_url": "http://evil.example"}
    page = text(client.get("/password/forgotten", **elsewhere))
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
    sent = {"email": email, "csrf_token": token}
    assert client.post("/password/forgotten", data=sent, **elsewhere).status_code == 303

    assert last_link(email).startswith("/password/reset/")


def test_a_weak_password_is_refused_beside_its_field(client, email, last_link):
    post(client, "/password/forgotten", {"email": email})
    answer = post(client, last_link(email), {"password": "password1234"})

    assert answer.status_code == 422
    assert "harder to guess" in text(answer)


def test_a_password_is_changed_and_a_wrong_try_is_kept(email, enter, unit_of_work):
    client = enter(email)
    before = rows(unit_of_work, SignInAttempt)
    answer = post(client, "/account/password", {"current": "wrong", "password": NEW_PASSWORD})
    assert answer.status_code == 422
    assert "The current password is not right." in text(answer)
    assert rows(unit_of_work, SignInAttempt) == before + 1

    answer = post(client, "/account/password", {"current": PASSWORD, "password": NEW_PASSWORD})
    assert answer.location == "/account"
    assert client.get("/account").status_code == 200
    enter(email, NEW_PASSWORD)


# Invitations ---------------------------------------------------------------------------------


def test_an_invitation_is_accepted_with_a_password(given, client, clock, real_clock, enter):
    def build():
        manager = PersonFactory(organisation=OrganisationFactory(name="Halcyon"))
        return invite_person(
            actor_of(manager),
            manager.organisation.reference,
            name="Ravi Tull",
            email="ravi@halcyon.example",
            roles=[Role.BID_WRITER],
            link=lambda token: token,
            clock=clock,
            real_clock=real_clock,
        )

    page = f"/invitation/{given(build)}"
    shown = text(client.get(page))
    assert "Halcyon" in shown
    assert "Bid writer" in shown
    assert post(client, page, {"password": "short"}).status_code == 422
    assert post(client, page, {"password": NEW_PASSWORD}).location == "/sign-in"
    assert client.get(page).status_code == 409
    assert "Ravi Tull" in text(enter("ravi@halcyon.example", NEW_PASSWORD).get("/account"))


def test_a_link_that_is_no_good_says_what_to_do(client):
    for page in ("/invitation/x", "/password/reset/x", "/register/link/x"):
        answer = client.get(page)
        assert answer.status_code == 409
        assert "another" in text(answer)


# What only a demonstration shows -------------------------------------------------------------


def test_the_mail_and_the_sign_ins_do_not_exist_where_people_are_real(app, client):
    folder = app.config["COMMISSIONING"].data_folder
    (folder / "sign-ins.json").write_text(json.dumps([{"email": "lead@moj.example"}]))

    assert client.get("/demonstration/outbox").status_code == 404
    page = text(client.get("/sign-in?email=lead@moj.example"))
    assert 'value="lead@moj.example"' not in page
    assert "demonstration" not in page


def test_a_demonstration_shows_its_sign_ins_and_its_mail(make_app):
    app = make_app(is_demo=True)
    client = app.test_client()
    assert "Sign-ins of the demonstration" not in text(client.get("/sign-in"))
    told = {
        "role": "procurement_lead",
        "name": "Ada <Lead>",
        "email": "lead@moj.example",
        "password": "invented-for-the-demo",
        "organisation": "Ministry",
    }
    folder = app.config["COMMISSIONING"].data_folder
    (folder / "sign-ins.json").write_text(json.dumps([told]))
    page = text(client.get("/sign-in"))
    for shown in ("Procurement lead", "Ada &lt;Lead&gt;", "invented-for-the-demo", "invented"):
        assert shown in page
    assert 'value="lead@moj.example"' in text(client.get("/sign-in?email=lead@moj.example"))

    assert "No mail yet" in text(client.get("/demonstration/outbox"))
    post(client, "/register", {"email": "mina@halcyon.example"})
    mail = text(client.get("/demonstration/outbox"))
    assert "mina@halcyon.example" in mail
    assert 'href="/register/link/' in mail
