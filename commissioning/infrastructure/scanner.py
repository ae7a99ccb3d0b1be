"""A virus scanner that an operator may run beside the platform: clamd, over its INSTREAM protocol.

It is off by default. Once it is configured nothing is passed without its word: a scanner that is
down, slow or talks nonsense is a refusal, never a yes.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

TIME_LIMIT_SECONDS: Final = 30.0
"""How long one file may take from the first byte sent to the answer."""

_PIECE_BYTES: Final = 1 << 16
_LONGEST_ANSWER: Final = 1024
_LONGEST_NAME: Final = 100
_FOUND: Final = re.compile(r"stream: ([ -~]{1,400}) FOUND")
_CLEAN: Final = "stream: OK"


class NoVerdict(Exception):
    """The scanner did not say whether the file is clean; the text is for the log alone."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A clamd at an address: "host:port", or the absolute path of its socket."""

    address: str
    time_limit_seconds: float = TIME_LIMIT_SECONDS

    def found_in(self, content: Iterable[bytes]) -> str | None:
        """The name of what the scanner found in a file, or None where it says that it is clean.

        Raises NoVerdict for anything else: no connection, no answer in time, another answer.
        """
        until = time.monotonic() + self.time_limit_seconds
        try:
            with self._connected(until) as channel:
                _send(channel, content, until)
                answer = _answer(channel, until)
        except OSError as error:  # a time limit that has passed is one as well
            raise NoVerdict(f"The scanner cannot be asked: {error}") from error
        if answer == _CLEAN:
            return None
        found = _FOUND.fullmatch(answer)
        if found is None:
            raise NoVerdict(f"The scanner answered {answer[:_LONGEST_NAME]!r}")
        return found[1][:_LONGEST_NAME]

    def _connected(self, until: float) -> socket.socket:
        if not self.address.startswith("/"):
            parts = urlsplit(f"//{self.address}")
            return socket.create_connection((parts.hostname, parts.port), timeout=_left(until))
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            channel.settimeout(_left(until))
            channel.connect(self.address)
        except BaseException:
            channel.close()
            raise
        return channel


def _send(channel: socket.socket, content: Iterable[bytes], until: float) -> None:
    channel.settimeout(_left(until))
    channel.sendall(b"zINSTREAM\0")
    for part in content:
        for at in range(0, len(part), _PIECE_BYTES):
            piece = part[at : at + _PIECE_BYTES]
            channel.settimeout(_left(until))
            channel.sendall(len(piece).to_bytes(4, "big") + piece)
    channel.settimeout(_left(until))
    channel.sendall(bytes(4))


def _answer(channel: socket.socket, until: float) -> str:
    """What the scanner says up to its NUL; cut off, endless or more than one is no answer."""
    said = bytearray()
    while b"\0" not in said and len(said) <= _LONGEST_ANSWER:
        channel.settimeout(_left(until))
        part = channel.recv(_LONGEST_ANSWER)
        if not part:
            break
        said += part
    if said.find(b"\0") != len(said) - 1:
        raise NoVerdict("The scanner broke off, or said more than one answer")
    return said[:-1].decode("utf-8", "replace")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time limit has passed")
    return left


class _Configured:
    """The scanner that the application was configured with; set once, by `configure`."""

    scanner: Scanner | None = None


def configure(address: str) -> None:
    """Say which scanner is asked from now on; "" for none."""
    _Configured.scanner = Scanner(address) if address else None


def scanner() -> Scanner | None:
    """The configured scanner, or None."""
    return _Configured.scanner
