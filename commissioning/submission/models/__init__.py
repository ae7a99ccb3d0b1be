"""PQQ responses, bids that nobody can look into, and the ceremonies that open them."""

from commissioning.submission.models.bids import (
    Bid,
    BidEnvelope,
    BidFile,
    FilePiece,
    FileUnderWay,
)
from commissioning.submission.models.keys import (
    HolderReplacement,
    OpeningAttendance,
    OpeningKey,
    OpeningShare,
    opening_key_place,
)
from commissioning.submission.models.receipts import (
    BidConfirmation,
    LateBid,
    Receipt,
    RoundClosing,
    WithdrawalReceipt,
)
from commissioning.submission.models.responses import (
    HelpRequest,
    SelectionResponse,
)

__all__ = [
    "Bid",
    "BidConfirmation",
    "BidEnvelope",
    "BidFile",
    "FilePiece",
    "FileUnderWay",
    "HelpRequest",
    "HolderReplacement",
    "LateBid",
    "OpeningAttendance",
    "OpeningKey",
    "OpeningShare",
    "Receipt",
    "RoundClosing",
    "SelectionResponse",
    "WithdrawalReceipt",
    "opening_key_place",
]
