"""The lead prepares keys, the holders rehearse and open, on the pages."""

from __future__ import annotations

import re

from commissioning.identity.domain import keys
from commissioning.identity.services.particulars import give_new_keys
from commissioning.kernel.stage import Stage
from commissioning.submission import queries
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.services import custody
from tests.factories.identity import PASSWORD, PersonFactory
from tests.factories.submission import ITN_DEADLINE, submitted_bid


def test_keys_are_prepared_and_rehearsed(site, read, send):
    site.make(stage=Stage.SHORTLISTED)
    lead = site.visit(site.team["procurement_lead"][0])
    holders = [site.visit(holder) for holder in site.team["key_holder"]]
    page = read(lead, site.path("opening-keys"))
    assert "Prepare the opening keys" in page
    assert "Join the rehearsal" not in read(holders[0], site.path("opening-keys"))

    send(lead, site.path("opening-keys/prepare"), page=site.path("opening-keys"))
    assert "Public key" in read(lead, site.path("opening-keys"))
    for holder in holders[:3]:
        send(holder, site.path("opening-keys/rehearse"), page=site.path("opening-keys"))
    page = read(holders[3], site.path("opening-keys"))
    done = page[page.index("The rehearsal is done") :].split("</div>")[0]
    names = [holder.name for holder in site.team["key_holder"]]
    assert [name in done for name in names] == [True, True, True, False, False]


def test_the_number_of_holders_is_told_before_keys_are_made(site, read, send):
    def prepare(made):
        made.people["key_holder"][0].is_active = False

    site.make(prepare, stage=Stage.SHORTLISTED)
    lead = site.visit(site.team["procurement_lead"][0])
    page = read(lead, site.path("opening-keys"))
    assert "takes exactly 5 key holders, and 4 are named" in page

    answer = send(
        lead, site.path("opening-keys/prepare"), page=site.path("opening-keys"), status=422
    )
    assert "Name 5 people as key holders first." in answer.get_data(as_text=True)


def test_three_holders_open_quality_in_sessions_of_their_own(site, read, send):
    site.make(lambda made: submitted_bid(made, made.bidders[0]) and None)
    holders = [site.visit(holder) for holder in site.team["key_holder"]]
    assert "Join the opening" not in read(holders[0], site.path("opening"))
    site.clock.move_to(ITN_DEADLINE)
    site.move_to(Stage.ITN_CLOSED)

    for number, holder in enumerate(holders[:3]):
        assert f"{number} of 3 key holders needed have joined" in read(
            holders[4], site.path("opening")
        )
        send(holder, site.path("opening/quality"), page=site.path("opening"))
        if number < 2:
            assert "Join the opening<" not in read(holder, site.path("opening"))
    page = read(holders[0], site.path("opening"))
    assert "1 bid, of which 1 could be read." in page
    assert "They open when the quality marks are locked." in page


def test_a_bid_that_cannot_be_read_is_named(site, read, send):
    def prepare(made):
        _, bad = (submitted_bid(made, bidder) for bidder in made.bidders)
        queries.envelope_of(bad, Envelope.QUALITY).sealed = b"x" * 5000
        return bad.reference

    site.make(prepare, bidders=2)
    site.clock.move_to(ITN_DEADLINE)
    site.move_to(Stage.ITN_CLOSED)
    holders = [site.visit(holder) for holder in site.team["key_holder"]]
    for holder in holders[:3]:
        send(holder, site.path("opening/quality"), page=site.path("opening"))

    page = read(holders[0], site.path("opening"))
    assert "2 bids, of which 1 could be read." in page
    assert site.kept in page


def test_price_cannot_be_opened_before_the_lock(site, send, read):
    site.make(stage=Stage.ITN_CLOSED)
    holder = site.visit(site.team["key_holder"][0])

    send(holder, site.path("opening/price"), page=site.path("opening"), status=404)
    send(holder, site.path("opening/other"), page=site.path("opening"), status=404)


def test_bidders_see_neither_keys_nor_openings(site):
    site.make(stage=Stage.ITN_CLOSED)
    client = site.visit(site.bidders[0])

    for path in ("opening-keys", "opening"):
        assert client.get(site.path(path)).status_code == 404


def newcomer(made):
    return PersonFactory(organisation=made.authority, roles=[], name="Nia Webb").reference


