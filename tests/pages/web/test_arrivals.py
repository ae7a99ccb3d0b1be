"""The door of a process: read at once, noted, and then few at work in the order of arrival."""

from __future__ import annotations

import io
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from commissioning.kernel.clock import SetClock
from commissioning.web.arrivals import LARGEST_COMMAND_BYTES, RECEIVED_AT, Arrivals

NOON = datetime(2027, 6, 30, 11, 0, tzinfo=UTC)
PATIENCE_SECONDS = 10


class Work:
    """An application that notes who is at work, and goes on when it is let."""

    def __init__(self):
        self.let = threading.Event()
        self.at_work, self.most, self.begun = 0, 0, []
        self._guard = threading.Lock()

    def __call__(self, environ, _start_response):
        with self._guard:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            self.begun.append((environ["PATH_INFO"], environ.get(RECEIVED_AT)))
        assert self.let.wait(PATIENCE_SECONDS)
        with self._guard:
            self.at_work -= 1
        return [environ["wsgi.input"].read()]


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def clock():
    return SetClock(NOON)


@pytest.fixture
def door(work, clock):
    return Arrivals(work, clock, at_work=2)


def request(name, body=b"a=1", **environ):
    return {
        "PATH_INFO": name,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }


def arriving(door, environ):
    """A thread that a request has; it is at work, or waits its turn with its instant noted."""
    thread = threading.Thread(target=door, args=(environ, None))
    thread.start()
    return thread


def wait_until(holds):
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < until:
        time.sleep(0.005)
    assert holds()


def test_two_are_at_work_and_the_others_wait_with_their_instants_noted(door, work, clock):
    waiting, threads = [], []
    for number in range(6):
        environ = request(f"/{number}")
        threads.append(arriving(door, environ))
        wait_until(lambda environ=environ: RECEIVED_AT in environ)
        if number < 2:
            wait_until(lambda number=number: len(work.begun) == number + 1)
        waiting.append((f"/{number}", clock.now()))
        clock.move_to(clock.now() + timedelta(seconds=1))
    assert work.at_work == 2

    work.let.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert work.most == 2
    assert sorted(work.begun) == waiting


def test_a_large_body_waits_for_nobody_and_its_instant_is_not_known(door, work):
    threads = [arriving(door, request("/small")) for _ in range(2)]
    wait_until(lambda: work.at_work == 2)
    large = request("/large", b"x" * (LARGEST_COMMAND_BYTES + 1))
    threads.append(arriving(door, large))

    wait_until(lambda: work.at_work == 3)
    work.let.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert ("/large", None) in work.begun


def test_a_server_that_notes_the_instant_keeps_its_own_queue(door, work):
    noted = NOON - timedelta(seconds=5)
    threads = [arriving(door, request(f"/{n}", **{RECEIVED_AT: noted})) for n in range(3)]

    wait_until(lambda: work.at_work == 3)
    work.let.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert {instant for _, instant in work.begun} == {noted}


@pytest.mark.parametrize("stated", ["-1", "x", "1e3", "²"])
def test_a_length_that_is_no_number_is_left_to_the_application(door, work, stated):
    work.let.set()
    environ = request("/odd", CONTENT_LENGTH=stated)

    assert door(environ, None) == [b"a=1"]
    assert RECEIVED_AT not in environ


def test_whoever_fails_gives_the_turn_back(clock):
    def fails(_environ, _start_response):
        raise ZeroDivisionError

    door = Arrivals(fails, clock, at_work=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            door(request("/fails"), None)
