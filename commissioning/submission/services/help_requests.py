"""Asking for help with the service, and answering: no answer gives anybody an advantage."""

from __future__ import annotations

import hashlib
from datetime import datetime

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, sealed_stream
from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.competition.services.mail import tell
from commissioning.identity import queries as identities
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import BIDDER_ROLES, Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, BadInputs, Conflict
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.domain.help_requests import (
    LONGEST_ANSWER,
    LONGEST_PHONE,
    LONGEST_TEXT,
)
from commissioning.submission.domain.receipts import instant_text
from commissioning.submission.models import HelpRequest
from commissioning.submission.services.bids import check_key, instant_of_receipt
from commissioning.submission.services.standing import bidder_of


def ask_for_help(
    actor: Actor,
    competition: str,
    organisation: str,
    *,
    text: str,
    phone: str = "",
    lot: str | None = None,
    idempotency_key: str,
    received_at: datetime | None = None,
    clock: Clock,
) -> HelpRequest:
    """A bidder's person asks for help with the service, and the duty officers are told at once.

    It is kept with the instant at which it was received, its entry in the bidder's own stream and
    the mail in one transaction. `lot` is the reference of the one that it is about, or None. The
    same `idempotency_key` with the same words gives the same request again; with others it is
    refused, so that nobody believes that they were received. Raises Conflict, NotFound, Forbidden
    before the PQQ, after the quality opening, and for whoever is not shortlisted; BadInputs.
    """
    now = clock.now()
    received = instant_of_receipt(received_at, now)
    contest = competitions.competition_by_reference(competition)
    bidder = bidder_of(organisation, lock=True)
    admitted = competitions.admissions_of(contest, organisation)
    facts = competitions.facts(
        contest, received, organisation=organisation, is_admitted=bool(admitted)
    )
    require(actor, Permission.SUBMISSION_ASK_FOR_HELP, facts)
    check_key(idempotency_key)
    text, phone = _checked(text, phone)
    before = queries.help_request_by_key(bidder, idempotency_key)
    if before is not None:
        return _same_again(before, contest, text, phone, lot)
    chosen = next((row.lot for row in admitted if row.lot.reference == lot), None)
    if lot and chosen is None:
        raise BadInput("lot", "Choose one of your lots, or none.")
    deadline = competitions.open_deadline(contest)
    row = HelpRequest(
        reference=new_reference("HLP"),
        competition=contest,
        organisation=bidder,
        lot=chosen,
        idempotency_key=idempotency_key,
        text=text,
        phone=phone,
        deadline=None if deadline is None else deadline.instant_utc,
        asked_by=actor.reference,
        asked_at=received,
    )
    db.session.add(row)
    db.session.flush()
    tell(
        queries.on_duty(contest, received),
        contest,
        "has a request for help that waits for you",
        at=now,
    )
    audit.record(
        actor,
        Event.HELP_ASKED,
        Subject("help_request", row.reference),
        {
            "received_at": instant_text(received),
            "lot": None if chosen is None else chosen.reference,
            "sha256": _digest(text, phone),
        },
        at=now,
        stream=sealed_stream(contest.reference, organisation),
    )
    return row


def answer_help(actor: Actor, request: str, *, answer: str, clock: Clock) -> HelpRequest:
    """A duty officer answers a request: to its organisation alone, about the service alone.

    It is answered once. Raises NotFound, Forbidden, Conflict, and BadInput at `answer`.
    """
    now = clock.now()
    row = queries.help_request_by_reference(request, lock=True)
    contest, bidder = row.competition, row.organisation.reference
    require(actor, Permission.SUBMISSION_ANSWER_HELP, competitions.facts(contest, now))
    if row.answered_at is not None:
        raise Conflict("This request is answered already. Go back to the requests.")
    text = answer.strip()
    if not text:
        raise BadInput("answer", "Enter the answer: the people of this organisation read it.")
    if len(text) > LONGEST_ANSWER:
        raise BadInput("answer", f"Give the answer in {LONGEST_ANSWER:,} characters or fewer.")
    row.answer, row.answered_by, row.answered_at = text, actor.reference, now
    db.session.flush()
    addresses = identities.emails_of([bidder], BIDDER_ROLES)
    tell(addresses, contest, "has an answer to your request for help", at=now)
    audit.record(
        actor,
        Event.HELP_ANSWERED,
        Subject("help_request", row.reference),
        {"sha256": _digest(text)},
        at=now,
        stream=sealed_stream(contest.reference, bidder),
    )
    return row


def _checked(text: str, phone: str) -> tuple[str, str]:
    """What was typed, without blanks around it; BadInputs names each place that is wrong."""
    text, phone = text.strip(), phone.strip()
    faults = []
    if not text:
        faults.append(("text", "Say what happens, so that somebody can help."))
    elif len(text) > LONGEST_TEXT:
        faults.append(("text", f"Say it in {LONGEST_TEXT:,} characters or fewer."))
    if len(phone) > LONGEST_PHONE:
        faults.append(("phone", f"Enter a number of {LONGEST_PHONE} characters or fewer."))
    if faults:
        raise BadInputs(faults)
    return text, phone


def _same_again(
    before: HelpRequest, competition: Competition, text: str, phone: str, lot: str | None
) -> HelpRequest:
    """The request that this key was given, if it says the same; Conflict otherwise."""
    about = None if before.lot is None else before.lot.reference
    if (before.competition_id, before.text, before.phone, about) != (
        competition.id,
        text,
        phone,
        lot or None,
    ):
        raise Conflict(
            "This page was sent once already with other words, and those were received. Send it "
            "again to add what you have written now."
        )
    return before


def _digest(*typed: str) -> str:
    """What somebody typed stands in the trail as its digest alone."""
    return hashlib.sha256("\n".join(typed).encode()).hexdigest()