def test_a_key_holder_is_replaced_by_the_others(site, read, send):
    site.make(newcomer)
    lead = site.visit(site.team["procurement_lead"][0])
    first, *holders = site.team["key_holder"]
    page_of_keys, form = site.path("opening-keys"), site.path("opening-keys/replace")
    assert "Replace a key holder" in read(lead, page_of_keys)
    entries = {"leaving": first.reference, "joining": site.kept, "reason": "She leaves."}

    page = send(lead, form, entries | {"reason": ""}, status=422).get_data(as_text=True)
    assert "Enter why the holder is replaced." in page
    assert f'value="{site.kept}" selected' in page or f'selected value="{site.kept}"' in page
    send(lead, form, entries)
    page = read(lead, page_of_keys)
    assert "Nia Webb takes over from" in page
    assert "Drop the replacement" in page
    assert "Join the replacement" not in read(site.visit(holders[0]), page_of_keys)
    approver = site.visit(site.team["approver"][0])
    assert "Approve the replacement of a key holder" in read(approver, "/dashboard")
    form_of_approval = re.search(r'action="([^"]+/approve)"', read(approver, page_of_keys))[1]
    send(approver, form_of_approval, page=page_of_keys)
    assert "Join the replacement of a key holder" in read(site.visit(holders[0]), "/dashboard")
    for holder in holders[:3]:
        send(site.visit(holder), f"{form}/join", page=page_of_keys)
    page = read(lead, page_of_keys)
    assert "takes over from" not in page
    assert "Nia Webb" in page
    assert first.name not in page[page.index(">Shares<") :].split("</table>")[0]


def test_only_whose_act_it_is_replaces(site, read, send):
    site.make(newcomer)
    holder = site.visit(site.team["key_holder"][0])
    assert "Replace a key holder" not in read(holder, site.path("opening-keys"))
    form = site.path("opening-keys/replace")
    assert holder.get(form).status_code == 404
    for who in ("approver", "auditor"):
        assert site.visit(site.team[who][0]).get(form).status_code == 404
    assert site.visit(site.bidders[0]).get(form).status_code == 404
    answer = send(holder, f"{form}/join", page=site.path("opening-keys"), status=422)
    assert "No replacement of a key holder waits." in answer.get_data(as_text=True)


def test_a_replacement_that_waits_can_be_dropped(site, read, send):
    site.make(newcomer)
    lead = site.visit(site.team["procurement_lead"][0])
    page_of_keys, form = site.path("opening-keys"), site.path("opening-keys/replace")
    first = site.team["key_holder"][0].reference
    send(lead, form, {"leaving": first, "joining": first, "reason": "Reset."})
    assert "gets a fresh share" in read(lead, page_of_keys)
    send(lead, f"{form}/drop", page=page_of_keys)
    assert "gets a fresh share" not in read(lead, page_of_keys)


def test_a_lost_share_is_seen(site, read):
    def prepare(made):
        give_new_keys(made.people["key_holder"][0], PASSWORD)

    site.make(prepare)
    page = read(site.visit(site.team["procurement_lead"][0]), site.path("opening-keys"))
    assert page.lower().count("share lost") == 1
    assert "A reset of the password makes a share worthless." in page


def test_shares_that_do_not_fit_are_said_and_nothing_is_open(site, read, send):
    def prepare(made):
        submitted_bid(made, made.bidders[0])
        key = queries.opening_keys(made.row)[Envelope.QUALITY]
        held = custody.shares_of_key(key)[made.holders(1)[0].reference]
        wrong = bytes([held.place]) + bytes(32)
        held.sealed = keys.seal_to(held.sealed_to, wrong, purpose=custody._share_purpose(held))

    site.make(prepare)
    site.clock.move_to(ITN_DEADLINE)
    site.move_to(Stage.ITN_CLOSED)
    holders = [site.visit(holder) for holder in site.team["key_holder"]]
    for holder in holders[:3]:
        send(holder, site.path("opening/quality"), page=site.path("opening"))
    assert "one of them is wrong. Nothing is open." in read(holders[3], site.path("opening"))
    send(holders[3], site.path("opening/quality"), page=site.path("opening"))
    assert "1 bid, of which 1 could be read." in read(holders[3], site.path("opening"))
