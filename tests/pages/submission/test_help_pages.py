"""A bidder asks for help in the last minutes, a duty officer answers, and the bidder reads it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.identity.models import RoleGrant
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.submission import services
from tests.factories.identity import actor_of, team_member
from tests.factories.submission import ITN_DEADLINE, submitted_bid

MINUTE = timedelta(minutes=1)
ASKED = {"text": "The file of question 1 is refused.", "lot": "L1", "phone": "020 7946 0000"}


def prepared(made):
    submitted_bid(made, made.bidders[1])
    made.clock.move_to(ITN_DEADLINE - 6 * MINUTE + timedelta(seconds=7))
    duty = team_member(made.authority, made.reference, Role.DUTY_OFFICER, admitted=False)
    return actor_of(duty)


@pytest.fixture
def site(site):
    return site.make(prepared, bidders=2)


def asked(site, send, number=0, **changes):
    client = site.visit(site.bidders[number])
    page = send(client, site.path("help"), {"idempotency_key": "k", **ASKED, **changes})
    return client, page


def request_of(page):
    return "HLP-" + page.split('"/help-requests/HLP-')[1].split('"')[0]


def test_every_page_of_a_bid_leads_to_help(site, read):
    client = site.visit(site.bidders[0])
    for rest in ("", "/answers/Q1", "/answers/Q1/file", "/price", "/price/file", "/check"):
        assert f'href="{site.path("help")}?lot=L1">Ask for help' in read(client, site.bid(rest))
    assert f'href="{site.path("help")}">Ask for help' in read(client, site.path("bids"))
    page = read(client, site.path("help") + "?lot=L2")
    assert '<option value="L2" selected>' in page
    assert "Do not paste anything of your bid" in page


def test_what_is_asked_is_acknowledged_with_its_time_at_once(site, send, read):
    client, answer = asked(site, send)
    page = read(client, answer.location.split("#")[0])

    assert "We have received it at 11:54:07 (UK time) on Monday 30 June 2014" in page
    assert "The file of question 1 is refused." in page
    assert "waiting" in page.lower()


def test_the_duty_officer_answers_and_only_that_bidder_reads_it(site, send, read):
    asked(site, send)
    duty = site.visit(site.kept)
    dashboard = read(duty, "/dashboard")
    assert "A bidder asks for help" in dashboard
    assert "Urgent" in dashboard
    queue = read(duty, "/help-requests")
    assert "Urgent" in queue
    path = f"/help-requests/{request_of(queue)}"
    assert "020 7946 0000" in read(duty, path)
    checked = send(duty, path, {"answer": "Save it as PDF."}, status=200)
    assert "Check before you answer" in checked.get_data(as_text=True)
    send(duty, path, {"answer": "Save it as PDF.", "step": "confirm"})

    assert "Nobody waits for an answer" in read(duty, "/help-requests")
    mine = read(site.visit(site.bidders[0]), site.path("help"))
    assert "Save it as PDF." in mine
    assert "Answered at 11:54:07" in mine
    assert "Save it as PDF." not in read(site.visit(site.bidders[1]), site.path("help"))


def test_what_is_missing_is_said_and_nothing_is_sent(site, send):
    client = site.visit(site.bidders[0])
    page = send(client, site.path("help"), {**ASKED, "text": ""}, status=422)
    assert "Say what happens, so that somebody can help." in page.get_data(as_text=True)


def test_nobody_else_of_the_team_finds_a_trace(site, send, read):
    asked(site, send)
    for role, people in site.team.items():
        client = site.visit(people[0])
        assert client.get("/help-requests").status_code == 404, role
        assert client.get(site.path("help-requests")).status_code == 404, role
        for path in ("/dashboard", f"/competitions/{site.reference}"):
            assert "asks for help" not in read(client, path), role
            assert "Requests for help" not in read(client, path), role


def test_the_auditor_reads_it_after_the_closing(site, send, read):
    asked(site, send)
    site.clock.move_to(ITN_DEADLINE)

    def close():
        from commissioning.infrastructure.database import db

        services.pass_deadlines(clock=site.clock)
        db.session.commit()

    site.ask(close)
    auditor = site.visit(site.team["auditor"][0])
    page = read(auditor, site.path("help-requests"))
    request = request_of(page)

    assert "The file of question 1 is refused." in read(auditor, f"/help-requests/{request}")


def test_a_bidder_downloads_its_own_log_and_no_other(site, read, send):
    asked(site, send, 1)
    own, rival = site.organisations[1], site.organisations[0]
    client = site.visit(site.bidders[1])
    path = f"/organisations/{own}/trail/{site.reference}/log.csv"
    assert path in read(client, site.path("help"))
    text = client.get(path).get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))

    assert rows[0][3] == "What happened"
    happened = [row[3] for row in rows[1:]]
    assert "bid_submitted" in happened
    assert happened[-1] == "help_asked"
    assert "The file of question 1" not in text
    assert client.get(path.replace(own, rival)).status_code == 404
    assert site.visit(site.team["procurement_lead"][0]).get(path).status_code == 404


def test_where_nobody_is_on_duty_nobody_is_said_to_be_told(site, read, unit_of_work):
    client = site.visit(site.bidders[0])
    assert "A duty officer is told at once" in read(client, site.path("help"))
    with unit_of_work():
        for grant in db.session.scalars(
            select(RoleGrant).where(RoleGrant.role == Role.DUTY_OFFICER.value)
        ):
            grant.ended_at = site.clock.now()

    page = read(client, site.path("help"))
    assert "Nobody is on duty for this competition" in page
    assert "A duty officer is told at once" not in page
