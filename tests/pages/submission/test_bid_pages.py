"""A bidder writes, prices, submits and takes back a bid on the pages."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re

import pytest

from commissioning.audit import queries as trail
from commissioning.kernel.actor import Role
from commissioning.kernel.csv_text import csv_text
from commissioning.kernel.stage import Stage
from commissioning.static import verify_receipt
from commissioning.submission.domain import file_limits, receipts
from tests.factories.submission import (
    ITN_DEADLINE,
    colleague,
    drafted_bid,
    submitted_bid,
)
from tests.support.pages import post
from tests.support.price_files import rows, xlsx

HIDDEN = re.compile(r'name="(idempotency_key|checked_quality|checked_price)"[^>]*? value="([^"]*)"')


def fees(amount="10,000,000"):
    return {f"fee_{year}": amount for year in range(1, 8)}


def submit(site, client, send, status=303, **changes):
    page = client.get(site.bid("/check")).get_data(as_text=True)
    return send(client, site.bid("/check"), dict(HIDDEN.findall(page)) | changes, status=status)


def with_draft(made):
    drafted_bid(made, made.bidders[0])


def with_bid(made):
    submitted_bid(made, made.bidders[0])


def test_a_bid_is_written_priced_checked_and_submitted(site, read, send):
    site.make()
    client = site.visit(site.bidders[0])
    assert "Not started" in read(client, site.path("bids"))
    send(client, site.bid("/answers/Q1"), {"Q1": "We will do it well."})
    send(client, site.bid("/answers/Q2"), {"Q2": "We will do that too."})
    send(client, site.bid("/price"), fees())

    page = read(client, site.bid())
    assert "5 words of 50" in page
    assert "Evaluated price £63,285,530.20" in page
    assert "Ready" in page
    check = read(client, site.bid("/check"))
    assert "We will do it well." in check
    receipt = submit(site, client, send).headers["Location"]
    page = read(client, receipt)
    assert "This is the bid that counts" in page
    assert "Submitted" in read(client, site.path("bids"))
    assert "1 submitted, 2 lots" in read(client, "/tenders")


def test_the_receipt_can_be_downloaded_and_checked(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    location = submit(site, client, send).headers["Location"]

    answer = client.get(f"{location}/file")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert receipts.problems(json.loads(answer.data)) == []


def test_sending_the_same_page_twice_gives_one_receipt(site, read):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    page = read(client, site.bid("/check"))
    token = re.search(r'name="csrf_token"[^>]*? value="([^"]+)"', page)[1]
    sent = dict(HIDDEN.findall(page)) | {"csrf_token": token}
    answers = [client.post(site.bid("/check"), data=sent) for _ in range(2)]
    site.clock.move_to(ITN_DEADLINE)
    answers.append(client.post(site.bid("/check"), data=sent))

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1


def test_a_draft_that_a_colleague_changed_meanwhile_is_not_submitted(site, send, read):
    def prepare(made):
        with_draft(made)
        return colleague(made.bidders[0], Role.BID_WRITER)

    site.make(prepare)
    client, writer = site.visit(site.bidders[0]), site.visit(site.kept)
    page = read(client, site.bid("/check"))
    send(writer, site.bid("/answers/Q1"), {"Q1": "Changed."})

    answer = post(client, site.bid("/check"), dict(HIDDEN.findall(page)))
    assert answer.status_code == 422
    assert "changed since you checked it" in answer.get_data(as_text=True)


def test_a_bid_with_answers_missing_asks_for_confirmation(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    send(client, site.bid("/answers/Q2"), {"Q2": ""})

    assert "Q2 is not answered." in read(client, site.bid("/check"))
    page = submit(site, client, send, status=422).get_data(as_text=True)
    assert "confirm that you submit the bid without them" in page
    submit(site, client, send, confirmed_incomplete="y")


def test_a_bid_without_prices_cannot_be_submitted(site, read, send):
    site.make()
    client = site.visit(site.bidders[0])
    send(client, site.bid("/answers/Q1"), {"Q1": "An answer."})

    page = read(client, site.bid("/check"))
    assert "The price schedule is not filled in." in page
    assert "Submit the bid" not in page


def test_every_year_that_is_wrong_is_named_at_once(site, send):
    site.make()
    client = site.visit(site.bidders[0])
    wrong = fees() | {"fee_2": "-5", "fee_3": "", "fee_4": "ten", "fee_6": "1.5"}

    page = send(client, site.bid("/price"), wrong, status=422).get_data(as_text=True)

    summary = page.split("govuk-error-summary__list")[1].split("</ul>")[0]
    for sentence in (
        "The fee for year 2 must be above £0.",
        "Enter the fee for year 3.",
        "Year 4: enter an amount in pounds",
        "Year 6: enter pence as two digits",
    ):
        assert sentence in summary


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"fee_1": "0"}, "The fee for year 1 must be above £0."),
        ({"fee_2": "-5"}, "The fee for year 2 must be above £0."),
        ({"fee_3": ""}, "Enter the fee for year 3."),
        ({"fee_4": "10m"}, "Year 4: enter the amount in full"),
        ({"fee_5": "10,000"}, "it looks like it is in thousands"),
        ({"fee_6": "1,000,000,000"}, "it looks like it is in pence"),
        ({"fee_7": "ten"}, "Year 7: enter an amount in pounds"),
        ({"adjustments_pence": "-100,000,000"}, "it must be above £0"),
        ({"note": "word " * 501}, "500 words or fewer"),
    ],
)
def test_a_price_that_cannot_be_meant_is_named_beside_its_field(site, send, data, sentence):
    site.make()
    client = site.visit(site.bidders[0])

    page = send(client, site.bid("/price"), fees() | data, status=422).get_data(as_text=True)
    assert sentence in page
    (field,) = data
    assert f'id="{field}-error"' in page


def test_a_file_is_added_read_and_removed(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    upload = {"file": (io.BytesIO(b"the plan"), "../../Plan A.pdf")}
    send(client, site.bid("/answers/Q1/file"), upload)

    page = read(client, site.bid("/answers/Q1"))
    assert "Plan A.pdf" in page
    assert ".." not in page.split("<main")[1].split("</main")[0].replace("...", "")
    path = re.search(r'href="([^"]*/files/[^"]+)"', page)[1]
    answer = client.get(path)
    assert answer.data == b"the plan"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "8 bytes" in page
    assert "1 file" in read(client, site.bid())
    removal = re.search(r'action="([^"]*/remove)"', page)[1]
    send(client, removal, page=site.bid("/answers/Q1"))
    assert "There are no files with this answer." in read(client, site.bid("/answers/Q1"))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        ((io.BytesIO(b""), "empty.pdf"), "is empty"),
        (None, "Choose a file."),
    ],
)
def test_a_file_that_is_none_is_named_beside_its_field(site, send, upload, sentence):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    data = {"file": upload} if upload else {}

    page = send(client, site.bid("/answers/Q1/file"), data, status=422).get_data(as_text=True)
    assert sentence in page


def test_a_file_over_the_limit_is_refused_beside_its_field(make_site, send):
    site = make_site(max_document_bytes=1000, max_request_bytes=5000)
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    upload = {"file": (io.BytesIO(bytes(1001)), "large.pdf")}

    page = send(client, site.bid("/answers/Q1/file"), upload, status=422).get_data(as_text=True)
    assert "“large.pdf” is" in page
    assert "Choose a smaller file." in page


def test_an_answer_over_its_limit_is_handed_back_whole(site, send):
    site.make()
    client = site.visit(site.bidders[0])

    page = send(client, site.bid("/answers/Q1"), {"Q1": "precious " * 60}, status=422)
    text = page.get_data(as_text=True)
    assert "Q1: the answer has 60 words and the limit is 50. Take out 10." in text
    assert text.count("precious") >= 60


def test_a_page_sent_again_after_a_replacement_says_which_receipt_counts(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    old = dict(HIDDEN.findall(read(client, site.bid("/check"))))
    first = send(client, site.bid("/check"), old).headers["Location"].rsplit("/", 1)[1]
    send(client, site.bid("/answers/Q1"), {"Q1": "Better."})
    second = submit(site, client, send).headers["Location"].rsplit("/", 1)[1]
    read(client, site.bid(f"/receipts/{second}"))

    again = send(client, site.bid("/check"), old).headers["Location"]
    page = read(client, again)
    assert again.endswith(first)
    assert "Your bid is submitted." not in page
    assert f"The receipt that counts now is {second}." in page
    assert f'/receipts/{second}">{second}</a>' in page

    send(client, site.bid("/withdraw"))
    read(client, site.bid())
    page = read(client, send(client, site.bid("/check"), old).headers["Location"])
    assert "the bid was withdrawn since" in page
    assert "no bid of yours counts for this lot now" in page


def test_how_many_files_a_bid_takes_is_said_before_one_is_chosen(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    upload = {"file": (io.BytesIO(b"the plan"), "plan.pdf")}
    send(client, site.bid("/answers/Q1/file"), upload)

    for rest in ("/answers/Q1", "/answers/Q1/file"):
        page = read(client, site.bid(rest))
        assert "up to 5 files, and a bid up to 40 of 400 MB together" in page
        assert "This bid has 1 file of 8 bytes." in page


def test_a_file_too_many_is_refused_beside_its_field(site, send, monkeypatch):
    monkeypatch.setattr(file_limits, "MOST_BYTES_PER_BID", 10)
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    upload = {"file": (io.BytesIO(bytes(11)), "plan.pdf")}

    page = send(client, site.bid("/answers/Q1/file"), upload, status=422).get_data(as_text=True)
    assert 'id="file-error"' in page
    assert "The files of a bid have up to" in page


def test_a_bid_is_replaced_and_the_old_receipt_says_so(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    first = submit(site, client, send).headers["Location"]
    send(client, site.bid("/answers/Q1"), {"Q1": "Better."})
    assert "You have changed the drafts since you submitted" in read(client, site.bid())
    assert "We will." in read(client, site.bid("/submitted"))
    second = submit(site, client, send).headers["Location"]

    assert "does not count any more" in read(client, first)
    assert first.rsplit("/", 1)[1] in read(client, second)
    assert "Better." in read(client, site.bid("/submitted"))


def test_what_was_sealed_is_downloaded_and_has_the_digests_of_the_receipt(site, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    receipt = submit(site, client, send).headers["Location"]
    named = json.loads(client.get(f"{receipt}/file").data)["sha256"]
    for envelope in ("quality", "price"):
        document = client.get(site.bid(f"/submitted/{envelope}/file")).data
        assert hashlib.sha256(document).hexdigest() == named[envelope]
    assert client.get(site.bid("/submitted/both/file")).status_code == 404


def test_a_bid_is_withdrawn_after_a_page_that_says_what_that_means(site, read, send):
    site.make(with_bid)
    client = site.visit(site.bidders[0])
    assert "no longer counts" in read(client, site.bid("/withdraw"))
    send(client, site.bid("/withdraw"))

    assert "Withdrawn" in read(client, site.bid())
    assert client.get(site.bid("/submitted")).status_code == 404


def test_a_withdrawal_has_a_receipt_that_can_be_checked_and_is_not_counted(site, read, send):
    site.make(with_bid)
    client = site.visit(site.bidders[0])
    where = send(client, site.bid("/withdraw")).location
    page = read(client, where)
    assert "Receipt of your withdrawal" in page
    assert where in read(client, site.bid())

    receipt = json.loads(client.get(f"{where}/file").get_data(as_text=True))
    assert receipts.problems(receipt) == []
    assert verify_receipt.receipt_problems(receipt, None) == []
    assert receipt["withdraws"].startswith("RCT-")
    assert "sha256" not in receipt
    forged = receipt | {"withdraws": "RCT-ANOTHER"}
    assert receipts.problems(forged) != []
    assert verify_receipt.receipt_problems(forged, None) != []

    # The same document each time, no other bidder's, and none of the receipts that are counted.
    assert json.loads(client.get(f"{where}/file").get_data(as_text=True)) == receipt
    assert client.get(f"{where}X").status_code == 404
    assert client.get(where.replace("withdrawals", "receipts")).status_code == 404


def test_at_the_deadline_a_submission_is_refused_in_a_sentence_and_kept_on_record(site, read, send):
    site.make(with_draft)
    client = site.visit(site.bidders[0])
    sent = dict(HIDDEN.findall(read(client, site.bid("/check"))))
    site.clock.move_to(ITN_DEADLINE)

    answer = post(client, site.bid("/check"), sent, page=site.bid("/withdraw"))
    assert answer.status_code == 422
    assert "The deadline was 12:00:00.000 on Monday 30 June 2014" in answer.get_data(as_text=True)
    events = site.ask(lambda: [link.event for link in trail.links()])
    assert events[-1] == "submission_refused_as_late"


def test_after_the_deadline_the_bid_can_be_read_and_not_changed(site, read):
    site.make(with_bid)
    client = site.visit(site.bidders[0])
    site.clock.move_to(ITN_DEADLINE)
    site.move_to(Stage.ITN_CLOSED)

    for path in ("", "/answers/Q1", "/price", "/check", "/submitted"):
        page = read(client, site.bid(path))
        assert "Nothing can be changed any more" in page, path
        assert "govuk-button" not in page.split("<main")[1].split("</main")[0], path
    assert "We will." in read(client, site.bid("/answers/Q1"))


def test_a_colleague_without_the_key_is_sent_to_a_page_that_says_what_to_do(site):
    def prepare(made):
        with_draft(made)
        return colleague(made.bidders[0], Role.BID_WRITER, admitted=False)

    site.make(prepare)
    answer = site.visit(site.kept).get(site.bid())

    assert answer.status_code == 409
    assert "let you back in" in answer.get_data(as_text=True)


def test_a_writer_is_told_who_can_submit(site, read):
    def prepare(made):
        with_draft(made)
        return colleague(made.bidders[0], Role.BID_WRITER)

    site.make(prepare)
    client = site.visit(site.kept)

    page = read(client, site.bid("/check"))
    assert "Only a signatory" in page
    assert "Submit the bid" not in page


def test_before_the_itn_the_lots_are_shown_and_cannot_be_bid_for(site, read):
    site.make(stage=Stage.SHORTLISTED)
    client = site.visit(site.bidders[0])

    assert "is not issued yet" in read(client, site.path("bids"))
    assert client.get(site.bid()).status_code == 404


def attach(site, client, content, name):
    data = {"file": (io.BytesIO(content), name)}
    return post(client, site.bid("/answers/Q1/file"), data, content_type="multipart/form-data")


def test_a_program_is_refused_at_its_field(site, read):
    site.make()
    client = site.visit(site.bidders[0])
    answer = attach(site, client, b"MZ" + b"\x00" * 99, "plan.pdf")

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert page.count("“plan.pdf” is a program, which nobody may open.") == 2
    assert "There are no files with this answer." in read(client, site.bid("/answers/Q1"))


def test_what_may_puzzle_a_reader_is_said_beside_the_file(site, read):
    site.make()
    client = site.visit(site.bidders[0])
    assert attach(site, client, b"GIF89a", "..\\plan.docm").status_code == 303

    page = read(client, site.bid("/answers/Q1"))
    assert "plan.docm</a>" in page
    assert page.count("It may hold macros.") == 2  # in the notice of this visit, and beside it
    assert "Its content is not of the type that its name says." in page
    assert "taken out" in page
    assert "It may hold macros." in read(client, site.bid("/check"))


def load(site, client, content, name="prices.xlsx"):
    data = {"file": (io.BytesIO(content), name)}
    return post(client, site.bid("/price/file"), data, content_type="multipart/form-data")


def test_a_price_schedule_is_loaded_shown_and_only_then_saved(site, read):
    site.make()
    client = site.visit(site.bidders[0])
    answer = load(site, client, xlsx(rows(Note="As <agreed>.", Adjustments="-5.00")))
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert "£63,285,525.20" in page
    assert "As &lt;agreed&gt;." in page
    assert "Evaluated price of the schedule as it is saved" not in read(client, site.bid("/price"))

    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    sent = {name: html.unescape(value) for name, value in hidden}
    assert client.post(site.bid("/price"), data=sent).status_code == 303
    page = read(client, site.bid("/price"))
    assert "£63,285,525.20" in page
    assert "As &lt;agreed&gt;." in page


def test_a_price_file_with_faults_saves_nothing_and_names_their_cells(site, read):
    site.make()
    client = site.visit(site.bidders[0])
    answer = load(site, client, csv_text(rows(**{"Year 3": "10,00"})).encode(), "prices.csv")
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert "mend 1 place in the file first" in page
    assert "Cell B4" in page
    assert "Evaluated price of the schedule as it is saved" not in read(client, site.bid("/price"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_of_prices_is_a_file_to_take_away(site, kind):
    site.make()
    answer = site.visit(site.bidders[0]).get(site.bid(f"/price/template.{kind}"))

    assert answer.status_code == 200
    assert f'filename="price-schedule-L1.{kind}"' in answer.headers["Content-Disposition"]
    assert len(answer.data) > 100
