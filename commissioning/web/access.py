"""Who is let in: each view declares it, and what declares nothing is closed.

The declaration gives an early no. The yes is given by the service or query behind the view, which
knows the subject and asks the permission table again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from commissioning.kernel.actor import ANONYMOUS, Actor
from commissioning.kernel.errors import Forbidden, NotFound
from commissioning.permissions import Permission, could_ever
from commissioning.web.kept import keep_request
from commissioning.web.shell import SignedIn, clock, current_shell, real_clock

__all__ = [
    "DeclaredAccess",
    "Kind",
    "clock",
    "current_actor",
    "public",
    "real_clock",
    "requires",
    "safe_next",
    "sign_in",
    "sign_out",
    "signed_in",
]

View = TypeVar("View", bound=Callable[..., Any])


class Kind(StrEnum):
    """The ways in which a view can say who may enter."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class DeclaredAccess:
    """What a view says of itself: any one of the permissions is enough.

    `records` marks a reading that leaves a record, so that its transaction may write from the
    start.
    """

    kind: Kind
    permissions: tuple[Permission, ...] = ()
    records: bool = False


def requires(*permissions: Permission, records: bool = False) -> Callable[[View], View]:
    """Let in whoever could hold one of the permissions somewhere."""
    if not permissions:
        raise ValueError("Name a permission, or say @public or @signed_in aloud.")

    def declare(view: View) -> View:
        return _declare(view, DeclaredAccess(Kind.PERMISSION, permissions, records))

    return declare


def signed_in(view: View) -> View:
    """Let in whoever has signed in, for what is about themselves alone."""
    return _declare(view, DeclaredAccess(Kind.SIGNED_IN))


def public(view: View) -> View:
    """Let everybody in."""
    return _declare(view, DeclaredAccess(Kind.PUBLIC))


def _declare(view: View, access: DeclaredAccess) -> View:
    view.declared_access = access  # type: ignore[attr-defined] # functions take attributes
    return view


class _Person(UserMixin):
    """What Flask-Login carries about: the token of the session, and who it stands for."""

    def __init__(self, token: str, signed_in_as: SignedIn) -> None:
        self.token = token
        self.actor = signed_in_as.actor
        self.ends_at = signed_in_as.ends_at

    def get_id(self) -> str:
        return self.token


def init_app(app: Flask) -> None:
    """Close every view that declares nothing, and find out who asks."""
    manager = LoginManager()
    # A session is a row that the loader reads on each request; the browser's address is no part
    # of it, since people change networks in the middle of a bid.
    manager.session_protection = None
    manager.init_app(app)
    manager.user_loader(_load)
    app.before_request(_check)


def _load(token: str) -> _Person | None:
    found = current_shell().load_user(token)
    return None if found is None else _Person(token, found)


def current_actor() -> Actor:
    """The person who asks, as services take it; ANONYMOUS when nobody has signed in."""
    return current_user.actor if current_user and current_user.is_authenticated else ANONYMOUS


def session_end() -> Any:
    """The instant at which the person's session ends; None when there is none, or nobody."""
    return current_user.ends_at if current_user and current_user.is_authenticated else None


def _check() -> ResponseReturnValue | None:
    if request.url_rule is None or request.endpoint is None:
        return None  # no such address, or not by this method: Flask says so by itself
    declared = getattr(current_app.view_functions[request.endpoint], "declared_access", None)
    if declared is None:
        current_app.logger.error("%s declares no access and stays closed.", request.endpoint)
        raise NotFound
    if declared.kind is Kind.PUBLIC:
        return None
    actor = current_actor()
    if declared.kind is Kind.SIGNED_IN:
        return _send_to_sign_in() if actor.is_anonymous else None
    if any(could_ever(actor, permission) for permission in declared.permissions):
        return None
    if actor.is_anonymous:
        return _send_to_sign_in()
    raise Forbidden(declared.permissions[0].value, "no role that could hold it")


def _send_to_sign_in() -> ResponseReturnValue:
    endpoint = current_shell().sign_in_endpoint
    if endpoint not in current_app.view_functions:
        raise NotFound
    kept = keep_request()
    if kept is not None:
        flash("Your session had ended. Sign in, and go on with what you have just sent.")
        back = url_for(current_shell().kept_endpoint, reference=kept)
        return redirect(url_for(endpoint, next=back), 303)
    readable = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else request.path
    return redirect(url_for(endpoint, next=back if readable else None), 303)


def sign_in(token: str) -> None:
    """Begin a session in the browser: nothing of the one before survives, CSRF token included."""
    found = current_shell().load_user(token)
    if found is None:
        raise ValueError("The session to sign in with does not exist.")
    session.clear()
    login_user(_Person(token, found))


def sign_out() -> None:
    """End the session in the browser; the caller has ended its row."""
    logout_user()
    session.clear()


def safe_next(default: str) -> str:
    """Where the person wanted to go before signing in, if that is a path of ours; else `default`.

    Anything that a browser could read as another host is refused, so that a link with a `next` of
    its own can send nobody elsewhere.
    """
    target = request.values.get("next", "")
    parts = urlsplit(target)
    is_path = target.startswith("/") and not target.startswith("//")
    is_plain = "\\" not in target and target.isprintable()
    return target if is_path and is_plain and not parts.scheme and not parts.netloc else default
