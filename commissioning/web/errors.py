"""How an error becomes a page. Services raise; only this module knows of statuses.

What is absent and what is forbidden answer alike, byte for byte but for the nonce.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from commissioning.infrastructure.database import is_busy
from commissioning.kernel.errors import (
    BadInput,
    BadInputs,
    Conflict,
    DomainError,
    Forbidden,
    IllegalTransition,
    KeyLocked,
    MoveRefused,
    NotFound,
)
from commissioning.web import transaction
from commissioning.web.access import current_actor
from commissioning.web.fields import Form, PlacedError
from commissioning.web.kept import address_of_request, entries_of_request
from commissioning.web.security import CrossOrigin, nonce
from commissioning.web.shell import current_shell

_TITLES = {
    400: "The request could not be understood",
    405: "This cannot be done in this way",
    411: "The request did not say how long it is",
    413: "What was sent is too large",
    429: "Too many attempts",
    503: "The service is busy",
}
_SENTENCES = {
    400: "Go back, load the page again, and try once more.",
    405: "Go back to the page that you came from and use the button on it.",
    411: "Send it again from an up-to-date browser.",
    413: "Go back and choose smaller files, or send them one at a time.",
    429: "Wait a few minutes, then try again.",
    503: "Nothing was changed. Wait a moment, then try again.",
}
_KEPT_HEADERS = {"Allow", "Retry-After"}


@contextmanager
def shown_on(form: Form) -> Iterator[None]:
    """Run a use case; put its refusal on the form, and undo all that it did.

    Errors about a place go beside that field, other sentences on top. What the person may not know
    of goes on to the page that says there is nothing.
    """
    try:
        yield
    except DomainError as error:
        show_on_form(form, error)


@contextmanager
def tried_on(form: Form) -> Iterator[None]:
    """Try a use case before it is confirmed: its refusal goes on the form, and nothing stays done.

    A page that shows what was typed, for a last look, thus shows nothing that is refused after it.
    """
    with shown_on(form):
        yield
        transaction.abandon()


def show_on_form(form: Form, error: DomainError) -> None:
    """Put a refusal on the form, and undo all that was done; NotFound and Forbidden go on."""
    if isinstance(error, NotFound):
        raise error
    transaction.abandon()
    _record_refusal(error)
    if isinstance(error, BadInputs):
        for place, sentence in error.problems:
            form.add_error(place, sentence)
    else:
        form.add_error(error.field if isinstance(error, BadInput) else None, error.sentence)


def problems_of(*forms: Form | None) -> list[PlacedError]:
    """The lines of a page's error summary, over all its forms."""
    return [problem for form in forms if form is not None for problem in form.error_list]


def init_app(app: Flask) -> None:
    """Register every handler."""
    app.add_template_global(problems_of)
    app.register_error_handler(NotFound, _show_nothing)
    app.register_error_handler(IllegalTransition, _show_conflict)
    app.register_error_handler(Conflict, _show_conflict)
    app.register_error_handler(KeyLocked, _show_locked)
    app.register_error_handler(BadInput, _show_bad_input)
    app.register_error_handler(BadInputs, _show_bad_input)
    app.register_error_handler(DomainError, _show_refusal)
    app.register_error_handler(CSRFError, _show_stale_form)
    app.register_error_handler(CrossOrigin, _show_stale_form)
    app.register_error_handler(OperationalError, _show_database_trouble)
    app.register_error_handler(IntegrityError, _show_collision)
    app.register_error_handler(InternalServerError, _show_failure)
    app.register_error_handler(HTTPException, _show_http)


def _show_nothing(error: NotFound) -> tuple[str, int]:
    transaction.abandon()
    _record_refusal(error)
    return render_template("errors/404.html"), 404


