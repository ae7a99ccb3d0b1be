"""The pages of bidders (PQQ, bids, receipts) and of key holders (rehearsal, openings)."""

from __future__ import annotations

from commissioning.submission.views import (
    answers,
    bids,
    ceremonies,
    closing,
    confirming,
    failing_service,
    help_requests,
    late,
    loaded,
    pqq,
    price_file,
    replacement,
    submitting,
    tenders,
    uploads,
)
from commissioning.submission.views.frame import blueprint

__all__ = [
    "answers",
    "bids",
    "blueprint",
    "ceremonies",
    "closing",
    "confirming",
    "failing_service",
    "help_requests",
    "late",
    "loaded",
    "pqq",
    "price_file",
    "replacement",
    "submitting",
    "tenders",
    "uploads",
]
