"""The rows of a competition: its set-up, its documents, and what people decided about it."""

from commissioning.competition.models.decisions import Admission, Decision, Interest, TieRecord
from commissioning.competition.models.documents import (
    DocumentVersion,
    InvitationChange,
    TenderDocument,
)
from commissioning.competition.models.setup import (
    Competition,
    Criterion,
    Leaf,
    Lot,
    Programme,
    SelectionQuestion,
    TimetableEntry,
)

__all__ = [
    "Admission",
    "Competition",
    "Criterion",
    "Decision",
    "DocumentVersion",
    "Interest",
    "InvitationChange",
    "Leaf",
    "Lot",
    "Programme",
    "SelectionQuestion",
    "TenderDocument",
    "TieRecord",
    "TimetableEntry",
]
