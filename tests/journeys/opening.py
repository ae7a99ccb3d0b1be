"""Key holders open envelopes, each in a browser of their own."""

from __future__ import annotations

from commissioning.infrastructure.database import db
from commissioning.submission.models import BidEnvelope
from tests.journeys.site import Site
from tests.support.browsing import Person


def opened(site: Site, envelope: str) -> int:
    """How many envelopes of a kind hold something that can be read."""
    with site.app.app_context():
        rows = db.session.query(BidEnvelope).filter_by(envelope=envelope)
        return sum(row.opened is not None for row in rows)


def joins(holder: Person, envelope: str, *, again: bool = False) -> None:
    """A holder joins from the dashboard; once joined, nothing more waits for them."""
    holder.goes_to("/dashboard")
    if again:
        holder.reads_nothing_of(f"Join the opening of the {envelope} envelopes")
        return
    holder.follows(f"Join the opening of the {envelope} envelopes")
    holder.presses(f"Join the opening of the {envelope} envelopes")
