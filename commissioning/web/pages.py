"""The pages that belong to no context: the front page, the policy, and a sign of life."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.permissions import Permission, in_words, matrix
from commissioning.web import listing
from commissioning.web.access import current_actor, public
from commissioning.web.shell import current_shell

blueprint = Blueprint("pages", __name__)

_TOPICS = {
    "audit": "The trail",
    "award": "Award",
    "competition": "Competition",
    "evaluation": "Evaluation",
    "identity": "People and organisations",
    "submission": "Responses and bids",
}


def _cards() -> list[dict[str, str]]:
    return [
        {"title": card.title, "text": card.text, "href": url_for(card.endpoint)}
        for card in current_shell().front_page
        if card.endpoint in current_app.view_functions
    ]


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """The front page, or what is waiting for whoever has signed in."""
    if not current_actor().is_anonymous:
        return redirect(url_for("dashboard.home"), 303)
    return render_template("web/home.html", cards=_cards())


@blueprint.get("/help/accessibility")
@public
def accessibility() -> str:
    """What is promised to people who use the service in other ways."""
    return render_template("web/accessibility.html")


@blueprint.get("/help/permissions")
@public
def permissions() -> str:
    """The permission table as it is enforced, topic by topic."""
    asked = listing.filters_asked("role")
    topics: dict[str, list[tuple[str, str, str, str]]] = {}
    for permission, role, where, conditions in matrix():
        if asked.get("role", role) != role:
            continue
        context = permission.split(":")[0]
        topic = topics.setdefault(_TOPICS.get(context, context.capitalize()), [])
        who = "Anybody" if role == "-" else Role(role).label.capitalize()
        topic.append((in_words(Permission(permission)), who, where, conditions))
    roles = [(role.value, role.label.capitalize()) for role in Role]
    return render_template("web/permissions.html", topics=topics, roles=roles, asked=asked)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Whether the application answers and its database does."""
    db.session.execute(text("SELECT 1"))
    return "ok", 200, {"Content-Type": "text/plain; charset=utf-8"}
