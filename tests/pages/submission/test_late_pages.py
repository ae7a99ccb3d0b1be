"""A late bid on the pages: sent by its bidder, proposed by the lead, decided by the approver."""

from __future__ import annotations

import json
import re

import pytest

from commissioning.kernel.actor import Role
from commissioning.submission import services
from commissioning.submission.domain import receipts
from tests.factories.submission import (
    ITN_DEADLINE,
    colleague,
    drafted_bid,
    submitted_bid,
)
from tests.support.pages import post

HIDDEN = re.compile(r'name="(idempotency_key|checked_quality|checked_price)"[^>]*? value="([^"]*)"')
REASON = "Our line was down."


@pytest.fixture
def late(site):
    """After the deadline: the first bidder has a draft, the second a bid in time."""

    def prepare(made):
        first, second = made.bidders
        drafted_bid(made, first)
        submitted_bid(made, second)
        writer = colleague(first, Role.BID_WRITER)
        made.clock.move_to(ITN_DEADLINE)
        services.pass_deadlines(clock=made.clock)
        return writer

    return site.make(prepare, bidders=2)


def send_late(site, client, send, status=303, **changes):
    page = client.get(site.bid("/check")).get_data(as_text=True)
    entries = dict(HIDDEN.findall(page)) | {"reason": REASON} | changes
    return send(client, site.bid("/late"), entries, status=status, page=site.bid("/check"))


def sent(site, send):
    answer = send_late(site, site.visit(site.bidders[0]), send)
    return answer.headers["Location"]


def propose(site, send, verdict="accept"):
    lead = site.visit(site.team["procurement_lead"][0])
    page = lead.get(site.path("late-bids")).get_data(as_text=True)
    (path,) = re.findall(r'href="([^"]*/late-bids/[^"]*/propose)"', page)
    send(lead, path, {"verdict": verdict, "reason": "The exchange failed."})
    return path.replace("/propose", "/decide")


def decide(site, send, verdict="accept", **changes):
    path = propose(site, send, verdict)
    approver = site.visit(site.team["approver"][0])
    send(approver, path, {"decision": "approve", "reason": ""} | changes)
    return path


def test_the_check_page_says_that_it_is_too_late_and_offers_to_send_it_late(late, read, send):
    client = late.visit(late.bidders[0])
    assert "Check your answers and send the bid late" in read(client, late.bid())
    page = read(client, late.bid("/check"))
    assert "It is too late to submit" in page
    assert "Why is it late?" in page
    answer = send_late(late, client, send, status=422, reason=" ")
    assert "Enter why the bid is late" in answer.get_data(as_text=True)

    receipt = sent(late, send)
    page = read(client, receipt)
    assert "This bid is late. It is sealed and in quarantine" in page
    assert "No bid of yours counts" not in page
    body = json.loads(client.get(f"{receipt}/file").data)
    assert body["late"] == receipts.LATE
    assert receipts.problems(body) == []
    for path in (late.bid(), late.path("bids")):
        page = read(client, path)
        assert ">Late</strong>" in page
        assert "under decision</span>" in page
    page = read(client, late.bid("/check"))
    assert "Why is it late?" not in page
    assert "in quarantine" in page


def test_what_is_submitted_after_the_deadline_is_refused_and_offered_as_late(site, read, send):
    site.make(lambda made: drafted_bid(made, made.bidders[0]) and None)
    client = site.visit(site.bidders[0])
    entries = dict(HIDDEN.findall(read(client, site.bid("/check"))))
    site.clock.move_to(ITN_DEADLINE)
    answer = send(client, site.bid("/check"), entries, status=422)
    page = answer.get_data(as_text=True)
    assert "so it came too late" in page
    assert f'href="{site.bid("/check")}"' in page
    assert "Why is it late?" in read(client, site.bid("/check"))


def test_that_one_is_undecided_is_said_to_holders_and_deciders_alone(late, read, send):
    sent(late, send)

    def says_so(role):
        answer = late.visit(late.team[role.value][0]).get(late.path("opening"))
        return services.LATE_BID_WAITS in answer.get_data(as_text=True)

    assert says_so(Role.KEY_HOLDER)
    assert says_so(Role.PROCUREMENT_LEAD)
    assert says_so(Role.APPROVER)
    for role in (Role.COMMERCIAL_OFFICER, Role.EVALUATOR, Role.AUDITOR):
        assert not says_so(role), role
    decide(late, send)
    assert not says_so(Role.KEY_HOLDER)


