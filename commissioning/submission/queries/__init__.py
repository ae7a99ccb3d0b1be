"""What may be asked of submissions: the bidder's own at any time, everybody's after the opening.

Each query that gives more than one bidder's things looks at the competition's stage itself, beside
the permission that its caller asks for: before the closing of the PQQ, or the opening of the
envelopes, it gives nothing, whoever asks.
"""

from commissioning.submission.queries.asked import (
    bid_questions,
    evaluated_price,
    pqq_questions,
)
from commissioning.submission.queries.ceremonies import (
    Ceremony,
    Holding,
    attendances,
    ceremony,
    holdings,
    open_replacement,
    opening_keys,
    share_holders,
)
from commissioning.submission.queries.closing import (
    accepted_late_leaves,
    leaf_of,
    leaves_as_published,
    number_received,
    proof_of,
    published_root,
    round_closing,
    stored_sha256,
)
from commissioning.submission.queries.denials import denial_stream
from commissioning.submission.queries.late import (
    has_undecided_late_bid,
    late_bid_by_reference,
    late_bid_of,
    late_bids,
    late_receipts,
    own_late_bids,
)
from commissioning.submission.queries.opened import (
    opened_bid,
    opened_bids,
    price_document,
    quality_document,
    sealed_bids,
    submitted_bids,
    unreadable_bids,
)
from commissioning.submission.queries.own import (
    counting_receipt,
    envelope_of,
    file_of,
    last_receipt,
    last_receipts,
    own_bid,
    own_bids,
    own_facts,
    own_response,
    place_of,
    receipt_body,
    receipt_by_key,
    receipt_of,
    receipts_of,
    removed_files,
    require_own,
    withdrawal_of,
    withdrawals_of,
)
from commissioning.submission.queries.reached import has_reached
from commissioning.submission.queries.responses import (
    response_snapshot,
    submitted_response,
    submitted_responses,
)
from commissioning.submission.queries.tenders import Tender, tenders_of
from commissioning.submission.queries.waiting import waiting_for

__all__ = [
    "Ceremony",
    "Holding",
    "Tender",
    "accepted_late_leaves",
    "attendances",
    "bid_questions",
    "ceremony",
    "counting_receipt",
    "denial_stream",
    "envelope_of",
    "evaluated_price",
    "file_of",
    "has_reached",
    "has_undecided_late_bid",
    "holdings",
    "last_receipt",
    "last_receipts",
    "late_bid_by_reference",
    "late_bid_of",
    "late_bids",
    "late_receipts",
    "leaf_of",
    "leaves_as_published",
    "number_received",
    "open_replacement",
    "opened_bid",
    "opened_bids",
    "opening_keys",
    "own_bid",
    "own_bids",
    "own_facts",
    "own_late_bids",
    "own_response",
    "place_of",
    "pqq_questions",
    "price_document",
    "proof_of",
    "published_root",
    "quality_document",
    "receipt_body",
    "receipt_by_key",
    "receipt_of",
    "receipts_of",
    "removed_files",
    "require_own",
    "response_snapshot",
    "round_closing",
    "sealed_bids",
    "share_holders",
    "stored_sha256",
    "submitted_bids",
    "submitted_response",
    "submitted_responses",
    "tenders_of",
    "unreadable_bids",
    "waiting_for",
    "withdrawal_of",
    "withdrawals_of",
]
