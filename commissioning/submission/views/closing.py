"""The closing of a round and how anybody checks it, a bidder its receipt included."""

from __future__ import annotations

import json
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.infrastructure import signing
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.submission import queries
from commissioning.submission.models import RoundClosing
from commissioning.submission.views.bids import READ
from commissioning.submission.views.frame import bid_frame, blueprint
from commissioning.web.access import clock, current_actor, public, requires
from commissioning.web.downloads import attachment


@blueprint.get("/help/receipts")
@public
def checking_receipts() -> str:
    return render_template(
        "submission/checking_receipts.html",
        public_key=signing.public_key().hex(),
        signing_keys=queries.signing_keys(),
    )


@blueprint.get("/competitions/<string:reference>/closing")
@public
def closing(reference: str) -> str:
    competition, closed = _closed(reference)
    return render_template(
        "submission/closing.html",
        competition=competition,
        closed=closed,
        number=queries.number_received(closed),
        late=queries.late_receipts(competition),
    )


@blueprint.get("/competitions/<string:reference>/closing.json")
@public
def closing_file(reference: str) -> ResponseReturnValue:
    """The leaves, and from the quality opening on the seed: all that it takes to count the bids."""
    competition, closed = _closed(reference)
    told: dict[str, Any] = {
        "competition": competition.reference,
        "round": closed.round,
        "root": closed.root,
        "leaves": closed.leaves,
        "seed": None if closed.seed is None else closed.seed.hex(),
        "number": queries.number_received(closed),
        "late_receipts": queries.late_receipts(competition),
    }
    return attachment(_text(told), f"closing-{competition.reference}.json", "application/json")


@blueprint.get("/competitions/<string:reference>/bids/<string:lot>/receipts/<string:receipt>/proof")
@requires(READ)
def receipt_proof(reference: str, lot: str, receipt: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    if frame.own.bid is None:
        raise NotFound
    proof = queries.proof_of(frame.competition, queries.receipt_of(frame.own.bid, receipt))
    if proof is None:
        raise NotFound
    return attachment(_text(proof), f"{receipt}-proof.json", "application/json")


def _closed(reference: str) -> tuple[Competition, RoundClosing]:
    competition = competitions.competition_by_reference(reference)
    now = clock().now()
    require(
        current_actor(),
        Permission.SUBMISSION_READ_CLOSING,
        competitions.facts(competition, now, bidders=frozenset()),
    )
    closed = queries.round_closing(competition)
    if closed is None:
        raise NotFound
    return competition, closed


def _text(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
