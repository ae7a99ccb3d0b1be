"""What a person can go to from every page: only what they could ever use."""

from __future__ import annotations

from flask import Flask, current_app, request, url_for

from commissioning.kernel.actor import Actor
from commissioning.permissions import could_ever
from commissioning.web.access import current_actor, session_end
from commissioning.web.shell import NavigationItem, current_shell


def is_shown(item: NavigationItem, actor: Actor) -> bool:
    """Whether a line of the navigation is of any use to this person."""
    if item.endpoint not in current_app.view_functions:
        return False
    if actor.is_anonymous:
        return item.public
    if not item.permissions:
        return True
    return any(could_ever(actor, permission) for permission in item.permissions)


def service_navigation() -> list[dict[str, object]]:
    """The lines for the person who asks, the present one marked."""
    actor = current_actor()
    return [
        {
            "text": item.text,
            "href": url_for(item.endpoint),
            "current": item.endpoint == request.endpoint,
            "active": item.blueprint is not None and item.blueprint == request.blueprint,
        }
        for item in current_shell().navigation
        if is_shown(item, actor)
    ]


def init_app(app: Flask) -> None:
    """Offer the navigation, the person and the banner to the layout."""

    @app.context_processor
    def offer() -> dict[str, object]:
        shell = current_shell()
        return {
            "actor": current_actor(),
            "session_ends_at": session_end(),
            "service_navigation": service_navigation,
            "banner": shell.banner(),
            "sign_in_endpoint": _if_present(shell.sign_in_endpoint),
            "sign_out_endpoint": _if_present(shell.sign_out_endpoint),
        }


def _if_present(endpoint: str) -> str | None:
    return endpoint if endpoint in current_app.view_functions else None
