"""What every request meets first: it is read whole, its instant is noted, and it waits its turn.

A server of many threads reads each request at once, so nobody is late because others are at work.
But hundreds of threads at work at the same time keep each other, and the reading of what comes
next, from going on. So only a few are at work in one process, in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from commissioning.kernel.clock import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RECEIVED_AT = "commissioning.received_at"
"""Where the instant stands at which the last byte was here: by the server, else by us."""

LARGEST_COMMAND_BYTES = 1024 * 1024
"""No command by which something is submitted is larger."""


class Arrivals:
    """An application behind the door at which requests are read, noted, and wait their turn."""

    def __init__(self, application: WSGIApplication, clock: Clock, *, at_work: int) -> None:
        """`clock` is that of business; `at_work` requests of one process are worked on at once."""
        self._application, self._clock = application, clock
        self._turns = BoundedSemaphore(at_work)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Work on a request once it is here whole and its turn has come.

        A server that has noted the instant reads ahead, and has its own few threads. A large body
        brings files: it is left in the stream, and waits for nobody while it trickles in.
        """
        length = _length(environ)
        if RECEIVED_AT in environ or length is None or length > LARGEST_COMMAND_BYTES:
            return self._application(environ, start_response)
        if length:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
        environ[RECEIVED_AT] = self._clock.now()
        with self._turns:
            return self._application(environ, start_response)


def _length(environ: WSGIEnvironment) -> int | None:
    """The bytes of the body; None for one that does not say, or says nonsense."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    stated = environ.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isascii() and stated.isdecimal() else None
