"""The blueprint of identity, and what its pages share."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, url_for

from commissioning.config import Settings
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.web.access import current_actor
from commissioning.web.shell import current_shell

blueprint = Blueprint("identity", __name__)

ROLE_HINTS = {
    Role.BID_MANAGER: "Manages the organisation’s people and particulars, and writes bids.",
    Role.BID_WRITER: "Writes responses and bids.",
    Role.SIGNATORY: "Submits and withdraws responses and bids in the organisation’s name.",
    Role.PROVIDER_CONTACT: "Manages the organisation’s people and particulars.",
    Role.PROCUREMENT_LEAD: "Creates programmes and competitions, and gives roles on them.",
    Role.AUDITOR: "Reads everything that is open, and the trail; changes nothing.",
    Role.ADMINISTRATOR: "Looks after organisations and people; never sees a bid or a mark.",
}


def settings() -> Settings:
    return cast(Settings, current_app.config["COMMISSIONING"])


def only_in_demonstration() -> None:
    """Where people are real, the page does not exist."""
    if not settings().is_demo:
        raise NotFound


def address_of(endpoint: str, *, token: str) -> str:
    """A whole address for a letter, on the site's own name and never on what a request claims."""
    return f"{current_shell().base_url}{url_for(endpoint, token=token)}"


def own_reference() -> str:
    """The reference of the person's own organisation."""
    reference = current_actor().organisation
    if reference is None:
        raise NotFound
    return reference


def role_choices(roles: frozenset[Role]) -> list[tuple[str, str, str]]:
    """Roles as a form offers them."""
    return [
        (role.value, role.label.capitalize(), ROLE_HINTS.get(role, "")) for role in sorted(roles)
    ]
