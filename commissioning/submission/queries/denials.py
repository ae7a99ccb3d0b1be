"""Where the trail keeps what a bidder's own people were refused."""

from __future__ import annotations

import re

from sqlalchemy import select

from commissioning.audit.domain.events import sealed_stream
from commissioning.competition.models import Competition
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import BIDDER_ROLES, Actor

_OWN_PAGE = re.compile(r"\S+ /competitions/([^/\s]+)/(?:pqq|bids|help)(?:/.*)?")


def denial_stream(actor: Actor, permission: str | None, where: str) -> str | None:
    """What a bidder's own person was refused on a page of its own stands in its sealed stream.

    Those are the pages of PQQ, bids and help; elsewhere, others would read from it that there is a
    bid. `permission` is None for a move that is not legal; `where` is "POST /competitions/...".
    None for every other refusal, which belongs where all of them are.
    """
    own = actor.organisation
    found = _OWN_PAGE.fullmatch(where)
    if own is None or found is None:
        return None
    if permission is not None and not permission.startswith("submission:"):
        return None
    if not actor.roles_in(own) & BIDDER_ROLES:
        return None
    reference = db.session.scalar(
        select(Competition.reference).where(Competition.reference == found[1])
    )
    return None if reference is None else sealed_stream(reference, own)
