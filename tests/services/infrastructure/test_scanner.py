"""A scanner that gives no clear answer is never taken for one that says yes."""

from __future__ import annotations

import pytest

from commissioning.infrastructure.scanner import NoVerdict, Scanner
from tests.support.clamd import EICAR, clamd, closed_port


def test_a_clean_file_arrives_whole_at_the_scanner_and_is_called_clean():
    content = bytes(range(256)) * 1000
    with clamd() as (server, address):
        assert Scanner(address).found_in([content[:5], b"", content[5:]]) is None
    assert server.received == [content]


def test_what_is_found_is_named():
    with clamd() as (_, address):
        assert Scanner(address).found_in([b"before ", EICAR]) == "Eicar-Signature"


def test_a_scanner_is_reached_through_a_socket_too(tmp_path):
    with clamd(tmp_path / "clamd.ctl") as (_, address):
        assert Scanner(address).found_in([EICAR]) == "Eicar-Signature"
        assert Scanner(address).found_in([b"words"]) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: OK",
        b"stream: OK\n",
        b"stream: OK\0stream: OK\0",
        b"stream: NOT OK\0",
        b"stream: ok\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"stream:  FOUND\0",
        b"stream: a\nb FOUND\0",
        b"HTTP/1.1 200 OK\r\n\r\n\0",
        b"stream: OK" + b" " * 5000 + b"\0",
        b"\xff\xfe\0",
    ],
)
def test_any_other_answer_is_no_verdict(answer):
    with clamd(answer=answer) as (_, address), pytest.raises(NoVerdict):
        Scanner(address).found_in([b"words"])


def test_a_scanner_that_is_down_gives_no_verdict(tmp_path):
    for address in (closed_port(), str(tmp_path / "nothing.ctl"), "no-such-host.invalid:3310"):
        with pytest.raises(NoVerdict):
            Scanner(address, time_limit_seconds=5).found_in([b"words"])


@pytest.mark.parametrize("told", [{"hangs": True}, {"drips": True, "answer": b"stream: "}])
def test_a_slow_scanner_gives_no_verdict_within_the_time_limit(told):
    with clamd(**told) as (_, address), pytest.raises(NoVerdict):
        Scanner(address, time_limit_seconds=0.3).found_in([b"words"])


def test_a_scanner_that_takes_nothing_gives_no_verdict():
    with clamd(hangs=True) as (_, address), pytest.raises(NoVerdict):
        Scanner(address, time_limit_seconds=0.3).found_in([b"x" * 50_000_000])


def test_a_scanner_that_breaks_off_gives_no_verdict():
    with clamd(breaks_off=True) as (_, address), pytest.raises(NoVerdict):
        Scanner(address, time_limit_seconds=5).found_in([b"x" * 10_000_000])
