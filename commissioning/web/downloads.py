"""Files that people take away: always as an attachment, never shown by the browser as a page."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response

from commissioning.web.uploads import clean_filename

_SANDBOX = (
    "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def attachment(
    content: bytes | Iterable[bytes],
    filename: str,
    content_type: str = "application/octet-stream",
) -> Response:
    """An answer that is saved as a file; what is in it cannot run in the site's name."""
    name = clean_filename(filename)
    plain = name.encode("ascii", "replace").decode("ascii").replace('"', "_").replace("?", "_")
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response
