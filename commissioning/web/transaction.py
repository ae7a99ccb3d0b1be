"""One request, one transaction: committed when the request ended well, else undone.

A read of something sealed or ringed is recorded, so a GET commits as well. This module and the
command line are the only places that commit.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, current_app, request

from commissioning.infrastructure.database import begin_reading, db

_READING = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Open each request's transaction in the right mode, and end it with the answer."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    if request.method in _READING and request.endpoint != "static":
        view = current_app.view_functions.get(request.endpoint or "")
        declared = getattr(view, "declared_access", None)
        if declared is None or not declared.records:
            begin_reading()


def _end(response: Response) -> Response:
    # 422 is a form handed back. Whatever its service did is undone already, by `abandon`; what is
    # left in the session is what the page itself recorded, such as a read.
    if response.status_code < 400 or response.status_code == 422:
        db.session.commit()
    else:
        db.session.rollback()
    return response


def abandon() -> None:
    """Undo, at once, everything that this request has changed so far."""
    db.session.rollback()


def in_own_transaction(record: Callable[[], None]) -> None:
    """Undo what the request did, then keep what `record` writes, whatever becomes of the request.

    A failure to write is logged and not shown: the answer must not differ by it.
    """
    db.session.rollback()
    try:
        record()
        db.session.commit()
    except Exception:
        db.session.rollback()
        current_app.logger.exception("A denial could not be recorded.")
