"""What bidders and key holders do: answer, price, submit, withdraw; prepare, rehearse, open."""

from commissioning.submission.services.bids import (
    completeness,
    refusal_if_late,
    submit_bid,
    withdraw_bid,
)
from commissioning.submission.services.closing import pass_deadlines
from commissioning.submission.services.confirming import confirm_bid
from commissioning.submission.services.drafts import (
    OwnBid,
    read_own_bid,
    read_submitted_bid,
    save_price_draft,
    save_quality_draft,
    start_bid,
)
from commissioning.submission.services.files import (
    FileWithheld,
    ReadFile,
    UnfitFile,
    add_file,
    read_opened_file,
    read_own_file,
    remove_file,
)
from commissioning.submission.services.help_requests import answer_help, ask_for_help
from commissioning.submission.services.keys import join_rehearsal, prepare_opening_keys
from commissioning.submission.services.late import (
    approve_late_bid,
    propose_late_bid,
    send_late_bid,
)
from commissioning.submission.services.loaded import LoadedFile, loaded_files, use_loaded_file
from commissioning.submission.services.opening import LATE_BID_WAITS, join_opening
from commissioning.submission.services.pqq import (
    gaps_of,
    has_changed_since,
    pqq_refusal_if_late,
    read_own_response,
    save_response,
    submit_response,
    withdraw_response,
)
from commissioning.submission.services.price_file import preview_price_file, price_template_xlsx
from commissioning.submission.services.replacement import (
    approve_replacement,
    drop_replacement,
    join_replacement,
    propose_replacement,
)
from commissioning.submission.services.signing_keys import note_signing_key
from commissioning.submission.services.standing import (
    Standing,
    TooLate,
    instant_in_words,
    own_standing,
)
from commissioning.submission.services.uploads import (
    AnotherFile,
    UnderWay,
    add_piece,
    begin_upload,
    discard_abandoned,
    discard_upload,
    uploads_under_way,
)

__all__ = [
    "LATE_BID_WAITS",
    "AnotherFile",
    "FileWithheld",
    "LoadedFile",
    "OwnBid",
    "ReadFile",
    "Standing",
    "TooLate",
    "UnderWay",
    "UnfitFile",
    "add_file",
    "add_piece",
    "answer_help",
    "approve_late_bid",
    "approve_replacement",
    "ask_for_help",
    "begin_upload",
    "completeness",
    "confirm_bid",
    "discard_abandoned",
    "discard_upload",
    "drop_replacement",
    "gaps_of",
    "has_changed_since",
    "instant_in_words",
    "join_opening",
    "join_rehearsal",
    "join_replacement",
    "loaded_files",
    "note_signing_key",
    "own_standing",
    "pass_deadlines",
    "pqq_refusal_if_late",
    "prepare_opening_keys",
    "preview_price_file",
    "price_template_xlsx",
    "propose_late_bid",
    "propose_replacement",
    "read_opened_file",
    "read_own_bid",
    "read_own_file",
    "read_own_response",
    "read_submitted_bid",
    "refusal_if_late",
    "remove_file",
    "save_price_draft",
    "save_quality_draft",
    "save_response",
    "send_late_bid",
    "start_bid",
    "submit_bid",
    "submit_response",
    "uploads_under_way",
    "use_loaded_file",
    "withdraw_bid",
    "withdraw_response",
]
