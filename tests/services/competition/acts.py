"""What the two people do, in as few words as a test needs."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select

from commissioning.competition import services
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage


def propose_pqq(tender, actor=None):
    return services.propose_pqq_issue(
        actor or tender.as_lead, tender.reference, clock=tender.clock
    ).reference


def approve_pqq(tender, decision, actor=None):
    return services.approve_pqq_issue(actor or tender.as_approver, decision, clock=tender.clock)


def propose_itn(tender, actor=None):
    return services.propose_itn_issue(
        actor or tender.as_lead, tender.reference, clock=tender.clock
    ).reference


def approve_itn(tender, decision, actor=None, **more):
    return services.approve_itn_issue(
        actor or tender.as_approver, decision, clock=tender.clock, **more
    )


def mailed():
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def digest_of(text):
    """As a stranger computes it: the text without the field that states the digest."""
    stated = json.loads(text)
    claimed = stated.pop("sha256")
    plain = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return claimed, hashlib.sha256(plain.encode()).hexdigest()
