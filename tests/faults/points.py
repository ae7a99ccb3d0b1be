"""The named points of a submission at which a worker can be killed."""

from __future__ import annotations

POINTS = (
    "before_the_body_is_read",
    "after_the_body_is_read",
    "at_the_first_statement",
    "at_the_lock_of_the_bid",
    "before_the_envelopes_are_written",
    "before_the_chain_entry",
    "after_the_chain_entry",
    "before_the_signature",
    "before_the_receipt",
    "after_the_receipt",
    "before_the_commit",
    "after_the_commit",
    "before_the_reply",
    "during_the_reply",
)

OF_STORING = {
    "before_the_envelopes_are_written",
    "before_the_chain_entry",
    "after_the_chain_entry",
    "before_the_signature",
    "before_the_receipt",
    "after_the_receipt",
}
"""Those that a submission does not come to again, once it was acknowledged."""
