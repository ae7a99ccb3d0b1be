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
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.csv_text import csv_text
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.web import listing
from commissioning.web.access import current_actor, requires
from commissioning.web.downloads import attachment

_COLUMNS = (
    "No.",
    "Time (UTC)",
    "Who",
    "What happened",
    "About",
    "Reference",
    "What it changed",
    "Hash before",
    "Hash",
)


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
    return _page(
        stream, f"{found.name} in {competition}", reference=reference, competition=competition
    )


@blueprint.get("/organisations/<string:reference>/trail/<string:competition>/log.csv")
@requires(Permission.AUDIT_READ_ORGANISATION)
def sealed_trail_file(reference: str, competition: str) -> ResponseReturnValue:
    """The same as a file: the organisation's own log, with what each act changed."""
    found = queries.organisation_by_reference(reference)
    require(current_actor(), Permission.AUDIT_READ_ORGANISATION, queries.facts(found))
    links = list(audit.links(sealed_stream(competition, reference)))
    names = _names({link.actor for link in links})
    rows = [
        (
            link.position,
            link.at,
            names.get(link.actor, link.actor),
            link.event,
            link.subject_type,
            link.subject,
            canonical_json(link.changes).decode(),
            link.previous_hash,
            link.hash,
        )
        for link in links
    ]
    written = csv_text([_COLUMNS, *rows]).encode("utf-8-sig")
    return attachment(written, f"log-{competition}.csv", "text/csv; charset=utf-8")


def _names(references: set[str]) -> dict[str, str]:
    """The names of those who acted, the platform and the public among them."""
    return {
        **queries.names_of(references),
        SYSTEM.reference: "The platform",
        "public": "Nobody who had signed in",
    }


def _page(
    stream: str, title: str, *, reference: str | None = None, competition: str | None = None
) -> ResponseReturnValue:
    asked = listing.asked(("position",), "-position", per_page=25)
    events = audit.page_of(
        stream, offset=asked.offset, limit=asked.limit, oldest_first=not asked.descending
    )
    names = _names({event.actor for event in events} | {event.subject for event in events})
    heads = audit.heads(stream)
    return render_template(
        "identity/trail.html",
        title=title,
        reference=reference,
        competition=competition,
        events=listing.Listing(asked, events, audit.event_count(stream)),
        names=names,
        broken=breaks(audit.links(stream), heads=heads),
        head=heads.get(stream),
        competitions=audit.sealed_competitions(reference) if reference else [],
    )
