"""Checking a bid, submitting it, its receipts, and taking it back."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.identity import queries as identities
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import BadInput, IllegalTransition, NotFound
from commissioning.permissions import Permission
from commissioning.submission import queries, services
from commissioning.submission.domain.lifecycle import GAPS_ARE_CONFIRMED
from commissioning.submission.domain.receipts import Digests
from commissioning.submission.forms import LateBidForm, PlainForm, SubmitBidForm
from commissioning.submission.models import LateBid, Receipt
from commissioning.submission.views.bids import READ, evaluated_price, shown
from commissioning.submission.views.frame import BidFrame, bid_frame, blueprint, own_organisation
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.shell import received_at as received_whole_at

_SUBMIT = Permission.SUBMISSION_SUBMIT_BID
_URL = "/competitions/<string:reference>/bids/<string:lot>"


@blueprint.route(f"{_URL}/check", methods=["GET", "POST"])
@requires(READ, _SUBMIT, Permission.SUBMISSION_SEND_LATE_BID)
def check_bid(reference: str, lot: str) -> ResponseReturnValue:
    received_at = received_whole_at()
    form = SubmitBidForm()
    if form.validate_on_submit():
        # Nothing is read for the page before: in the last minute everybody submits at once.
        place = (reference, lot, own_organisation())
        key = form.idempotency_key.data or ""
        with shown_on(form):
            try:
                receipt = _submitted(place, form, key, received_at)
            except services.TooLate as refused:
                return _too_late(place, refused, received_at)
        if not form.error_list:
            flash(_said_of(receipt))
            return _to_receipt(reference, lot, receipt.reference)
    return check_page(bid_frame(reference, lot), form, LateBidForm())


def _submitted(
    place: tuple[str, str, str], form: SubmitBidForm, key: str, received_at: datetime
) -> Receipt:
    """Submit what was checked; BadInput beside the box that confirms what is missing."""
    try:
        return services.submit_bid(
            current_actor(),
            *place,
            idempotency_key=key,
            confirmed_incomplete=form.confirmed_incomplete.data,
            checked=Digests(form.checked_quality.data or "", form.checked_price.data or ""),
            received_at=received_at,
            clock=clock(),
        )
    except IllegalTransition as refusal:
        if refusal.sentence != GAPS_ARE_CONFIRMED.sentence:
            raise
        raise BadInput("confirmed_incomplete", refusal.sentence) from refusal


def _too_late(
    place: tuple[str, str, str], refused: services.TooLate, received_at: datetime
) -> ResponseReturnValue:
    """The attempt stays on record. Nothing more is read: behind it others wait for their answer."""
    services.refusal_if_late(
        current_actor(), *place, received_at=received_at, refused=refused, clock=clock()
    )
    reference, lot, _own = place
    sentence = refused.sentence
    page = render_template(
        "submission/too_late.html", reference=reference, lot=lot, sentence=sentence
    )
    return page, 422


def check_page(frame: BidFrame, form: SubmitBidForm, late_form: LateBidForm) -> ResponseReturnValue:
    """The page of the check, with what went wrong in its form, in time or late."""
    for one in (form, late_form):
        _mark(one, frame)
    page = shown(
        "check_bid",
        frame,
        form=form,
        late_form=late_form,
        forms=[late_form],
        questions=queries.bid_questions(frame.competition),
        gaps=services.completeness(frame.own),
        price_pence=evaluated_price(frame),
        model=competitions.evaluation_model(frame.competition).price,
    )
    return page, max(form.status, late_form.status)


@blueprint.post(f"{_URL}/late")
@requires(Permission.SUBMISSION_SEND_LATE_BID)
def send_late_bid(reference: str, lot: str) -> ResponseReturnValue:
    """A bid that comes too late is taken into quarantine."""
    received_at = received_whole_at()
    frame = bid_frame(reference, lot)
    form = LateBidForm()
    if form.validate_on_submit():
        if services.completeness(frame.own) and not form.confirmed_incomplete.data:
            form.add_error("confirmed_incomplete", GAPS_ARE_CONFIRMED.sentence)
        else:
            with shown_on(form):
                receipt = services.send_late_bid(
                    current_actor(),
                    *frame.place,
                    reason=form.reason.data or "",
                    idempotency_key=form.idempotency_key.data or "",
                    confirmed_incomplete=form.confirmed_incomplete.data,
                    checked=Digests(form.checked_quality.data or "", form.checked_price.data or ""),
                    received_at=received_at,
                    clock=clock(),
                )
                flash("Your late bid is received and sealed. Two people decide whether it counts.")
                return _to_receipt(frame.reference, frame.lot.reference, receipt.reference)
    return check_page(frame, SubmitBidForm(formdata=None), form)


def _said_of(receipt: Receipt) -> str:
    """What came of a submission; one that was sent again may have been replaced meanwhile."""
    if "late" in queries.receipt_body(receipt):
        return "This was sent once already, as a late bid. Its receipt says where it stands."
    counting = queries.counting_receipt(receipt.bid)
    if counting is None:
        return (
            f"This was submitted once already, under receipt {receipt.reference}, and the bid was "
            "withdrawn since. No bid of yours counts for this lot now."
        )
    if counting.reference != receipt.reference:
        return (
            f"This was submitted once already, under receipt {receipt.reference}, and replaced "
            f"since. The receipt that counts now is {counting.reference}."
        )
    return "Your bid is submitted. Keep the receipt."


def _mark(form: SubmitBidForm, frame: BidFrame) -> None:
    """The page carries what it shows, so that nothing else can be submitted from it.

    A fresh key each time the page is shown: what is then sent is another submission.
    """
    drafted = frame.own.drafted
    for field, value in (
        (form.idempotency_key, secrets.token_hex(16)),
        (form.checked_quality, drafted.quality if drafted else ""),
        (form.checked_price, drafted.price if drafted else ""),
    ):
        field.data = value
        field.raw_data = None


def _to_receipt(reference: str, lot: str, receipt: str) -> ResponseReturnValue:
    return redirect(url_for(".receipt", reference=reference, lot=lot, receipt=receipt), 303)


@blueprint.get(f"{_URL}/receipts/<string:receipt>")
@requires(READ)
def receipt(reference: str, lot: str, receipt: str) -> str:
    frame = bid_frame(reference, lot)
    if frame.own.bid is None:
        raise NotFound
    row = queries.receipt_of(frame.own.bid, receipt)
    body = queries.receipt_body(row)
    person = body["event"]["actor"]
    counting = queries.counting_receipt(frame.own.bid)
    return shown(
        "receipt",
        frame,
        row=row,
        body=body,
        received=services.instant_in_words(row.received_at),
        person=identities.names_of([person]).get(person, person),
        counting=None if counting is None else counting.reference,
        is_counted=queries.proof_of(frame.competition, row) is not None,
        late=_late_bid_of(frame, row),
    )


def _late_bid_of(frame: BidFrame, row: Receipt) -> LateBid | None:
    """The late bid that a receipt was given for; None for one in time."""
    late = frame.own.late
    return late if late is not None and late.receipt_id == row.id else None


@blueprint.get(f"{_URL}/receipts/<string:receipt>/file")
@requires(READ)
def receipt_file(reference: str, lot: str, receipt: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    if frame.own.bid is None:
        raise NotFound
    body = queries.receipt_body(queries.receipt_of(frame.own.bid, receipt))
    text = json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return attachment(text.encode(), f"{receipt}.json", "application/json")


@blueprint.get(f"{_URL}/submitted")
@requires(READ)
def submitted_bid(reference: str, lot: str) -> str:
    frame = bid_frame(reference, lot)
    quality, price = services.read_submitted_bid(current_actor(), *frame.place)
    return shown(
        "submitted_bid",
        frame,
        quality=quality,
        price=price,
        questions=queries.bid_questions(frame.competition),
        price_pence=queries.evaluated_price(frame.competition, price),
        model=competitions.evaluation_model(frame.competition).price,
    )


@blueprint.get(f"{_URL}/submitted/<string:envelope>/file")
@requires(READ)
def submitted_document(reference: str, lot: str, envelope: str) -> ResponseReturnValue:
    """What was sealed, byte by byte: its SHA-256 is the one that the receipt names."""
    frame = bid_frame(reference, lot)
    quality, price = services.read_submitted_bid(current_actor(), *frame.place)
    documents = {"quality": quality.to_dict(), "price": price.to_dict()}
    if envelope not in documents:
        raise NotFound
    block = canonical_json(documents[envelope])
    return attachment(block, f"{lot}-{envelope}.json", "application/json")


@blueprint.route(f"{_URL}/withdraw", methods=["GET", "POST"])
@requires(_SUBMIT)
def withdraw_bid(reference: str, lot: str) -> ResponseReturnValue:
    received_at = received_whole_at()
    frame = bid_frame(reference, lot)
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            taken_back = services.withdraw_bid(
                current_actor(), *frame.place, received_at=received_at, clock=clock()
            )
            flash("Your bid is withdrawn. The drafts are kept. Keep the receipt.")
            given = queries.withdrawals_of(taken_back)[0]["receipt"]
            return redirect(
                url_for(".withdrawal", reference=reference, lot=lot, receipt=given), 303
            )
    return shown("withdraw_bid", frame, form=form), form.status


@blueprint.get(f"{_URL}/withdrawals/<string:receipt>")
@requires(READ)
def withdrawal(reference: str, lot: str, receipt: str) -> str:
    """The receipt of a withdrawal: a document like that of a bid, and never counted."""
    frame = bid_frame(reference, lot)
    body = _withdrawal(frame, receipt)
    person = body["event"]["actor"]
    return shown(
        "withdrawal",
        frame,
        body=body,
        received=services.instant_in_words(datetime.fromisoformat(body["received_at"])),
        person=identities.names_of([person]).get(person, person),
    )


@blueprint.get(f"{_URL}/withdrawals/<string:receipt>/file")
@requires(READ)
def withdrawal_file(reference: str, lot: str, receipt: str) -> ResponseReturnValue:
    body = _withdrawal(bid_frame(reference, lot), receipt)
    text = json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return attachment(text.encode(), f"{receipt}.json", "application/json")


def _withdrawal(frame: BidFrame, receipt: str) -> dict[str, Any]:
    if frame.own.bid is None:
        raise NotFound
    return queries.withdrawal_of(frame.own.bid, receipt)