def _record_refusal(error: DomainError) -> None:
    """Keep what was refused to a person, or refused as a move, in a transaction of its own.

    What was refused to somebody who has not signed in goes to the log alone, and without content:
    anybody could fill the trail with it.
    """
    if isinstance(error, Forbidden | IllegalTransition | MoveRefused):
        actor, where = current_actor(), f"{request.method} {request.path}"
        if actor.is_anonymous:
            current_app.logger.info("A request of somebody who has not signed in was refused.")
            return
        record = current_shell().record_denial
        transaction.in_own_transaction(lambda: record(actor, error, where))


def _show_conflict(error: DomainError) -> tuple[str, int]:
    transaction.abandon()
    _record_refusal(error)
    return render_template("errors/409.html", sentence=error.sentence), 409


def _show_refusal(error: DomainError) -> tuple[str, int]:
    """A rule that no page expects to be broken says its sentence, and the log keeps it."""
    current_app.logger.error("%s on %s: %s", type(error).__name__, request.path, error.sentence)
    return _show_conflict(error)


def _show_locked(error: KeyLocked) -> tuple[str, int]:
    transaction.abandon()
    return render_template("errors/key_locked.html", sentence=error.sentence), 409


def _show_bad_input(error: BadInput | BadInputs) -> tuple[str, int]:
    transaction.abandon()
    sentences = (
        [sentence for _place, sentence in error.problems]
        if isinstance(error, BadInputs)
        else [error.sentence]
    )
    return render_template("errors/422.html", sentences=sentences), 422


def _show_stale_form(error: HTTPException) -> tuple[str, int]:
    """The form of an older session is handed back, for its person to send it again.

    What comes from another site, or from a browser that does not say where from, is not.
    """
    transaction.abandon()
    is_ours = (
        isinstance(error, CSRFError) and request.headers.get("Sec-Fetch-Site") == "same-origin"
    )
    entries = entries_of_request() if is_ours else []
    page = render_template(
        "errors/stale_form.html", entries=entries, address=address_of_request(), form=Form()
    )
    return page, 400


def _show_database_trouble(error: OperationalError) -> tuple[str, int]:
    """A database that is held by others, or away, is not a fault of the page; the rest is."""
    transaction.abandon()
    if is_busy(error):
        current_app.logger.warning("The database was busy: %s", error.orig)
        return _show_plain(503)
    if error.connection_invalidated or error.statement is None:
        current_app.logger.error("The database is away: %s", error.orig)
        page = current_app.jinja_env.get_template("errors/unavailable.html")
        return page.render(cspNonce=nonce()), 503  # what every page is given asks the database
    raise error


def _show_collision(error: IntegrityError) -> tuple[str, int]:
    """Two did the same at one moment, and the database kept one: the other is asked to look."""
    transaction.abandon()
    current_app.logger.error("Refused by the database on %s: %s", request.path, error.orig)
    sentence = "Somebody did the same at the same moment. Look at how it stands before you go on."
    return render_template("errors/409.html", sentence=sentence), 409


def _show_http(error: HTTPException) -> ResponseReturnValue:
    transaction.abandon()
    if error.response is not None or error.code is None:
        return error  # an answer that was made whole
    if error.code == 404:
        return render_template("errors/404.html"), 404
    kept = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    return *_show_plain(error.code), kept


def _show_plain(code: int) -> tuple[str, int]:
    page = render_template(
        "errors/plain.html",
        title=_TITLES.get(code, "This cannot be done"),
        sentence=_SENTENCES.get(code, "Go back and try again."),
    )
    return page, code


def _show_failure(_error: InternalServerError) -> tuple[str, int]:
    """Say nothing of what went wrong but a name under which the log has it."""
    transaction.abandon()
    reference = secrets.token_hex(4).upper()
    current_app.logger.error("Error %s on %s %s", reference, request.method, request.path)
    try:
        return render_template("errors/500.html", reference=reference), 500
    except Exception:
        current_app.logger.exception("Error %s: its page failed as well.", reference)
        return (
            '<!DOCTYPE html><html lang="en"><title>There is a problem</title>'
            f"<h1>There is a problem</h1><p>Try again later. Error {reference}.</p></html>"
        ), 500
