"""Forms that were sent after the session had ended, or from a page of an older session.

What was typed is never lost: it is kept sealed until the person has signed in, or handed back in
the answer, and the person sends it once more with a token of today.
"""

from __future__ import annotations

from flask import Flask, Response, g, request, session

from commissioning.web import transaction
from commissioning.web.shell import current_shell

SENT_AGAIN = "sent_again"
"""The name of the hidden entry that says which kept entries a form holds."""

_OURS = {"csrf_token", SENT_AGAIN}
_LONGEST_ADDRESS = 2000


def init_app(app: Flask) -> None:
    """Give every form its address, and forget what was kept once it is sent again and taken."""
    app.add_template_global(address_of_request, "this_address")
    app.after_request(_forget_when_taken)


def entries_of_request() -> list[tuple[str, str]]:
    """What the form of this request holds, but for tokens and passwords, in order."""
    return [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in _OURS and "password" not in name.lower()
    ]


def address_of_request() -> str:
    """The path that is asked for, with its query.

    A form that named none would be sent with the fragment of the link by which its page was
    reached, and the browser would go there instead of to what is wrong.
    """
    return request.full_path.removesuffix("?")


def keep_request() -> str | None:
    """Keep the form of this request for whoever sent it; its reference, or None.

    Only a browser that still holds the cookie of a session that ran out has anything kept.
    """
    token = session.get("_user_id")
    if request.method != "POST" or not token or len(address_of_request()) > _LONGEST_ADDRESS:
        return None
    kept: list[str | None] = []
    keep = current_shell().keep_entries
    transaction.in_own_transaction(
        lambda: kept.append(keep(str(token), address_of_request(), entries_of_request()))
    )
    return kept[0] if kept else None


def _forget_when_taken(response: Response) -> Response:
    # A form that was taken has been read for its token already; another may be too large to read.
    if request.method == "POST" and response.status_code < 400 and g.get("csrf_valid"):
        reference = request.form.get(SENT_AGAIN)
        if reference:
            current_shell().forget_entries(reference)
    return response
