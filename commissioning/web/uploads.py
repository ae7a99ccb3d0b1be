"""Uploads that stay in memory up to a limit and are never written down in clear.

The framework's own way spools a file to a temporary file on disk. Part of a bid must not lie there
unsealed, so a file is kept in memory up to the limit; beyond it the rest is counted and dropped,
and the form says so beside the field.
"""

from __future__ import annotations

import io
from typing import IO, cast

from flask import Request, current_app


class Allowance:
    """How many more bytes one request may keep in memory over all its files."""

    def __init__(self, remaining: int) -> None:
        self.remaining = remaining


class BoundedUpload(io.RawIOBase):
    """A file being received: kept up to `limit` bytes, counted to its end.

    Once the limit, or the request's allowance, is passed, what was kept is let go: no part of a
    file that is too large is of use to anybody.
    """

    def __init__(self, limit: int, allowance: Allowance) -> None:
        super().__init__()
        self._limit = limit
        self._allowance = allowance
        self._kept = io.BytesIO()
        self.size = 0
        self.too_large = False

    def write(self, piece: bytes) -> int:  # type: ignore[override] # the parser writes bytes
        """Keep a piece, or only count it when the file has become too large."""
        length = len(piece)
        self.size += length
        if not self.too_large and (self.size > self._limit or length > self._allowance.remaining):
            self.too_large = True
            self._allowance.remaining += self._kept.tell()
            self._kept = io.BytesIO()
        if not self.too_large:
            self._allowance.remaining -= length
            self._kept.write(piece)
        return length

    def readable(self) -> bool:
        """A file can be read."""
        return True

    def writable(self) -> bool:
        """A file can be written while it is received."""
        return True

    def seekable(self) -> bool:
        """A file can be read again from any place."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """What was kept, from the present place on."""
        return self._kept.read(-1 if size is None else size)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # narrower
        """Fill a buffer with what was kept."""
        return self._kept.readinto(buffer)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place in what was kept."""
        return self._kept.seek(offset, whence)

    def tell(self) -> int:
        """The present place in what was kept."""
        return self._kept.tell()

    def content(self) -> bytes:
        """All that was kept; empty for a file that was too large."""
        return self._kept.getvalue()


class BoundedRequest(Request):
    """A request whose files are bounded, and whose other bodies are bounded more narrowly."""

    _allowance: Allowance | None = None

    @property
    def max_content_length(self) -> int | None:
        """The largest body: that of a form with files, or of anything else."""
        if self.mimetype == "multipart/form-data":
            return cast(int, current_app.config["MAX_CONTENT_LENGTH"])
        return cast(int, current_app.config["MAX_PLAIN_BODY_BYTES"])

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        raise NotImplementedError("The limits of a request are configuration.")

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self._allowance is None:
            self._allowance = Allowance(current_app.config["MAX_KEPT_UPLOAD_BYTES"])
        bounded = BoundedUpload(current_app.config["MAX_FILE_BYTES"], self._allowance)
        return cast("IO[bytes]", bounded)
