"""The closing in public, and the proof of a bidder alone."""

from __future__ import annotations

import json

import pytest

from commissioning.submission import queries, services
from commissioning.submission.domain import closing, receipts
from tests.factories.submission import ITN_DEADLINE, submitted_bid


@pytest.fixture
def closed(site):
    def prepare(made):
        rows = [submitted_bid(made, bidder) for bidder in made.bidders[:2]]
        made.clock.move_to(ITN_DEADLINE)
        services.pass_deadlines(clock=made.clock)
        return [queries.receipts_of(bid)[0].reference for bid in rows]

    return site.make(prepare, bidders=3)


def file_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return json.loads(answer.data)


def test_anybody_reads_the_root_and_nobody_the_number(closed, app, read):
    for client in (app.test_client(), closed.visit(closed.team["procurement_lead"][0])):
        page = read(client, closed.path("closing"))
        told = file_of(client, closed.path("closing.json"))
        assert told["root"] in page
        assert (told["number"], told["seed"], len(told["leaves"])) == (None, None, 1024)
        assert closing.root_of(told["leaves"]) == told["root"]
        assert "Published when the quality envelopes are opened" in page


def test_before_the_deadline_there_is_no_closing(site, app):
    site.make()
    assert app.test_client().get(site.path("closing")).status_code == 404
    assert app.test_client().get(site.path("closing.json")).status_code == 404


def test_a_bidder_downloads_its_proof_and_no_other(closed, read):
    receipt, other = closed.kept
    client = closed.visit(closed.bidders[0])
    page = read(client, closed.bid(f"/receipts/{receipt}"))
    assert "Download the proof that the bid was counted" in page
    body = file_of(client, closed.bid(f"/receipts/{receipt}/file"))
    proof = file_of(client, closed.bid(f"/receipts/{receipt}/proof"))
    root = file_of(client, closed.path("closing.json"))["root"]
    sha256 = receipts.receipt_sha256(body)
    assert closing.problems(proof, receipt_sha256=sha256, root=root) == []

    assert client.get(closed.bid(f"/receipts/{other}/proof")).status_code == 404
    for nobody in (closed.bidders[2], closed.team["procurement_lead"][0]):
        answer = closed.visit(nobody).get(closed.bid(f"/receipts/{receipt}/proof"))
        assert answer.status_code == 404


def test_a_receipt_has_no_proof_before_the_deadline(site, read):
    def prepare(made):
        return queries.receipts_of(submitted_bid(made, made.bidders[0]))[0].reference

    site.make(prepare)
    client = site.visit(site.bidders[0])
    assert "proof that the bid was counted" not in read(client, site.bid(f"/receipts/{site.kept}"))
    assert client.get(site.bid(f"/receipts/{site.kept}/proof")).status_code == 404


def test_the_number_is_public_once_quality_is_open(closed, app, read, send):
    for holder in closed.team["key_holder"][:3]:
        send(closed.visit(holder), closed.path("opening/quality"), page=closed.path("opening"))
    told = file_of(app.test_client(), closed.path("closing.json"))
    assert told["number"] == 2
    assert closing.counted(told["leaves"], seed=bytes.fromhex(told["seed"])) == 2
    assert "2 leaves are not made by it" in read(app.test_client(), closed.path("closing"))


def test_the_page_that_says_how_to_check_names_the_key_that_signs(closed, app, read):
    page = read(app.test_client(), "/help/receipts")
    receipt = closed.kept[0]
    client = closed.visit(closed.bidders[0])
    body = file_of(client, closed.bid(f"/receipts/{receipt}/file"))
    assert body["signature"]["public_key"] in page
    assert receipts.problems(body, public_key=body["signature"]["public_key"]) == []
    with app.test_client().get("/static/verify_receipt.py") as script:
        assert b"is_signed" in script.data
