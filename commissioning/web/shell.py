"""What the application hands to the web shell, since the shell stands below every context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import Forbidden, IllegalTransition, MoveRefused
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Permission
from commissioning.web.arrivals import RECEIVED_AT, Arrivals

_EXTENSION = "commissioning.shell"

_AT_WORK = 2
"""Of one process: while one waits for the database, the other works; more only get in the way."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whose session holds: who they are now, and the instant at which the session ends."""

    actor: Actor
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A line of the service navigation: shown to whoever could use one of its permissions.

    Without permissions it is shown to everybody who has signed in, or to nobody else when `public`.
    `blueprint` marks the line as active on all pages of that blueprint.
    """

    text: str
    endpoint: str
    permissions: tuple[Permission, ...] = ()
    public: bool = False
    blueprint: str | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """What every page says at its top: a tag of one word, and a sentence."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """Something that the front page offers to everybody."""

    title: str
    text: str
    endpoint: str


UserLoader = Callable[[str], SignedIn | None]
"""From the token in the session cookie to who has signed in; None when the session is over."""

DenialRecorder = Callable[[Actor, Forbidden | IllegalTransition | MoveRefused, str], None]
"""Records a denial: who, the refusal, and where ("GET /competitions/...")."""

WaitingList = Callable[[Actor, datetime], Sequence[WaitingItem]]
"""What waits for a person in one context at an instant."""


KeepEntries = Callable[[str, str, Sequence[tuple[str, str]]], str | None]
"""Keeps what was sent with a session's token to an address; gives the reference, or None."""


@dataclass(frozen=True, slots=True)
class Shell:
    """All that the shell was handed."""

    clock: Clock
    real_clock: Clock
    load_user: UserLoader
    record_denial: DenialRecorder
    keep_entries: KeepEntries = lambda _token, _address, _entries: None
    forget_entries: Callable[[str], None] = lambda _reference: None
    kept_endpoint: str = "identity.kept"
    navigation: tuple[NavigationItem, ...] = ()
    waiting: tuple[WaitingList, ...] = ()
    banner: Callable[[], Banner | None] = lambda: None
    front_page: tuple[Card, ...] = ()
    sign_in_endpoint: str = "identity.sign_in"
    sign_out_endpoint: str = "identity.sign_out"
    base_url: str = ""


def init_app(app: Flask, shell: Shell) -> None:
    """Hand the shell to an application; the first thing of every request is to note its instant."""
    app.extensions[_EXTENSION] = shell
    app.wsgi_app = Arrivals(app.wsgi_app, shell.clock, at_work=_AT_WORK)  # type: ignore[method-assign]
    app.before_request_funcs.setdefault(None, []).insert(0, _note_the_instant)


def _note_the_instant() -> None:
    """The instant that the door has noted; a body that does not say its length is not read."""
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired
    g.received_at = request.environ.get(RECEIVED_AT)


def received_at() -> datetime:
    """When this request was received whole, on the clock of business.

    Noted before anything waits for the database, so that a queue makes nobody late. Raises
    RequestEntityTooLarge for a body of more than 1 MiB whose last byte no server has noted: no
    command by which something is submitted is so large.
    """
    noted: datetime | None = g.received_at
    if noted is None:
        raise RequestEntityTooLarge
    return noted


def current_shell() -> Shell:
    """The shell of the application at work."""
    return cast(Shell, current_app.extensions[_EXTENSION])


def clock() -> Clock:
    """The clock of business, which services take."""
    return current_shell().clock


def real_clock() -> Clock:
    """The machine's own clock, for sessions, tokens and throttles: a replay must not touch them."""
    return current_shell().real_clock
