"""Received is the instant of the last byte, whatever the request waits for afterwards."""

from __future__ import annotations

import http.client
import io
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from waitress import wasyncore

from commissioning.cli.server import server_for
from commissioning.kernel.clock import SetClock
from commissioning.web import shell

DEADLINE = datetime(2027, 6, 30, 11, 0, tzinfo=UTC)
A_MILLISECOND = timedelta(milliseconds=1)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ticking():
    return SetClock(DEADLINE - A_MILLISECOND)


@pytest.fixture
def free():
    """Set once the work that keeps every thread busy may end."""
    return threading.Event()


@pytest.fixture
def small_app(ticking, free):
    app = Flask(__name__)
    shell.init_app(
        app,
        shell.Shell(
            clock=ticking,
            real_clock=ticking,
            load_user=lambda _token: None,
            record_denial=lambda *_: None,
        ),
    )

    @app.post("/submit")
    def submit():
        return shell.received_at().isoformat()

    @app.post("/slow")
    def slow():
        assert free.wait(20)
        return "done"

    return app


@contextmanager
def served(app, clock, *, threads):
    server = server_for(app, clock, host="127.0.0.1", port=0, threads=threads)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        thread.join(5)


def sent(server, path, body=b"a=1"):
    """A request whose last byte is in the server, and which is not answered yet."""
    waiting = requests_in(server)
    connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=20)
    connection.request("POST", path, body, FORM)
    until = time.monotonic() + 10
    while requests_in(server) == waiting and time.monotonic() < until:
        time.sleep(0.01)
    assert requests_in(server) == waiting + 1
    return connection


def requests_in(server):
    return sum(len(channel.requests) for channel in list(server.active_channels.values()))


def answer(connection):
    with closing(connection), connection.getresponse() as response:
        return response.read().decode()


def test_a_stalled_queue_makes_nobody_late(small_app, ticking, free):
    with served(small_app, ticking, threads=1) as server:
        busy = sent(server, "/slow")
        in_time = sent(server, "/submit")
        ticking.move_to(DEADLINE + A_MILLISECOND)
        late = sent(server, "/submit")
        ticking.move_to(DEADLINE + timedelta(seconds=30))
        free.set()

        assert answer(busy) == "done"
        assert answer(in_time) == (DEADLINE - A_MILLISECOND).isoformat()
        assert answer(late) == (DEADLINE + A_MILLISECOND).isoformat()


def test_nobody_names_the_instant_of_their_own_request(small_app, ticking):
    early = (DEADLINE - timedelta(days=1)).isoformat()

    given = small_app.test_client().post(
        "/submit", data={"a": "1"}, headers={"commissioning.received_at": early}
    )

    assert given.text == (DEADLINE - A_MILLISECOND).isoformat()


class Dripping(io.BytesIO):
    """A body whose last byte comes only after the clock has moved on."""

    def __init__(self, body, clock, moment):
        super().__init__(body)
        self._clock, self._moment = clock, moment

    def readinto(self, buffer):
        return self._passed(super().readinto(buffer))

    def read(self, *size):
        return self._passed(super().read(*size))

    def _passed(self, what):
        if self.tell() == len(self.getvalue()):
            self._clock.move_to(self._moment)
        return what


def test_a_body_that_is_still_arriving_is_received_with_its_last_byte(small_app, ticking):
    body = Dripping(b"a=1&b=2", ticking, DEADLINE)

    given = small_app.test_client().post(
        "/submit", input_stream=body, content_length=7, headers=FORM
    )

    assert given.text == DEADLINE.isoformat()


@pytest.mark.parametrize(("size", "status"), [(2**20, 200), (2**20 + 1, 413)])
def test_a_command_is_not_so_large_that_its_instant_is_unknown(small_app, size, status):
    body = b"a=" + b"x" * (size - 2)

    given = small_app.test_client().post("/submit", data=body, content_type=FORM["Content-Type"])

    assert given.status_code == status


def test_idle_connections_keep_nobody_out(small_app, ticking):
    """More of them than waitress takes by default; a whole request is noted and answered."""
    with served(small_app, ticking, threads=1) as server:
        idle = [
            http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=20)
            for _ in range(150)
        ]
        for connection in idle:
            connection.connect()
        try:
            last = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=20)
            last.request("POST", "/submit", b"a=1", FORM)
            assert answer(last) == ticking.now().isoformat()
        finally:
            for connection in idle:
                connection.close()


def test_a_body_that_does_not_say_its_length_is_not_read(small_app):
    client = small_app.test_client()
    body = io.BytesIO(b"a=1")
    answered = client.post(
        "/submit",
        input_stream=body,
        headers={**FORM, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answered.status_code == 411
    assert body.tell() == 0
