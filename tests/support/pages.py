"""Pages as a test asks for them: with the token that a form needs, as whoever is named."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from commissioning.kernel.actor import Actor
from commissioning.web import shell
from commissioning.web.shell import SignedIn

_ACTORS = "actors of tests"
_TOKEN = re.compile(r'name="csrf_token"[^>]*? value="([^"]+)"')


def page_token(client: FlaskClient, url: str) -> str:
    """The token of the first form on a page."""
    page = client.get(url)
    found = _TOKEN.search(page.get_data(as_text=True))
    assert found, f"{url} answers {page.status_code} and has no form"
    return found[1]


def post(client: FlaskClient, url: str, data=None, *, page: str | None = None, **rest):
    """Post a form as a browser would: its page first, then what was typed with its token.

    `page` names where the form stands, when that is not the address it is sent to.
    """
    sent = dict(data or {}) | {"csrf_token": page_token(client, page or url)}
    return client.post(url, data=sent, **rest)


def client_of(app: Flask, actor: Actor) -> FlaskClient:
    """A client that is signed in as an actor of the test's own making."""
    token = f"token of {actor.reference}"
    _actors_of(app)[token] = actor
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client


def _actors_of(app: Flask) -> dict[str, Actor]:
    """By token, the actors who can sign in beside those whom the application knows.

    The application is told of them once: each telling lays one more layer around all requests.
    """
    if _ACTORS not in app.extensions:
        app.extensions[_ACTORS] = actors = {}
        with app.app_context():
            before = shell.current_shell()

        def load(asked: str) -> SignedIn | None:
            return SignedIn(actors[asked]) if asked in actors else before.load_user(asked)

        shell.init_app(app, replace(before, load_user=load))
    return app.extensions[_ACTORS]
