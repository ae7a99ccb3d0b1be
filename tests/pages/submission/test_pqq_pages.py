"""A bidder answers the PQQ on the pages."""

from __future__ import annotations

import hashlib

import pytest

from commissioning.audit import queries as trail
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from tests.factories.submission import PQQ_DEADLINE, colleague, submitted_response


@pytest.fixture
def open_pqq(site):
    return site.make(stage=Stage.PQQ_OPEN)


def fill_in(site, client, send):
    send(client, site.path("pqq/parts/1"), {"A1": "A company."})
    send(client, site.path("pqq/parts/2"), {"B1": "yes"})
    send(client, site.path("pqq/lots"), {"lots": ["L1"]})
    send(
        client,
        site.path("pqq/funding"),
        {"proved_funding_pence": "5,000,000", "funding_source": "A letter."},
    )


def test_a_response_is_written_checked_and_submitted(open_pqq, read, send):
    client = open_pqq.visit(open_pqq.bidders[0])
    page = read(client, open_pqq.path("pqq"))
    assert "Not started" in page
    assert "Cannot start yet" in page

    fill_in(open_pqq, client, send)
    page = read(client, open_pqq.path("pqq"))
    assert page.count("Completed") == 4
    assert "£5,000,000.00 proved" in page
    check = read(client, open_pqq.path("pqq/check"))
    assert "A company." in check
    assert "Submit the response" in check
    send(client, open_pqq.path("pqq/check"))
    page = read(client, open_pqq.path("pqq"))
    assert "Your PQQ response is submitted." in page
    assert "Submitted" in page


def test_the_funding_is_compared_lot_by_lot(open_pqq, read, send):
    client = open_pqq.visit(open_pqq.bidders[0])
    fill_in(open_pqq, client, send)
    send(client, open_pqq.path("pqq/lots"), {"lots": ["L1", "L2"]})

    page = read(client, open_pqq.path("pqq/check"))
    assert "Enough" in page
    assert "Not enough" in page
    assert "£10,000,000.00" in page  # half of the second lot's value is 10 million
    assert "your response will fail for these" in page


def test_what_is_missing_is_listed_and_nothing_can_be_submitted(open_pqq, read, send):
    client = open_pqq.visit(open_pqq.bidders[0])
    send(client, open_pqq.path("pqq/parts/1"), {"A1": "A company."})

    page = read(client, open_pqq.path("pqq/check"))
    assert "What is missing" in page
    assert "Choose at least one lot." in page
    assert "Submit the response" not in page
    missing = page.split("What is missing")[1]
    for place in ("pqq/parts/2", "pqq/lots", "pqq/funding"):
        assert f'href="{open_pqq.path(place)}"' in missing


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("pqq/parts/1", {"A1": "word " * 51}, "A1: the answer has 51 words and the limit is 50"),
        ("pqq/funding", {"proved_funding_pence": "0", "funding_source": "x"}, "more than £0"),
        ("pqq/funding", {"proved_funding_pence": "5m", "funding_source": "x"}, "in full"),
        ("pqq/funding", {"proved_funding_pence": "", "funding_source": "x"}, "Enter the funding"),
        ("pqq/lots", {"lots": ["L9"]}, "Choose from what is shown"),
    ],
)
def test_what_cannot_be_taken_is_handed_back_with_a_sentence(open_pqq, send, path, data, sentence):
    client = open_pqq.visit(open_pqq.bidders[0])

    page = send(client, open_pqq.path(path), data, status=422).get_data(as_text=True)
    assert sentence in page
    assert "There is a problem" in page


def test_an_answer_too_long_is_not_lost(open_pqq, send):
    client = open_pqq.visit(open_pqq.bidders[0])
    page = send(client, open_pqq.path("pqq/parts/1"), {"A1": "precious " * 60}, status=422)

    assert page.get_data(as_text=True).count("precious") >= 60


