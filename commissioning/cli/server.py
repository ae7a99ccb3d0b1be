"""The server of the embedded default, which notes when the last byte of each request was here.

A request may then wait for a free thread as long as it has to: its instant is noted before any
queue, on the clock of business, and `web.shell.received_at` hands it to whoever judges a deadline.
"""

from __future__ import annotations

import resource
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import WSGITask

from commissioning.kernel.clock import Clock
from commissioning.web.arrivals import RECEIVED_AT

_LARGEST_REQUEST_BYTES = 256 * 1024 * 1024
_MOST_CONNECTIONS = 8000
_FILES_KEPT_FREE = 200
_OPTIONS: dict[str, Any] = {
    "ident": None,
    "clear_untrusted_proxy_headers": True,
    # beyond these the server would lay a request, or a file that somebody reads, in clear, into a
    # temporary file
    "inbuf_overflow": _LARGEST_REQUEST_BYTES,
    "outbuf_overflow": _LARGEST_REQUEST_BYTES,
    "max_request_body_size": _LARGEST_REQUEST_BYTES,
    # whoever opens connections and sends nothing must keep nobody else out
    "asyncore_use_poll": True,
    "channel_timeout": 60,
    "cleanup_interval": 10,
}


def server_for(app: Flask, clock: Clock, *, host: str, port: int, threads: int) -> Any:
    """A waitress server, not yet running, whose requests carry the instant of their last byte."""

    class Request(HTTPRequestParser):
        """A request as it arrives, in the one thread that reads from every connection."""

        received_at = None

        def received(self, data: bytes) -> int:
            consumed = super().received(data)
            if self.completed and self.received_at is None:
                self.received_at = clock.now()
            return consumed

    class Task(WSGITask):
        """The work on a request, once a thread is free for it."""

        def get_environment(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environment()
            request: Any = self.request
            environ[RECEIVED_AT] = request.received_at
            return environ

    class Channel(HTTPChannel):
        parser_class = Request
        task_class = Task

    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        host=host,
        port=port,
        threads=threads,
        connection_limit=_most_connections(),
        **_OPTIONS,
    )
    for socket in sockets.values():  # a name such as localhost may have several addresses
        socket.channel_class = Channel
    return server


def _most_connections() -> int:
    """As many as the system lets this process have, less what it needs for files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _FILES_KEPT_FREE
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(allowed - _FILES_KEPT_FREE, 100)
