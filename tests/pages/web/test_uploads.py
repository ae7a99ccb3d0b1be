from __future__ import annotations

import io
import os
import tempfile
import tracemalloc

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from commissioning.web.uploads import Allowance, BoundedUpload
from tests.support.pages import page_token, post

LIMIT = 1_000_000


@pytest.fixture
def small(make_site):
    """The site of somebody who takes files of a megabyte, three of them in a request."""
    return make_site(max_document_bytes=LIMIT, max_request_bytes=3 * LIMIT)


BOUNDARY = "multipart/form-data; boundary=b"


def parts(token, word="plain", name="plan.txt"):
    """What comes before and after the content of the file."""
    head = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="word"\r\n\r\n{word}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return head.encode(), b"\r\n--b--\r\n"


def send(client, content, name="plan.txt", word="plain"):
    head, tail = parts(page_token(client, "/probe/file"), word, name)
    return client.post("/probe/file", data=head + content + tail, content_type=BOUNDARY)


def test_a_file_up_to_the_limit_is_taken(small):
    assert send(small.test_client(), b"x" * LIMIT).text == f"plan.txt {LIMIT}"


def test_a_byte_more_is_refused_beside_the_field(small):
    answer = send(small.test_client(), b"x" * (LIMIT + 1))
    assert answer.status_code == 422
    assert '<a href="#file">“plan.txt” is 1 MB; the largest file that can be taken is 1 MB.' in (
        answer.text
    )
    assert 'value="plain"' in answer.text


def test_an_empty_file_is_refused(small):
    answer = send(small.test_client(), b"")
    assert answer.status_code == 422
    assert "“plan.txt” is empty." in answer.text


def test_no_file_is_refused_in_the_words_of_the_form(small):
    answer = send(small.test_client(), b"", name="")
    assert answer.status_code == 422
    assert '<a href="#file">Choose a file.</a>' in answer.text


def test_text_in_the_place_of_a_file_is_no_file(small):
    answer = post(small.test_client(), "/probe/file", {"word": "plain", "file": "not a file"})
    assert answer.status_code == 422
    assert "Choose a file." in answer.text


def test_another_kind_of_file_is_refused(small):
    answer = send(small.test_client(), b"x", "plan.exe")
    assert answer.status_code == 422
    assert "“plan.exe” is not one of: TXT." in answer.text


def test_the_form_sends_files(small):
    assert 'enctype="multipart/form-data"' in small.test_client().get("/probe/file").text


class Endless(io.RawIOBase):
    """A body of any size that is nowhere at once."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.parts = [head, size, tail]

    def readable(self):
        return True

    def readinto(self, buffer):
        room = len(buffer)
        while self.parts:
            part = self.parts[0]
            if isinstance(part, int):
                given = min(room, part)
                if given:
                    buffer[:given] = b"x" * given
                    self.parts[0] = part - given
                    return given
            elif part:
                given = part[:room]
                buffer[: len(given)] = given
                self.parts[0] = part[len(given) :]
                return len(given)
            self.parts.pop(0)
        return 0


@pytest.mark.slow
def test_a_file_of_200_megabytes_is_refused_beside_its_field_and_kept_nowhere(small, monkeypatch):
    def no_temporary_file(*args, **kwargs):
        raise AssertionError("a file lies in clear on the disk")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, no_temporary_file)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", no_temporary_file)
    client = small.test_client()
    head, tail = parts(page_token(client, "/probe/file"), name="big.txt")
    size = 200 * 1024 * 1024
    environ = EnvironBuilder(
        "/probe/file",
        method="POST",
        headers={"Cookie": f"session={client.get_cookie('session').value}"},
    ).get_environ()
    environ["wsgi.input"] = io.BufferedReader(Endless(head, size, tail))
    environ["CONTENT_TYPE"] = BOUNDARY
    environ["CONTENT_LENGTH"] = str(len(head) + size + len(tail))
    tracemalloc.start()
    try:
        body, status, _headers = run_wsgi_app(small, environ)
        page = b"".join(body).decode()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert status.startswith("422")
    assert "“big.txt” is 209.7 MB; the largest file that can be taken is 1 MB." in page
    assert peak < 10 * LIMIT, f"{peak:,} bytes were held at once"


def test_a_body_that_is_no_upload_is_bounded_more_narrowly(small):
    answer = small.test_client().post(
        "/probe/form",
        data=b"word=" + b"x" * (5 * 1024 * 1024),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_too_much_text_beside_a_file_is_refused(small):
    answer = send(small.test_client(), b"x", word="y" * (5 * 1024 * 1024))
    assert answer.status_code == 413


def test_what_is_kept_of_a_file_that_grows_too_large_is_let_go():
    allowance = Allowance(100)
    upload = BoundedUpload(10, allowance)
    upload.write(b"12345678")
    assert allowance.remaining == 92
    upload.write(b"90123")
    upload.write(b"more")
    assert (upload.size, upload.too_large, upload.content()) == (17, True, b"")
    assert allowance.remaining == 100


def test_the_files_of_one_request_share_what_it_may_keep():
    allowance = Allowance(15)
    first, second = BoundedUpload(10, allowance), BoundedUpload(10, allowance)
    first.write(b"x" * 10)
    second.write(b"y" * 6)
    assert first.content() == b"x" * 10
    assert second.too_large


def test_a_file_is_read_as_it_was_written():
    content = os.urandom(5000)
    upload = BoundedUpload(10_000, Allowance(10_000))
    for start in range(0, 5000, 700):
        upload.write(content[start : start + 700])
    upload.seek(0)
    assert upload.read() == upload.content() == content