def test_a_change_after_submitting_is_pointed_out(site, read, send):
    site.make(lambda made: submitted_response(made, made.bidders[0]), stage=Stage.PQQ_OPEN)
    client = site.visit(site.bidders[0])
    assert "You have changed the draft" not in read(client, site.path("pqq"))

    send(client, site.path("pqq/parts/1"), {"A1": "Another company."})
    assert "You have changed the draft" in read(client, site.path("pqq"))
    send(client, site.path("pqq/check"))
    assert "You have changed the draft" not in read(client, site.path("pqq"))


def test_what_was_submitted_is_read_and_taken_away_whatever_is_drafted_since(site, read, send):
    site.make(lambda made: submitted_response(made, made.bidders[0]), stage=Stage.PQQ_OPEN)
    client = site.visit(site.bidders[0])
    assert site.path("pqq/submitted") in read(client, site.path("pqq"))
    send(client, site.path("pqq/parts/1"), {"A1": "Another company."})

    page = read(client, site.path("pqq/submitted"))
    kept = client.get(site.path("pqq/submitted.json"))

    assert "A company." in page
    assert "Another company." not in page
    assert kept.json["answers"]["A1"] == "A company."
    assert hashlib.sha256(kept.data).hexdigest() in page


def test_there_is_nothing_to_read_before_a_response_is_submitted(open_pqq, send):
    client = open_pqq.visit(open_pqq.bidders[0])
    send(client, open_pqq.path("pqq/parts/1"), {"A1": "A company."})

    assert client.get(open_pqq.path("pqq/submitted")).status_code == 404
    assert client.get(open_pqq.path("pqq/submitted.json")).status_code == 404


def test_a_response_is_withdrawn_after_a_page_that_says_what_that_means(site, read, send):
    site.make(lambda made: submitted_response(made, made.bidders[0]), stage=Stage.PQQ_OPEN)
    client = site.visit(site.bidders[0])
    assert "no longer counts" in read(client, site.path("pqq/withdraw"))
    send(client, site.path("pqq/withdraw"))

    assert "Withdrawn" in read(client, site.path("pqq"))


def test_a_writer_is_told_who_can_submit(site, read, send):
    def prepare(made):
        submitted_response(made, made.bidders[0])
        return colleague(made.bidders[0], Role.BID_WRITER)

    site.make(prepare, stage=Stage.PQQ_OPEN)
    client = site.visit(site.kept)

    page = read(client, site.path("pqq/check"))
    assert "Only a signatory" in page
    assert "Submit the response" not in page
    assert client.get(site.path("pqq/withdraw")).status_code == 404


def test_at_the_deadline_the_submission_is_refused_in_a_sentence_and_kept_on_record(
    site, read, send
):
    site.make(lambda made: submitted_response(made, made.bidders[0]), stage=Stage.PQQ_OPEN)
    client = site.visit(site.bidders[0])
    site.clock.move_to(PQQ_DEADLINE)

    page = send(
        client, site.path("pqq/check"), status=422, page=site.path("pqq/withdraw")
    ).get_data(as_text=True)
    assert "The deadline was 12:00:00.000 on Friday 31 January 2014" in page
    events = site.ask(lambda: [link.event for link in trail.links()])
    assert events[-1] == "submission_refused_as_late"


def test_after_the_closing_the_answers_can_be_read_and_not_changed(site, read):
    site.make(lambda made: submitted_response(made, made.bidders[0]), stage=Stage.PQQ_OPEN)
    client = site.visit(site.bidders[0])
    site.clock.move_to(PQQ_DEADLINE)
    site.move_to(Stage.PQQ_CLOSED)

    for path in ("pqq", "pqq/parts/1", "pqq/lots", "pqq/funding", "pqq/check"):
        page = read(client, site.path(path))
        assert "Nothing can be changed any more" in page
        assert "govuk-button" not in page.split("<main")[1].split("</main")[0], path
    assert "A company." in read(client, site.path("pqq/parts/1"))


def test_your_tenders_lists_what_is_open_to_a_bidder(site, read):
    site.make(stage=Stage.PQQ_OPEN)
    page = read(site.visit(site.bidders[0]), "/tenders")

    assert "Answer the PQQ" in page
    assert site.path("pqq") in page