def test_a_bid_in_time_stands_and_a_writer_cannot_send(late, read):
    page = read(late.visit(late.bidders[1]), late.bid("/check"))
    assert "The bid that you submitted before the deadline stands." in page
    assert "Why is it late?" not in page
    writer = late.visit(late.kept)
    page = read(writer, late.bid("/check"))
    assert "a signatory of your organisation can still send" in page
    answer = post(writer, late.bid("/late"), {"reason": REASON}, page=late.bid("/check"))
    assert answer.status_code == 404


def test_the_lead_alone_sees_it_until_it_is_proposed(late, read, send):
    sent(late, send)
    name = "Late bids"
    lead = late.visit(late.team["procurement_lead"][0])
    assert "Propose what happens to a late bid" in read(lead, "/dashboard")
    assert name in read(lead, late.path().rstrip("/"))
    page = read(lead, late.path("late-bids"))
    for told in (REASON, "Area 1", "at the very instant", "12:00:00.000 on Monday 30 June 2014"):
        assert told in page
    approver = late.visit(late.team["approver"][0])
    assert REASON not in read(approver, late.path("late-bids"))
    for role in (Role.AUDITOR, Role.KEY_HOLDER, Role.EVALUATOR, Role.COMMERCIAL_OFFICER):
        client = late.visit(late.team[role.value][0])
        assert client.get(late.path("late-bids")).status_code == 404, role
    for bidder in late.bidders:
        assert late.visit(bidder).get(late.path("late-bids")).status_code == 404

    path = propose(late, send)
    assert REASON in read(approver, late.path("late-bids"))
    assert "Decide on a late bid" in read(approver, "/dashboard")
    assert lead.get(path).status_code == 404
    for role in (Role.KEY_HOLDER, Role.EVALUATOR):
        client = late.visit(late.team[role.value][0])
        for page in ("", "/decisions"):
            assert "late bid" not in read(client, late.path().rstrip("/") + page).lower()


def test_the_opening_waits_and_says_so_before_anybody_joins(late, read, send):
    sent(late, send)
    holders = [late.visit(holder) for holder in late.team["key_holder"][:3]]
    page = read(holders[0], late.path("opening"))
    assert "A late bid is not decided yet" in page
    assert "Join the opening<" not in page
    answer = post(holders[0], late.path("opening/quality"), page="/account")
    assert answer.status_code == 422
    assert "A late bid is not decided yet" in answer.get_data(as_text=True)
    decide(late, send)
    assert "A late bid is not decided yet" not in read(holders[0], late.path("opening"))
    for holder in holders:
        send(holder, late.path("opening/quality"), page=late.path("opening"))
    assert "2 bids, of which 2 could be read." in read(holders[0], late.path("opening"))


def test_an_accepted_one_is_said_to_be_outside_the_root(late, app, read, send):
    receipt = sent(late, send)
    decide(late, send)
    client = late.visit(late.bidders[0])
    page = read(client, receipt)
    assert "two people of the authority accepted it" in page
    assert "not under the root" in page
    assert "The exchange failed." in page
    assert "proof that the bid was counted" not in page
    assert "accepted</span>" in read(client, late.bid())
    sha256 = receipts.receipt_sha256(json.loads(client.get(f"{receipt}/file").data))
    anybody = app.test_client()
    assert sha256 not in read(anybody, late.path("closing"))
    for holder in late.team["key_holder"][:3]:
        send(late.visit(holder), late.path("opening/quality"), page=late.path("opening"))
    assert sha256 in read(anybody, late.path("closing"))
    told = json.loads(anybody.get(late.path("closing.json")).data)
    assert (told["number"], told["late_receipts"]) == (1, [sha256])


def test_a_refused_one_tells_its_bidder_why(late, read, send):
    receipt = sent(late, send)
    decide(late, send, "refuse")
    client = late.visit(late.bidders[0])
    for path in (receipt, late.bid(), late.bid("/check")):
        page = read(client, path)
        assert "two people of the authority refused it" in page
        assert "The exchange failed." in page


def test_a_proposal_is_sent_back_with_a_reason(late, read, send):
    sent(late, send)
    path = propose(late, send)
    approver = late.visit(late.team["approver"][0])
    page = send(approver, path, {"decision": "send_back", "reason": ""}, status=422)
    assert "Say why you send it back." in page.get_data(as_text=True)
    send(approver, path, {"decision": "send_back", "reason": "Which exchange?"})
    page = read(late.visit(late.team["procurement_lead"][0]), late.path("late-bids"))
    assert "Which exchange?" in page
    assert "Propose to accept or to refuse it" in page
