"""What every answer carries, error pages included, so that a browser helps to keep us safe.

Nothing inline is run or applied but the one script that carries the nonce of its own answer;
nothing is loaded from elsewhere; nobody may frame a page; nothing but style and script is cached.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest

from commissioning.web.shell import current_shell

_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
_ONE_YEAR = 31_536_000


class CrossOrigin(BadRequest):
    """A form of another site was posted to us."""


def init_app(app: Flask, *, is_https: bool) -> None:
    """Set cookies, refuse what other sites post, and put the headers on every answer."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session" if is_https else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_PATH="/",
        SEND_FILE_MAX_AGE_DEFAULT=_ONE_YEAR,
        PREFERRED_URL_SCHEME="https" if is_https else "http",
    )
    app.before_request(_refuse_other_origins)

    @app.after_request
    def add_headers(response: Response) -> Response:
        return _add_headers(response, is_https=is_https)

    @app.context_processor
    def offer_nonce() -> dict[str, str]:
        return {"csp_nonce": nonce(), "cspNonce": nonce()}


def nonce() -> str:
    """The nonce of the answer that is being made."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _refuse_other_origins() -> None:
    """A browser says where a form stands; the token alone would also do, two locks are better."""
    if request.method in _SAFE:
        return
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise CrossOrigin
    origin = request.headers.get("Origin")
    ours = {_origin(request.host_url), _origin(current_shell().base_url)}
    if origin is not None and _origin(origin) not in ours:
        raise CrossOrigin


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            f"script-src 'self' 'nonce-{nonce()}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def _add_headers(response: Response, *, is_https: bool) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = _PERMISSIONS_POLICY
    if is_https:
        headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}; includeSubDomains"
    if request.endpoint != "static" or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    elif "v" not in request.args:
        headers["Cache-Control"] = "no-cache"  # its address does not change with its content
    return response
