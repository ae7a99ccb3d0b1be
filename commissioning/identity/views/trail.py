"""The trail of an organisation, of its own acts on bids, and of the platform."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from commissioning.audit import queries as audit
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import (
    PLATFORM_STREAM,
    organisation_stream,
    sealed_stream,
)
from commissioning.identity import queries
from commissioning.identity.views.blueprint import blueprint
from commissioning.kernel.actor import SYSTEM
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.web import listing
from commissioning.web.access import current_actor, requires


@blueprint.get("/trail")
@requires(Permission.AUDIT_READ_PLATFORM)
def platform_trail() -> ResponseReturnValue:
    require(current_actor(), Permission.AUDIT_READ_PLATFORM)
    return _page(PLATFORM_STREAM, "The platform")


@blueprint.get("/organisations/<string:reference>/trail")
@requires(Permission.AUDIT_READ_ORGANISATION)
def organisation_trail(reference: str) -> ResponseReturnValue:
    found = queries.organisation_by_reference(reference)
    require(current_actor(), Permission.AUDIT_READ_ORGANISATION, queries.facts(found))
    return _page(organisation_stream(reference), found.name, reference=reference)


@blueprint.get("/organisations/<string:reference>/trail/<string:competition>")
@requires(Permission.AUDIT_READ_ORGANISATION)
def sealed_trail(reference: str, competition: str) -> ResponseReturnValue:
    """The organisation's own acts in a competition; nobody else reads them before the opening."""
    found = queries.organisation_by_reference(reference)
    require(current_actor(), Permission.AUDIT_READ_ORGANISATION, queries.facts(found))
    stream = sealed_stream(competition, reference)
    if not audit.heads(stream):
        raise NotFound
    return _page(stream, f"{found.name} in {competition}", reference=reference)


def _page(stream: str, title: str, *, reference: str | None = None) -> ResponseReturnValue:
    asked = listing.asked(("position",), "-position", per_page=25)
    events = audit.page_of(
        stream, offset=asked.offset, limit=asked.limit, oldest_first=not asked.descending
    )
    names = queries.names_of(
        {event.actor for event in events} | {event.subject for event in events}
    )
    names[SYSTEM.reference] = "The platform"
    names["public"] = "Nobody who had signed in"
    heads = audit.heads(stream)
    return render_template(
        "identity/trail.html",
        title=title,
        reference=reference,
        events=listing.Listing(asked, events, audit.event_count(stream)),
        names=names,
        broken=breaks(audit.links(stream), heads=heads),
        head=heads.get(stream),
        competitions=audit.sealed_competitions(reference) if reference else [],
    )
