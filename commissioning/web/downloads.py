"""Files that people take away: always as an attachment, never shown by the browser as a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from flask import Response

from commissioning.kernel.file_names import safe_file_name

_SANDBOX = (
    "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_MEDIA_TYPE = re.compile(
    r"[a-z0-9][a-z0-9.+-]{0,62}/[a-z0-9][a-z0-9.+-]{0,62}(?:; ?charset=[a-z0-9-]{1,20})?", re.ASCII
)
# What a browser would run or render as a page leaves without a type of its own.
_LIVE = re.compile(r"html|svg|xml|script|flash|wasm|multipart|message")
_OFFICE = "application/vnd.openxmlformats-officedocument."
_NOT_PLAIN = re.compile(r'["?%\\]')


def attachment(
    content: bytes | Iterable[bytes],
    filename: str,
    content_type: str = "application/octet-stream",
) -> Response:
    """An answer that is saved as a file; what is in it cannot run in the site's name.

    `content_type` may come from whoever sent the file: what a browser could run, or what is no
    type at all, leaves as bytes without a meaning. The name follows RFC 6266: plain letters for
    old browsers, UTF-8 for all others.
    """
    name = safe_file_name(filename)
    plain = _NOT_PLAIN.sub("_", name.encode("ascii", "replace").decode("ascii"))
    response = Response(content, content_type=_inert(content_type))
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


def _inert(content_type: str) -> str:
    said = content_type.strip().lower()
    if not _MEDIA_TYPE.fullmatch(said) or (_LIVE.search(said) and not said.startswith(_OFFICE)):
        return "application/octet-stream"
    return said
