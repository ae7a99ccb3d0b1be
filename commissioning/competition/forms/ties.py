"""Ties that the authority decides on."""

from __future__ import annotations

from commissioning.competition.forms.acts import LONGEST_REASON
from commissioning.identity.domain.identifiers import REGISTERS
from commissioning.identity.domain.ties import TieKind
from commissioning.web.fields import Form, ParagraphField, RadiosField, SelectField, TextField

_NEEDED = "Say why: the approver, the auditor and a court read it."


class TieReasonForm(Form):
    """Why a tie counts, or does not."""

    reason = ParagraphField(
        "Why?",
        hint="Say what you found, and what both organisations said when you asked them.",
        required=_NEEDED,
        max_length=LONGEST_REASON,
    )


class TieForm(Form):
    """A tie that nobody declared: one end is a shortlisted bidder, the other any organisation."""

    bidder = SelectField("Bidder", required="Choose a bidder.")
    what = RadiosField(
        "What is the other organisation to it?",
        choices=[
            ("owner", "It owns or controls the bidder"),
            ("owned", "The bidder owns or controls it"),
            ("member", "It is a member of the bidder, which is a consortium"),
            ("consortium", "It is a consortium of which the bidder is a member"),
        ],
        required="Choose what the one is to the other.",
    )
    scheme = SelectField(
        "Register",
        choices=[(register.code, register.name) for register in REGISTERS],
        required="Choose the register.",
    )
    other = TextField(
        "Number of the other organisation",
        hint="It is registered here under this number.",
        required="Enter the number.",
        width=20,
        max_length=60,
    )
    reason = ParagraphField(
        "Why?",
        hint="Say what you found, and what both organisations said when you asked them.",
        required=_NEEDED,
        max_length=LONGEST_REASON,
    )

    def tie(self, other: str) -> tuple[TieKind, str, str]:
        """The kind, and the two ends in their order."""
        bidder = self.bidder.data
        match self.what.data:
            case "owner":
                return TieKind.OWNERSHIP, other, bidder
            case "owned":
                return TieKind.OWNERSHIP, bidder, other
            case "member":
                return TieKind.MEMBERSHIP, bidder, other
            case _:
                return TieKind.MEMBERSHIP, other, bidder
