"""Files in pieces and loaded files: what a script is answered, and what people see."""

from __future__ import annotations

import hashlib
import html
import re

import pytest

from commissioning.submission.domain.file_pieces import UPLOAD_PIECE_BYTES
from tests.factories.submission import ITN_DEADLINE
from tests.support.pages import page_token

CONTENT = b"%PDF" + bytes(UPLOAD_PIECE_BYTES) + b"the end"


def pieces():
    return [
        CONTENT[at : at + UPLOAD_PIECE_BYTES] for at in range(0, len(CONTENT), UPLOAD_PIECE_BYTES)
    ]


@pytest.fixture
def bidder(site):
    site.make()
    return site.visit(site.bidders[0])


def begin(site, client, status=200, lot=None, **changes):
    answer = client.post(
        site.bid("/answers/Q1/uploads", lot),
        data={
            "csrf_token": page_token(client, site.bid("/answers/Q1/file")),
            "file_name": "plan.pdf",
            "media_type": "application/pdf",
            "size": len(CONTENT),
            "digests": " ".join(hashlib.sha256(piece).hexdigest() for piece in pieces()),
        }
        | changes,
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def send(site, client, told, number, content, status=200):
    answer = client.post(
        f"{told['pieces']}{number}",
        data=content,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": page_token(client, site.bid("/answers/Q1/file"))},
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def text_of(page):
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_a_file_goes_in_pieces_and_is_shown_as_any_other(site, bidder, read):
    told = begin(site, bidder)
    assert told["has"] == []
    assert send(site, bidder, told, 0, pieces()[0])["has"] == [0]
    assert "4.2 MB of 4.2 MB have arrived" in text_of(read(bidder, site.bid("/answers/Q1")))
    assert begin(site, bidder)["has"] == [0]

    done = send(site, bidder, told, 1, pieces()[1])

    page = read(bidder, done["done"])
    assert "“plan.pdf” is added." in page
    assert "have arrived, encrypted" not in page
    (file,) = re.findall(r'href="([^"]*/files/FIL-[^"]*)"', page)
    assert bidder.get(file).data == CONTENT


def test_what_is_refused_is_said_in_words_and_keeps_what_is_there(site, bidder):
    told = begin(site, bidder)
    send(site, bidder, told, 0, pieces()[0])

    assert "other than it was announced" in send(site, bidder, told, 1, b"else", 422)["error"]
    other = begin(site, bidder, 422, size=9, digests="0" * 64)
    assert "is not the file that is under way" in other["error"]
    assert other["another"] == told["upload"]
    assert "62.9 MB" in begin(site, bidder, 422, size=60 * 1024 * 1024)["error"]
    assert "could not be read" in begin(site, bidder, 422, size="many", file_name="b")["error"]
    assert begin(site, bidder)["has"] == [0]


def test_a_file_that_is_never_taken_is_said_to_be_so(site, bidder):
    content = b"\x7fELF\x02\x01" + bytes(99)
    told = begin(site, bidder, size=len(content), digests=hashlib.sha256(content).hexdigest())

    refused = send(site, bidder, told, 0, content, 422)

    assert refused["isUnfit"]
    assert "“plan.pdf” is a program" in refused["error"]


def test_a_piece_after_the_deadline_is_refused_in_words(site, bidder):
    told = begin(site, bidder)
    token = page_token(bidder, site.bid("/answers/Q1/file"))
    site.clock.move_to(ITN_DEADLINE)

    answer = bidder.post(
        f"{told['pieces']}0",
        data=pieces()[0],
        content_type="application/octet-stream",
        headers={"X-CSRFToken": token},
    )

    assert answer.status_code == 422
    assert "The deadline was 12:00:00.000" in answer.json["error"]


def test_a_piece_without_its_token_is_refused(site, bidder):
    told = begin(site, bidder)
    answer = bidder.post(
        f"{told['pieces']}0", data=pieces()[0], content_type="application/octet-stream"
    )

    assert answer.status_code == 400
    assert begin(site, bidder)["has"] == []


def test_a_larger_body_than_a_piece_is_not_read(site, bidder):
    told = begin(site, bidder)
    answer = bidder.post(
        f"{told['pieces']}0",
        data=pieces()[0] + b"x",
        content_type="application/octet-stream",
        headers={"X-CSRFToken": page_token(bidder, site.bid("/answers/Q1/file"))},
    )
    assert answer.status_code == 413


def test_an_upload_is_discarded_by_a_button(site, bidder, read, send):
    told = begin(site, bidder)
    page = site.bid("/answers/Q1")
    assert f"?upload={told['upload']}" in read(bidder, page)
    assert "Choose <strong>plan.pdf</strong> again" in read(
        bidder, f"{page}/file?upload={told['upload']}"
    )

    send(bidder, f"{page}/uploads/{told['upload']}/discard", page=page)

    assert told["upload"] not in read(bidder, page)


def test_others_find_no_upload(make_site):
    site = make_site().make(bidders=2)
    bidder, rival = map(site.visit, site.bidders)
    told = begin(site, bidder)

    send(site, rival, told, 0, pieces()[0], status=404)
    assert begin(site, bidder)["has"] == []


def test_a_loaded_file_is_used_for_another_lot(site, bidder, read, send):
    there = site.bid("/answers/Q1/loaded-file", "L2")
    assert "No file is loaded yet" in read(bidder, there)
    told = begin(site, bidder, size=7, digests=hashlib.sha256(b"%PDF ok").hexdigest())
    send_piece = bidder.post(
        f"{told['pieces']}0",
        data=b"%PDF ok",
        content_type="application/octet-stream",
        headers={"X-CSRFToken": page_token(bidder, site.bid("/answers/Q1/file"))},
    )
    assert send_piece.status_code == 200
    page = read(bidder, there)
    assert "plan.pdf (7 bytes)" in page
    assert "Used for Q1 in Area 1." in page
    (file,) = re.findall(r'value="(FIL-[^"]*)"', page)
    assert "Choose a file." in send(bidder, there, status=422).get_data(as_text=True)
    send(bidder, there, {"file": "FIL-NONE"}, status=422)

    send(bidder, there, {"file": file})

    assert "“plan.pdf” is added." in read(bidder, site.bid("/answers/Q1", "L2"))
    assert "goes with this answer already" in read(bidder, there)
